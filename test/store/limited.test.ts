import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolderStore } from '../../src/store/folder.ts';
import { limited } from '../../src/store/limited.ts';
import { bytesBody, readObject } from '../../src/store/small-object.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'efaktur-limited-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const store = () => openFolderStore({ root, url: root });
const bytes = randomBytes(600_000);

test('an upload takes the time that its limit gives it, and arrives whole', async () => {
  const slow = limited(store(), { uploadBytesPerSecond: 1_000_000, downloadBytesPerSecond: null });
  const startedAt = performance.now();
  await Promise.all([slow.put('2023-07-08/a', bytesBody(bytes)), slow.put('2023-07-08/b', bytesBody(bytes))]);
  // Both share the limit; the last pieces of 64 KiB need not be waited for.
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  expect(await readObject(store(), '2023-07-08/b', 1 << 20)).toEqual(bytes);
});

test('a download too', async () => {
  await store().put('2023-07-08/a', bytesBody(bytes));
  const slow = limited(store(), { uploadBytesPerSecond: null, downloadBytesPerSecond: 1_000_000 });
  const startedAt = performance.now();
  expect(await readObject(slow, '2023-07-08/a', 1 << 20)).toEqual(bytes);
  expect(performance.now() - startedAt).toBeGreaterThan(400);
});

test('without limits it is the store itself', () => {
  const plain = store();
  expect(limited(plain, { uploadBytesPerSecond: null, downloadBytesPerSecond: null })).toBe(plain);
});

test('a reader that goes away early lets go of the file', async () => {
  await store().put('2023-07-08/a', bytesBody(bytes));
  const slow = limited(store(), { uploadBytesPerSecond: null, downloadBytesPerSecond: 100_000 });
  const body = await slow.get('2023-07-08/a');
  for await (const _ of body ?? []) break;
  expect(body?.destroyed).toBe(true);
});
