import { join } from 'node:path';

/** What all test runs have in common; `name` is that of the report for the summary of CI. */
export function sharedOptions(name: string) {
  const reports = process.env.VITEST_JSON_DIR;
  return {
    globalSetup: ['test/support/global-setup.ts'],
    // Each file may drive real servers and a JVM; more at once only slows all of them down.
    maxWorkers: 2,
    testTimeout: 120_000,
    // The first use on a fresh machine may build or pull a server.
    hookTimeout: 900_000,
    ...(reports && {
      reporters: ['default', 'json'],
      outputFile: { json: join(reports, `${name}.json`) },
    }),
  };
}
