import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Prints how much of `src/` the tests ran, by lines, out of the `coverage-summary.json` that vitest leaves in a folder, with
 * the files of which most is missing. The exit code says whether it is enough. What child processes run is not in it: the
 * built program in the e2e tests, and threads. So what runs in these alone is left out, and named: the entry, threads, and the
 * questions of the wizard and the menu, which the tests ask in a real terminal.
 */
const enoughPercent = 95;
const inOwnProcess = new RegExp(
  `^src/(${[
    'efaktur-cloud',
    'cli/init-(encryption|new|places|prove|restore|start)',
    'cli/(menu|menu-restore|menu-window|questions-drawn|questions-plain)',
    'sync/push/pack-thread',
    'sync/reading/reader-thread',
  ].join('|')})\\.ts$`,
);
const shownFiles = 15;

interface Count {
  readonly total: number;
  readonly covered: number;
}

const folder = process.argv[2] ?? 'coverage';
const summary = JSON.parse(await readFile(join(folder, 'coverage-summary.json'), 'utf8')) as Record<
  string,
  { readonly lines: Count }
>;
const counted = Object.entries(summary)
  .filter(([path]) => path !== 'total')
  .map(([path, { lines }]) => ({
    path: relative(process.cwd(), path),
    missing: lines.total - lines.covered,
    ...lines,
  }));
const files = counted.filter(({ path }) => !inOwnProcess.test(path));
const elsewhere = counted.filter(({ path }) => inOwnProcess.test(path));
const total = files.reduce((sum, f) => sum + f.total, 0);
const covered = files.reduce((sum, f) => sum + f.covered, 0);
const percent = total === 0 ? 0 : (covered / total) * 100;

const worst = files.filter((f) => f.missing > 0).sort((a, b) => b.missing - a.missing);
for (const { path, missing, covered: ran, total: all } of worst.slice(0, shownFiles))
  console.log(
    `${String(missing).padStart(5)} of ${String(all).padStart(4)} lines not run, ${((ran / all) * 100).toFixed(0).padStart(3)} %  ${path}`,
  );
console.log(
  `line coverage of src/: ${percent.toFixed(2)} % (${covered} of ${total} lines in ${files.length} files)`,
);
console.log(
  `not counted, as they run in processes of their own: ${elsewhere.map(({ path }) => path).join(', ') || 'none'}`,
);
if (percent < enoughPercent) {
  console.log(`that is less than ${enoughPercent} %`);
  process.exitCode = 1;
}
