import { join } from 'node:path';

/** What all test runs have in common; `name` is that of the report for the summary of CI. */
export function sharedOptions(name: string) {
  const reports = process.env.VITEST_JSON_DIR;
  // Threads read src/ as it stands: without this each one compiles its modules anew, 0.15 s of a core at every start.
  process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/test-threads');
  return {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/equal-bytes.ts'],
    // Real servers, JVMs and clocks on a shared machine: once more tells a slow moment from a fault, and is reported.
    retry: process.env.CI ? 1 : 0,
    // Made for two cores: a third file runs while another waits for a network that is slow on purpose. Each may drive real
    // servers and a JVM, so more at once only slow all of them down.
    maxWorkers: 3,
    // V8's helper threads wait for cores that the other files and their servers use: without them a third less time is spent.
    execArgv: ['--single-threaded-gc'],
    // A test whose loop ran over nothing has tested nothing.
    expect: { requireAssertions: true },
    testTimeout: 120_000,
    // The first use on a fresh machine may build or pull a server.
    hookTimeout: 900_000,
    reporters: [
      'default',
      ...(reports ? ['json'] : []),
      join(import.meta.dirname, 'test/support/slowest-tests.ts'),
    ],
    ...(reports && { outputFile: { json: join(reports, `${name}.json`) } }),
  };
}
