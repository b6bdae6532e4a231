import pMap from 'p-map';

/** Requests under way at once: enough to hide the way to a store and back, few enough for any service. */
const concurrency = 8;

/**
 * Runs a step for each item, a few at a time; results in the order of the items. The first error is thrown, and no further
 * step is begun after it.
 */
export const inTurns = <T, R>(
  items: readonly T[],
  step: (item: T, index: number) => Promise<R>,
): Promise<R[]> => pMap(items, step, { concurrency }) as Promise<R[]>;
