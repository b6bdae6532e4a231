import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { errorOf, makeWorld, type PullJson, type PushJson, treeOf, type World } from '../support/cli.ts';
import { setTimes } from '../support/efaktur-folder.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import {
  type PassingAnswer,
  type PassingRequest,
  type Rewrite,
  type RewritingProxy,
  rewritingProxy,
  withText,
} from '../support/rewriting-proxy.ts';
import { golden, placeLive } from './golden-world.ts';

/** No fault of a line or a server becomes a verdict of damage, a kept proof or a deletion: MinIO behind a bad line. */

interface VerifyJson {
  outcome: string;
  checked: { id: string; ok: boolean; problems: string[] }[];
}

let bucket: TestBucket;
let proxy: RewritingProxy;
let world: World;
let pushed: PushJson;
let env: Record<string, string>;
let prefixes = 0;

beforeAll(async () => {
  bucket = await makeBucket();
  proxy = await rewritingProxy(bucket.endpoint);
});

afterAll(async () => {
  bucket?.client.destroy();
  await proxy?.close();
});

beforeEach(async () => {
  proxy.rewrite = (_, pass) => pass();
  world = await makeWorld({ live: null });
  await placeLive(world, golden('clean'));
  env = {
    ...bucket.env,
    EFAKTUR_STORE: `s3://${bucket.bucket}/p${++prefixes}?endpoint=${proxy.endpoint}`,
  };
  pushed = await world.json(['push', '--source', 'live'], { env });
});

const isArchive = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.pathname.includes('.tar.zst');
const isManifest = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && /\/\d{4}-\d\d-\d\d\/[^/]+\.json$/.test(url.pathname);
const isList = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.searchParams.has('prefix');

/** Changes a byte of the first answers of a kind, each time another one. */
function altering(
  when: (asked: PassingRequest) => boolean,
  times: number,
  alter = (body: Buffer, n: number): void => {
    const at = (100 + 37 * n) % body.length;
    body[at] = (body[at] ?? 0) ^ 1;
  },
): Rewrite {
  let n = 0;
  return async (asked, pass) => {
    const answer = await pass();
    if (!when(asked) || n >= times || answer.status >= 300) return answer;
    alter(answer.body, n++);
    return answer;
  };
}

async function keysNow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await bucket.client.send(
    new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: `p${prefixes}/${prefix}` }),
  );
  return Contents.map(({ Key = '' }) => Key);
}

const commands: [string, string[]][] = [
  ['verify', ['verify', '--read-data', '--json']],
  ['pull', ['pull', '--yes', '--json']],
  ['tables', ['tables', '--json']],
  ['export', ['export', '--to', 'out', '--json']],
  ['export --zip', ['export', '--zip', '--to', 'out', '--json']],
];

test.each(commands)('%s: bytes altered once on their way are read again', async (_, args) => {
  for (const when of [isArchive, isManifest]) {
    proxy.rewrite = altering(when, 1);
    const outcome = await world.run(args, { env });
    expect([outcome.code, outcome.stderr]).toMatchObject([0, expect.not.stringContaining('damaged')]);
    await rm(join(world.folder, 'out'), { recursive: true, force: true });
  }
  expect((await keysNow('proofs/')).filter((key) => key.includes('damaged'))).toEqual([]);
});

test.each(commands)('%s: altered each time in another way is a fault of the line', async (_, args) => {
  for (const when of [isArchive, isManifest]) {
    proxy.rewrite = altering(when, 1000);
    const outcome = await world.run(args, { env });
    expect(outcome.code, outcome.stderr).toBe(10);
    expect(errorOf(outcome).code).toBe('store-unavailable');
  }
  expect(await keysNow('proofs/')).toEqual([]);
});

test('a manifest altered into another whole one is no damage', async () => {
  // One digit of the SHA-256 that it names.
  proxy.rewrite = altering(isManifest, 1, (body) => {
    const at = body.indexOf('"sha256": "') + 20;
    body[at] = body[at] === 0x61 ? 0x62 : 0x61;
  });
  const outcome = await world.run(['verify', '--read-data', '--json'], { env });
  expect(outcome.code, outcome.stderr).toBe(10);
  expect(await keysNow('proofs/')).toEqual([]);
  expect((await world.json<VerifyJson>(['verify', '--read-data'], { env })).outcome).toBe('ok');
});

test('the same wrong bytes twice are damage, and are told', async () => {
  const [archive = ''] = (await keysNow('2')).filter((key) => key.includes('.tar.zst'));
  await bucket.client.send(
    new PutObjectCommand({
      Bucket: bucket.bucket,
      Key: archive,
      Body: Buffer.alloc(pushed.backups[0]?.storedBytes ?? 0, 'x'),
    }),
  );
  expect((await world.run(['verify', '--read-data'], { env })).code).toBe(13);
  expect(await keysNow('proofs/')).toEqual([expect.stringContaining('-data-damaged-')]);
  expect((await world.run(['pull', '--yes'], { env })).code).toBe(13);
  expect((await world.run(['tables'], { env })).code).toBe(13);
});

/** Leaves the archives out of every listing, as one that is stale. */
const withoutArchives: Rewrite = async (asked, pass) => {
  const answer = await pass();
  if (!isList(asked)) return answer;
  return withText(answer, (text) =>
    text.replace(/<(Contents|Version)>(?:(?!<\/\1>).)*tar\.zst.*?<\/\1>/gs, ''),
  );
};

test('a listing without its archives: nothing is damaged, and nothing goes', async () => {
  await setTimes(join(world.app, 'db'), new Date(Date.now() + 60_000));
  proxy.rewrite = withoutArchives;
  const verified = await world.json<VerifyJson>(['verify'], { env });
  expect(verified.checked).toMatchObject([{ ok: true, problems: [] }]);
  const before = await keysNow('');
  const pruned = await world.run(['prune', '--keep-last', '1', '--yes', '--max-delete', '100%'], { env });
  expect(pruned.code, pruned.stderr).toBe(0);
  expect(await keysNow('')).toEqual(before);
  expect((await world.json<PullJson>(['pull', '--yes'], { env })).outcome).toBe('restored');
});

test('a listing that still shows what was pruned: no damage', async () => {
  const listings = new Map<string, PassingAnswer>();
  proxy.rewrite = async (asked, pass) => {
    const answer = await pass();
    if (isList(asked)) listings.set(asked.url.search.replace(/X-Amz.*/, ''), answer);
    return answer;
  };
  await world.json(['verify'], { env });
  const [manifest = ''] = (await keysNow('2')).filter((key) => key.endsWith('.json'));
  await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: manifest }));
  const stale = new Set(listings.keys());
  proxy.rewrite = async (asked, pass) => {
    const answer = await pass();
    const name = asked.url.search.replace(/X-Amz.*/, '');
    // Once, as of a replica that is behind.
    return (stale.delete(name) ? listings.get(name) : undefined) ?? answer;
  };
  const outcome = await world.run(['verify', '--read-data', '--json'], { env });
  expect([outcome.code, outcome.stderr]).toMatchObject([10, expect.stringContaining('has gone since')]);
  expect(await keysNow('proofs/')).toEqual([]);
});

/** Every range is answered with the whole object. */
const rangeless: Rewrite = async (asked, pass): Promise<PassingAnswer> => {
  const answer = await pass();
  if (asked.method !== 'GET' || answer.status !== 206) return answer;
  const got = await fetchWhole(asked.url.pathname);
  const { 'content-range': _, ...headers } = answer.headers;
  return { status: 200, headers, body: got };
};

async function fetchWhole(path: string): Promise<Buffer> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const Key = decodeURIComponent(path.replace(`/${bucket.bucket}/`, ''));
  const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test.each<[string, Rewrite]>([
  ['gives no ranges', rangeless],
  [
    'cuts every answer of some length',
    async (asked, pass) => {
      const answer = await pass();
      return isArchive(asked) && answer.body.length > 80_000 ? { ...answer, cutAfter: 70_000 } : answer;
    },
  ],
])('a line that %s: every command does its work', async (_, rewrite) => {
  proxy.rewrite = rewrite;
  const db = await treeOf(join(world.app, 'db'));
  for (const [name, args] of commands) {
    const outcome = await world.run(args, { env });
    expect([name, outcome.code, outcome.stderr]).toMatchObject([name, 0, expect.anything()]);
    await rm(join(world.folder, 'out'), { recursive: true, force: true });
  }
  expect(await treeOf(join(world.app, 'db'))).toEqual(db);
  expect(await keysNow('proofs/')).toEqual([expect.stringContaining('-data-clean-')]);
});
