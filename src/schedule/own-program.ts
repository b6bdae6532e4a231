import { existsSync, realpathSync } from 'node:fs';
import { win32 } from 'node:path';
import { isExecutable } from '../base/executable.ts';

/** Where systems keep a link to a program that outlives its next version. */
const lastingFolders = ['/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin', '/usr/bin'];

/**
 * This program as a schedule is to call it, whole paths: the single executable without a console window, else Node.js and
 * the file that it was started with. Where a lasting link leads to this Node.js the link is taken: package managers
 * put the version into the name of the folder, and take it away with the next one.
 */
export function ownProgram(): readonly string[] {
  if (isExecutable) return [windowless(process.execPath)];
  const [, started = ''] = process.argv;
  return [lasting(process.execPath), started];
}

/** `efaktur-cloudw.exe` beside `efaktur-cloud.exe`; the program itself where only that was copied to its place, or where it is this one. */
function windowless(executable: string): string {
  const { dir, name, ext } = win32.parse(executable);
  const other = win32.join(dir, `${name}w${ext}`);
  return existsSync(other) ? other : executable;
}

function lasting(path: string): string {
  const real = (name: string): string | null => {
    try {
      return realpathSync(name);
    } catch {
      return null;
    }
  };
  const found = real(path);
  const links = lastingFolders.map((folder) => `${folder}/node`);
  return links.find((link) => found !== null && real(link) === found) ?? path;
}
