import { EfakturError } from '../base/errors.ts';
import { kept, type LentBuffer } from '../base/lent-buffer.ts';
import type { Body } from './store.ts';
import { interrupted } from './store-errors.ts';
import { changedWhileSent, otherLength } from './texts.ts';

/** Bodies up to this size go to S3 in one request, longer ones in parts of at least it, as S3 asks. */
export const defaultPartSizeBytes = 5 << 20;

/**
 * The pieces of a body; throws `source-changed` when they are not as many bytes as promised, and the reason of the signal
 * at once when it is aborted, even if the medium under the body hangs.
 */
export async function* sizedPieces(
  key: string,
  source: AsyncIterable<LentBuffer>,
  { sizeBytes, isGrowing }: Pick<Body, 'sizeBytes' | 'isGrowing'>,
  signal?: AbortSignal,
): AsyncGenerator<LentBuffer> {
  const pieces = source[Symbol.asyncIterator]();
  let readBytes = 0;
  try {
    while (readBytes <= sizeBytes) {
      const next = await orAborted(pieces.next(), signal);
      if (next.done) break;
      readBytes += next.value.length;
      if (readBytes <= sizeBytes) yield next.value;
    }
  } finally {
    // Not awaited, as the medium under it may hang; errors after this are of no interest.
    pieces.return?.().catch(() => {});
  }
  if (readBytes === sizeBytes || (isGrowing && readBytes < sizeBytes)) return;
  throw new EfakturError(
    'source-changed',
    otherLength(key, readBytes, sizeBytes, isGrowing),
    changedWhileSent,
  );
}

/** All bytes of a small body. */
export async function readBody(url: string, key: string, body: Body, signal?: AbortSignal): Promise<Buffer> {
  if (signal?.aborted) throw interrupted(url, signal);
  try {
    const pieces: Buffer[] = [];
    for await (const piece of sizedPieces(key, body.open(), body, signal)) pieces.push(kept(piece));
    return Buffer.concat(pieces);
  } catch (error) {
    throw signal?.aborted ? interrupted(url, signal) : error;
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
