import { appendFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ListJson, makeWorld, type Outcome, treeOf, type World } from '../support/cli.ts';
import { type HttpFault, httpFaults } from '../support/http-faults.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { type PassingAnswer, type RewritingProxy, rewritingProxy } from '../support/rewriting-proxy.ts';

/**
 * The n-th request of every command fails in every way, for every n: nothing is lost, nothing is called damaged, and the
 * exit code is right. The budget is the number of requests that the commands make.
 */

let bucket: TestBucket;
let proxy: RewritingProxy;

beforeAll(async () => {
  bucket = await makeBucket();
  proxy = await rewritingProxy(bucket.endpoint);
});

afterAll(async () => {
  bucket?.client.destroy();
  await proxy?.close();
});

async function objects(): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const { Contents = [] } = await bucket.client.send(new ListObjectsV2Command({ Bucket: bucket.bucket }));
  for (const { Key = '' } of Contents) {
    const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: bucket.bucket, Key }));
    found.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []));
  }
  return found;
}

async function resetObjects(wanted: ReadonlyMap<string, Buffer>): Promise<void> {
  const now = await objects();
  for (const Key of now.keys())
    if (!wanted.has(Key)) await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key }));
  for (const [Key, Body] of wanted)
    if (!now.has(Key)) await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body }));
}

const touch = (world: World, text: string): Promise<void> =>
  appendFile(join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), text);

const commands: Record<string, readonly string[]> = {
  'push of a full': ['push', '--source', 'live', '--full'],
  'push of a differential': ['push', '--source', 'live'],
  pull: ['pull', '--to', 'out'],
  verify: ['verify', '--read-data'],
  prune: ['prune', '--keep-last', '1', '--yes', '--max-delete', '100%'],
};

test.each(Object.entries(commands))('%s: each request fails once in each way', async (name, args) => {
  const world = await makeWorld({ backups: [] });
  const env = { ...bucket.env, EFAKTUR_STORE: `s3://${bucket.bucket}/kantor?endpoint=${proxy.endpoint}` };
  await resetObjects(new Map());
  const ids: string[] = [];
  for (const text of ['a', 'b', 'c']) {
    await touch(world, text);
    ids.push((await world.json(['push', '--source', 'live'], { env })).backups[0]?.id ?? '');
  }
  const newest = await treeOf(join(world.app, 'db'));
  await touch(world, 'd');
  const live = await treeOf(join(world.app, 'db'));
  const before = await objects();
  await cp(world.stateDir, join(world.folder, 'state-before'), { recursive: true });
  const idsNow = async (): Promise<string[]> =>
    (await world.json<ListJson>(['list'], { env })).backups.map(({ id }) => id);

  const reset = async (): Promise<void> => {
    proxy.rewrite = (_, pass) => pass();
    await resetObjects(before);
    await rm(world.stateDir, { recursive: true });
    await cp(join(world.folder, 'state-before'), world.stateDir, { recursive: true });
    await rm(join(world.folder, 'out'), { recursive: true, force: true });
  };

  /** With a fault at the n-th request; null when it made fewer. */
  const runWith = async (
    fault: HttpFault,
    n: number,
  ): Promise<{ outcome: Outcome; isBefallen: boolean } | null> => {
    const first = proxy.seen.length;
    let [isReached, isBefallen] = [false, false];
    proxy.rewrite = async (asked, pass) => {
      const nth = asked.index - first;
      if (fault.isForEver ? nth < n : nth !== n) return pass();
      isReached = true;
      let passed: Promise<PassingAnswer> | null = null;
      const once = (): Promise<PassingAnswer> => (passed ??= pass());
      const answer = await fault.befall(asked, once);
      isBefallen = answer !== null;
      return answer ?? once();
    };
    const outcome = await world.run([...args, '--json'], { env });
    proxy.rewrite = (_, pass) => pass();
    return isReached ? { outcome, isBefallen } : null;
  };

  // What the command does when nothing fails is what it may do.
  const plain = await world.run([...args, '--json'], { env });
  expect(plain.code, plain.stderr).toBe(0);
  const mayGo = new Set(ids);
  for (const id of await idsNow()) mayGo.delete(id);

  let runs = 0;
  for (const [kind, fault] of Object.entries(httpFaults)) {
    for (let n = 0; ; n++) {
      await reset();
      const ran = await runWith(fault, n);
      if (!ran) break;
      if (!ran.isBefallen) continue;
      runs++;
      const { outcome } = ran;
      const what = `${name}, ${kind}, request ${n}: ${outcome.code} ${outcome.stderr}`;
      expect(fault.codes, what).toContain(outcome.code);
      expect(outcome.stderr, what).not.toContain('"code":"damaged"');
      expect(
        [...(await objects()).keys()].filter((key) => key.includes('-damaged-')),
        what,
      ).toEqual([]);
      const left = await idsNow();
      for (const id of ids) if (!mayGo.has(id)) expect(left, what).toContain(id);
      const verified = await world.run(['verify', '--read-data', '--json'], { env });
      expect([what, verified.code, verified.stderr]).toEqual([what, 0, '']);
      if (args[0] === 'push') {
        if (outcome.code !== 0) await world.json([...args], { env });
        await world.json(['pull', '--to', 'out'], { env });
        expect(await treeOf(join(world.folder, 'out', 'db')), what).toEqual(live);
      }
      if (args[0] === 'pull') {
        const out = await treeOf(join(world.folder, 'out', 'db'));
        expect(out, what).toEqual(outcome.code === 0 ? newest : {});
      }
    }
  }
  console.log(`${name}: ${runs} runs with a fault`);
});
