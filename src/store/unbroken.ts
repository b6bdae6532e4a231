import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError } from '../base/errors.ts';
import type { GetOptions, IdleClock, ObjectStore } from './store.ts';
import { interrupted, mayPass } from './store-errors.ts';
import { inStore, listAgain, wentAway } from './texts.ts';

/**
 * Reading to the end over a line that breaks: when an answer is cut, what is left is asked for again from the byte reached,
 * as long as some of it comes. What cannot even be opened, the store has tried again already.
 */

/** A line that gives less than this from cut to cut gets no further. */
const progressBytes = 64 << 10;
const triesInVain = 4;
const firstDelayMs = 300;

/**
 * Reads an object, or a range of it, to its end. `take` gets each byte once, in order; what it throws ends the reading.
 * False when there is no such object. All tries share one idle clock.
 */
export async function readUnbroken(
  store: ObjectStore,
  key: string,
  options: GetOptions,
  take: (piece: Buffer) => void,
): Promise<boolean> {
  const tries = openTries(store, key, options);
  for (;;) {
    try {
      const body = await tries.open();
      if (!body) return false;
      body.on('data', (piece: Buffer) => {
        tries.reached += piece.length;
        try {
          take(piece);
        } catch (error) {
          body.destroy(error instanceof Error ? error : new Error(String(error)));
        }
      });
      await finished(body);
      return true;
    } catch (error) {
      if (!(await tries.again(error))) return true;
    }
  }
}

/** The same as a stream that its reader may take as slowly as it likes; null when there is no such object. */
export async function openUnbroken(
  store: ObjectStore,
  key: string,
  options: GetOptions,
): Promise<AsyncGenerator<Buffer> | null> {
  const tries = openTries(store, key, options);
  const first = await tries.open();
  if (!first) return null;
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let body = first; body; ) {
      try {
        for await (const piece of body as AsyncIterable<Buffer>) {
          tries.reached += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        if (!(await tries.again(error))) return;
        body = await tries.open();
      }
    }
  }
  return pieces();
}

function openTries(store: ObjectStore, key: string, options: GetOptions) {
  const { signal } = options;
  const first = options.range?.first ?? 0;
  const last = options.range?.last ?? Number.MAX_SAFE_INTEGER;
  const idle: IdleClock = options.idle ?? { movedAtMs: performance.now() };
  let triedFrom = first;
  let inVain = 0;
  const tries = {
    reached: first,
    async open() {
      const range = tries.reached === first ? options.range : { first: tries.reached, last };
      const body = await store.get(key, { ...options, idle, ...(range && { range }) });
      if (!body && tries.reached > first) throw goneMeanwhile(store, key);
      return body;
    },
    /** Waits for the next try; false when all had come before the cut. Throws the error where no other try is worth it. */
    async again(error: unknown): Promise<boolean> {
      if (!mayPass(error)) throw error;
      if (tries.reached > last) return false;
      inVain = tries.reached - triedFrom >= progressBytes ? 0 : inVain + 1;
      if (inVain >= triesInVain) throw error;
      triedFrom = tries.reached;
      await sleep(firstDelayMs * 2 ** inVain, undefined, signal ? { signal } : {}).catch(() => {});
      if (signal?.aborted) throw interrupted(store.url, signal);
      return true;
    },
  };
  return tries;
}

const goneMeanwhile = (store: ObjectStore, key: string): EfakturError =>
  new EfakturError('store-unavailable', inStore(store.url, wentAway(key)), listAgain);
