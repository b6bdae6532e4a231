import {
  GetObjectCommand,
  GetObjectRetentionCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { ObjectStore, StoredObject } from '../../src/store/store.ts';
import { type PolicyRole, policyFor, policyRoles } from '../../src/sync/policies.ts';
import type { PruneDocument } from '../../src/sync/prune.ts';
import { makeWorld, type PushJson, type WarningJson, type World } from '../support/cli.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { keysFor, type SessionKeys, withKeys } from '../support/s3-rights.ts';

/** With the policies that are printed for locks, on a real server: what must work does, and nobody shortens a lock. */

const prefix = 'kantor/pc-kasir';
const dayMs = 24 * 3600_000;
const locks = { EFAKTUR_LOCK_DAYS: '20', EFAKTUR_FULL_EVERY: '10' };

interface Office {
  readonly world: World;
  readonly bucket: TestBucket;
  readonly store: ObjectStore;
  keys(role: PolicyRole): Promise<SessionKeys>;
}

async function makeOffice(env: Record<string, string> = {}): Promise<Office> {
  const bucket = await makeBucket({ versioning: true, objectLock: true });
  const url = `s3://${bucket.bucket}/${prefix}?endpoint=${bucket.endpoint}`;
  const world = await makeWorld();
  Object.assign(world.env, { EFAKTUR_STORE: url, ...locks, ...env });
  return {
    world,
    bucket,
    store: await openStore(url, { env: process.env, currentFolder: '/' }),
    async keys(role) {
      const printed = await world.run(['doctor', '--print-policy', role]);
      expect(printed).toMatchObject({ code: 0, stderr: '' });
      return keysFor(JSON.parse(printed.stdout));
    },
  };
}

const clientOf = ({ endpoint, region }: TestBucket, keys: SessionKeys): S3Client =>
  new S3Client({ endpoint, region, forcePathStyle: true, credentials: keys });

async function versionsIn(store: ObjectStore): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const page of store.list('', { versions: true })) all.push(...page.objects);
  return all;
}

/** Of every version its bytes' tag and the end of its lock, as the owner sees them. */
async function stateOf({ bucket, store }: Office): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const { key, versionId, etag } of await versionsIn(store)) {
    const at = { Bucket: bucket.bucket, Key: `${prefix}/${key}`, VersionId: versionId ?? '' };
    const { Retention } = await bucket.client.send(new GetObjectRetentionCommand(at));
    state[`${key} ${versionId}`] = [etag, Retention?.Mode, Retention?.RetainUntilDate?.toISOString()];
  }
  return state;
}

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: Error) => error.name,
  );

/** A put that names the version it wants to replace, as MinIO takes it. */
function replacing(Bucket: string, Key: string, versionId: string): PutObjectCommand {
  const command = new PutObjectCommand({ Bucket, Key, Body: 'pay 1 BTC' });
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { query: Record<string, string> };
      request.query = { ...request.query, versionId };
      return next(args);
    },
    { step: 'build' },
  );
  return command;
}

/** Ends of locks that a thief would like better: at once, in days, and just before what is there. */
const ends = [2000, dayMs, 19.9 * dayMs, 20 * dayMs + 60_000, 29.9 * dayMs];

test('push, verify and prune work with their printed keys, and none of the printed ones changes a lock or a version', async () => {
  const office = await makeOffice();
  const { world, bucket, store } = office;
  await withKeys(await office.keys('push'), async () => {
    expect((await world.json<PushJson>(['push', '--all'])).outcome).toBe('created');
    expect((await world.json<PushJson>(['push', '--source', 'live', '--full'])).outcome).toBe('created');
  });
  await withKeys(await office.keys('verify'), async () => {
    const { warnings } = await world.json<{ warnings: WarningJson[] }>(['verify', '--read-data']);
    expect(warnings.map(({ code }) => code)).not.toContain('proof-not-kept');
  });
  const stored = await versionsIn(store);
  expect(stored.some(({ key }) => key.startsWith('proofs/'))).toBe(true);
  const before = await stateOf(office);
  for (const [mode] of Object.values(before).map((s) => [(s as string[])[1]]))
    expect(mode).toBe('GOVERNANCE');

  for (const role of policyRoles) {
    const client = clientOf(bucket, await office.keys(role));
    for (const { key, versionId } of stored) {
      const at = { Bucket: bucket.bucket, Key: `${prefix}/${key}`, VersionId: versionId ?? '' };
      for (const ms of ends) {
        const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + ms) } as const;
        const changing = new PutObjectRetentionCommand({
          ...at,
          Retention,
          BypassGovernanceRetention: true,
        });
        expect(await nameOf(client.send(changing)), `${role} ${key} ${ms}`).toBe('AccessDenied');
      }
      const replaced = await nameOf(client.send(replacing(at.Bucket, at.Key, versionId ?? '')));
      expect(replaced, `${role} ${key}`).toBe('AccessDenied');
    }
    client.destroy();
  }
  expect(await stateOf(office)).toEqual(before);

  // A prune notes what it lets go under a lock, and names what stays locked.
  await withKeys(await office.keys('prune'), async () => {
    const args = ['prune', '--keep-last', '1', '--max-delete', '100%', '--yes'];
    const pruned = await world.json<PruneDocument>(args);
    expect(pruned.stores[0]?.locked.length).toBeGreaterThan(0);
    expect(pruned.deleted).toEqual([]);
  });
  expect(await stateOf(office)).toMatchObject(before);
});

test('with compliance locks not even an empty retention or the owner lifts them', async () => {
  const office = await makeOffice({ EFAKTUR_LOCK_MODE: 'compliance' });
  const { world, bucket, store } = office;
  await withKeys(await office.keys('push'), () => world.json(['push', '--source', 'live']));
  const before = await stateOf(office);
  const clients = [clientOf(bucket, await office.keys('push')), bucket.client];
  for (const client of clients) {
    for (const { key, versionId } of await versionsIn(store)) {
      const at = { Bucket: bucket.bucket, Key: `${prefix}/${key}`, VersionId: versionId ?? '' };
      for (const Retention of [
        {},
        ...ends.map((ms) => ({ Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date(Date.now() + ms) })),
      ]) {
        const changing = new PutObjectRetentionCommand({ ...at, Retention, BypassGovernanceRetention: true });
        expect(await nameOf(client.send(changing))).not.toBe('done');
      }
      expect(await nameOf(client.send(replacing(at.Bucket, at.Key, versionId ?? '')))).not.toBe('done');
    }
  }
  expect(await stateOf(office)).toEqual(before);
  // What doctor leaves is locked for minutes only, and says that nothing could be lifted.
  const found = await withKeys(await office.keys('push'), () => world.json<DoctorJson>(['doctor']));
  expect(resultOf(found, 'bypass')).toBe('ok');
  expect(found.warnings.map(({ code }) => code)).not.toContain('key-may-lift-locks');
});

interface DoctorJson {
  readonly steps: readonly { readonly step: string; readonly result: string }[];
  readonly warnings: readonly WarningJson[];
}

const resultOf = ({ steps }: DoctorJson, step: string): string | undefined =>
  steps.find((s) => s.step === step)?.result;

test('doctor tells where a governance lock can be lifted all the same, and that new objects can be locked for ever', async () => {
  const office = await makeOffice();
  const { world, bucket, store } = office;
  const found = await withKeys(await office.keys('push'), () => world.json<DoctorJson>(['doctor']));
  // MinIO takes an empty retention, or one of the other mode, from anybody who asks for the bypass, whatever the policy.
  expect([resultOf(found, 'lock'), resultOf(found, 'bypass'), resultOf(found, 'far-lock')]).toEqual([
    'ok',
    'failed',
    'failed',
  ]);
  const told = found.warnings.filter(({ code }) => code.startsWith('key-may-'));
  expect(told.map(({ code }) => code)).toEqual(['key-may-lift-locks', 'key-may-lock-for-ever']);
  expect(told[0]?.message).toContain('EFAKTUR_LOCK_MODE=compliance');
  expect(told[1]?.message).toContain('2090');
  // Nothing that it left is locked for longer than two days.
  for (const { key, versionId } of await versionsIn(store)) {
    const at = { Bucket: bucket.bucket, Key: `${prefix}/${key}`, VersionId: versionId ?? '' };
    const until = await bucket.client.send(new GetObjectRetentionCommand(at)).then(
      ({ Retention }) => Retention?.RetainUntilDate ?? new Date(0),
      () => new Date(0),
    );
    expect(until.getTime()).toBeLessThan(Date.now() + 2 * dayMs + 60_000);
    await bucket.client.send(new GetObjectCommand(at));
  }
});

test('for Amazon the days that remain are the condition, in statements of their own', () => {
  const scope = { bucket: 'b', prefix, locks: { days: 20, fullEveryDays: 10 }, isAmazon: true };
  const key = 's3:object-lock-remaining-retention-days';
  for (const role of policyRoles) {
    for (const isAmazon of [true, false]) {
      for (const { Action, Condition } of policyFor(role, { ...scope, isAmazon }).Statement) {
        expect(Action).not.toContain('s3:BypassGovernanceRetention');
        if (!Action.includes('s3:PutObjectRetention')) continue;
        expect(Action).toEqual(['s3:PutObjectRetention']);
        expect(JSON.stringify(Condition)).toContain(key);
      }
    }
  }
  const [lock, tryLock] = policyFor('push', scope).Statement.filter(({ Sid }) => Sid.endsWith('Lock'));
  expect(lock?.Condition).toEqual({
    NumericGreaterThanEquals: { [key]: '20' },
    NumericLessThanEquals: { [key]: '31' },
  });
  expect(tryLock).toMatchObject({
    Resource: [`arn:aws:s3:::b/${prefix}/doctor/*`],
    Condition: { NumericLessThanEquals: { [key]: '1' } },
  });
});

test('the printed policy is that of the service which the address and the environment name', async () => {
  const world = await makeWorld(null);
  const printed = async (store: string, env: Record<string, string> = {}): Promise<string> =>
    (await world.run(['doctor', '--print-policy', 'push', '--store', store], { env: { ...locks, ...env } }))
      .stdout;
  expect(await printed('s3://bucket/x')).toContain('"NumericLessThanEquals"');
  expect(await printed('s3://bucket/x?endpoint=https://s3.ap-southeast-3.amazonaws.com')).toContain(
    '"NumericLessThanEquals"',
  );
  for (const other of [
    await printed('s3://bucket/x?endpoint=https://minio.kantor.example'),
    await printed('s3://bucket/x', { AWS_ENDPOINT_URL: 'https://amazonaws.com.example' }),
  ])
    for (const condition of ['"Null"', '"StringNotLike"']) expect(other).toContain(condition);
});
