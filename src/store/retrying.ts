import pRetry from 'p-retry';
import { EfakturError } from '../base/errors.ts';
import type { CallOptions, IdleClock, ListOptions, ListPage, ObjectStore } from './store.ts';
import { interrupted, mayPass } from './store-errors.ts';

export interface RetryLimits {
  /** After this long without a byte moved, over all tries, no other one is made. */
  readonly idleTimeoutMs: number;
  /** Longer bodies are not sent again: the store does that with their parts. */
  readonly maxPutBytes: number;
  readonly retries?: number;
  /** Before the second try; doubles each time, with up to as much again by chance. */
  readonly firstDelayMs?: number;
}

/**
 * The store, with every small operation tried again while it fails with `store-unavailable`: small puts, deletions,
 * discarded uploads, the opening of a get and each page of a listing. By default four tries within a few seconds. All
 * tries of one operation share an idle clock, so a dead service is given up after the idle time, not after several.
 * A get that is cut while its bytes are read is the reader's to begin again.
 */
export function retrying(store: ObjectStore, limits: RetryLimits): ObjectStore {
  async function trying<T>(from: CallOptions, step: (idle: IdleClock) => Promise<T>): Promise<T> {
    const idle: IdleClock = from.idle ?? { movedAtMs: performance.now() };
    try {
      return await pRetry(() => step(idle), {
        retries: limits.retries ?? 3,
        minTimeout: limits.firstDelayMs ?? 300,
        randomize: true,
        ...(from.signal ? { signal: from.signal } : {}),
        shouldRetry: ({ error }) =>
          mayPass(error) && performance.now() - idle.movedAtMs < limits.idleTimeoutMs,
      });
    } catch (error) {
      if (from.signal?.aborted && !(error instanceof EfakturError)) throw interrupted(store.url, from.signal);
      throw error;
    }
  }

  async function* list(prefix: string, from: ListOptions = {}): AsyncGenerator<ListPage> {
    const place = listingPlace(from);
    const idle: IdleClock = { movedAtMs: 0 };
    const open = (): AsyncIterator<ListPage> =>
      store.list(prefix, { ...from, idle, startAfter: place.startAfter() })[Symbol.asyncIterator]();
    let pages = open();
    const next = async (): Promise<IteratorResult<ListPage>> => {
      try {
        return await pages.next();
      } catch (error) {
        pages = open();
        throw error;
      }
    };
    try {
      for (;;) {
        // The time since the last page was the reader's.
        idle.movedAtMs = performance.now();
        const page = await trying({ ...from, idle }, next);
        if (page.done) return;
        yield place.advance(page.value);
      }
    } finally {
      await pages.return?.();
    }
  }

  return {
    url: store.url,
    traits: store.traits,
    traffic: store.traffic,
    put(key, body, options = {}) {
      if (body.isGrowing || body.sizeBytes > limits.maxPutBytes) return store.put(key, body, options);
      return trying(options, (idle) => store.put(key, body, { ...options, idle }));
    },
    get: (key, options = {}) => trying(options, (idle) => store.get(key, { ...options, idle })),
    list,
    delete: (key, options = {}) => trying(options, (idle) => store.delete(key, { ...options, idle })),
    lockOf: (key, options = {}) => trying(options, (idle) => store.lockOf(key, { ...options, idle })),
    relock: (key, lock, options = {}) =>
      trying(options, (idle) => store.relock(key, lock, { ...options, idle })),
    discardUpload: (key, uploadId, options = {}) =>
      trying(options, (idle) => store.discardUpload(key, uploadId, { ...options, idle })),
    unfinishedUploads: (prefix, options = {}) =>
      trying(options, (idle) => store.unfinishedUploads(prefix, { ...options, idle })),
    close: () => store.close(),
  };
}

/**
 * Where a listing goes on when it is begun anew. A page may end between two versions of one key; then that key is listed
 * again and what was shown of it is left out.
 */
function listingPlace({ startAfter, versions }: ListOptions) {
  let before = startAfter;
  let last: string | null = null;
  let shown = new Set<string>();
  return {
    startAfter: (): string | undefined => (versions ? before : (last ?? startAfter)),
    advance(page: ListPage): ListPage {
      if (!versions) {
        last = page.objects.at(-1)?.key ?? last;
        return page;
      }
      const objects = page.objects.filter(
        ({ key, versionId }) => key !== last || !shown.has(String(versionId)),
      );
      for (const { key, versionId } of objects) {
        if (key !== last) {
          before = last ?? before;
          last = key;
          shown = new Set();
        }
        shown.add(String(versionId));
      }
      return { ...page, objects };
    },
  };
}
