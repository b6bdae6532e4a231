import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { isDatabaseOpen } from '../derby/is-open.ts';

/** Who uses an e-Faktur folder right now. */
export interface Running {
  /** Names of databases that some program has open. */
  readonly openDatabases: readonly string[];
  /** e-Faktur's own processes that run from this folder (all of them where the folder cannot be told). */
  readonly processes: readonly string[];
}

const processName = /^ETaxInvoice(Main|Upd)?(\.exe)?$/i;

/** Looks at the locks of all databases in `db` and, as a second opinion, at the process list. */
export async function findRunning(appFolder: string): Promise<Running> {
  const dbFolder = join(appFolder, 'db');
  const openDatabases: string[] = [];
  for (const entry of await readdir(dbFolder, { withFileTypes: true }).catch(() => [])) {
    const folder = join(dbFolder, entry.name);
    if ((await stat(folder).catch(() => null))?.isDirectory() && (await isDatabaseOpen(folder)))
      openDatabases.push(entry.name);
  }
  // The system names a process's folders without links.
  const realFolder = await realpath(appFolder).catch(() => appFolder);
  return { openDatabases, processes: await eFakturProcesses(realFolder) };
}

export const isRunning = (running: Running): boolean =>
  running.openDatabases.length > 0 || running.processes.length > 0;

/** The updater rewrites databases in ways that Derby's log does not cover. */
export const isUpdating = (running: Running): boolean => running.processes.some((name) => /Upd/i.test(name));

async function eFakturProcesses(appFolder: string): Promise<string[]> {
  if (process.platform === 'linux') return linuxProcesses(appFolder);
  // Neither says where a process runs from, so on these systems only the names of all are known.
  const [command, args]: [string, string[]] =
    process.platform === 'win32' ? ['tasklist', ['/FO', 'CSV', '/NH']] : ['ps', ['-A', '-o', 'comm=']];
  const { stdout } = await promisify(execFile)(command, args, {
    timeout: 10_000,
    windowsHide: true,
    maxBuffer: 16 << 20,
  }).catch(() => ({ stdout: '' }));
  const names = stdout
    .split('\n')
    .map((line) =>
      line.startsWith('"') ? (line.split('"')[1] ?? '') : (line.trim().split('/').at(-1) ?? ''),
    );
  return [...new Set(names.filter((name) => processName.test(name)))];
}

function linuxProcesses(appFolder: string): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!processName.test(name)) continue;
      const places = [readlinkSync(`/proc/${pid}/cwd`), readlinkSync(`/proc/${pid}/exe`)];
      if (places.some((place) => place === appFolder || place.startsWith(appFolder + sep))) found.add(name);
    } catch {
      // Ended meanwhile, or another user's: its lock would show.
    }
  }
  return [...found];
}
