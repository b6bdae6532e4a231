import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { keyMayNotRead } from '../../src/round/texts.ts';
import { type BuiltOptions, makeWorld, type Outcome } from '../support/cli.ts';
import { makeBucket } from '../support/minio.ts';
import { recordingProxy } from '../support/recording-proxy.ts';
import type { RunJson } from '../support/run-world.ts';
import { keysFor, sessionEnv } from '../support/s3-rights.ts';

/** The built program runs on a bucket, as a schedule calls it. */

async function office(versioning = false) {
  const bucket = await makeBucket({ versioning });
  const world = await makeWorld({ backups: [] });
  const env = {
    ...bucket.env,
    EFAKTUR_STORE: `s3://${bucket.bucket}/kasir`,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
  };
  const run = (args: readonly string[], more: BuiltOptions['env'] = {}): Promise<Outcome> =>
    world.runBuilt(['run', ...args], { env: { ...env, ...more } });
  const keys = async (): Promise<string[]> => {
    const { Contents = [] } = await bucket.client.send(new ListObjectsV2Command({ Bucket: bucket.bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };
  return { bucket, world, env, run, keys };
}

const documentOf = ({ stdout, stderr }: Outcome): RunJson => {
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout) as RunJson;
};

/** What was just written is not taken for settled. */
const settled = (): Promise<void> => sleep(3_000);

test('with nothing new it asks for four listings and reads nothing', async () => {
  const { bucket, run } = await office();
  await settled();
  expect(documentOf(await run(['--json'])).profiles[0]?.push).toMatchObject({ outcome: 'created' });
  const { endpoint, seen } = await recordingProxy(bucket.endpoint);
  const second = documentOf(await run(['--json'], { AWS_ENDPOINT_URL_S3: endpoint }));
  // Another endpoint is another setting, so all is read once more.
  expect(second.profiles[0]?.push).toMatchObject({ inFull: true });
  const before = seen.length;
  const third = documentOf(await run(['--json'], { AWS_ENDPOINT_URL_S3: endpoint }));
  expect(third.profiles[0]).toMatchObject({
    outcome: 'ok',
    push: { outcome: 'unchanged', inFull: false },
  });
  const asked = seen.slice(before);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(4);
  expect(asked.every(({ method, url }) => method === 'GET' && url.searchParams.has('list-type'))).toBe(true);
});

test('what somebody deleted from the bucket is stored again at the next run', async () => {
  const { bucket, run, keys } = await office();
  await settled();
  await run([]);
  const manifest = (await keys()).find((key) => /\/\d{4}-.*\.json$/.test(key)) ?? '';
  expect(documentOf(await run(['--json'])).profiles[0]?.push?.inFull).toBe(false);
  await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: manifest }));
  const again = documentOf(await run(['--json']));
  expect(again.profiles[0]?.push?.inFull).toBe(true);
  expect((await keys()).some((key) => /\/\d{4}-.*\.json$/.test(key))).toBe(true);
});

test.each([
  ['en', 'is reachable again'],
  ['id', 'terjangkau lagi'],
] as const)(
  'a key that may only push is no failure, told once (%s); so is a network that is away',
  async (language, back) => {
    const note = keyMayNotRead[language];
    const { world, env, run } = await office(true);
    const policy = await world.run(['doctor', '--print-policy', 'push'], { env });
    const session = { ...sessionEnv(await keysFor(JSON.parse(policy.stdout))), EFAKTUR_LANG: language };
    const first = await run(['--scheduled'], session);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr.split(note), first.stderr).toHaveLength(2);
    const away = { ...session, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' };
    const lost = await run(['--scheduled'], away);
    expect([lost.code, lost.stderr.match(/store-unavailable/g)?.length]).toEqual([10, 1]);
    expect(await run(['--scheduled'], away)).toMatchObject({ code: 10, stdout: '', stderr: '' });
    const again = await run(['--scheduled'], session);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toContain(back);
    expect(again.stderr).not.toContain(note);
  },
);
