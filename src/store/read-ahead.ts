import type { GetOptions, ObjectStore } from './store.ts';

/** One request a range: large enough that its answer's delay hardly counts, small enough to hold several. */
const rangeBytes = 2 << 20;
const rangesAhead = 4;

/**
 * All bytes of an object of a known length, in order, fetched by several ranges at once. Null when there is no such
 * object. Fewer or more bytes than announced come out as such; whoever counts them finds out.
 */
export async function readAhead(
  store: ObjectStore,
  key: string,
  sizeBytes: number,
  from: { readonly signal: AbortSignal; readonly versionId?: string },
): Promise<AsyncGenerator<Buffer> | null> {
  const stop = new AbortController();
  const signal = AbortSignal.any([from.signal, stop.signal]);
  const fetch = (first: number): Promise<Buffer[] | null> => {
    // The last range asks for a byte more, so that a longer object is noticed.
    const isLast = first + rangeBytes >= sizeBytes;
    const range = { first, last: isLast ? sizeBytes : first + rangeBytes - 1 };
    const parts = readParts(store, key, { ...from, signal, range });
    // A later range may fail before its turn; the error is met then, or the reader has left.
    parts.catch(() => {});
    return parts;
  };
  const ahead: Promise<Buffer[] | null>[] = [fetch(0)];
  let next = rangeBytes;
  const fill = (): void => {
    for (; next < sizeBytes && ahead.length < rangesAhead; next += rangeBytes) ahead.push(fetch(next));
  };

  async function* pieces(first: Buffer[]): AsyncGenerator<Buffer> {
    try {
      for (const part of first) yield part;
      for (let range = ahead.shift(); range; range = ahead.shift()) {
        const parts = await range;
        fill();
        if (!parts || parts.length === 0) return;
        for (const part of parts) yield part;
      }
    } finally {
      stop.abort();
    }
  }
  try {
    const first = ahead.shift();
    fill();
    const parts = await first;
    if (parts) return pieces(parts);
    stop.abort();
    return null;
  } catch (error) {
    stop.abort();
    throw error;
  }
}

async function readParts(store: ObjectStore, key: string, options: GetOptions): Promise<Buffer[] | null> {
  const body = await store.get(key, options);
  if (!body) return null;
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Buffer>) parts.push(part);
  return parts;
}
