import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

/** Runs a program of this folder with a trap of kill-at.mjs; `onTrap` is called when it is reached. */
export async function runTrapped(
  program: string,
  verb: string,
  folder: string,
  trap: object,
  onTrap?: () => Promise<void>,
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      join(import.meta.dirname, '../support/kill-at.mjs'),
      join(import.meta.dirname, program),
      verb,
      folder,
    ],
    { env: { ...process.env, KILL_AT: JSON.stringify(trap) }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.once('data', () => onTrap?.());
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { signal, stdout };
}

/** Kills a verb before each of its changing steps in turn, two at a time, until it gets through. */
export async function killedAtEachStep(
  program: string,
  verb: string,
  make: () => Promise<string>,
  check: (folder: string, step: number) => Promise<void>,
): Promise<number> {
  let steps = 0;
  const from = async (first: number): Promise<void> => {
    for (let step = first; ; step += 2) {
      const folder = await make();
      const { signal, stdout } = await runTrapped(program, verb, folder, {
        call: 'any',
        at: step,
        action: 'SIGKILL',
      });
      expect(stdout).toBe('');
      await check(folder, step);
      if (signal === null) return;
      steps = Math.max(steps, step);
    }
  };
  await Promise.all([from(1), from(2)]);
  return steps;
}
