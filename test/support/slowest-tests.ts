import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

export interface TimedTest {
  /** Relative to the root. */
  readonly file: string;
  readonly name: string;
  readonly durationMs: number;
}

const shownTests = 20;

/** The lines that name the slowest of these tests, slowest first; tests that were not run have no place in it. */
export function slowestTests(tests: readonly TimedTest[], shown = shownTests): string[] {
  const slowest = [...tests].sort((a, b) => b.durationMs - a.durationMs).slice(0, shown);
  if (slowest.length === 0) return [];
  const totalMs = tests.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return [
    `The ${slowest.length} slowest of ${tests.length} tests, which took ${seconds(totalMs)} s in all:`,
    ...slowest.map(({ file, name, durationMs }) => `${seconds(durationMs).padStart(7)} s  ${file} > ${name}`),
  ];
}

/** Prints the slowest tests at the end of a run. */
export default class SlowestTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(({ moduleId, children }) =>
      [...children.allTests()].flatMap((test) => {
        const durationMs = test.diagnostic()?.duration;
        const file = relative(process.cwd(), moduleId);
        return durationMs === undefined ? [] : [{ file, name: test.fullName, durationMs }];
      }),
    );
    const lines = slowestTests(tests);
    if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
  }
}
