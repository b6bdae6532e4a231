import { EfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import type { CallOptions, IdleClock, ListPage, ObjectStore } from '../../src/store/store.ts';

export interface FaultyStore extends ObjectStore {
  /** How many operations were made to fail so far. */
  faults(): number;
}

/**
 * A store that fails by a plan drawn from a seed: before an operation, or after it was carried out, as when the answer is
 * lost. Never more than `maxInARow` times one after the other, and never with a body over `maxPutBytes`, because those are
 * not sent again.
 */
export function faulty(
  store: ObjectStore,
  seed: number,
  { maxInARow = 3, maxPutBytes = 5 << 20 } = {},
): FaultyStore {
  const draw = generator(seed);
  // All tries of one operation bring the same clock.
  const inARow = new WeakMap<IdleClock, number>();
  let faults = 0;
  const fault = (chance: number, { idle }: CallOptions): void => {
    const before = idle ? (inARow.get(idle) ?? 0) : maxInARow;
    if (!idle || before >= maxInARow || draw() >= chance) return;
    inARow.set(idle, before + 1);
    faults++;
    throw new EfakturError(
      'store-unavailable',
      verbatim(`${store.url}: a planned fault`),
      verbatim('This one is on purpose.'),
    );
  };

  async function failing<T>(
    from: CallOptions = {},
    step: () => Promise<T>,
    undo: (result: T) => void = () => {},
  ): Promise<T> {
    fault(0.3, from);
    const result = await step();
    try {
      fault(0.2, from);
    } catch (error) {
      undo(result);
      throw error;
    }
    if (from.idle) inARow.delete(from.idle);
    return result;
  }

  return {
    url: store.url,
    traits: store.traits,
    traffic: store.traffic,
    faults: () => faults,
    put: (key, body, options) =>
      body.isGrowing || body.sizeBytes > maxPutBytes
        ? store.put(key, body, options)
        : failing(options, () => store.put(key, body, options)),
    get: (key, options) =>
      failing(
        options,
        () => store.get(key, options),
        (body) => body?.destroy(),
      ),
    async *list(prefix, options): AsyncGenerator<ListPage> {
      const pages = store.list(prefix, options)[Symbol.asyncIterator]();
      for (;;) {
        const next = await failing(options, () => pages.next());
        if (next.done) return;
        yield next.value;
      }
    },
    delete: (key, options) => failing(options, () => store.delete(key, options)),
    lockOf: (key, options) => failing(options, () => store.lockOf(key, options)),
    relock: (key, lock, options) => failing(options, () => store.relock(key, lock, options)),
    discardUpload: (key, uploadId, options) =>
      failing(options, () => store.discardUpload(key, uploadId, options)),
    unfinishedUploads: (prefix, options) => failing(options, () => store.unfinishedUploads(prefix, options)),
    close: () => store.close(),
  };
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
