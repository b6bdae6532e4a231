import type { GetOptions, ObjectStore } from './store.ts';
import { openUnbroken, readUnbroken } from './unbroken.ts';

/** One request a range: large enough that its answer's delay hardly counts, small enough to hold several. */
const rangeBytes = 3 << 20;
const rangesAhead = 3;

export interface ReadAhead {
  /** In order; each piece is a range, but for the last alone in its memory. */
  readonly bytes: AsyncGenerator<Buffer>;
  /** Memory of pieces that is not needed any more is used for the next ones. */
  giveBack(memory: Buffer): void;
}

/**
 * All bytes of an object of a known length, in order, fetched by several ranges at once; in one piece from a service that
 * gives no ranges. Null when there is no such object. Fewer or more bytes than announced come out as such; whoever counts
 * them finds out.
 */
export async function readAhead(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  from: { readonly signal: AbortSignal; readonly versionId?: string },
): Promise<ReadAhead | null> {
  if (store.traffic.refusedRanges > 0) return readWhole(store, key, sizeBytes, from);
  const stop = new AbortController();
  const signal = AbortSignal.any([from.signal, stop.signal]);
  const spare: Buffer[] = [];
  const fetch = (first: number): Promise<Buffer | null> => {
    // The last range asks for a byte more, so that a longer object is noticed.
    const isLast = first + rangeBytes >= sizeBytes;
    const range = { first, last: isLast ? sizeBytes : first + rangeBytes - 1 };
    const memory = (isLast ? undefined : spare.pop()) ?? Buffer.allocUnsafeSlow(range.last - first + 1);
    const bytes = readRange(store, key, { ...from, signal, range }, memory);
    // A later range may fail before its turn; the error is met then, or the reader has left.
    bytes.catch(() => {});
    return bytes;
  };
  const ahead: Promise<Buffer | null>[] = [fetch(0)];
  let next = rangeBytes;
  const fill = (): void => {
    for (; next < sizeBytes && ahead.length < rangesAhead; next += rangeBytes) ahead.push(fetch(next));
  };

  async function* ranges(first: Buffer): AsyncGenerator<Buffer> {
    try {
      yield first;
      for (let range = ahead.shift(); range; range = ahead.shift()) {
        const bytes = await range;
        fill();
        if (!bytes || bytes.length === 0) return;
        yield bytes;
      }
    } finally {
      stop.abort();
    }
  }
  const giveBack = (memory: Buffer): void => {
    if (memory.length === rangeBytes && memory.buffer.byteLength === rangeBytes) spare.push(memory);
  };
  try {
    const first = ahead.shift();
    fill();
    const bytes = await first;
    if (bytes && store.traffic.refusedRanges === 0) return { bytes: ranges(bytes), giveBack };
    stop.abort();
    return bytes ? await readWhole(store, key, sizeBytes, from) : null;
  } catch (error) {
    stop.abort();
    throw error;
  }
}

/** All bytes of a range, in the memory given as far as they fit. */
async function readRange(
  store: ObjectStore,
  key: string,
  options: GetOptions,
  memory: Buffer,
): Promise<Buffer | null> {
  let bytes = memory;
  let filled = 0;
  const isThere = await readUnbroken(store, key, options, (piece) => {
    // More than was asked for is kept, so that whoever counts finds out.
    if (piece.length > bytes.length - filled)
      bytes = Buffer.concat([bytes.subarray(0, filled), Buffer.alloc(piece.length)]);
    filled += piece.copy(bytes, filled);
  });
  if (!isThere) return null;
  return filled === bytes.length ? bytes : bytes.subarray(0, filled);
}

/** The object in one go, in pieces as those of ranges. */
async function readWhole(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  from: { readonly signal: AbortSignal; readonly versionId?: string },
): Promise<ReadAhead | null> {
  const stop = new AbortController();
  const signal = AbortSignal.any([from.signal, stop.signal]);
  const body = await openUnbroken(store, key, { ...from, signal });
  if (!body) return null;
  async function* pieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let memory = Buffer.allocUnsafeSlow(rangeBytes);
    let filled = 0;
    let received = 0;
    try {
      for await (const piece of source) {
        received += piece.length;
        for (let taken = 0; taken < piece.length; ) {
          const copied = piece.copy(memory, filled, taken);
          taken += copied;
          filled += copied;
          if (filled < rangeBytes) continue;
          yield memory;
          memory = Buffer.allocUnsafeSlow(rangeBytes);
          filled = 0;
        }
        // A longer object is noticed by now.
        if (received > sizeBytes) break;
      }
      if (filled > 0) yield memory.subarray(0, filled);
    } finally {
      stop.abort();
    }
  }
  return { bytes: pieces(body), giveBack: () => {} };
}
