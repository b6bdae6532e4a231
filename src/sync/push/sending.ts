import { EfakturError, keepOrThrow } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { SentArchive } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Target } from './report.ts';
import type { StoreSession } from './session.ts';
import type { Spool } from './spool.ts';
import { otherUnderName, pushAgainOrReplaceKeys, sending } from './store-texts.ts';

/** Sending one spool to many stores, each on its own. */

/** Counts what is sent; while it is still being packed that is what is shown. */
export function sendingProgress(spool: Spool, stores: number, progress: Progress): (bytes: number) => void {
  let sentBytes = 0;
  let isShown = false;
  spool.whole.then(
    ({ sizeBytes }) => {
      progress.begin(sending, sizeBytes * stores);
      progress.advance(sentBytes);
      isShown = true;
    },
    () => {},
  );
  return (bytes) => {
    sentBytes += bytes;
    if (isShown) progress.advance(bytes);
  };
}

/** What went wrong while the archive was packed, met while it was sent: no store's fault. */
class PackingFailed extends Error {}

/** Runs a step for every store still in the push; its failure stays with that store, that of the packing ends the push. */
export async function eachTarget(
  targets: readonly Target[],
  step: (target: Target, session: StoreSession) => Promise<void>,
): Promise<void> {
  const ends = await Promise.allSettled(
    targets.map(async (target) => {
      if (!target.session || target.error) return;
      try {
        await step(target, target.session);
      } catch (error) {
        keepOrThrow(error);
        target.error = error;
      }
    }),
  );
  for (const end of ends) {
    if (end.status === 'rejected') throw end.reason instanceof PackingFailed ? end.reason.cause : end.reason;
  }
}

/** Sends an archive, perhaps while it is still being packed, and says what the record keeps of it. */
export async function sendSpool(
  session: StoreSession,
  { tag, key, keysId }: Pick<SentArchive, 'tag' | 'key' | 'keysId'>,
  spool: Spool,
  onBytes: (bytes: number) => void,
): Promise<SentArchive> {
  const put = session.putArchive(key, spool, onBytes).catch(async (error: unknown) => {
    await spool.whole.catch((cause: unknown) => Promise.reject(new PackingFailed('', { cause })));
    throw error;
  });
  const { etag, versionId, receivedAt, lockedUntil, sizeBytes, sha256 } = await put;
  return {
    tag,
    key,
    sizeBytes,
    sha256,
    etag,
    keysId,
    uploadedAt: receivedAt.toISOString(),
    lockedUntil: lockedUntil?.toISOString() ?? null,
    ...(versionId !== null && { versionId }),
  };
}

export const nameTaken = ({ url }: ObjectStore, id: string): EfakturError =>
  new EfakturError('store-unavailable', otherUnderName(url, id), pushAgainOrReplaceKeys);
