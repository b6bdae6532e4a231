import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { openFolderStore } from '../../src/store/folder.ts';
import { retrying } from '../../src/store/retrying.ts';
import { type FaultyStore, faulty } from '../support/faulty-store.ts';
import { makeBucket, openS3With, type TestBucket } from '../support/minio.ts';
import { type StoreUnderTest, storeContract } from './contract.ts';

const partBytes = 5 << 20;
let bucket: TestBucket;
let locking: TestBucket;
let folder: string;
let folders = 0;
const faultyStores: FaultyStore[] = [];

beforeAll(async () => {
  bucket = await makeBucket();
  locking = await makeBucket({ objectLock: true });
  folder = await mkdtemp(join(tmpdir(), 'efaktur-cloud-store-'));
});

afterAll(async () => {
  bucket?.client.destroy();
  locking?.client.destroy();
  await rm(folder, { recursive: true, force: true });
  expect(faultyStores.reduce((sum, store) => sum + store.faults(), 0)).toBeGreaterThan(500);
});

async function openFolder(): Promise<StoreUnderTest> {
  const root = join(folder, String(++folders));
  return {
    store: openFolderStore({ root, url: root }),
    partBytes,
    leftovers: async () => {
      const names = await readdir(root, { recursive: true }).catch(() => []);
      const puts = names.filter((name) => name.includes('.put-'));
      return Promise.all(puts.map(async (name) => (await stat(join(root, name))).size));
    },
  };
}

const openS3 = (): Promise<StoreUnderTest> => openIn(bucket);
const openLocking = (): Promise<StoreUnderTest> => openIn(locking);

async function openIn(bucket: TestBucket): Promise<StoreUnderTest> {
  const prefix = `p/${randomBytes(6).toString('hex')}`;
  const store = openS3With({
    url: `s3://${bucket.bucket}/${prefix}`,
    bucket: bucket.bucket,
    prefix,
    endpoint: bucket.endpoint,
    partSizeBytes: partBytes,
  });
  return {
    store,
    partBytes,
    async leftovers(key) {
      const uploads = await bucket.unfinishedUploads(`${prefix}/${key}`);
      return uploads.map((upload) => upload.arrivedBytes);
    },
  };
}

/** Through a store that fails half of the time. */
const withFaults = (open: () => Promise<StoreUnderTest>) => async (): Promise<StoreUnderTest> => {
  const inner = await open();
  const failing = faulty(inner.store, 20230708 + faultyStores.length, { maxPutBytes: partBytes });
  faultyStores.push(failing);
  const limits = { idleTimeoutMs: 60_000, maxPutBytes: partBytes, firstDelayMs: 1 };
  return { ...inner, store: retrying(failing, limits) };
};

storeContract('folder', openFolder, openFolder);
storeContract('folder with faults', withFaults(openFolder), withFaults(openFolder));
storeContract('S3', openS3, openLocking);
storeContract('S3 with faults', withFaults(openS3), withFaults(openLocking));
