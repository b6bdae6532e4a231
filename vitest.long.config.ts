import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

/** The longer runs: faults, soaks, memory, many generated databases. */
export default defineConfig({
  test: {
    ...sharedOptions('long'),
    include: ['test/**/*.long.test.ts', 'test/long/**/*.test.ts'],
    testTimeout: 900_000,
  },
});
