import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { realPath } from '../base/real-path.ts';
import { isDatabaseOpen } from '../derby/is-open.ts';
import { isEFakturProgram, isUpdater } from './program-names.ts';
import { windowsProcesses } from './windows-processes.ts';

/** Who uses an e-Faktur folder right now. */
export interface Running {
  /** The folder, without links. */
  readonly folder: string;
  /** Names of databases that some program has open. */
  readonly openDatabases: readonly string[];
  /** e-Faktur's own processes that run from this folder. */
  readonly processes: readonly string[];
  /** Those of which the folder cannot be told, and that must not be at work here unseen: the locks do not show them. */
  readonly unplaced: readonly string[];
}

/** Looks at the locks of all databases in `db` and, as a second opinion, at the programs that run. */
export async function findRunning(appFolder: string): Promise<Running> {
  const dbFolder = join(appFolder, 'db');
  const openDatabases: string[] = [];
  for (const entry of await readdir(dbFolder, { withFileTypes: true }).catch(() => [])) {
    const folder = join(dbFolder, entry.name);
    if ((await stat(folder).catch(() => null))?.isDirectory() && (await isDatabaseOpen(folder)))
      openDatabases.push(entry.name);
  }
  // The system names a process's folders without links.
  const realFolder = (await realPath(appFolder)) ?? appFolder;
  return { folder: realFolder, openDatabases, ...(await eFakturProcesses(realFolder)) };
}

export const isRunning = (running: Running): boolean =>
  running.openDatabases.length > 0 || running.processes.length > 0 || running.unplaced.length > 0;

/** The updater rewrites databases in ways that Derby's log does not cover. */
export const isUpdating = ({ processes, unplaced }: Running): boolean =>
  [...processes, ...unplaced].some(isUpdater);

type Processes = Pick<Running, 'processes' | 'unplaced'>;

async function eFakturProcesses(appFolder: string): Promise<Processes> {
  if (process.platform === 'linux') return { processes: linuxProcesses(appFolder), unplaced: [] };
  if (process.platform === 'win32') return windowsProcesses(appFolder);
  const { stdout } = await promisify(execFile)('/bin/ps', ['-A', '-o', 'comm='], {
    timeout: 10_000,
    maxBuffer: 16 << 20,
  }).catch(() => ({ stdout: '' }));
  return processesByPath(stdout.split('\n'), appFolder);
}

/** Of programs by their paths, as macOS lists them; elsewhere a name is all that is known. */
export function processesByPath(listed: readonly string[], appFolder: string): Processes {
  const [processes, unplaced] = [new Set<string>(), new Set<string>()];
  for (const path of listed.map((line) => line.trim())) {
    const name = path.split('/').at(-1) ?? '';
    if (!isEFakturProgram(name)) continue;
    if (!path.startsWith('/')) unplaced.add(name);
    else if (path.startsWith(`${appFolder}/`)) processes.add(name);
  }
  return { processes: [...processes], unplaced: [...unplaced] };
}

function linuxProcesses(appFolder: string): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!isEFakturProgram(name)) continue;
      const places = [readlinkSync(`/proc/${pid}/cwd`), readlinkSync(`/proc/${pid}/exe`)];
      if (places.some((place) => place === appFolder || place.startsWith(appFolder + sep))) found.add(name);
    } catch {
      // Ended meanwhile, or another user's: its lock would show.
    }
  }
  return [...found];
}
