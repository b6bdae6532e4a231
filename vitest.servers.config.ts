import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

/** The core path of the built program on real servers of several makers. */
export default defineConfig({
  test: {
    ...sharedOptions('servers'),
    include: ['test/servers/**/*.test.ts'],
    testTimeout: 300_000,
  },
});
