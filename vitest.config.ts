import { defineConfig } from 'vitest/config';
import { sharedOptions } from './vitest.shared.ts';

const shared = sharedOptions('test');

export default defineConfig({
  test: {
    ...shared,
    // First, as what is set up later has its folders there.
    globalSetup: ['test/support/temp-in-memory.ts', ...shared.globalSetup],
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts', 'test/long/**', 'test/servers/**', 'test/soak/**', 'test/win/**'],
    coverage: {
      // It counts in src/ alone; V8 counts in every script there is, and slows loops down to a tenth.
      provider: 'istanbul',
      include: ['src/**/*.ts'],
      reporter: ['json-summary', 'json'],
      // Also of a run in which some test failed, as the figure is another finding.
      reportOnFailure: true,
    },
  },
});
