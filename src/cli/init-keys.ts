import { text as allOf } from 'node:stream/consumers';
import { type BucketKeys, parseKeys, readKeysFile } from '../setup/bucket-keys.ts';
import { text } from './command.ts';
import type { Session } from './init-session.ts';
import { standardInput } from './init-texts.ts';

/** The two keys of `--keys-file`; null without it. A secret is no flag: it comes from a file or by stdin. */
export async function bucketKeysOf({ invocation }: Session): Promise<BucketKeys | null> {
  const { io, flags } = invocation;
  const file = text(flags, 'keys-file');
  if (file === undefined) return null;
  if (file !== '-') return readKeysFile(file, io.around.currentFolder);
  return parseKeys(await allOf(io.stdin), standardInput);
}
