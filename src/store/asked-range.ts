import { Readable } from 'node:stream';
import { EfakturError } from '../base/errors.ts';
import { AnswersSoAlways } from './store-errors.ts';
import { inStore, noParts, useRanges, wholeForPart } from './texts.ts';

/**
 * Parts of objects, from services that do not give them: some answer with the whole object, and some lines with another
 * part. A range without its `Content-Range` is not the range (RFC 9110, 14.4 and 15.3.7).
 */

export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Up to so many bytes are read past to get to a part. */
const bearableBytes = 128 << 20;

/** Whether an answer says of itself that it is this range, or all of it that there is. */
export function isRange(contentRange: string | undefined, { first, last }: ByteRange): boolean {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(contentRange?.trim() ?? '') ?? [];
  if (Number(from) !== first) return false;
  return Number(to) === last || (total !== '*' && Number(total) <= last && Number(to) === Number(total) - 1);
}

/** Whether an answer to a question for the whole says that it is less. */
export function isPart(contentRange: string | undefined): boolean {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange?.trim() ?? '') ?? [];
  return total !== undefined && (Number(from) !== 0 || Number(to) !== Number(total) - 1);
}

/** A part of a body; destroying it destroys the body. */
export function bodyPart(body: Readable, { first, last }: ByteRange): Readable {
  async function* part(): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      const wanted = piece.subarray(Math.max(0, first - at), Math.max(0, last + 1 - at));
      at += piece.length;
      if (wanted.length > 0) yield wanted;
      if (at > last) return;
    }
  }
  return Readable.from(part(), { objectMode: false }).once('close', () => body.destroy());
}

/** `store-unavailable` where the way to the part is too long. */
export function refuseLongWay(url: string, key: string, { first }: Pick<ByteRange, 'first'>): void {
  if (first <= bearableBytes) return;
  throw new EfakturError(
    'store-unavailable',
    { what: inStore(url, noParts(key)), because: wholeForPart },
    useRanges,
    new AnswersSoAlways(),
  );
}
