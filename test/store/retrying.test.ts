import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { retrying } from '../../src/store/retrying.ts';
import type { ListPage, ObjectStore, StoredObject } from '../../src/store/store.ts';
import { bodyOf, listed } from './contract.ts';

const down = (): EfakturError => new EfakturError('store-unavailable', verbatim('down'), verbatim('wait'));
const limits = { idleTimeoutMs: 60_000, maxPutBytes: 1000, firstDelayMs: 1 };

/** A store made of what a test needs of it. */
function storeOf(parts: Partial<ObjectStore>): ObjectStore {
  const missing = (): never => {
    throw new Error('this test does not need it');
  };
  return {
    url: 'test',
    traits: { versions: false, locks: false, etags: false, parts: false, clock: false },
    traffic: { requests: 0, sentBytes: 0, receivedBytes: 0, refusedRanges: 0, unsynced: 0 },
    put: missing,
    get: missing,
    list: missing,
    delete: missing,
    lockOf: missing,
    relock: missing,
    discardUpload: missing,
    unfinishedUploads: missing,
    close() {},
    ...parts,
  };
}

test.each([
  ['access-denied', 1],
  ['usage', 1],
  ['target-not-writable', 1],
  ['store-unavailable', 4],
] as const)('%s is tried %d times', async (code, expected) => {
  let tries = 0;
  const store = retrying(
    storeOf({
      async delete() {
        tries++;
        throw new EfakturError(code, verbatim('no'), verbatim('no'));
      },
    }),
    limits,
  );
  await expect(store.delete('k')).rejects.toMatchObject({ code });
  expect(tries).toBe(expected);
});

test('a bug is not tried again', async () => {
  let tries = 0;
  const bug = new TypeError('a bug');
  const store = retrying(
    storeOf({
      async delete() {
        tries++;
        throw bug;
      },
    }),
    limits,
  );
  await expect(store.delete('k')).rejects.toBe(bug);
  expect(tries).toBe(1);
});

test('long bodies are not put again', async () => {
  let tries = 0;
  const store = retrying(
    storeOf({
      async put() {
        tries++;
        throw down();
      },
    }),
    limits,
  );
  await expect(store.put('k', bodyOf(Buffer.alloc(1001)))).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  expect(tries).toBe(1);
  await expect(store.put('k', bodyOf(Buffer.alloc(1000)))).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  expect(tries).toBe(5);
});

test('no try is made when the silence has lasted the idle time', async () => {
  let tries = 0;
  const store = retrying(
    storeOf({
      async delete(_, options) {
        tries++;
        if (options?.idle) options.idle.movedAtMs = performance.now() - 60_001;
        throw down();
      },
    }),
    limits,
  );
  await expect(store.delete('k')).rejects.toMatchObject({ code: 'store-unavailable' });
  expect(tries).toBe(1);
});

test('the signal ends the waiting', async () => {
  const stop = new AbortController();
  const store = retrying(
    storeOf({
      async delete() {
        setTimeout(() => stop.abort(), 20);
        throw down();
      },
    }),
    { ...limits, firstDelayMs: 60_000 },
  );
  await expect(store.delete('k', { signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' });
});

test('a listing of versions loses and repeats nothing, wherever it breaks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.boolean()),
      async (versionCounts, pageSize, breaks) => {
        const all: StoredObject[] = versionCounts.flatMap((count, i) =>
          Array.from({ length: count }, () => ({
            key: `k${i}`,
            sizeBytes: 1,
            modified: null,
            etag: null,
            versionId: randomUUID(),
            isDeleteMarker: false,
          })),
        );
        let inARow = 0;
        const store = storeOf({
          async *list(_, options): AsyncGenerator<ListPage> {
            const rest = all.filter(
              ({ key }) => options?.startAfter === undefined || key > options.startAfter,
            );
            for (let at = 0; at < rest.length; at += pageSize) {
              if (inARow < 3 && breaks.next().value) {
                inARow++;
                throw down();
              }
              inARow = 0;
              yield { objects: rest.slice(at, at + pageSize), serverTime: null };
            }
          },
        });
        const seen = await listed(retrying(store, { ...limits, firstDelayMs: 0 }), '', { versions: true });
        expect(seen).toEqual(all);
      },
    ),
    { numRuns: 200 },
  );
});
