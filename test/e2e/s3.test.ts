import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import {
  errorOf,
  type ListJson,
  makeWorld,
  type PullJson,
  type PushJson,
  treeOf,
  type World,
} from '../support/cli.ts';
import { startDerby } from '../support/derby.ts';
import { type EfakturFolderOptions, seeds } from '../support/efaktur-folder.ts';
import { startRelay } from '../support/http-relay.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { unzip } from '../support/unzip.ts';

let bucket: TestBucket;
beforeAll(async () => {
  bucket = await makeBucket();
});

interface S3World extends World {
  readonly prefix: string;
  /** The store's address through another endpoint. */
  through(endpoint: string): string;
}

/** A world whose store is a prefix of its own in the bucket, named with the endpoint in the address. */
async function s3World(efaktur?: EfakturFolderOptions): Promise<S3World> {
  const base = await makeWorld(efaktur);
  const prefix = randomBytes(6).toString('hex');
  const through = (endpoint: string): string => `s3://${bucket.bucket}/${prefix}?endpoint=${endpoint}`;
  const store = through(bucket.endpoint);
  const env = { ...bucket.env, EFAKTUR_STORE: store };
  return {
    ...base,
    prefix,
    through,
    store,
    env: { ...base.env, ...env },
    run: (args, options = {}) => base.run(args, { ...options, env: { ...env, ...options.env } }),
    runBuilt: (args, options = {}) => base.runBuilt(args, { ...options, env: { ...env, ...options.env } }),
    json: (args, options = {}) => base.json(args, { ...options, env: { ...env, ...options.env } }),
  };
}

async function keysIn(world: S3World): Promise<Map<string, number>> {
  const { Contents = [] } = await bucket.client.send(
    new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: `${world.prefix}/` }),
  );
  return new Map(Contents.map((o) => [(o.Key ?? '').slice(world.prefix.length + 1), o.Size ?? 0]));
}

const backupKeys = async (world: S3World): Promise<string[]> =>
  [...(await keysIn(world)).keys()].filter((key) => key.startsWith('2'));

test('push, list and pull with the built program; Derby finds the invoice of 8 July and not on the 6th', async () => {
  const world = await s3World({ live: null });
  const outcome = await world.runBuilt(['push', '--all', '--json']);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const pushed = JSON.parse(outcome.stdout) as PushJson;
  expect(pushed.backups.map((b) => b.date)).toEqual(['2023-07-06', '2023-07-08']);
  expect(pushed.backups[0]?.stores[0]).toMatchObject({ store: world.store, outcome: 'created' });
  const list = await world.runBuilt(['list']);
  expect(list.stdout.split('\n').filter((line) => line.startsWith('2023-07-0'))).toHaveLength(2);

  const derby = await startDerby();
  try {
    for (const [day, found] of [
      ['2023-07-06', 0],
      ['2023-07-08', 1],
    ] as const) {
      const to = join(world.folder, day);
      const pull = await world.runBuilt(['pull', '--date', day, '--to', to]);
      expect(pull).toMatchObject({ code: 0, stderr: '' });
      const database = join(to, 'db', 'ETaxInvoice');
      const { rows } = await derby.query(
        database,
        "SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN WHERE TANGGAL_FAKTUR = '2023-07-08' AND NAMA_LAWAN = 'Gerbang Semesta' AND DPP = 345000",
      );
      expect(Number(rows[0]?.[0]), day).toBe(found);
      await derby.shutdown(database);
      expect((await derby.checkCopy(database)).ok, day).toBe(true);
    }
  } finally {
    await derby.close();
  }
});

test('an unchanged database costs a manifest of a few KB; the archive deleted or replaced in between is sent again', async () => {
  const world = await s3World({ backups: [] });
  const relay = await startRelay(bucket.endpoint);
  const env = { EFAKTUR_STORE: world.through(relay.endpoint) };
  const at = (day: number): { env: typeof env; now: Date } => ({
    env,
    now: new Date(Date.now() + day * 24 * 3600_000),
  });
  const first = await world.json(['push'], at(-4));
  const sent = relay.uploadedBytes();
  const second = await world.json(['push'], at(-3));
  expect(second.outcome).toBe('unchanged');
  const bytes = relay.uploadedBytes() - sent;
  expect(bytes).toBeGreaterThan(500);
  expect(bytes).toBeLessThan(5_000);
  expect(second.backups[0]?.stores[0]?.uploadedBytes).toBeLessThanOrEqual(bytes);
  expect(await backupKeys(world)).toHaveLength(3);

  const archive = first.backups[0]?.archive ?? '';
  const Key = `${world.prefix}/${archive}`;
  // The same size, other bytes: the ETag tells.
  const Body = Buffer.alloc((await keysIn(world)).get(archive) ?? 0);
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body }));
  const third = await world.json(['push'], at(-2));
  expect(third.outcome).toBe('created');
  await bucket.client.send(
    new DeleteObjectCommand({ Bucket: bucket.bucket, Key: `${world.prefix}/${third.backups[0]?.archive}` }),
  );
  expect((await world.json(['push'], at(-1))).outcome).toBe('created');
  const to = join(world.folder, 'to');
  await world.json<PullJson>(['pull', '--to', to]);
  expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
  // Of the four entries two have no archive of theirs any more, or another one.
  const list = await world.json<ListJson>(['list']);
  expect(list.backups.map((b) => b.archive === null)).toEqual([false, false, true, false]);
  expect(list.warnings.map((w) => w.code)).toEqual(['archive-missing']);
});

test('foreign keys among the backups are counted, never an error', async () => {
  const world = await s3World({ live: null });
  await world.json(['push', '--all']);
  for (const key of [
    '2023-07-08/catatan.txt',
    '2023-07-08/x/20230708T023000Z-3f9a1c2e77d0.json',
    'aaa',
    '1999/x.json',
  ])
    await bucket.client.send(
      new PutObjectCommand({ Bucket: bucket.bucket, Key: `${world.prefix}/${key}`, Body: 'x' }),
    );
  const list = await world.json<ListJson>(['list']);
  expect(list.backups).toHaveLength(2);
  expect(list.foreignKeys).toBeGreaterThanOrEqual(3);
  expect(list.warnings.map((w) => w.code)).toEqual(['foreign-keys']);
});

test('list and the choice of a day read names alone', async () => {
  const world = await s3World({ live: null });
  await world.json(['push', '--all']);
  const relay = await startRelay(bucket.endpoint);
  const env = { EFAKTUR_STORE: world.through(relay.endpoint) };
  await world.json<ListJson>(['list'], { env });
  await world.run(['pull', '--date', '2023-07-07', '--to', join(world.folder, 'to')], { env });
  expect(relay.requests.length).toBeGreaterThan(2);
  expect(relay.requests.filter((request) => !/^GET \/[^/?]+\/?\?/.test(request))).toEqual([]);
});

test('a clock ten minutes off the server’s is a warning, and the live capture takes the server’s time', async () => {
  for (const minutes of [10, -10]) {
    const world = await s3World({ backups: [] });
    const relay = await startRelay(bucket.endpoint, { shiftDateMs: minutes * 60_000 });
    const env = { EFAKTUR_STORE: world.through(relay.endpoint) };
    const before = Date.now();
    const document = await world.json(['push', '--source', 'live'], { env });
    expect(document.warnings.map((w) => w.code)).toEqual(['clock-off', 'program-not-stored']);
    const captured = Date.parse(document.backups[0]?.capturedAt ?? '') - minutes * 60_000;
    expect(Math.abs(captured - before)).toBeLessThan(60_000);
  }
  const world = await s3World({ backups: [] });
  const relay = await startRelay(bucket.endpoint, { shiftDateMs: 3 * 60_000 });
  const env = { EFAKTUR_STORE: world.through(relay.endpoint) };
  expect((await world.json(['push'], { env })).warnings).toMatchObject([{ code: 'program-not-stored' }]);
});

test('wrong credentials are exit 14, a bucket that is not there is exit 2', async () => {
  const world = await s3World({ live: null });
  const denied = await world.runBuilt(['push', '--json'], { env: { AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) } });
  expect(denied.code).toBe(14);
  expect(errorOf(denied).code).toBe('access-denied');
  const missing = `s3://tidak-ada-${world.prefix}/x?endpoint=${bucket.endpoint}`;
  const outcome = await world.runBuilt(['list'], { env: { EFAKTUR_STORE: missing } });
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain(`tidak-ada-${world.prefix}`);
});

/** A world whose db is too large for one part, with bytes that do not compress. */
async function largeWorld(): Promise<{ world: S3World; file: string }> {
  const world = await s3World({ backups: [] });
  const file = join(world.app, 'db', 'ETaxInvoice', 'lampiran.bin');
  await writeFile(file, randomBytes(24 << 20));
  return { world, file };
}

/** Keys of the uploads that the pushes in this state folder have noted. */
async function notedKeys(world: S3World): Promise<string[]> {
  const keys: string[] = [];
  for (const job of await readdir(join(world.stateDir, 'jobs'))) {
    const notes = await readFile(join(world.stateDir, 'jobs', job, 'uploads.jsonl'), 'utf8').catch(() => '');
    for (const line of notes.split('\n').filter((one) => one !== ''))
      keys.push((JSON.parse(line) as { key: string }).key);
  }
  return keys;
}

const unfinished = async (world: S3World, keys: readonly string[]) =>
  (await Promise.all(keys.map((key) => bucket.unfinishedUploads(`${world.prefix}/${key}`)))).flat();

/** Pushes through a slow line and does something to the process when some bytes are on their way. */
async function stoppedPush(world: S3World, signal: NodeJS.Signals) {
  const relay = await startRelay(bucket.endpoint, { uploadBytesPerSecond: 4 << 20 });
  let pid = 0;
  const running = world.runBuilt(['push', '--json'], {
    env: { EFAKTUR_STORE: world.through(relay.endpoint) },
    onStart: (started) => {
      pid = started;
    },
  });
  while (relay.uploadedBytes() < 6 << 20) await new Promise((resolve) => setTimeout(resolve, 20));
  const keys = await notedKeys(world);
  expect((await unfinished(world, keys)).length).toBeGreaterThan(0);
  process.kill(pid, signal);
  const startedAt = Date.now();
  const outcome = await running;
  return {
    outcome,
    keys,
    tookMs: Date.now() - startedAt,
    env: { EFAKTUR_STORE: world.through(relay.endpoint) },
  };
}

test('a profile named counts, whatever keys are set beside it; one that gives none is named', async () => {
  const world = await s3World({ backups: [] });
  const credentials = join(world.folder, 'credentials');
  const keys = `aws_access_key_id = ${bucket.accessKeyId}\naws_secret_access_key = ${bucket.secretAccessKey}\n`;
  await writeFile(credentials, `[office]\n${keys}[empty]\nregion = us-east-1\n`);
  const env = {
    AWS_ACCESS_KEY_ID: 'another',
    AWS_SECRET_ACCESS_KEY: 'another',
    AWS_SHARED_CREDENTIALS_FILE: credentials,
  };
  const ways: ((name: string) => { args: string[]; env: Record<string, string> })[] = [
    (name) => ({ args: ['list', '--json', '--store', `${world.store}&profile=${name}`], env }),
    (name) => ({ args: ['list', '--json'], env: { ...env, AWS_PROFILE: name } }),
  ];
  for (const way of ways) {
    const office = way('office');
    expect(await world.runBuilt(office.args, office)).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['nope', 'empty']) {
      const other = way(name);
      const outcome = await world.runBuilt(other.args, other);
      expect(outcome).toMatchObject({ code: 14, stdout: '' });
      expect(JSON.parse(outcome.stderr).error).toMatchObject({
        code: 'access-denied',
        message: expect.stringContaining(
          `the profile "${name}" is not in the AWS files, or has no keys there`,
        ),
      });
    }
  }
});

test('Ctrl-C during an upload: exit 130 at once, the upload aborted, nothing listed, no spool', async () => {
  const { world } = await largeWorld();
  const { outcome, keys, tookMs } = await stoppedPush(world, 'SIGINT');
  expect(outcome).toMatchObject({ code: 130, stdout: '' });
  expect(errorOf(outcome).code).toBe('interrupted');
  expect(tookMs).toBeLessThan(10_000);
  expect(await unfinished(world, keys)).toEqual([]);
  expect(await backupKeys(world)).toEqual([]);
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
});

test('kill -9 during an upload: the next push removes the upload and the spool and stores one backup', async () => {
  const { world, file } = await largeWorld();
  const { outcome, keys, env } = await stoppedPush(world, 'SIGKILL');
  expect(outcome.signal).toBe('SIGKILL');
  expect((await unfinished(world, keys)).length).toBeGreaterThan(0);
  const pushed = await world.json(['push'], { env });
  expect(pushed.outcome).toBe('created');
  expect(await unfinished(world, keys)).toEqual([]);
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
  expect(await backupKeys(world)).toHaveLength(2);
  const to = join(world.folder, 'to');
  await world.json<PullJson>(['pull', '--to', to]);
  expect((await readFile(join(to, 'db', 'ETaxInvoice', 'lampiran.bin'))).equals(await readFile(file))).toBe(
    true,
  );
});

test('two pushes at once do not disturb each other', async () => {
  const world = await s3World({ live: null });
  const outcomes = await Promise.all([world.runBuilt(['push', '--all']), world.runBuilt(['push', '--all'])]);
  expect(outcomes.map((o) => o.code)).toEqual([0, 0]);
  const { backups } = await world.json<ListJson>(['list']);
  expect(backups.length).toBeGreaterThanOrEqual(2);
  for (const { id, date } of backups) {
    const to = join(world.folder, id);
    await world.json<PullJson>(['pull', '--id', id, '--to', to]);
    const seed = join(world.folder, `seed-${id}`);
    await unzip(seeds[date === '2023-07-06' ? 'seed-6-july' : 'seed-8-july'].path, seed);
    expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(seed, 'db')));
  }
});

test('a store whose bucket was emptied is exit 10 until --new-store', async () => {
  const world = await s3World({ live: null });
  await world.json(['push']);
  for (const key of (await keysIn(world)).keys())
    await bucket.client.send(
      new DeleteObjectCommand({ Bucket: bucket.bucket, Key: `${world.prefix}/${key}` }),
    );
  expect((await world.run(['push'])).code).toBe(10);
  expect((await world.json(['push', '--new-store'])).outcome).toBe('created');
});
