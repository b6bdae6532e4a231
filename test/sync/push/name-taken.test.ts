import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { PruneLocalDocument } from '../../../src/sync/prune-local.ts';
import { errorOf, keysOf, makeWorld, type PullJson, type PushJson, type World } from '../../support/cli.ts';
import { startRelay } from '../../support/http-relay.ts';
import { makeBucket, type TestBucket } from '../../support/minio.ts';
import { keysFor, withKeys } from '../../support/s3-rights.ts';

/** Names of manifests can be guessed; only their bytes tell whose they are. */

const first = {
  name: '2023-07-08 08.00.zip',
  from: 'seed-8-july',
  time: new Date('2023-07-08T08:00:00+07:00'),
} as const;
const push = ['push', '--source', 'backup'];

/** One login backup is stored; the next one is the same again, so its manifest will name the archive that is there. */
async function unchangedWorld(env: Record<string, string> = {}): Promise<{ world: World; guessed: string }> {
  const world = await makeWorld({ live: null, backups: [first] });
  Object.assign(world.env, env);
  const { backups } = await world.json<PushJson>(push);
  const tag = backups[0]?.id.split('-')[1] ?? '';
  const folder = join(world.app, 'backup');
  await copyFile(join(folder, first.name), join(folder, '2023-07-09 08.00.zip'));
  return { world, guessed: `2023-07-09/20230709T010000Z-${tag}.json` };
}

const taken = ({ warnings }: PushJson): string[] =>
  warnings.filter(({ code }) => code === 'name-taken').map(({ message }) => message);

const pullDay = (world: World): Promise<PullJson> =>
  world.json<PullJson>(['pull', '--date', '2023-07-09', '--to', join(world.folder, 'to'), '--yes']);

const bucketEnv = (bucket: TestBucket, endpoint = bucket.endpoint): Record<string, string> => ({
  EFAKTUR_STORE: `s3://${bucket.bucket}/pc?endpoint=${endpoint}&region=us-east-1`,
});

async function pushKeyOf(world: World): Promise<Parameters<typeof withKeys>[0]> {
  return keysFor(JSON.parse((await world.run(['doctor', '--print-policy', 'push'])).stdout));
}

test.each(['short', 'of the size of a true one'])(
  'in a folder a name that somebody took first, %s, is not counted as one of ours',
  async (what) => {
    const { world, guessed } = await unchangedWorld();
    const [own = ''] = (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));
    const junk = what === 'short' ? Buffer.from('{}') : await readFile(join(world.store, own));
    await mkdir(dirname(join(world.store, guessed)), { recursive: true });
    await writeFile(join(world.store, guessed), junk);
    const pushed = await world.json<PushJson>(push);
    expect(pushed.outcome).toBe('created');
    expect(taken(pushed)).toEqual([expect.stringContaining(guessed)]);
    expect((await pullDay(world)).outcome).toBe('restored');
    // It is stored now, and nothing is sent again.
    const again = await world.json<PushJson>(push);
    expect([again.outcome, taken(again)]).toEqual(['unchanged', []]);
  },
);

test('in a bucket the push key, which may not read, tells it by size and ETag', async () => {
  const bucket = await makeBucket();
  const { world, guessed } = await unchangedWorld(bucketEnv(bucket));
  const pushKey = await pushKeyOf(world);
  const junk = Buffer.alloc(2000, ' ');
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: `pc/${guessed}`, Body: junk }));
  await withKeys(pushKey, async () => {
    const pushed = await world.json<PushJson>(push);
    expect([pushed.outcome, taken(pushed).length]).toEqual(['created', 1]);
    expect((await world.json<PushJson>(push)).outcome).toBe('unchanged');
  });
  expect((await pullDay(world)).outcome).toBe('restored');
});

test.each(['folder', 'bucket'])(
  'what a killed push wrote before it could note it is its own: %s',
  async (where) => {
    const { world, guessed } = await unchangedWorld(where === 'bucket' ? bucketEnv(await makeBucket()) : {});
    const before = join(world.folder, 'state-before');
    await cp(world.stateDir, before, { recursive: true });
    expect((await world.json<PushJson>(push)).outcome).toBe('unchanged');
    // As after a kill between the manifest and the record.
    await rm(world.stateDir, { recursive: true });
    await cp(before, world.stateDir, { recursive: true });
    const pushKey = where === 'bucket' ? await pushKeyOf(world) : null;
    const again = () => world.json<PushJson>(push);
    const pushed = pushKey ? await withKeys(pushKey, again) : await again();
    expect([pushed.outcome, pushed.backups[0]?.id, taken(pushed)]).toEqual([
      'unchanged',
      guessed.slice(11, -5),
      [],
    ]);
  },
);

test('a gateway that says "stored" and stores no manifest is found out', async () => {
  const bucket = await makeBucket();
  const relay = await startRelay(bucket.endpoint, {
    swallowed: (method, path) => method === 'PUT' && /\/\d{4}-\d\d-\d\d\/.*\.json$/.test(path),
  });
  const world = await makeWorld({ live: null, backups: [first] });
  const failed = await world.run([...push, '--json'], { env: bucketEnv(bucket, relay.endpoint) });
  expect(failed.code).toBe(10);
  expect(errorOf(failed).message).toContain('is not listed');
  const env = bucketEnv(bucket);
  expect((await world.json<PushJson>(push, { env })).outcome).toBe('created');
  await world.json(['pull', '--to', join(world.folder, 'to')], { env });
});

test('prune-local keeps a login backup whose manifest is somebody else’s by now', async () => {
  const { world } = await unchangedWorld();
  await world.json(['push', '--all']);
  await world.json(['verify', '--read-data']);
  const going = async (): Promise<boolean[]> =>
    (await world.json<PruneLocalDocument>(['prune-local', '--keep', '0'])).decisions.map((d) => !d.keep);
  expect(await going()).toEqual([true, true]);
  const [own = ''] = (await keysOf(world.store)).filter((key) => /^2023-07-08.*\.json$/.test(key));
  const text = await readFile(join(world.store, own), 'utf8');
  await writeFile(join(world.store, own), text.replace(/"sha256": "./, '"sha256": "x'));
  expect(await going()).toEqual([false, true]);
});
