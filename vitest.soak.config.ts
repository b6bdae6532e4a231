import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

/** Pushes under writers, idle and killed programs, through real Derby; and everything at random, beside a model. */
export default defineConfig({
  test: { ...sharedOptions('soak'), include: ['test/soak/**/*.test.ts'], testTimeout: 900_000 },
});
