import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerbContext } from '../../src/sync/context.ts';

/** For a verb that a test calls itself; by default of a PC that has pushed nothing. */
export const verbContext = (stateDir = join(tmpdir(), 'efaktur-no-state')): VerbContext => ({
  zone: 'Asia/Jakarta',
  now: () => new Date(),
  stateDir,
  signal: new AbortController().signal,
  program: 'test',
  progress: { begin: () => {}, advance: () => {} },
});
