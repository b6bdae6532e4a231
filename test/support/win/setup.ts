import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { makeRunPrefix, needWine } from './wine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of this run's Wine prefix. */
    winePrefix: string;
    /** Folder with the programs for Windows, built from the sources as they stand. */
    windowsPrograms: string;
  }
}

/** Builds the programs for Windows and makes a prefix to run them in, once for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Said before anything is built.
  needWine();
  const programs = await mkdtemp(join(tmpdir(), 'efaktur-windows-'));
  const [{ prefix, remove }] = await Promise.all([
    makeRunPrefix(),
    promisify(execFile)(process.execPath, ['scripts/build-win.ts', '--out', programs], {
      cwd: join(import.meta.dirname, '../../..'),
    }),
  ]);
  project.provide('winePrefix', prefix);
  project.provide('windowsPrograms', programs);
  return async () => {
    await remove();
    await rm(programs, { recursive: true, force: true });
  };
}
