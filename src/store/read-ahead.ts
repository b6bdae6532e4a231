import { finished } from 'node:stream/promises';
import type { GetOptions, ObjectStore } from './store.ts';

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
 * All bytes of an object of a known length, in order, fetched by several ranges at once. Null when there is no such
 * object. Fewer or more bytes than announced come out as such; whoever counts them finds out.
 */
export async function readAhead(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  from: { readonly signal: AbortSignal; readonly versionId?: string },
): Promise<ReadAhead | null> {
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
    if (bytes) return { bytes: ranges(bytes), giveBack };
    stop.abort();
    return null;
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
  const body = await store.get(key, options);
  if (!body) return null;
  let bytes = memory;
  let filled = 0;
  body.on('data', (piece: Buffer) => {
    // More than was asked for is kept, so that whoever counts finds out.
    if (piece.length > bytes.length - filled)
      bytes = Buffer.concat([bytes.subarray(0, filled), Buffer.alloc(piece.length)]);
    filled += piece.copy(bytes, filled);
  });
  await finished(body);
  return filled === bytes.length ? bytes : bytes.subarray(0, filled);
}
