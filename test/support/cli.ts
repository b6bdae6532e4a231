import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/run.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type EfakturFolderOptions, makeEfakturFolder } from './efaktur-folder.ts';
import { notePrinted } from './printed.ts';

/** The bundle that `npm run build` makes; another one can be named while several people build at once. */
export const program =
  process.env.EFAKTUR_TEST_PROGRAM ?? join(import.meta.dirname, '..', '..', 'dist', 'efaktur-cloud.js');

const killAt = join(import.meta.dirname, 'kill-at.mjs');

/** How a command line ended. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to the clean environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The world's own folder unless told. */
  readonly cwd?: string;
  /** In-process only: what the clock shows. */
  readonly now?: Date;
  /** In-process only. */
  readonly signal?: AbortSignal;
}

/** What to do to the built program at the n-th call of a function of node:fs/promises; see kill-at.mjs. */
export interface Trap {
  /**
   * `rename`, `open`, …, or `any` for every call that changes a name; `handle.sync`, … for calls of open files; `change` for
   * every change of the disk, bytes included.
   */
  readonly call: string;
  /** From 1; 0 for each. */
  readonly at: number;
  /** The call is counted only when one of its paths matches. */
  readonly path?: RegExp;
  /** `hang` never goes on; `SIGINT` and `slow` (half a second's rest) do. */
  readonly action: 'SIGKILL' | 'SIGINT' | 'hang' | 'slow' | 'fail';
  /** With `fail`: what the system says in place of doing it, such as `EIO`. */
  readonly errno?: string;
  /** After the call instead of before it. */
  readonly after?: boolean;
}

export interface BuiltOptions extends RunOptions {
  readonly trap?: Trap;
  readonly timeoutMs?: number;
  /** Called with everything written to stderr so far. */
  readonly onStderr?: (text: string) => void;
  readonly onStart?: (pid: number) => void;
}

/** A fresh e-Faktur folder, store and state folder, and the program run among them; all is removed with the test. */
export interface World {
  readonly folder: string;
  readonly app: string;
  readonly store: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command line in this process. */
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs the built program. */
  runBuilt(args: readonly string[], options?: BuiltOptions): Promise<Outcome>;
  /** As `run` with `--json`, which must end with that exit code and one document on stdout. */
  json<T = PushJson>(args: readonly string[], options?: RunOptions & { code?: number }): Promise<T>;
}

/** The JSON documents as design.md promises them. */
export interface BackupJson {
  id: string;
  date: string;
  capturedAt: string;
  kind: string | null;
  storedBytes: number | null;
  encrypted: boolean | null;
  archive: string | null;
}
export interface WarningJson {
  code: string;
  message: string;
  hint?: string;
}
export interface PushedStoreJson {
  store: string;
  id: string | null;
  outcome: string;
  uploadedBytes: number;
  requests: number;
  error?: { code: string; message: string; hint: string };
}
export interface PushJson {
  outcome: string;
  backups: (BackupJson & {
    outcome: string;
    source: string;
    capturedBasis: string;
    stores: PushedStoreJson[];
  })[];
  warnings: WarningJson[];
}
export interface PullJson {
  outcome: string;
  backup: BackupJson & { stores: string[] };
  store: string;
  target: string;
  files: number;
  bytes: number;
  databases: string[];
  verdict: string | null;
  tables: { table: string; rows: number; asOfLastCheckpoint?: true }[];
  previousDb: string | null;
  warnings: WarningJson[];
}
export interface CopyJson {
  outcome: string;
  backups: { id: string; kind: string; outcome: string; error?: { code: string; message: string } }[];
  programs: { id: string; outcome: string; archive: string | null }[];
  objects: number;
  bytes: number;
  differing: string[];
  readBack?: { id: string; ok: boolean; verdict: string }[];
  warnings: WarningJson[];
}
export interface ListJson {
  backups: (BackupJson & { stores: string[] })[];
  foreignKeys: number;
  warnings: WarningJson[];
}

/** `efaktur` null makes no e-Faktur folder. A `folder` that is given is not removed with the test: several may share the world. */
export async function makeWorld(
  efaktur: EfakturFolderOptions | null = {},
  folder: string | null = null,
): Promise<World> {
  return worldIn(folder ?? (await tempFolder()), efaktur);
}

async function worldIn(folder: string, efaktur: EfakturFolderOptions | null): Promise<World> {
  const app = join(folder, 'e-Faktur');
  const store = join(folder, 'store');
  const stateDir = join(folder, 'state');
  const home = join(folder, 'home');
  await mkdir(home);
  if (efaktur) await makeEfakturFolder(app, efaktur);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    EFAKTUR_STATE_DIR: stateDir,
    EFAKTUR_TIMEZONE: 'Asia/Jakarta',
    EFAKTUR_NAME: 'pc-kasir',
    EFAKTUR_STORE: store,
    EFAKTUR_APP_DIR: app,
  };
  const run: World['run'] = (args, options = {}) =>
    runHere(args, { ...options, env: { ...env, ...options.env }, cwd: options.cwd ?? folder });
  return {
    folder,
    app,
    store,
    stateDir,
    env,
    run,
    runBuilt: (args, options = {}) =>
      runBuilt(args, { ...options, env: { ...env, ...options.env }, cwd: options.cwd ?? folder }),
    async json<T>(args: readonly string[], options: RunOptions & { code?: number } = {}) {
      const outcome = await run([...args, '--json'], options);
      if (outcome.code !== (options.code ?? 0)) {
        throw new Error(`${args.join(' ')} ended with ${outcome.code}: ${outcome.stdout}${outcome.stderr}`);
      }
      return JSON.parse(outcome.stdout) as T;
    },
  };
}

/** The keys of a bucket that the tests of this process use now: see `useKeys` and `withKeys`. */
const keysInUse = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));

/** Runs a command line in this process, with the keys in use and nothing else of this process's environment. */
export async function runHere(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [stdout, stderr] = [collector(), collector()];
  const env = defined({ ...keysInUse(), ...options.env });
  const code = await runCommandLine(args, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: Readable.from([]),
    around: {
      env,
      currentFolder: options.cwd ?? tmpdir(),
      homeFolder: env.HOME ?? tmpdir(),
      hostName: 'PC Kasir 1',
      platform: process.platform,
      systemZone: 'Asia/Jakarta',
      systemLocale: 'C',
    },
    now: () => options.now ?? new Date(),
    signal: options.signal ?? new AbortController().signal,
    version: '9.9.9',
  });
  notePrinted(args, stdout.text(), stderr.text());
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

const defined = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** Runs the built program in a process of its own. */
export async function runBuilt(args: readonly string[], options: BuiltOptions = {}): Promise<Outcome> {
  if (!existsSync(program)) throw new Error(`${program} is not there: run "npm run build" first`);
  const { trap } = options;
  const child = spawn(process.execPath, [...(trap ? ['--import', killAt] : []), '--', program, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: {
      ...defined(options.env ?? {}),
      ...(trap && { KILL_AT: JSON.stringify({ ...trap, path: trap.path?.source }) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(stderr);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      notePrinted(args, stdout, stderr);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

/** The error object that `--json` puts on stderr. */
export function errorOf(outcome: Outcome): { code: string; message: string; hint: string } {
  const line = outcome.stderr.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(line) as { error: { code: string; message: string; hint: string } }).error;
}

/** Every file below a folder with size and SHA-256, folders as `DIR/`; what two equal trees have in common. */
export async function treeOf(folder: string, withTimes = false): Promise<Record<string, string>> {
  const tree: [string, string][] = [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    const time = withTimes ? ` ${(await stat(path)).mtimeMs}` : '';
    if (entry.isDirectory()) tree.push([`${name}/`, time]);
    else {
      const bytes = await readFile(path);
      tree.push([
        name,
        `${bytes.length} ${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}${time}`,
      ]);
    }
  }
  return Object.fromEntries(tree.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The keys of a folder store, sorted; its temp files begin with a dot and count too. */
export const keysOf = async (store: string): Promise<string[]> =>
  Object.keys(await treeOf(store)).filter((name) => !name.endsWith('/'));
