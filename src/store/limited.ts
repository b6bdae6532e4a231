import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LentBuffer } from '../base/lent-buffer.ts';
import type { IdleClock, ObjectStore } from './store.ts';

/** Bytes a second; null for as fast as it goes. */
export interface RateLimits {
  readonly uploadBytesPerSecond: number | null;
  readonly downloadBytesPerSecond: number | null;
}

/** Small enough that a slow line is used evenly. */
const pieceBytes = 64 << 10;

/** Hands out bytes at a rate, to all streams that share it together. */
interface Meter {
  pass(bytes: number, signal?: AbortSignal): Promise<void>;
}

function meter(bytesPerSecond: number): Meter {
  let freeAtMs = 0;
  return {
    async pass(bytes, signal) {
      const now = performance.now();
      const startMs = Math.max(now, freeAtMs);
      freeAtMs = startMs + (bytes / bytesPerSecond) * 1000;
      if (startMs > now) await sleep(startMs - now, undefined, signal ? { signal } : {});
    },
  };
}

async function* metered<B extends LentBuffer>(
  source: AsyncIterable<B>,
  rate: Meter,
  idle: IdleClock | null,
  signal?: AbortSignal,
): AsyncGenerator<B> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      await rate.pass(piece.length, signal);
      // Waiting for one's own limit is no silence of the service.
      if (idle) idle.movedAtMs = performance.now();
      yield piece;
    }
  }
}

/** The same store at a limited speed, over all its streams together; without limits the store itself. */
export function limited(store: ObjectStore, limits: RateLimits): ObjectStore {
  const upload = limits.uploadBytesPerSecond === null ? null : meter(limits.uploadBytesPerSecond);
  const download = limits.downloadBytesPerSecond === null ? null : meter(limits.downloadBytesPerSecond);
  if (!upload && !download) return store;
  return {
    ...store,
    traffic: store.traffic,
    put(key, body, options = {}) {
      if (!upload) return store.put(key, body, options);
      const idle = options.idle ?? { movedAtMs: performance.now() };
      const open = (): AsyncIterable<LentBuffer> => metered(body.open(), upload, idle, options.signal);
      return store.put(key, { ...body, open }, { ...options, idle });
    },
    async get(key, options = {}) {
      const body = await store.get(key, options);
      if (!body || !download) return body;
      return Readable.from(metered(body as AsyncIterable<Buffer>, download, null, options.signal), {
        objectMode: false,
        highWaterMark: pieceBytes,
      });
    },
  };
}
