import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Adds up the JSON reports of vitest in a folder and prints one summary line; the exit code says whether all is well. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}
const [folder = '.', ...failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
let reports = 0;
for (const name of await readdir(folder)) {
  const report = JSON.parse(await readFile(join(folder, name), 'utf8')) as Report;
  reports++;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}
if (failedSteps.length > 0) console.log(`failed steps: ${failedSteps.join(', ')}`);
if (reports === 0 || passed === 0) console.log('no test was run');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failedSteps.length > 0 || failed > 0 || passed === 0 ? 1 : 0;
