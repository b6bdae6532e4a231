import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { listBackups } from '../../src/catalog/listing.ts';
import { openStore } from '../../src/store/open.ts';
import { type PolicyRole, policyFor } from '../../src/sync/policies.ts';
import { keysOf, makeWorld, type WarningJson, type World } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { startRelay } from '../support/http-relay.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { keysFor, withKeys } from '../support/s3-rights.ts';

interface DoctorJson {
  outcome: string;
  steps: { store: string; step: string; result: string; message: string; missingRight?: string }[];
  lifecycleRules: { store: string; lifecycle: { Rules: { ID: string; Filter: { Prefix: string } }[] } }[];
  warnings: WarningJson[];
}

const prefix = 'kantor/pc-kasir';

async function makeStore(options: { versioning?: boolean; objectLock?: boolean } = {}) {
  const bucket = await makeBucket(options);
  const world = await makeWorld(null);
  Object.assign(world.env, { EFAKTUR_STORE: `s3://${bucket.bucket}/${prefix}?endpoint=${bucket.endpoint}` });
  return { bucket, world };
}

const policy = (role: PolicyRole, { bucket }: TestBucket, locks = false) =>
  policyFor(role, { bucket, prefix, locks: locks && { days: 20, fullEveryDays: 10 } });

const examine = (
  world: World,
  code: number,
  env: Record<string, string> = {},
  now?: Date,
): Promise<DoctorJson> => world.json<DoctorJson>(['doctor'], { code, env, ...(now && { now }) });

const results = ({ steps }: DoctorJson): Record<string, string> =>
  Object.fromEntries(
    steps.map(({ step, result, missingRight }) => [
      step,
      missingRight ? `${result} ${missingRight}` : result,
    ]),
  );

const messageOf = ({ steps }: DoctorJson, step: string): string =>
  steps.find((s) => s.step === step)?.message ?? '';

const codes = ({ warnings }: DoctorJson): string[] => warnings.map((w) => w.code);

async function versionsIn(client: S3Client, Bucket: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key);
}

test('the owner of a versioned bucket: everything works and nothing stays', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  const found = await examine(world, 0);
  expect(found.outcome).toBe('ok');
  expect(results(found)).toEqual({
    provider: 'skipped',
    put: 'ok',
    list: 'ok',
    clock: 'ok',
    style: 'ok',
    get: 'ok',
    range: 'ok',
    checksums: 'ok',
    multipart: 'ok',
    abort: 'ok',
    uploads: 'ok',
    versioning: 'ok',
    delete: 'ok',
    lock: 'skipped',
    cleanup: 'ok',
  });
  expect(codes(found)).toEqual(['key-may-delete']);
  expect(await versionsIn(bucket.client, bucket.bucket)).toEqual([]);
  const [rules] = found.lifecycleRules;
  expect(rules?.lifecycle.Rules.map((rule) => rule.Filter.Prefix)).toEqual([
    `${prefix}/`,
    `${prefix}/doctor/`,
  ]);
  const { stdout } = await world.run(['doctor']);
  expect(stdout).toContain('"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}');
  expect(stdout).toContain('MinIO removes cut-off uploads by itself: give it only efaktur-cloud-doctor');
});

test('the lifecycle rule for what doctor leaves is taken by a service', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  const found = await examine(world, 0);
  const rules = found.lifecycleRules[0]?.lifecycle.Rules ?? [];
  const Rules = rules.filter(({ ID }) => ID === 'efaktur-cloud-doctor') as LifecycleRule[];
  const { client, bucket: Bucket } = bucket;
  await client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );
  const set = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(set.Rules).toMatchObject([
    { Filter: { Prefix: `${prefix}/doctor/` }, Expiration: { Days: 1 }, Status: 'Enabled' },
  ]);
});

test('without versions: not protected, for the owner and for a push key', async () => {
  const { world, bucket } = await makeStore();
  const owner = await examine(world, 20);
  expect(owner.outcome).toBe('attention');
  expect(results(owner)).toMatchObject({ versioning: 'failed', delete: 'ok', cleanup: 'ok' });
  expect(JSON.stringify(owner.warnings)).toContain('NOT PROTECTED');
  expect(await versionsIn(bucket.client, bucket.bucket)).toEqual([]);

  const pushKey = await withKeys(await keysFor(policy('push', bucket)), () => examine(world, 20));
  expect(results(pushKey)).toMatchObject({
    put: 'ok',
    list: 'ok',
    get: 'denied s3:GetObject',
    versioning: 'failed',
    delete: 'denied s3:DeleteObject',
  });
  expect(codes(pushKey)).toEqual(['not-protected', 'push-only-key']);
  expect(JSON.stringify(pushKey.warnings)).toContain('NOT PROTECTED');
});

test('a push key on a versioned bucket is just right; what it left goes with the next run of the owner', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  const found = await withKeys(await keysFor(policy('push', bucket)), () => examine(world, 0));
  expect(results(found)).toEqual({
    provider: 'skipped',
    put: 'ok',
    list: 'ok',
    clock: 'ok',
    style: 'ok',
    get: 'denied s3:GetObject',
    range: 'unknown',
    checksums: 'ok',
    multipart: 'ok',
    abort: 'ok',
    uploads: 'unknown s3:ListBucketMultipartUploads',
    // MinIO lets whoever may list see versions, too.
    versioning: expect.stringMatching(/^ok( s3:ListBucketVersions)?$/),
    delete: 'denied s3:DeleteObject',
    lock: 'skipped',
    cleanup: 'skipped',
  });
  expect(codes(found)).toEqual(['push-only-key']);
  const left = await versionsIn(bucket.client, bucket.bucket);
  expect(left).toHaveLength(6);
  for (const key of left) expect(key).toMatch(/^kantor\/pc-kasir\/doctor\/\d{8}T\d{6}Z-[0-9a-f]{12}-[a-z]+$/);

  const store = await openStore(world.env.EFAKTUR_STORE ?? '', { env: process.env, currentFolder: '/' });
  expect(await listBackups(store)).toMatchObject({ backups: [], foreignKeys: 0 });

  await examine(world, 0);
  expect(await versionsIn(bucket.client, bucket.bucket)).toEqual(left);
  // The clock step would find this clock wrong; here only the age of the leftovers counts.
  await examine(world, 20, {}, new Date(Date.now() + 2 * 3600_000));
  expect(await versionsIn(bucket.client, bucket.bucket)).toEqual([]);
});

test('what doctor leaves is nobody else who overwrote or deleted something', async () => {
  for (const options of [{ versioning: true }, { objectLock: true }]) {
    const { world, bucket } = await makeStore(options);
    await makeEfakturFolder(world.app);
    await withKeys(await keysFor(policy('push', bucket)), () => examine(world, 0));
    // A lock keeps what even its owner wrote, after it was hidden.
    await examine(world, 0);
    const left = await versionsIn(bucket.client, bucket.bucket);
    expect(new Set(left).size).toBeLessThan(left.length);
    await world.json(['push']);
    for (const command of [['prune'], ['prune', '--yes'], ['list', '--long'], ['verify', '--read-data']])
      expect((await world.json(command)).warnings, command.join(' ')).toEqual([]);
    const { code, stderr } = await world.run(['status']);
    expect([code, stderr]).toEqual([0, '']);
  }
});

test('credentials that are missing or wrong are called that, not a missing right', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  const wrong = { accessKeyId: 'nobody', secretAccessKey: 'g3heim-Rahasia-Kantor', sessionToken: '' };
  const unknown = await withKeys(wrong, () => examine(world, 14));
  expect(unknown.steps).toEqual([]);
  expect(codes(unknown)).toEqual(['access-denied']);
  expect(unknown.warnings[0]?.message).toContain('does not know this access key');
  expect(unknown.warnings[0]?.message).not.toContain('print-policy');
  const mistyped = { ...wrong, accessKeyId: bucket.accessKeyId };
  const unsigned = await withKeys(mistyped, () => examine(world, 14));
  expect(unsigned.warnings[0]?.message).toContain('the secret key does not fit the access key');
  const none = await withKeys({ accessKeyId: '', secretAccessKey: '', sessionToken: '' }, () => {
    return examine(world, 14);
  });
  expect(none.warnings[0]?.message).toContain('no credentials were found');
});

test.each<PolicyRole>(['pull', 'verify', 'prune'])(
  'the key that may %s is tried on what is there',
  async (role) => {
    const { world, bucket } = await makeStore({ versioning: true });
    const keys = await keysFor(policy(role, bucket));
    const empty = await withKeys(keys, () => examine(world, 14));
    const asked = { provider: 'skipped', put: 'denied s3:PutObject', list: 'ok', clock: 'ok', style: 'ok' };
    const nothing = { ...asked, get: 'unknown' };
    expect(results(empty)).toEqual({ ...nothing, range: 'unknown', versioning: 'unknown' });
    expect(JSON.stringify(empty.warnings)).toContain('nothing is stored that it could read');

    // What a push key's doctor left will do; then a backup.
    await withKeys(await keysFor(policy('push', bucket)), () => examine(world, 0));
    const read = { ...nothing, get: 'ok', range: 'ok', versioning: 'ok' };
    expect(results(await withKeys(keys, () => examine(world, 0)))).toEqual(read);
    await makeEfakturFolder(world.app, { backups: [] });
    await world.json(['push']);
    const found = await withKeys(keys, () => examine(world, 0));
    expect(found.outcome).toBe('ok');
    expect(results(found)).toEqual(read);
    expect(messageOf(found, 'get')).toMatch(/\d{4}-\d\d-\d\d\/.*\.json was read/);
    expect(codes(found)).toEqual(['read-only-key']);
    expect(found.warnings[0]?.message).toContain('may list and read, but not store');
  },
);

test('a reading key that may not read versions is told so, and one that may do nothing, too', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  await makeEfakturFolder(world.app, { backups: [] });
  await world.json(['push']);
  const [list] = policy('pull', bucket).Statement;
  if (!list) throw new Error('a pull policy has two statements');
  const keys = await keysFor(policy('pull', bucket));
  const rights = { versions: 's3:ListBucketVersions', versionId: 's3:GetObjectVersion' };
  for (const [parameter, right] of Object.entries(rights)) {
    const relay = await startRelay(bucket.endpoint, { denied: (query) => query.has(parameter) });
    const env = { EFAKTUR_STORE: `s3://${bucket.bucket}/${prefix}?endpoint=${relay.endpoint}` };
    const blind = await withKeys(keys, () => examine(world, 0, env));
    expect(results(blind)).toMatchObject({ get: 'ok', range: 'ok', versioning: `denied ${right}` });
    expect(codes(blind)).toEqual(['versions-denied', 'read-only-key']);
  }

  const useless = await withKeys(await keysFor({ Version: '2012-10-17', Statement: [list] }), () =>
    examine(world, 14),
  );
  expect(results(useless)).toMatchObject({ put: 'denied s3:PutObject', get: 'denied s3:GetObject' });
});

test('keys that may not do what pushing needs are told what they lack', async () => {
  const { world, bucket } = await makeStore({ versioning: true });
  const [, write] = policy('push', bucket).Statement;
  if (!write) throw new Error('a push policy has two statements');
  const noList = { Version: '2012-10-17', Statement: [write] } as const;
  const blind = await withKeys(await keysFor(noList), () => examine(world, 14));
  expect(results(blind)).toMatchObject({ put: 'ok', list: 'denied s3:ListBucket' });

  const [list] = policy('push', bucket).Statement;
  if (!list) throw new Error('a push policy has two statements');
  const noAbort = {
    Version: '2012-10-17',
    Statement: [list, { ...write, Action: ['s3:PutObject'] }],
  } as const;
  const found = await withKeys(await keysFor(noAbort), () => examine(world, 0));
  expect(results(found)).toMatchObject({ abort: 'denied s3:AbortMultipartUpload' });
});

test('a lock that is given holds, and goes with a later run', async () => {
  const { world, bucket } = await makeStore({ objectLock: true });
  const env = { EFAKTUR_LOCK_DAYS: '60' };
  const found = await examine(world, 0, env);
  expect(results(found)).toMatchObject({ versioning: 'ok', lock: 'ok', delete: 'ok', cleanup: 'ok' });
  expect(messageOf(found, 'lock')).toMatch(
    /and it held; .* 60 days, archives and indexes for 90 \(governance\)/,
  );
  expect(messageOf(found, 'cleanup')).toContain('1 test object of 16 B stays');
  expect(codes(found)).toEqual([]);
  expect(await versionsIn(bucket.client, bucket.bucket)).toEqual([expect.stringMatching(/-locked$/)]);

  const withLocks = await keysFor(policy('push', bucket, true));
  expect(results(await withKeys(withLocks, () => examine(world, 0, env)))).toMatchObject({ lock: 'ok' });
  const without = await keysFor(policy('push', bucket));
  const denied = await withKeys(without, () => examine(world, 14, env));
  expect(results(denied)).toMatchObject({ lock: 'denied s3:PutObjectRetention' });
  expect(results(await withKeys(without, () => examine(world, 0)))).toMatchObject({
    lock: 'unknown s3:PutObjectRetention',
  });
});

test('where a lock can be lifted, the last line does not say that everything works', async () => {
  const { world } = await makeStore({ objectLock: true });
  const owner = await world.run(['doctor'], { env: { EFAKTUR_LOCK_DAYS: '60' } });
  expect(owner.code).toBe(0);
  expect(owner.stdout).toMatch(/FAILED +bypass .*EFAKTUR_LOCK_MODE=compliance/);
  expect(owner.stdout).not.toContain('Everything');
  expect(owner.stdout.trimEnd().split('\n').at(-1)).toBe(
    'All that backups need works, but protects less than it should: see FAILED above.',
  );
  const compliance = { EFAKTUR_LOCK_DAYS: '60', EFAKTUR_LOCK_MODE: 'compliance' };
  const held = await world.run(['doctor'], { env: compliance });
  expect(held.stdout.trimEnd().split('\n').at(-1)).toBe('Everything that backups need works.');
});

test('locks asked of a bucket that takes none', async () => {
  const { world } = await makeStore({ versioning: true });
  const found = await examine(world, 2, { EFAKTUR_LOCK_DAYS: '60' });
  expect(results(found)).toMatchObject({ lock: 'failed' });
});

test("the bucket's own lock of D days is safe for D less EFAKTUR_FULL_EVERY", async () => {
  const { world, bucket } = await makeStore({ objectLock: true });
  const setDays = (Days: number) =>
    bucket.client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket.bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days } },
        },
      }),
    );
  await setDays(100);
  const found = await examine(world, 0);
  expect(JSON.stringify(found.warnings)).toContain('locks everything for 100 days by itself');
  expect(JSON.stringify(found.warnings)).toContain('safe for 70 days');
  const often = await examine(world, 0, { EFAKTUR_FULL_EVERY: '7' });
  expect(JSON.stringify(often.warnings)).toContain('safe for 93 days');
  await setDays(30);
  const short = await examine(world, 20);
  expect(JSON.stringify(short.warnings)).toContain('nothing is safe for sure');
});

test('a clock that is wrong needs attention', async () => {
  const { world } = await makeStore({ versioning: true });
  const found = await examine(world, 20, {}, new Date(Date.now() - 10 * 60_000));
  expect(results(found)).toMatchObject({ clock: 'failed' });
  expect(JSON.stringify(found.warnings)).toContain('10 minutes behind');
});

test('a folder: what it can do, and nothing stays in it', async () => {
  const world = await makeWorld(null);
  const found = await examine(world, 0);
  expect(results(found)).toEqual({
    put: 'ok',
    list: 'ok',
    clock: 'skipped',
    get: 'ok',
    range: 'ok',
    versioning: 'skipped',
    delete: 'ok',
    cleanup: 'ok',
  });
  expect(found.lifecycleRules).toEqual([]);
  expect(await keysOf(world.store)).toEqual([]);
});

test('what earlier runs left is told to a key that may only read, and cleared away by one that may delete', async () => {
  const { world, bucket } = await makeStore();
  const left = 'doctor/20240506T070809Z-0123456789ab-small';
  const { client, bucket: Bucket } = bucket;
  await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${left}`, Body: 'x' }));
  const reader = await withKeys(await keysFor(policy('pull', bucket)), () => examine(world, 0));
  const debris = reader.warnings.filter(({ code }) => code === 'debris').map(({ message }) => message);
  expect(debris).toHaveLength(1);
  expect(debris[0]).toContain(`1 test object of earlier runs of doctor (${left}): a run with a key that`);
  expect(codes(await examine(world, 20))).not.toContain('debris');
  expect(await versionsIn(client, Bucket)).toEqual([]);
});

test('locks asked of a folder, which takes none, are named', async () => {
  const world = await makeWorld(null);
  const locks = { EFAKTUR_LOCK_DAYS: '60' };
  const found = await examine(world, 20, locks);
  expect(results(found)).toMatchObject({ put: 'ok', lock: 'skipped', cleanup: 'ok' });
  expect(messageOf(found, 'lock')).toContain('a folder takes no locks');
  expect(codes(found)).toEqual(['not-locked']);
  expect(found.warnings[0]?.message).toContain('nothing is locked');

  // Beside a bucket that locks it is only said.
  const { world: office } = await makeStore({ objectLock: true });
  const both = `${office.env.EFAKTUR_STORE};${world.store}`;
  const beside = await examine(office, 0, { ...locks, EFAKTUR_STORE: both });
  expect(codes(beside)).toEqual(['not-locked']);
  expect(beside.warnings[0]?.message).toContain(world.store);
});

test('one store that is not there does not hide what the others can do', async () => {
  const world = await makeWorld(null);
  const gone = `${world.folder}/no/such/drive`;
  const found = await examine(world, 10, { EFAKTUR_STORE: `${gone};${world.store}` });
  expect(found.outcome).toBe('attention');
  expect(new Set(found.steps.map((s) => s.store))).toEqual(new Set([world.store]));
  expect(codes(found)).toEqual(['store-unavailable']);
});

test('each finding is printed once, whichever decides the exit code', async () => {
  const world = await makeWorld(null);
  const gone = `${world.folder}/no/such/drive`;
  const env = { EFAKTUR_STORE: `${gone};${world.store}`, EFAKTUR_LOCK_DAYS: '60' };
  const document = await world.json<DoctorJson>(['doctor'], { env, code: 10 });
  expect(codes(document)).toEqual(['store-unavailable', 'not-locked']);
  for (const flags of [[], ['-q']]) {
    const { code, stdout, stderr } = await world.run(['doctor', ...flags], { env });
    expect(code).toBe(10);
    for (const { message } of document.warnings)
      expect(`${stdout}${stderr}`.split(message), message).toHaveLength(2);
  }
});

test('what was written for a test goes also when a step fails', async () => {
  for (const options of [{}, { versioning: true }]) {
    const { world, bucket } = await makeStore(options);
    // Not a missing right that doctor looks for: storing in parts must simply work.
    const relay = await startRelay(bucket.endpoint, { denied: (query) => query.has('uploads') });
    const env = { EFAKTUR_STORE: `s3://${bucket.bucket}/${prefix}?endpoint=${relay.endpoint}` };
    const found = await examine(world, 14, env);
    expect(results(found)).toMatchObject({ put: 'ok', get: 'ok' });
    expect(await versionsIn(bucket.client, bucket.bucket)).toEqual([]);
  }
});
