import { expect } from 'vitest';

/** Bytes are compared at once: `toEqual` of vitest looks at each alone, and takes 0.17 s of a core for a megabyte. */
expect.addEqualityTesters([
  (one: unknown, other: unknown) =>
    Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : undefined,
]);
