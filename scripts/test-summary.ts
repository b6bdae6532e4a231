import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Adds up the JSON reports of vitest in a folder. Prints every failed test with the beginning of its reason, and then one
 * summary line; the exit code says whether all is well.
 */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}
const reasonLines = 12;
const reasonOf = (message: string) => message.split('\n').slice(0, reasonLines).join('\n    ');

const [folder = '.', ...failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
let broken = 0;
for (const name of await readdir(folder)) {
  const report = JSON.parse(await readFile(join(folder, name), 'utf8')) as Report;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  if (!report.success) broken++;
  for (const file of report.testResults) {
    const path = relative(process.cwd(), file.name);
    for (const test of file.assertionResults) {
      if (test.status !== 'failed') continue;
      console.log(`FAILED ${path} > ${test.fullName}`);
      for (const message of test.failureMessages ?? []) console.log(`    ${reasonOf(message)}`);
    }
    if (file.status === 'failed' && file.message)
      console.log(`FAILED ${path}\n    ${reasonOf(file.message)}`);
  }
}
if (failedSteps.length > 0) console.log(`failed steps: ${failedSteps.join(', ')}`);
if (passed === 0) console.log('no test was run');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failedSteps.length > 0 || failed > 0 || broken > 0 || passed === 0 ? 1 : 0;
