import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemCode } from '../base/errors.ts';
import { windowsProgram } from '../base/system-programs.ts';
import { isEFakturProgram, isUpdater } from './program-names.ts';

/** What Windows is asked; tests answer in its place. */
export interface WindowsAnswers {
  /** Opens a file for reading and writing and closes it; throws what the system says. */
  touch(path: string): void;
  /** Names of all programs that run. */
  listProcesses(): Promise<readonly string[]>;
}

const asked: WindowsAnswers = {
  touch: (path) => closeSync(openSync(path, 'r+')),
  async listProcesses() {
    const { stdout } = await promisify(execFile)(windowsProgram('tasklist.exe'), ['/FO', 'CSV', '/NH'], {
      timeout: 10_000,
      windowsHide: true,
      maxBuffer: 16 << 20,
    }).catch(() => ({ stdout: '' }));
    return stdout.split('\n').map((line) => line.split('"')[1] ?? '');
  },
};

/** A scanner holds a file for moments, as it does db.lck. */
const tries = { count: 5, delayMs: 200 } as const;

/**
 * Which programs of e-Faktur run from a folder. Windows lets nobody write into the file of a program that runs (EBUSY), of
 * this folder's copy alone. Where this user may write to none of it at all (EPERM, as in Program Files) the locks of the
 * databases tell of e-Faktur; of its updater, which they may not show, only the name is known.
 */
export async function windowsProcesses(
  appFolder: string,
  windows: WindowsAnswers = asked,
): Promise<{ processes: string[]; unplaced: string[] }> {
  const names = (await readdir(appFolder).catch(() => [])).filter(isEFakturProgram).sort();
  const processes: string[] = [];
  let isUpdaterHidden = false;
  for (const name of names) {
    const found = await stateOf(join(appFolder, name), windows);
    if (found === 'running') processes.push(name);
    if (found === 'refused' && isUpdater(name)) isUpdaterHidden = true;
  }
  if (!isUpdaterHidden) return { processes, unplaced: [] };
  const running = (await windows.listProcesses()).filter((name) => isEFakturProgram(name) && isUpdater(name));
  return { processes, unplaced: [...new Set(running)] };
}

async function stateOf(path: string, { touch }: WindowsAnswers): Promise<'running' | 'refused' | 'idle'> {
  for (let attempt = 1; ; attempt++) {
    try {
      touch(path);
      return 'idle';
    } catch (error) {
      const code = systemCode(error);
      if (code === null) throw error;
      if (code === 'ENOENT' || code === 'EISDIR') return 'idle';
      if (code !== 'EBUSY') return 'refused';
      if (attempt === tries.count) return 'running';
      await sleep(tries.delayMs);
    }
  }
}
