import { type EfakturError, isEfakturError, nodeCode } from '../base/errors.ts';
import * as texts from './init-texts.ts';
import type { Choice } from './questions.ts';

export type Remedy = 'keys' | 'address' | 'place' | 'again';

const labels = {
  keys: texts.otherKeys,
  address: texts.otherAddress,
  place: texts.otherPlace,
  again: texts.tryAgain,
} as const;

/** What can be done about a place that does not work; first, and so for Enter alone, what fits the fault. */
export const remediesFor = (error: EfakturError, stores: readonly string[]): readonly Choice<Remedy>[] =>
  remediesOf(error, stores.filter((url) => /^s3:/i.test(url)).length, stores.length).map((value) => ({
    value,
    label: labels[value],
  }));

const isOfAddress = (cause: unknown): boolean =>
  isEfakturError(cause) ? isOfAddress(cause.cause) : nodeCode(cause) !== null;

function remediesOf(error: EfakturError, buckets: number, stores: number): readonly Remedy[] {
  if (buckets === 0) return ['place', 'again'];
  if (error.code === 'access-denied') return ['keys', 'place', 'again'];
  // Nobody answered there, or in another protocol: keys were never looked at.
  if (isOfAddress(error.cause))
    return stores === 1 ? ['address', 'place', 'again', 'keys'] : ['place', 'again', 'keys'];
  return error.code === 'store-unavailable' ? ['again', 'place', 'keys'] : ['place', 'keys', 'again'];
}
