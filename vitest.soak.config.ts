import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

/** Ten rounds each of pushes under writers, idle and killed programs, through real Derby. */
export default defineConfig({
  test: { ...sharedOptions('soak'), include: ['test/soak/**/*.test.ts'], testTimeout: 900_000 },
});
