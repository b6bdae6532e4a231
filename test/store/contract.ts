import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { byUtf8 } from '../../src/base/file-set.ts';
import type { Body, ListOptions, ObjectStore, StoredObject } from '../../src/store/store.ts';
import { fleeting } from '../support/fleeting.ts';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** What unfinished puts of this key have left behind, whatever it is in this store: the bytes that arrived of each. */
  leftovers(key: string): Promise<readonly number[]>;
  /** Bodies up to this size go in one piece, longer ones in parts of this size. */
  readonly partBytes: number;
  close?(): Promise<void>;
}

const MiB = 1 << 20;
/** Anything but regular, so that swapped parts are seen. */
const bytes = randomBytes(12 * MiB);

export const bodyOf = (data: Uint8Array, pieceBytes = 256 << 10): Body => ({
  sizeBytes: data.length,
  isGrowing: false,
  open: () =>
    Readable.from(
      (function* () {
        for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes);
      })(),
      { objectMode: false },
    ),
});

/** Gives `firstBytes`, then does what it is told; `ended` resolves once nobody reads it any more. */
export function stallingBody(sizeBytes: number, firstBytes: number, then: () => Promise<unknown>) {
  const ended = Promise.withResolvers<void>();
  const body: Body = {
    sizeBytes,
    isGrowing: false,
    async *open() {
      try {
        for (let at = 0; at < firstBytes; at += 64 << 10)
          yield bytes.subarray(at, Math.min(firstBytes, at + (64 << 10)));
        const more = await then();
        if (Buffer.isBuffer(more)) yield more;
      } finally {
        ended.resolve();
      }
    },
  };
  return { body, ended: ended.promise };
}

const atLeast = (least: number) => (bytes: number) => bytes >= least;

export async function listed(
  store: ObjectStore,
  prefix = '',
  options: ListOptions = {},
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const page of store.list(prefix, options)) objects.push(...page.objects);
  return objects;
}

const keysOf = async (store: ObjectStore, prefix = '', options: ListOptions = {}): Promise<string[]> =>
  (await listed(store, prefix, options)).map(({ key }) => key);

export async function readAll(
  store: ObjectStore,
  key: string,
  range?: { first: number; last: number },
): Promise<Buffer | null> {
  const body = await store.get(key, range ? { range } : {});
  return body && buffer(body);
}

const never = (): Promise<void> => new Promise(() => {});

/**
 * What every store promises; see {@link ObjectStore}. `open` gives an empty one each time, and `openWhole` one where all that
 * such a store can do is turned on.
 */
export function storeContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  openWhole: () => Promise<StoreUnderTest>,
): void {
  describe(`contract: ${name}`, () => {
    const all: StoreUnderTest[] = [];
    const fresh = async (): Promise<StoreUnderTest> => {
      const opened = await open();
      all.push(opened);
      return opened;
    };
    afterAll(async () => {
      for (const { store, close } of all) {
        store.close();
        await close?.();
      }
    });

    test('an empty store lists nothing and has nothing', async () => {
      const { store } = await fresh();
      expect(await listed(store)).toEqual([]);
      expect(await listed(store, 'a/')).toEqual([]);
      expect(await store.get('a/b')).toBeNull();
      await store.delete('a/b');
    });

    describe('more than a page of keys', () => {
      let store: ObjectStore;
      const keys = Array.from({ length: 1050 }, (_, i) => `k/${i % 3}/${String(i).padStart(5, '0')}`).sort(
        byUtf8,
      );
      beforeAll(async () => {
        ({ store } = await fresh());
        const left = keys.values();
        const work = async (): Promise<void> => {
          for (const key of left) await store.put(key, bodyOf(Buffer.from(key)));
        };
        await Promise.all(Array.from({ length: 16 }, work));
      });

      test('come in the order of their bytes, each once', async () => {
        const objects = await listed(store, 'k/');
        expect(objects.map(({ key }) => key)).toEqual(keys);
        expect(objects.every(({ key, sizeBytes }) => sizeBytes === key.length)).toBe(true);
      });

      test('come in pages', async () => {
        let pages = 0;
        for await (const page of store.list('')) pages += page.objects.length > 0 ? 1 : 0;
        expect(pages).toBeGreaterThan(1);
      });

      test('can be listed after any key, there or not', async () => {
        for (const startAfter of [keys[0], keys[999], keys[1049], 'k/1/', 'k/1/00100x', 'k/', 'a', 'z']) {
          const expected = keys.filter((key) => startAfter === undefined || byUtf8(key, startAfter) > 0);
          expect(await keysOf(store, 'k/', { startAfter }), `after ${startAfter}`).toEqual(expected);
        }
      });

      test('stay in order in a listing of versions', async () => {
        expect(await keysOf(store, 'k/', { versions: true })).toEqual(keys);
        expect(await keysOf(store, 'k/', { versions: true, startAfter: keys[1001] })).toEqual(
          keys.slice(1002),
        );
      });

      test('can be left in the middle', async () => {
        for await (const page of store.list('')) {
          expect(page.objects.length).toBeGreaterThan(0);
          break;
        }
      });
    });

    test('a prefix is a beginning of names, not a folder', async () => {
      const { store } = await fresh();
      const keys = ['a', 'a-b/c', 'a.json', 'a/b', 'a/b/c-d', 'a/bc', 'a0', 'b/a/b'];
      // A folder cannot hold both a file and a folder of one name.
      const here = keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)));
      for (const key of here) await store.put(key, bodyOf(Buffer.from('x')));
      for (const prefix of [
        '',
        'a',
        'a/',
        'a/b',
        'a/b/',
        'a/bc',
        'a-',
        'a0',
        'b/',
        'b/a',
        'c',
        'a/b/c-d',
        'a/b/c-de',
      ]) {
        expect(await keysOf(store, prefix), `prefix ${prefix}`).toEqual(
          here.filter((key) => key.startsWith(prefix)),
        );
        const after = here.filter((key) => key.startsWith(prefix) && byUtf8(key, 'a.json') > 0);
        expect(await keysOf(store, prefix, { startAfter: 'a.json' }), `prefix ${prefix}`).toEqual(after);
      }
    });

    test('keys of any script, sorted by their UTF-8 bytes', async () => {
      const { store } = await fresh();
      const keys = [
        'z\u{ff5e}',
        'z\u{1f600}',
        'a b+c%20d&e=#f',
        'é/ü',
        '日本/語.json',
        "it's (1)!~",
        'A',
        'a',
        '%41',
      ].sort(byUtf8);
      for (const key of keys) await store.put(key, bodyOf(Buffer.from(key)));
      expect(await keysOf(store)).toEqual(keys);
      for (const key of keys) {
        expect(String(await readAll(store, key))).toBe(key);
        expect(await keysOf(store, key)).toContain(key);
        await store.delete(key);
      }
      expect(await keysOf(store)).toEqual([]);
    });

    test('an object shows its size, time and ETag as put said', async () => {
      const { store } = await fresh();
      const before = Date.now() - 5_000;
      const { etag } = await store.put('day/one.json', bodyOf(Buffer.from('{}')));
      const [object] = await listed(store, 'day/');
      expect(object).toMatchObject({ key: 'day/one.json', sizeBytes: 2, etag, isDeleteMarker: false });
      expect(object?.modified?.getTime()).toBeGreaterThan(before);
      expect(object?.modified?.getTime()).toBeLessThan(Date.now() + 5_000);
    });

    test('an empty object', async () => {
      const { store } = await fresh();
      await store.put('empty', bodyOf(Buffer.alloc(0)));
      expect(await listed(store)).toMatchObject([{ key: 'empty', sizeBytes: 0 }]);
      expect(await readAll(store, 'empty')).toEqual(Buffer.alloc(0));
    });

    test('sizes around one part and two', async () => {
      const { store, partBytes, leftovers } = await fresh();
      for (const sizeBytes of [
        partBytes - 1,
        partBytes,
        partBytes + 1,
        2 * partBytes - 1,
        2 * partBytes,
        2 * partBytes + 1,
      ]) {
        const data = bytes.subarray(0, sizeBytes);
        let reported = 0;
        const key = `size-${sizeBytes}`;
        const onBytes = (more: number): void => {
          reported += more;
        };
        const { etag } = await store.put(key, bodyOf(data, 100_003), { onBytes });
        expect(await listed(store, key)).toMatchObject([{ sizeBytes, etag }]);
        expect((await readAll(store, key))?.equals(data), key).toBe(true);
        // A try whose answer was lost is counted again.
        expect(reported).toBeGreaterThanOrEqual(sizeBytes);
        expect(await leftovers(key)).toEqual([]);
      }
    });

    test.each([0, 1000, 9 * MiB])('a body of %i bytes that is made while it is stored', async (sizeBytes) => {
      const { store, leftovers } = await fresh();
      const data = bytes.subarray(0, sizeBytes);
      const pieces = async function* () {
        for (let at = 0; at < data.length; at += 1 << 20) {
          await sleep(5);
          yield data.subarray(at, at + (1 << 20));
        }
      };
      const growing = (maxBytes: number): Body => ({
        sizeBytes: maxBytes,
        isGrowing: true,
        open: () => Readable.from(pieces(), { objectMode: false }),
      });
      const { etag } = await store.put('k', growing(11 * MiB));
      expect(await listed(store)).toMatchObject([{ key: 'k', sizeBytes, etag }]);
      expect((await readAll(store, 'k'))?.equals(data)).toBe(true);
      if (sizeBytes === 0) return;
      const tooLong = store.put('l', growing(sizeBytes - 1));
      await expect(tooLong).rejects.toMatchObject({ code: 'source-changed' });
      expect(await listed(store)).toHaveLength(1);
      expect(await leftovers('l')).toEqual([]);
    });

    test('a body that fails while it is made leaves nothing, and its own error', async () => {
      const { store, leftovers } = await fresh();
      const failure = new Error('the reads differ');
      const failing: Body = {
        sizeBytes: 20 * MiB,
        isGrowing: true,
        open: () =>
          Readable.from(
            (async function* () {
              yield bytes;
              await sleep(50);
              throw failure;
            })(),
            { objectMode: false },
          ),
      };
      await expect(store.put('k', failing)).rejects.toBe(failure);
      expect(await listed(store)).toEqual([]);
      expect(await leftovers('k')).toEqual([]);
    });

    test("a program's mistake while a body is read is nobody else's fault, and is not tried again", async () => {
      const { store, partBytes } = await fresh();
      const mistakes = [
        Object.assign(new TypeError('made for the test'), { code: 'ERR_INVALID_ARG_TYPE' }),
        new TypeError('undefined is not a function'),
      ];
      for (const mistake of mistakes) {
        // In one request, and after the first answers to an upload of parts.
        for (const sizeBytes of [100, 3 * partBytes]) {
          let opened = 0;
          const body: Body = {
            sizeBytes,
            isGrowing: false,
            async *open() {
              opened++;
              yield bytes.subarray(0, sizeBytes - 10);
              throw mistake;
            },
          };
          await expect(store.put('k', body)).rejects.toBe(mistake);
          expect(opened).toBe(1);
        }
      }
      expect(await listed(store)).toEqual([]);
    });

    test('ranges', async () => {
      const { store } = await fresh();
      const data = bytes.subarray(0, 300_000);
      await store.put('r', bodyOf(data));
      for (const [first, last] of [
        [0, 0],
        [0, 299_999],
        [299_999, 299_999],
        [70_000, 200_000],
        [299_990, 400_000],
        [300_000, 300_001],
      ] as const) {
        expect(
          (await readAll(store, 'r', { first, last }))?.equals(data.subarray(first, last + 1)),
          `${first}-${last}`,
        ).toBe(true);
      }
      expect(await readAll(store, 'absent', { first: 0, last: 1 })).toBeNull();
    });

    test('a put over an existing key replaces it as a whole', async () => {
      const { store } = await fresh();
      await store.put('k', bodyOf(bytes.subarray(0, 5000)));
      await store.put('k', bodyOf(Buffer.from('new')));
      expect(String(await readAll(store, 'k'))).toBe('new');
      expect(await listed(store)).toHaveLength(1);
    });

    test('two writers of one key leave one of the two bodies, whole', async () => {
      const { store, partBytes } = await fresh();
      const a = Buffer.alloc(partBytes + 1000, 'a');
      const b = Buffer.alloc(partBytes + 2000, 'b');
      await Promise.all([store.put('k', bodyOf(a)), store.put('k', bodyOf(b))]);
      const stored = await readAll(store, 'k');
      expect(stored?.equals(a) || stored?.equals(b)).toBe(true);
      expect(await listed(store)).toHaveLength(1);
    });

    test.each([
      ['in one piece', 0.5],
      ['in parts', 1.8],
    ])('a put %s that is stopped midway leaves nothing', async (_, parts) => {
      const { store, partBytes, leftovers } = await fresh();
      await store.put('k', bodyOf(Buffer.from('old')));
      const stop = new AbortController();
      const sizeBytes = Math.floor(partBytes * parts);
      const stall = Promise.withResolvers<Buffer>();
      const { body, ended } = stallingBody(sizeBytes, Math.floor(sizeBytes * 0.9), () => {
        setTimeout(() => stop.abort(), 100);
        return stall.promise;
      });
      await expect(store.put('k', body, { signal: stop.signal })).rejects.toMatchObject({
        code: 'interrupted',
      });
      stall.resolve(Buffer.from('more'));
      await ended;
      expect(String(await readAll(store, 'k'))).toBe('old');
      expect(await leftovers('k')).toEqual([]);
    });

    test.each([
      ['in one piece', 0.5],
      ['in parts', 2.3],
    ])('a put %s does not keep the memory of the pieces', async (_, parts) => {
      const { store, partBytes } = await fresh();
      const data = bytes.subarray(0, Math.floor(partBytes * parts));
      const open = () => fleeting(data, 100_000);
      await store.put('k', { sizeBytes: data.length, isGrowing: false, open });
      expect((await readAll(store, 'k'))?.equals(data)).toBe(true);
    });

    test('a put stopped while its bytes travel leaves nothing', async () => {
      const { store, partBytes, leftovers } = await fresh();
      const stop = new AbortController();
      const data = bytes.subarray(0, partBytes * 2);
      const putting = store.put('k', bodyOf(data), { signal: stop.signal, onBytes: () => stop.abort() });
      await expect(putting).rejects.toMatchObject({ code: 'interrupted' });
      expect(await listed(store)).toEqual([]);
      expect(await leftovers('k')).toEqual([]);
    });

    test('a signal that is already aborted stops everything', async () => {
      const { store, partBytes, leftovers } = await fresh();
      await store.put('k', bodyOf(Buffer.from('old')));
      const signal = AbortSignal.abort();
      const code = { code: 'interrupted' };
      await expect(store.put('k', bodyOf(Buffer.from('new')), { signal })).rejects.toMatchObject(code);
      await expect(
        store.put('k', bodyOf(bytes.subarray(0, partBytes + 1)), { signal }),
      ).rejects.toMatchObject(code);
      await expect(store.get('k', { signal })).rejects.toMatchObject(code);
      await expect(store.delete('k', { signal })).rejects.toMatchObject(code);
      await expect(listed(store, '', { signal })).rejects.toMatchObject(code);
      expect(String(await readAll(store, 'k'))).toBe('old');
      expect(await leftovers('k')).toEqual([]);
    });

    test('reading stops with its signal', async () => {
      const { store } = await fresh();
      await store.put('k', bodyOf(bytes.subarray(0, 4 * MiB)));
      const stop = new AbortController();
      const body = await store.get('k', { signal: stop.signal });
      if (!body) throw new Error('there is no object');
      body.once('data', () => stop.abort());
      await expect(buffer(body)).rejects.toMatchObject({ code: 'interrupted' });
    });

    test.each([
      ['in one piece', 0.5],
      ['in parts', 1.8],
    ])('a put %s whose body fails midway throws what the body threw and leaves nothing', async (_, parts) => {
      const { store, partBytes, leftovers } = await fresh();
      const sizeBytes = Math.floor(partBytes * parts);
      const broken = new Error('the disk is broken');
      const { body } = stallingBody(sizeBytes, Math.floor(sizeBytes * 0.9), () => Promise.reject(broken));
      await expect(store.put('k', body)).rejects.toBe(broken);
      expect(await listed(store)).toEqual([]);
      expect(await leftovers('k')).toEqual([]);
    });

    test.each([
      ['short', 0.5, -1],
      ['short', 1.8, -1],
      ['long', 0.5, 1],
      ['long', 1.8, 1],
    ])('a body that is too %s (%d parts) is not stored', async (_, parts, by) => {
      const { store, partBytes, leftovers } = await fresh();
      const sizeBytes = Math.floor(partBytes * parts);
      const { body } = stallingBody(sizeBytes, sizeBytes + by, async () => {});
      await expect(store.put('k', body)).rejects.toMatchObject({ code: 'source-changed' });
      expect(await listed(store)).toEqual([]);
      expect(await leftovers('k')).toEqual([]);
    });

    test('what a killed put leaves is named before its first byte, is not listed, and can be discarded', async () => {
      const { store, partBytes, leftovers } = await fresh();
      const stop = new AbortController();
      const ids: string[] = [];
      let sent = 0;
      let reached = (): void => {};
      const midway = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const { body } = stallingBody(partBytes * 2, Math.floor(partBytes * 1.5), () => {
        reached();
        return never();
      });
      const putting = store.put('d/k', body, {
        signal: stop.signal,
        async onUpload(id) {
          expect(sent).toBe(0);
          ids.push(id);
        },
        onBytes: (more) => {
          sent += more;
        },
      });
      const failed = putting.catch((error) => error);
      await midway;
      // While a part travels, the put would learn of the discarding first.
      const isThere = async () =>
        expect(await leftovers('d/k')).toEqual([expect.toSatisfy(atLeast(partBytes))]);
      await vi.waitFor(isThere, { timeout: 60_000 });
      expect(ids).toHaveLength(1);
      expect(await listed(store)).toEqual([]);
      const [id = ''] = ids;
      await store.discardUpload('d/k', id);
      expect(await leftovers('d/k')).toEqual([]);
      await store.discardUpload('d/k', id);
      stop.abort();
      expect(await failed).toMatchObject({ code: 'interrupted' });
      expect(await leftovers('d/k')).toEqual([]);
    });

    test('when the upload cannot be noted, nothing is stored', async () => {
      const { store, partBytes, leftovers } = await fresh();
      const unnoted = new Error('the record cannot be written');
      const putting = store.put('k', bodyOf(bytes.subarray(0, partBytes + 1)), {
        onUpload: () => Promise.reject(unnoted),
      });
      await expect(putting).rejects.toBe(unnoted);
      expect(await listed(store)).toEqual([]);
      expect(await leftovers('k')).toEqual([]);
    });

    test('deleting removes one object and succeeds again', async () => {
      const { store } = await fresh();
      await store.put('d/a', bodyOf(Buffer.from('a')));
      await store.put('d/b', bodyOf(Buffer.from('b')));
      await store.delete('d/a');
      await store.delete('d/a');
      expect(await keysOf(store)).toEqual(['d/b']);
      expect(await store.get('d/a')).toBeNull();
    });

    test('a body that is not read to its end can be destroyed', async () => {
      const { store } = await fresh();
      await store.put('k', bodyOf(bytes.subarray(0, 8 * MiB), MiB));
      const body = await store.get('k');
      if (!body) throw new Error('there is no object');
      await once(body, 'readable');
      body.destroy();
      await once(body, 'close');
      expect((await readAll(store, 'k'))?.length).toBe(8 * MiB);
    });

    describe('declares what it does', () => {
      let store: ObjectStore;
      let partBytes: number;
      beforeAll(async () => {
        const opened = await openWhole();
        all.push(opened);
        ({ store, partBytes } = opened);
      });

      test('ETags', async () => {
        const [one, other, again] = ['one', 'two', 'one'].map((text) => bodyOf(Buffer.from(text)));
        if (!one || !other || !again) throw new Error('there is no body');
        const receipts = [await store.put('e/1', one), await store.put('e/2', other)];
        await store.put('e/3', again);
        const etags = (await listed(store, 'e/')).map(({ etag }) => etag);
        expect(receipts.map(({ etag }) => etag)).toEqual(etags.slice(0, 2));
        expect(etags.every((etag) => (etag !== null) === store.traits.etags)).toBe(true);
        expect(new Set(etags).size).toBe(store.traits.etags ? 2 : 1);
        expect(etags[0]).toBe(etags[2]);
      });

      test('versions', async () => {
        const receipts = [
          await store.put('v', bodyOf(Buffer.from('first'))),
          await store.put('v', bodyOf(Buffer.from('second one'))),
        ];
        const shown = await listed(store, 'v', { versions: true });
        const ids = shown.map(({ versionId }) => versionId);
        expect(shown.map(({ sizeBytes }) => sizeBytes)).toEqual(store.traits.versions ? [10, 5] : [10]);
        expect(ids.every((id) => (id !== null) === store.traits.versions)).toBe(true);
        expect(receipts.map(({ versionId }) => versionId)).toEqual(
          store.traits.versions ? ids.toReversed() : [null, null],
        );
        if (!store.traits.versions) return;
        const old = await store.get('v', { versionId: ids[1] ?? '' });
        expect(old && (await buffer(old)).toString()).toBe('first');
      });

      test('locks', async () => {
        const until = new Date(Math.ceil(Date.now() / 1000 + 60) * 1000);
        const lock = { mode: 'governance', until } as const;
        const { versionId } = await store.put('l', bodyOf(Buffer.from('x')), { lock });
        expect(await store.lockOf('l')).toEqual(store.traits.locks ? { until } : null);
        const version = versionId === null ? {} : { versionId };
        const deleted = store.delete('l', version);
        if (store.traits.locks) await expect(deleted).rejects.toMatchObject({ code: 'access-denied' });
        else await deleted;
        if (!store.traits.locks)
          await expect(store.relock('l', lock)).rejects.toMatchObject({ code: 'usage' });
      });

      test('parts', async () => {
        const begun = Promise.withResolvers<void>();
        let kinds: string[] = [];
        const { body } = stallingBody(bytes.length, 2 * partBytes + 1, async () => {
          await begun.promise;
          kinds = (await store.unfinishedUploads('p')).map(({ kind }) => kind);
          return bytes.subarray(2 * partBytes + 1);
        });
        await store.put('p', body, { onUpload: async () => begun.resolve() });
        expect(kinds).toEqual(store.traits.parts ? ['parts'] : []);
        expect(await store.unfinishedUploads('p')).toEqual([]);
      });

      test('a clock', async () => {
        await store.put('c', bodyOf(Buffer.from('x')));
        for await (const { serverTime } of store.list('c')) {
          expect(serverTime !== null).toBe(store.traits.clock);
          if (serverTime) expect(Math.abs(serverTime.getTime() - Date.now())).toBeLessThan(60_000);
        }
      });
    });

    test('traffic is counted', async () => {
      const { store } = await fresh();
      const before = { ...store.traffic };
      await store.put('k', bodyOf(bytes.subarray(0, 1000)));
      expect(store.traffic.sentBytes - before.sentBytes).toBeGreaterThanOrEqual(1000);
      expect(store.traffic.requests).toBeGreaterThan(before.requests);
      const sent = { ...store.traffic };
      await readAll(store, 'k');
      expect(store.traffic.receivedBytes - sent.receivedBytes).toBeGreaterThanOrEqual(1000);
      expect(store.traffic.requests).toBeGreaterThan(sent.requests);
    });
  });
}
