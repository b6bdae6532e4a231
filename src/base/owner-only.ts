import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { promisify } from 'node:util';
import { windowsProgram } from './system-programs.ts';

/** Runs a program of Windows; what it printed, or null where it says that something went wrong. */
export type RunOfWindows = (program: string, args: readonly string[]) => Promise<string | null>;

const runOfWindows: RunOfWindows = async (program, args) => {
  const ran = await promisify(execFile)(windowsProgram(program), [...args], {
    timeout: 30_000,
    windowsHide: true,
  }).catch(() => null);
  return ran?.stdout ?? null;
};

/** Of this user, as Windows knows him in all its lists. */
async function ownSid(run: RunOfWindows): Promise<string | null> {
  const told = await run('whoami.exe', ['/user', '/fo', 'csv', '/nh']);
  return /S-1-\d+(?:-\d+)+/.exec(told ?? '')?.[0] ?? null;
}

/**
 * Lets only this user read and write a file or folder, and what is made in that folder later. To be called while nothing secret
 * is in it. False where the system or the disk knows no such rights.
 */
export async function closeToOthers(
  path: string,
  kind: 'file' | 'folder',
  platform: NodeJS.Platform = process.platform,
  run: RunOfWindows = runOfWindows,
): Promise<boolean> {
  if (platform !== 'win32') {
    return chmod(path, kind === 'file' ? 0o600 : 0o700).then(
      () => true,
      () => false,
    );
  }
  const sid = await ownSid(run);
  if (sid === null) return false;
  const rights = kind === 'file' ? 'F' : '(OI)(CI)F';
  return (await run('icacls.exe', [path, '/inheritance:r', '/grant:r', `*${sid}:${rights}`, '/Q'])) !== null;
}
