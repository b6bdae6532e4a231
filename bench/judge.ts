import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { createJudge } from '../src/derby/judge.ts';
import { placeDatabase } from '../test/support/derby.ts';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';

/**
 * How fast the judge reads a real Derby database, beside the checksums of its pages alone, and what part of a first push
 * into a folder that is.
 *
 *     npm run bench:judge -- [MEGABYTES]
 */
const sizeMb = Number(process.argv[2] ?? 100);
const rounds = 5;
const work = mkdtempSync(join(tmpdir(), 'efaktur-judge-'));
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function seconds(step: () => void): number {
  const startedAt = performance.now();
  step();
  return (performance.now() - startedAt) / 1000;
}

try {
  const db = join(work, 'db');
  await placeDatabase(join(db, 'ETaxInvoice'), { sizeMb });
  const paths = readdirSync(db, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = paths.map((path) => ({ path: relative(db, path), bytes: readFileSync(path) }));
  const megabytes = files.reduce((sum, f) => sum + f.bytes.length, 0) / 1e6;
  const judge = (): void => {
    const judged = createJudge();
    for (const { path, bytes } of files) {
      const taker = judged.file(path, bytes.length);
      for (let at = 0; at < bytes.length; at += 1 << 20) taker.write(bytes.subarray(at, at + (1 << 20)));
      taker.end();
    }
    const { verdict } = judged.finish();
    if (verdict !== 'clean') throw new Error(`the sample is ${verdict}`);
  };
  const sums = (): void => {
    for (const { bytes } of files)
      for (let at = 0; at < bytes.length; at += 4096) crc32(bytes.subarray(at, at + 4096));
  };
  const [plain = 0, full = 0] = [sums, judge].map((step) =>
    median(Array.from({ length: rounds }, () => seconds(step))),
  );
  const app = await makeEfakturFolder(join(work, 'app'), { live: join(db, 'ETaxInvoice'), backups: [] });
  const program = join(import.meta.dirname, '../dist/efaktur-cloud.js');
  const pushes = Array.from({ length: 3 }, (_, n) =>
    seconds(() => {
      const env = {
        ...process.env,
        EFAKTUR_STATE_DIR: join(work, `state${n}`),
        EFAKTUR_STORE: join(work, `store${n}`),
      };
      const { status } = spawnSync(
        process.execPath,
        [program, 'push', '-q', '--app', app, '--source', 'live'],
        { env },
      );
      if (status !== 0) throw new Error(`the push ended with ${status}`);
    }),
  );
  console.log(`${megabytes.toFixed(0)} MB in memory, one core, medians of ${rounds}`);
  console.log(`checksums alone: ${plain.toFixed(2)} s, ${(megabytes / plain).toFixed(0)} MB/s`);
  console.log(`the judge:       ${full.toFixed(2)} s, ${(megabytes / full).toFixed(0)} MB/s`);
  console.log(
    `first push into a folder: ${median(pushes).toFixed(2)} s; the judge is ${((full / median(pushes)) * 100).toFixed(0)} % of it`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
