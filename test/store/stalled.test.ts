import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { openFolderStore } from '../../src/store/folder.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { bodyOf } from './contract.ts';

/** A folder on a mount that stops answering: every call to the system that is stalled here never ends. */

const originals = { ...fs };
const stall = (...names: ('open' | 'readdir' | 'stat' | 'rename' | 'unlink')[]): void => {
  for (const name of names) Object.assign(fs, { [name]: () => new Promise(() => {}) });
  syncBuiltinESMExports();
};
afterEach(() => {
  Object.assign(fs, originals);
  syncBuiltinESMExports();
});

const idleTimeoutMs = 200;
/** `hasty` gives up soon: a busy machine is no stalled disk, so what is not to give up asks `patient`. */
async function storeWith(key: string): Promise<{ hasty: ObjectStore; patient: ObjectStore; root: string }> {
  const root = await tempFolder();
  const hasty = openFolderStore({ root, url: root, idleTimeoutMs });
  const patient = openFolderStore({ root, url: root });
  await patient.put(key, bodyOf(Buffer.from('isi')));
  return { hasty, patient, root };
}
const listAll = async (store: ObjectStore, signal?: AbortSignal): Promise<void> => {
  for await (const _ of store.list('', { signal }));
};

test('every operation gives up, and says what does not answer', async () => {
  const { hasty, root } = await storeWith('a/b');
  const cases: [Parameters<typeof stall>[0], () => Promise<unknown>][] = [
    ['readdir', () => listAll(hasty)],
    ['stat', () => listAll(hasty)],
    ['open', () => hasty.get('a/b')],
    ['stat', () => hasty.put('c/d', bodyOf(Buffer.from('x')))],
    ['open', () => hasty.put('a/d', bodyOf(Buffer.from('x')))],
    ['rename', () => hasty.put('a/e', bodyOf(Buffer.from('x')))],
    ['unlink', () => hasty.delete('a/b')],
  ];
  for (const [call, operation] of cases) {
    stall(call);
    const startedAt = performance.now();
    await expect(operation(), call).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining(`${root}: the drive or network folder has not answered`),
    });
    expect(performance.now() - startedAt, call).toBeLessThan(15 * idleTimeoutMs);
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  }
});

test('an abort is heard at once, though the call never ends', async () => {
  const { patient } = await storeWith('a/b');
  const operations: [Parameters<typeof stall>[0], (signal: AbortSignal) => Promise<unknown>][] = [
    ['readdir', (signal) => listAll(patient, signal)],
    ['open', (signal) => patient.get('a/b', { signal })],
    ['rename', (signal) => patient.put('a/c', bodyOf(Buffer.from('x')), { signal })],
  ];
  for (const [call, operation] of operations) {
    stall(call);
    const stop = new AbortController();
    const ended = expect(operation(stop.signal), call).rejects.toMatchObject({ code: 'interrupted' });
    const startedAt = performance.now();
    stop.abort();
    await ended;
    expect(performance.now() - startedAt, call).toBeLessThan(5000);
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  }
});

test('a pipe or socket in the place of a file is not there, and is not waited for', async () => {
  const { patient, root } = await storeWith('a/b');
  await promisify(execFile)('mkfifo', [join(root, 'a', 'pipe')]);
  expect(await patient.get('a/pipe')).toBeNull();
  const keys: string[] = [];
  for await (const { objects } of patient.list('')) keys.push(...objects.map(({ key }) => key));
  expect(keys).toEqual(['a/b']);
});

test('folders without end are not followed', async () => {
  const { patient, root } = await storeWith('a/b');
  await fs.mkdir(join(root, ...Array.from({ length: 500 }, () => 'x')), { recursive: true });
  await fs.writeFile(join(root, ...Array.from({ length: 500 }, () => 'x'), 'y'), '');
  const keys: string[] = [];
  for await (const { objects } of patient.list('')) keys.push(...objects.map(({ key }) => key));
  expect(keys).toEqual(['a/b']);
});
