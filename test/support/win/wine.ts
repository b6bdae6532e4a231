import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder } from '../server-binary.ts';

/**
 * Programs for Windows, run by Wine: a prefix as Windows 10 has it, made once for each version of Wine and kept, and given to
 * each run as a copy of its own.
 *
 * Facts of Wine 8.0: a pipe as stdin, stdout or stderr makes node.exe die (EBADF), so they are files. V8 takes the placeholders
 * of VirtualAlloc2 where kernelbase.dll has it, and Wine's do not work: the prefix has a kernelbase.dll in which that
 * name is not found. The program under test is not changed.
 */

const run = promisify(execFile);

/** Where Debian and Ubuntu put the parts of Wine. */
const parts = {
  loader: '/usr/lib/wine/wine64',
  server: '/usr/lib/wine/wineserver',
  kernelbase: '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/kernelbase.dll',
} as const;

/** Throws, saying what to install, where Wine is not there. */
export function needWine(): void {
  for (const path of Object.values(parts)) {
    if (existsSync(path)) continue;
    throw new Error(
      `The tests of the program for Windows need Wine, and there is no ${path}: apt-get install --no-install-recommends wine64 wine nsis osslsigncode`,
    );
  }
}

/** To be changed with the recipe, so that no older prefix is taken. */
const recipe = 1;

/** What a Windows program gets of this machine's environment: nothing that could lead it astray. */
export const wineEnv = (prefix: string): Record<string, string> => ({
  PATH: '/usr/lib/wine:/usr/bin:/bin',
  HOME: homedir(),
  USER: 'kasir',
  // File names are UTF-8.
  LC_ALL: 'C.UTF-8',
  // Wine guesses the zone of this machine wrong.
  TZ: 'Asia/Jakarta',
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
});

export interface WineOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface WineRun {
  readonly prefix: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** Runs a program for Windows to its end; `program` is a path of this machine or a name that Windows finds. */
export async function wine(program: string, args: readonly string[], options: WineRun): Promise<WineOutcome> {
  const started = performance.now();
  const said = join(options.prefix, `said-${randomBytes(6).toString('hex')}`);
  const [out, err] = [await open(`${said}.out`, 'w'), await open(`${said}.err`, 'w')];
  try {
    const child = spawn(parts.loader, [program, ...args], {
      cwd: options.cwd ?? options.prefix,
      env: { ...wineEnv(options.prefix), ...options.env },
      stdio: ['ignore', out.fd, err.fd],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 100_000);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    }).finally(() => clearTimeout(timer));
    const [stdout, stderr] = await Promise.all(
      [`${said}.out`, `${said}.err`].map((path) => readFile(path, 'utf8')),
    );
    return {
      code,
      stdout: stdout ?? '',
      stderr: stderr ?? '',
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await Promise.all([out.close(), err.close()]);
    await Promise.all([`${said}.out`, `${said}.err`].map((path) => rm(path, { force: true })));
  }
}

/** Asks the server of a prefix. Ends with 1 when there is none. */
const wineServer = (prefix: string, ...args: string[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    spawn(parts.server, args, { env: wineEnv(prefix), stdio: 'ignore' })
      .once('error', reject)
      .once('exit', resolve);
  });

/**
 * Starts the server of a prefix, which stays until it is ended: so no program waits for another one to start. As a child in
 * the foreground it can be ended for sure, and all programs of the prefix with it.
 */
async function startServer(prefix: string): Promise<() => Promise<void>> {
  const server = spawn(parts.server, ['-f', '-p'], { env: wineEnv(prefix), stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  // Debian's Wine notes in the prefix where the server's socket lies.
  const place = async (): Promise<string | null> => {
    const name = await readFile(join(prefix, 'wineserver'), 'utf8').catch(() => null);
    return name === null ? null : join('/tmp', name);
  };
  const end = async (): Promise<void> => {
    const folder = await place();
    server.kill('SIGTERM');
    const timer = setTimeout(() => server.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(timer);
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  // The first program would start another server while this one is not up.
  for (let tries = 0; tries < 100 && server.exitCode === null; tries++) {
    const folder = await place();
    const [name] = folder === null ? [] : await readdir(folder).catch(() => []);
    if (folder !== null && name !== undefined && existsSync(join(folder, name, 'socket'))) return end;
    await sleep(100);
  }
  await end();
  throw new Error(`the server of Wine did not start for ${prefix}`);
}

/** Makes the prefix that all runs begin with unless it is kept; its path. */
async function keptPrefix(): Promise<string> {
  const { loader, kernelbase } = parts;
  const { stdout: version } = await run(loader, ['--version']);
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(kernelbase))
    .update(String(recipe));
  const kept = join(cacheFolder, `wine-${key.digest('hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  await mkdir(cacheFolder, { recursive: true });
  const prefix = `${kept}.tmp-${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(prefix);
    const must = async (program: string, ...args: string[]): Promise<void> => {
      const { code, stderr } = await wine(program, args, { prefix, timeoutMs: 300_000 });
      if (code !== 0) throw new Error(`Wine cannot make a prefix: ${program} ended with ${code}: ${stderr}`);
    };
    await must('wineboot', '-i');
    // As Windows 7, which is Wine's own choice, Node.js refuses it.
    await must('winecfg', '-v', 'win10');
    await must('reg', 'add', 'HKCU\\Software\\Wine\\DllOverrides', '/v', 'kernelbase', '/d', 'native', '/f');
    await wineServer(prefix, '-w');
    const hidden = (await readFile(kernelbase, 'latin1'))
      .replace('\0VirtualAlloc2\0', '\0VirtualAlloc1\0')
      // Else Wine takes its own in place of it.
      .replace('Wine builtin DLL', 'Wine builtin DLx');
    const system32 = join(prefix, 'drive_c', 'windows', 'system32');
    await writeFile(join(system32, 'kernelbase.dll'), hidden, 'latin1');
    await makeUserFolders(join(prefix, 'drive_c', 'users'));
    await rename(prefix, kept).catch((error) => {
      if (!existsSync(kept)) throw error;
    });
    return kept;
  } finally {
    await wineServer(prefix, '-k');
    await rm(prefix, { recursive: true, force: true });
  }
}

/** Wine links Desktop, Documents and the like to folders of this machine's user. */
async function makeUserFolders(users: string): Promise<void> {
  for (const user of await readdir(users)) {
    for (const name of await readdir(join(users, user))) {
      const path = join(users, user, name);
      if (!(await lstat(path)).isSymbolicLink()) continue;
      await unlink(path);
      await mkdir(path);
    }
  }
}

/** A prefix for one run, and what ends all its programs and removes it. */
export interface RunPrefix {
  readonly prefix: string;
  remove(): Promise<void>;
}

/**
 * Its files of Windows are hard links, as nothing changes them. Drives: `C:`, `D:` (empty, of its own), `Z:` (all of this
 * machine), and `\\server\cadangan` as a share of a server.
 */
export async function makeRunPrefix(): Promise<RunPrefix> {
  const kept = await keptPrefix();
  const prefix = join(cacheFolder, 'wine-runs', `${process.pid}-${randomBytes(4).toString('hex')}`);
  let endServer = async (): Promise<void> => {};
  const remove = async (): Promise<void> => {
    await endServer();
    await rm(prefix, { recursive: true, force: true, maxRetries: 5 });
  };
  await removeDead(join(cacheFolder, 'wine-runs'));
  try {
    await mkdir(prefix, { recursive: true });
    await run('cp', ['-al', join(kept, 'drive_c'), prefix]);
    for (const name of await readdir(kept))
      if (name.endsWith('.reg') || name.startsWith('.')) await copyFile(join(kept, name), join(prefix, name));
    const devices = join(prefix, 'dosdevices');
    await cp(join(kept, 'dosdevices'), devices, { recursive: true, verbatimSymlinks: true });
    await Promise.all(
      ['drive_d', 'share', 'dosdevices/unc/server'].map((name) =>
        mkdir(join(prefix, name), { recursive: true }),
      ),
    );
    await symlink('../drive_d', join(devices, 'd:'));
    await symlink('../../../share', join(devices, 'unc', 'server', 'cadangan'));
    endServer = await startServer(prefix);
    return { prefix, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What runs left that were killed. */
async function removeDead(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (existsSync(`/proc/${name.split('-')[0]}`)) continue;
    await wineServer(join(folder, name), '-k');
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** A path of this machine as a Windows program of that prefix names it. */
export function windowsPath(prefix: string, path: string): string {
  const places: [string, string][] = [
    [join(prefix, 'drive_c'), 'C:'],
    [join(prefix, 'drive_d'), 'D:'],
    [join(prefix, 'share'), '\\\\server\\cadangan'],
  ];
  const place = places.find(([folder]) => path === folder || path.startsWith(`${folder}/`));
  const rest = (place ? path.slice(place[0].length) : path).replaceAll('/', '\\');
  return `${place?.[1] ?? 'Z:'}${rest}`;
}
