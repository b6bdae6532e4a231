import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

const shared = sharedOptions('win');

/** The program for Windows, under Wine. */
export default defineConfig({
  test: {
    ...shared,
    globalSetup: [...shared.globalSetup, 'test/support/win/setup.ts'],
    include: ['test/win/**/*.test.ts'],
    testTimeout: 180_000,
    // Each program of Wine is of several processes that want a core.
    maxWorkers: 2,
  },
});
