import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { bytesBody } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type PolicyRole, policyFor, policyRoles } from '../../src/sync/policies.ts';
import { errorOf, type ListJson, makeWorld, type PushJson, treeOf, type World } from '../support/cli.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { keysFor, type SessionKeys, withKeys } from '../support/s3-rights.ts';

/** The policies that `doctor --print-policy` prints, applied by a real server. */

interface Office {
  readonly world: World;
  readonly bucket: TestBucket;
  readonly url: string;
  keys(role: PolicyRole): Promise<SessionKeys>;
}

/** An e-Faktur folder whose store is a prefix of a fresh, versioned bucket. */
async function makeOffice({
  prefix = 'kantor/pc-kasir',
  objectLock = false,
  env = {},
} = {}): Promise<Office> {
  const bucket = await makeBucket({ versioning: true, objectLock });
  const url = `s3://${bucket.bucket}${prefix && `/${prefix}`}?endpoint=${bucket.endpoint}`;
  const world = await makeWorld();
  Object.assign(world.env, { EFAKTUR_STORE: url, ...env });
  return {
    world,
    bucket,
    url,
    async keys(role) {
      const printed = await world.run(['doctor', '--print-policy', role]);
      expect(printed).toMatchObject({ code: 0, stderr: '' });
      return keysFor(JSON.parse(printed.stdout));
    },
  };
}

const open = ({ url }: Pick<Office, 'url'>): Promise<ObjectStore> =>
  openStore(url, { env: process.env, currentFolder: '/' });

const namesOf = async (office: Office): Promise<string[]> => {
  const names: string[] = [];
  for await (const page of (await open(office)).list('')) names.push(...page.objects.map((o) => o.key));
  return names;
};

test.each(['kantor/pc-kasir', ''])('push works with the push key alone, prefix "%s"', async (prefix) => {
  const office = await makeOffice({ prefix });
  const { world } = office;
  const keys = await office.keys('push');
  await withKeys(keys, async () => {
    const first = await world.json<PushJson>(['push', '--all']);
    expect(first.outcome).toBe('created');
    expect((await world.json<PushJson>(['push', '--all'])).outcome).toBe('unchanged');
    // A lost record makes push look at the names in the bucket, and at no more than them.
    await rm(world.stateDir, { recursive: true });
    const again = await world.json<PushJson>(['push']);
    expect(again.outcome).toBe('created');
    // It may not read the backup before either, which is no reason to fail.
    expect(again.warnings.map(({ code }) => code)).toContain('rows-not-compared');
    expect((await world.json<ListJson>(['list'])).backups.length).toBeGreaterThan(3);
  });
});

test('a push key sends in parts and removes what it left, but cannot read, delete or write elsewhere', async () => {
  const office = await makeOffice();
  const keys = await office.keys('push');
  const { backups } = await withKeys(keys, () => office.world.json<PushJson>(['push']));
  const archive = backups[0]?.archive ?? '';
  const versions = [];
  for await (const page of (await open(office)).list(archive, { versions: true }))
    versions.push(...page.objects);
  const versionId = versions[0]?.versionId ?? '';
  await withKeys(keys, async () => {
    const store = await open(office);
    const large = '2023-07-09/20230709T023000Z-3f9a1c2e77d0.tar.zst';
    let uploadId = '';
    await store.put(large, bytesBody(Buffer.alloc((8 << 20) + 1)), {
      onUpload: async (id) => {
        uploadId = id;
      },
    });
    expect(uploadId).not.toBe('');
    await store.discardUpload(large, uploadId);
    const denied = expect.objectContaining({ code: 'access-denied' });
    const small = bytesBody(Buffer.from('{}'));
    const later = { lock: { mode: 'governance', until: new Date(Date.now() + 60_000) } } as const;
    await expect(store.get(archive)).rejects.toEqual(denied);
    await expect(store.get(archive, { versionId })).rejects.toEqual(denied);
    await expect(store.delete(archive)).rejects.toEqual(denied);
    await expect(store.delete(archive, { versionId })).rejects.toEqual(denied);
    await expect(store.lockOf(archive)).rejects.toEqual(denied);
    for (const key of ['proofs/3f9a1c2e77d0-data-clean-20230709T030000Z.json', 'pruned/x.json', 'other'])
      await expect(store.put(key, small), key).rejects.toEqual(denied);
    await expect(store.put('2023-07-09/x', small, later)).rejects.toMatchObject({
      code: /access-denied|usage/,
    });
    const outside = await openStore(`s3://${office.bucket.bucket}?endpoint=${office.bucket.endpoint}`, {
      env: process.env,
      currentFolder: '/',
    });
    await expect(outside.list('')[Symbol.asyncIterator]().next()).rejects.toEqual(denied);
    await expect(outside.put('2023-07-09/x', small)).rejects.toEqual(denied);
    const pulled = await office.world.run(['pull', '--to', join(office.world.folder, 'to'), '--json']);
    expect([pulled.code, errorOf(pulled).code]).toEqual([14, 'access-denied']);
  });
});

test('pull, list and keys show work with the pull key, which cannot write', async () => {
  const office = await makeOffice();
  const { world } = office;
  await world.json(['push', '--all']);
  const to = join(world.folder, 'to');
  await withKeys(await office.keys('pull'), async () => {
    await world.json(['pull', '--date', '2023-07-08', '--to', to]);
    expect((await world.json<ListJson>(['list', '--long'])).backups).toHaveLength(3);
    await world.json(['keys', 'show']);
    await world.json(['status', '--max-age', '99999', '--max-unproven', '99999'], { code: 20 });
    const pushed = await world.run(['push', '--source', 'live', '--full']);
    expect(pushed.code).toBe(14);
    const store = await open(office);
    await expect(store.delete('2023-07-08/x')).rejects.toMatchObject({ code: 'access-denied' });
  });
  expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
});

test('verify works with the verify key and leaves its proofs; it cannot write backups', async () => {
  const office = await makeOffice();
  const { world } = office;
  const { backups } = await world.json<PushJson>(['push']);
  const tag = backups[0]?.id.slice(-12) ?? '';
  await withKeys(await office.keys('verify'), async () => {
    const { warnings } = await world.json<PushJson>(['verify', '--read-data']);
    expect(warnings).toEqual([]);
    expect((await world.run(['push', '--full'])).code).toBe(14);
  });
  expect((await namesOf(office)).filter((key) => key.startsWith('proofs/'))).toEqual([
    expect.stringContaining(`proofs/${tag}-data-clean-`),
  ]);
});

test('prune works with the prune key, which cannot write backups', async () => {
  const office = await makeOffice();
  const { world } = office;
  for (const _ of [1, 2, 3]) await world.json(['push', '--full']);
  await withKeys(await office.keys('prune'), async () => {
    const args = ['prune', '--keep-last', '1', '--max-delete', '100%', '--yes'];
    expect(await world.json(args)).toMatchObject({
      outcome: 'pruned',
      deleted: [expect.anything(), expect.anything()],
    });
    expect((await world.json<ListJson>(['list'])).backups).toHaveLength(1);
    expect((await world.run(['push', '--full'])).code).toBe(14);
  });
});

test('copy works with the copy key of the target, which cannot write proofs or delete', async () => {
  const office = await makeOffice();
  const { world, url: to } = office;
  const from = join(world.folder, 'usb');
  await world.json(['push', '--all', '--store', from]);
  await withKeys(await office.keys('copy'), async () => {
    expect(await world.json(['copy', '--from', from, '--to', to])).toMatchObject({ outcome: 'copied' });
    const { warnings } = await world.json<PushJson>(['copy', '--from', from, '--to', to, '--all']);
    expect(warnings).toEqual([]);
    const store = await open(office);
    const proof = 'proofs/3f9a1c2e77d0-data-clean-20230709T030000Z.json';
    await expect(store.put(proof, bytesBody(Buffer.from('{}')))).rejects.toMatchObject({
      code: 'access-denied',
    });
    await expect(store.delete('2023-07-08/x')).rejects.toMatchObject({ code: 'access-denied' });
  });
  const copied = (await namesOf(office)).filter((key) => key.startsWith('copied/'));
  expect(copied).toHaveLength(1);
});

test('policies of awkward prefixes hold what they name and no more', () => {
  for (const role of policyRoles) {
    const text = JSON.stringify(policyFor(role, { bucket: 'b', prefix: 'a*b?$c', locks: false }));
    expect(text).toContain(`arn:aws:s3:::b/a$\{*}b$\{?}$\{$}c/`);
    expect(text).not.toContain('PutObjectRetention');
    // The longest inline policy that a session of AWS or MinIO takes.
    const longest = {
      bucket: 'b'.repeat(63),
      prefix: 'p'.repeat(56),
      locks: { days: 3650, fullEveryDays: 365 },
    };
    for (const isAmazon of [true, false])
      expect(JSON.stringify(policyFor(role, { ...longest, isAmazon })).length).toBeLessThan(2048);
  }
});

test('push and prune may see uploads that were cut off, where a service takes such a right', () => {
  const seen = (role: (typeof policyRoles)[number], prefix: string, isAmazon: boolean) =>
    policyFor(role, { bucket: 'b', prefix, locks: false, isAmazon }).Statement.find(({ Action }) =>
      Action.includes('s3:ListBucketMultipartUploads'),
    );
  for (const role of ['push', 'prune'] as const) {
    expect(seen(role, 'kantor', true)?.Condition).toEqual({
      StringLikeIfExists: { 's3:prefix': 'kantor/*' },
    });
    expect(seen(role, 'kantor', false)).toBeUndefined();
    expect(seen(role, '', false)).toMatchObject({ Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'] });
    expect(seen(role, '', false)?.Condition).toBeUndefined();
  }
  expect(seen('pull', '', true) ?? seen('verify', '', true)).toBeUndefined();
});

test('the policy is for one bucket, and for a role there is', async () => {
  const world = await makeWorld(null);
  const run = (args: string[]) => world.run(['doctor', '--print-policy', ...args, '--json']);
  const two = ['--store', 's3://one', '--store', 's3://two'];
  expect((await run(['push'])).code).toBe(2);
  expect((await run(['push', ...two])).code).toBe(2);
  const wrong = await run(['pus', '--store', 's3://one']);
  expect([wrong.code, errorOf(wrong).hint]).toEqual([
    2,
    'Write one of push, pull, verify, prune, copy, fleet.',
  ]);
  const right = await run(['prune', '--store', 's3://one/kantor']);
  expect(JSON.parse(right.stdout).policy).toEqual(
    policyFor('prune', { bucket: 'one', prefix: 'kantor', locks: false, isAmazon: true }),
  );
});
