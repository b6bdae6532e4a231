import {
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { DoctorDocument } from '../../../src/sync/doctor.ts';
import { policyFor } from '../../../src/sync/policies.ts';
import { type Changes, changingProxy, type PassingRequest, refusal } from '../../support/changing-proxy.ts';
import { makeWorld, type World } from '../../support/cli.ts';
import { makeBucket, type TestBucket } from '../../support/minio.ts';
import { minioDomain } from '../../support/minio-server.ts';
import { keysFor, withKeys } from '../../support/s3-rights.ts';

/** How a service wants to be asked is measured, whatever is believed of it. */

interface Office {
  readonly world: World;
  readonly bucket: TestBucket;
  readonly seen: readonly PassingRequest[];
}

/** MinIO as another service, at a host of our choosing: reached as a proxy, so that no name need be there. */
async function officeAt(
  host: string,
  {
    changes = {},
    query = '',
    ...options
  }: {
    changes?: Changes;
    query?: string;
    versioning?: boolean;
    objectLock?: boolean;
  } = {},
): Promise<Office> {
  const bucket = await makeBucket({ versioning: true, ...options });
  const world = await makeWorld(null);
  const proxy = await changingProxy(bucket.endpoint, changes);
  const store = `s3://${bucket.bucket}/kantor?endpoint=http://${host}${query}`;
  // Another region than MinIO's would be refused.
  Object.assign(world.env, { EFAKTUR_STORE: store, HTTP_PROXY: proxy.endpoint, AWS_REGION: 'us-east-1' });
  return { world, bucket, seen: proxy.seen };
}

const examine = (world: World, code: number, env: Record<string, string> = {}): Promise<DoctorDocument> =>
  world.json<DoctorDocument>(['doctor'], { code, env });

const step = ({ steps }: DoctorDocument, name: string): string => {
  const found = steps.find((one) => one.step === name);
  // JSON holds the English of each text.
  return found ? `${found.result}: ${String(found.message)}` : '';
};
const codes = ({ warnings }: DoctorDocument): string[] => warnings.map(({ code }) => code);
const told = ({ warnings }: DoctorDocument, code: string): string =>
  warnings
    .filter((one) => one.code === code)
    .map(({ message }) => String(message))
    .join('\n');

async function versionsIn(client: S3Client, Bucket: string): Promise<number> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return Versions.length + DeleteMarkers.length;
}

const isOfBucket = ({ headers, url }: PassingRequest): boolean =>
  (headers.host ?? '').startsWith('test-') || url.host.startsWith('test-');

test('where both styles work, that is said, with the one in use', async () => {
  for (const [query, inUse] of [
    ['', 'path'],
    ['&style=virtual', 'virtual'],
  ] as const) {
    const { world, bucket, seen } = await officeAt(minioDomain, { query });
    const found = await examine(world, 0);
    expect(found.measured).toMatchObject([
      {
        provider: null,
        style: { inUse, path: 'works', virtual: 'works' },
        multipart: 'works',
        checksums: { inUse: 'none', crc32: 'verified', md5: 'verified', changedIsRefused: true },
      },
    ]);
    expect(step(found, 'provider')).toMatch(/^skipped: nothing is known of minio\.example beforehand/);
    expect(step(found, 'style')).toMatch(/^ok: .* works and is in use; .* works, too$/);
    expect(step(found, 'checksums')).toBe(
      'ok: CRC32 is checked, Content-MD5 is checked; no checksum but that of the signature is sent, and what changes on its way is refused',
    );
    expect(seen.filter(isOfBucket).length > 5).toBe(inUse === 'virtual');
    expect(await versionsIn(bucket.client, bucket.bucket)).toBe(0);
  }
});

test('at a number the bucket is not looked for in a host name', async () => {
  const bucket = await makeBucket({ versioning: true });
  const world = await makeWorld(null);
  Object.assign(world.env, { EFAKTUR_STORE: bucket.url });
  const found = await examine(world, 0);
  expect(found.measured[0]?.style).toEqual({ inUse: 'path', path: 'works', virtual: 'refused' });
  expect(step(found, 'style')).toBe(
    'ok: the bucket in the path works and is in use; the bucket in the host name does not work (127.0.0.1 is a number, not a name)',
  );
  const stated = await examine(world, 0, { EFAKTUR_STORE: `${bucket.url}&style=virtual` });
  expect(stated.measured[0]?.style).toEqual({ inUse: 'path', path: 'works', virtual: 'refused' });
});

test('a service that refuses the path in a word that is known is followed, and that is told', async () => {
  const { world } = await officeAt(minioDomain, {
    changes: {
      instead: (request) => (isOfBucket(request) ? null : refusal(403, 'SecondLevelDomainForbidden')),
    },
  });
  const found = await examine(world, 0);
  expect(found.measured[0]?.style).toEqual({ inUse: 'virtual', path: 'refused', virtual: 'works' });
  expect(step(found, 'style')).toContain('the bucket in the host name works and is in use');
});

test.each([
  [404, 'NoSuchBucket', 2],
  [400, 'InvalidURI', 2],
  [403, 'AccessDenied', 2],
])(
  'one that refuses it in another (%d %s): the other style is found, and how to write it',
  async (status, name, code) => {
    const { world, bucket } = await officeAt(minioDomain, {
      changes: { instead: (request) => (isOfBucket(request) ? null : refusal(status, name)) },
    });
    const { stdout, stderr } = await world.run(['doctor']);
    expect(`${stdout}${stderr}`).toContain('the service answers with the bucket in the host name alone');
    const found = await examine(world, code);
    expect(found.warnings).toMatchObject([
      { code: 'usage', hint: expect.stringContaining('?style=virtual') },
    ]);
    const url = `${world.env.EFAKTUR_STORE}&style=virtual`;
    expect((await examine(world, 0, { EFAKTUR_STORE: url })).measured[0]?.style).toEqual({
      inUse: 'virtual',
      path: 'refused',
      virtual: 'works',
    });
    expect(await versionsIn(bucket.client, bucket.bucket)).toBe(0);
  },
);

test('wrong keys are called that, and no other style is proposed', async () => {
  const { world } = await officeAt(minioDomain);
  const found = await examine(world, 14, { AWS_ACCESS_KEY_ID: 'nobody-of-this-service' });
  expect(codes(found)).toEqual(['access-denied']);
});

const puts = ({ method }: PassingRequest): boolean => method === 'PUT';

test('a service that refuses the newer checksums, and one that refuses all', async () => {
  const newer = ({ headers }: PassingRequest): boolean =>
    Object.keys(headers).some((name) => /^x-amz-(checksum-|sdk-checksum)/.test(name));
  const google = await officeAt('storage.googleapis.com', {
    changes: { instead: (request) => (newer(request) ? refusal(501, 'NotImplemented') : null) },
  });
  const found = await examine(google.world, 0);
  expect(found.measured[0]).toMatchObject({
    provider: 'gcs',
    checksums: { inUse: 'md5', crc32: 'refused', md5: 'verified', changedIsRefused: true },
  });
  expect(step(found, 'provider')).toMatch(
    /^ok: Google Cloud Storage .* by its documents: .*Content-MD5 and no CRC32, no locks over S3; this program was not tried on it yet$/,
  );
  // MinIO keeps the bucket out of this host name, which no document says of Google's.
  expect(told(found, 'provider-differs')).toContain('the bucket in the host name does not work');

  const none = await officeAt('s3.kantor.example', {
    changes: {
      instead: (request) =>
        newer(request) || request.headers['content-md5'] ? refusal(400, 'InvalidArgument') : null,
    },
  });
  expect((await examine(none.world, 0)).measured[0]?.checksums).toEqual({
    inUse: 'none',
    crc32: 'refused',
    md5: 'refused',
    changedIsRefused: true,
  });
});

test('a service that checks nothing is told of, in both languages', async () => {
  const { world } = await officeAt('s3.kantor.example', {
    changes: {
      instead: ({ method, url, headers }) =>
        method === 'PUT' && (/(checksum|bytes)$/.test(url.pathname) || headers['x-nobody'])
          ? { status: 200, headers: { etag: '"0123456789abcdef0123456789abcdef"' }, body: '' }
          : null,
    },
  });
  const found = await examine(world, 0);
  expect(found.measured[0]?.checksums).toEqual({
    inUse: 'none',
    crc32: 'taken',
    md5: 'taken',
    changedIsRefused: false,
  });
  expect(step(found, 'checksums')).toMatch(/^failed: CRC32 is taken and not checked, .* is TAKEN$/);
  expect(told(found, 'changes-taken')).toContain('verify --read-data');
  const { stdout } = await world.run(['doctor', '--lang', 'id']);
  expect(stdout).toContain('CRC32 diterima tanpa diperiksa');
});

test('a line that fails in the middle says nothing of the service', async () => {
  const { world } = await officeAt(minioDomain, {
    changes: {
      instead: (request) =>
        (puts(request) && /(crc|md)$/.test(request.url.pathname)) || isOfBucket(request) ? 'cut' : null,
    },
  });
  const found = await examine(world, 0);
  expect(found.measured[0]?.style).toEqual({ inUse: 'path', path: 'works', virtual: 'unknown' });
  expect(found.measured[0]?.checksums).toMatchObject({ inUse: 'none', crc32: 'unknown', md5: 'unknown' });
  expect(step(found, 'style')).toContain('the bucket in the host name could not be tried');
});

test('without uploads in parts nothing large can be stored; the rest is measured all the same', async () => {
  const { world, bucket } = await officeAt('s3.kantor.example', {
    changes: {
      instead: ({ method, url }) =>
        method === 'POST' && url.searchParams.has('uploads') ? refusal(501, 'NotImplemented') : null,
    },
  });
  const found = await examine(world, 2);
  expect(found.measured[0]?.multipart).toBe('refused');
  expect(step(found, 'multipart')).toBe('failed: the service takes no uploads in parts');
  expect(told(found, 'usage')).toContain('NotImplemented');
  expect(step(found, 'versioning')).toMatch(/^ok/);
  expect(step(found, 'cleanup')).toMatch(/^ok/);
  expect(await versionsIn(bucket.client, bucket.bucket)).toBe(0);
});

test('a service that lists neither unfinished uploads nor versions (Alibaba) is measured to its end', async () => {
  const { world } = await officeAt('s3.kantor.example', {
    versioning: false,
    changes: {
      instead: ({ method, url }) =>
        method === 'GET' && (url.searchParams.has('uploads') || url.searchParams.has('versions'))
          ? refusal(501, 'NotImplemented')
          : null,
    },
  });
  const found = await examine(world, 20);
  expect(step(found, 'uploads')).toMatch(/^unknown/);
  expect(step(found, 'versioning')).toMatch(/^failed/);
  expect(step(found, 'cleanup')).toMatch(/^ok/);
  expect(codes(found)).toEqual(['not-protected']);
});

const locks = { EFAKTUR_LOCK_DAYS: '20', EFAKTUR_FULL_EVERY: '10' };

test('locks: locked, cannot be proved, none', async () => {
  const { world, bucket } = await officeAt(minioDomain, { objectLock: true });
  const owner = await examine(world, 0, locks);
  expect(owner.measured[0]?.lock).toBe('locked');
  expect(step(owner, 'lock')).toMatch(
    /^ok: locked: a lock was taken, and it held; what is pushed is locked for 20 days/,
  );

  const policy = policyFor('push', {
    bucket: bucket.bucket,
    prefix: 'kantor',
    locks: { days: 20, fullEveryDays: 10 },
  });
  const pushing = await withKeys(await keysFor(policy), () => examine(world, 0, locks));
  // MinIO lets whoever may lock lift a governance lock.
  expect(pushing.measured[0]?.lock).toBe(codes(pushing).includes('key-may-lift-locks') ? 'none' : 'unproven');
  expect(step(pushing, 'lock')).toMatch(
    /^ok: cannot be proved: a lock was taken, a key that may delete can show/,
  );

  const unasked = await examine(world, 0);
  expect(unasked.measured[0]?.lock).toBe('none');
  expect(step(unasked, 'lock')).toMatch(
    /^ok: none: a lock was taken, and it held, but neither EFAKTUR_LOCK_DAYS/,
  );

  const plain = await officeAt(minioDomain);
  const without = await examine(plain.world, 2, locks);
  expect(without.measured[0]?.lock).toBe('none');
  expect(step(without, 'lock')).toBe('failed: none: the bucket takes no locks');
});

test('a bucket that locks by itself is locked for who may delete, and cannot be proved for who may not', async () => {
  const { world, bucket } = await officeAt(minioDomain, { objectLock: true });
  await bucket.client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: bucket.bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 60 } },
      },
    }),
  );
  const owner = await examine(world, 0);
  expect(owner.measured[0]?.lock).toBe('locked');
  expect(codes(owner)).toContain('default-lock');
  const reading = policyFor('copy', { bucket: bucket.bucket, prefix: 'kantor', locks: false });
  const other = await withKeys(await keysFor(reading), () => examine(world, 0));
  expect(other.measured[0]?.lock).toBe('unproven');
});

test('a bucket in which nothing may be overwritten (R2, rules of the bucket) is not called unprotected', async () => {
  const stored = new Set<string>();
  const host = '0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com';
  const { world } = await officeAt(host, {
    versioning: false,
    changes: {
      instead({ method, url, headers }) {
        if (url.searchParams.has('versions')) return refusal(501, 'NotImplemented');
        if (headers['x-amz-object-lock-mode']) return refusal(501, 'NotImplemented');
        const isObject = /\/doctor\/.*-/.test(url.pathname);
        if (method === 'DELETE' && isObject) return refusal(403, 'ObjectLockedByBucketPolicy');
        if (method !== 'PUT' || !isObject || url.searchParams.has('partNumber')) return null;
        if (stored.has(url.pathname)) return refusal(403, 'ObjectLockedByBucketPolicy');
        stored.add(url.pathname);
        return null;
      },
    },
  });
  const found = await examine(world, 0);
  expect(codes(found)).not.toContain('not-protected');
  expect(found.measured[0]).toMatchObject({ provider: 'r2', lock: 'unproven' });
  expect(step(found, 'versioning')).toContain(
    'what is stored cannot be overwritten (the service refuses it (ObjectLockedByBucketPolicy))',
  );
  expect(step(found, 'lock')).toMatch(
    /^skipped: cannot be proved: S3 takes no locks here; rules of the bucket lock/,
  );
  // With locks asked for, the way is the provider's page.
  stored.clear();
  const asked = await examine(world, 2, locks);
  expect(JSON.stringify(asked.warnings)).toContain('Set a lock rule on the bucket');
});

test('where what is known of a provider is wrong, that is said', async () => {
  const backblaze = await officeAt('s3.us-west-004.backblazeb2.com');
  const found = await examine(backblaze.world, 0);
  expect(found.measured[0]).toMatchObject({ provider: 'b2', checksums: { inUse: 'md5', crc32: 'verified' } });
  expect(told(found, 'provider-differs')).toContain(
    'CRC32 is checked, though the documents of Backblaze B2 say it is refused',
  );

  const ocean = await officeAt('sgp1.digitaloceanspaces.com', { objectLock: true });
  expect(told(await examine(ocean.world, 0), 'provider-differs')).toContain(
    'objects can be locked, though the documents of DigitalOcean Spaces say they cannot',
  );

  const jakarta = await officeAt('s3.oss-ap-southeast-5.aliyuncs.com', { query: '&style=path' });
  expect(told(await examine(jakarta.world, 0), 'provider-differs')).toContain(
    'the bucket in the path works, though the documents of Alibaba Cloud OSS say it does not',
  );
});

test('a folder has no service to measure', async () => {
  const world = await makeWorld(null);
  const found = await examine(world, 0);
  expect(found.measured).toEqual([
    { store: world.store, provider: null, style: null, multipart: null, checksums: null, lock: 'none' },
  ]);
});
