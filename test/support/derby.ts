import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { constants, existsSync, realpathSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';
import { type DerbyVersion, derbyJar, helperClasses, javaTool } from './derby-tools.ts';
import { cacheFolder } from './server-binary.ts';

/** What Derby refused, with the SQLStates of the whole chain, outermost first. */
export class DerbyError extends Error {
  override readonly name = 'DerbyError';
  readonly states: readonly string[];
  constructor(message: string, states: readonly string[]) {
    super(message);
    this.states = states;
  }
}

/** Numbers: SMALLINT, INTEGER, REAL, DOUBLE. Bytes are hex. BIGINT, DECIMAL, dates and times are text. */
export type SqlValue = string | number | boolean | null;
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly SqlValue[])[];
}
export interface CheckedTable {
  readonly schema: string;
  readonly table: string;
  readonly system: boolean;
  /** Rows and indexes agree, by SYSCS_UTIL.SYSCS_CHECK_TABLE, and the rows can be counted. */
  readonly ok: boolean;
  readonly rows: number | null;
  readonly states: readonly string[];
}
export interface CheckResult {
  readonly boots: boolean;
  /** It boots and all tables are ok. */
  readonly ok: boolean;
  readonly states: readonly string[];
  readonly tables: readonly CheckedTable[];
}

export interface EtaxOptions {
  /** About so many megabytes in `seg0`; without it `invoices` decides. */
  readonly sizeMb?: number;
  /** 60 unless told. */
  readonly invoices?: number;
  readonly seed?: number;
  /** `YYYY-MM-DD`; invoices are spread evenly from the first to the last day. */
  readonly firstDay?: string;
  readonly lastDay?: string;
  readonly bootPassword?: string;
  /** Random bytes for every invoice, as its printed code: then the database compresses to about half. */
  readonly images?: boolean;
}

/** One JVM with one Derby version. Commands run one after the other; paths are database folders. Close it. */
export interface Derby {
  readonly version: DerbyVersion;
  readonly pid: number;
  /** Boots a database. `once` are attributes of this boot (`create=true`), `attributes` of every connection. */
  open(path: string, options?: { attributes?: string; once?: string }): Promise<void>;
  /** A new database with the e-Faktur-like schema ETAX, its rows committed, cleanly shut down. Resolves with the number of invoices. */
  create(path: string, options?: EtaxOptions): Promise<number>;
  /** A new database with tables of random shape in the schema ACAK, cleanly shut down. Resolves with their names. */
  createRandom(path: string, options: { seed: number; tables?: number }): Promise<string[]>;
  /** Runs the statements in one transaction and commits. Opens the database and leaves it open. */
  exec(path: string, ...sql: string[]): Promise<number>;
  query(path: string, sql: string): Promise<QueryResult>;
  /** Adds a customer and an invoice for it to an ETAX database, committed. */
  addInvoice(path: string, invoice: { date: string; customer: string; dpp: string }): Promise<void>;
  /** A day's work on an ETAX database, committed: new invoices, a tenth as many changes, one removal. */
  workday(path: string, options: { date: string; invoices: number; seed?: number }): Promise<void>;
  /** Opens this very folder (recovering it) and checks every table. Finds are the result, never an error. */
  check(path: string): Promise<CheckResult>;
  /** As `check`, on a scratch copy without lock files: the folder given stays as it is. */
  checkCopy(path: string, options?: { attributes?: string }): Promise<CheckResult>;
  /** Starts a thread that keeps writing to an ETAX database, and one that takes checkpoints. */
  startWriting(path: string, options?: WriterOptions): Promise<void>;
  /** Resolves when the writer has committed so many transactions in all, with the number. */
  waitForCommits(path: string, commits: number): Promise<number>;
  stopWriting(path: string): Promise<number>;
  /** Packs a folder into a zip as Java programs do. Times are those of the files, or the one given, shown as UTC+7. */
  zip(folder: string, target: string, options?: { prefix?: string; time?: Date }): Promise<number>;
  /** Shuts one database down cleanly. */
  shutdown(path: string): Promise<void>;
  /** Shuts all databases down cleanly and ends the JVM. May be called twice, and after `kill`. */
  close(): Promise<void>;
  /** SIGKILL: open databases keep their lock files and need recovery. */
  kill(): Promise<void>;
}

/** Settings of {@link startWriter}. */
export interface WriterOptions {
  readonly seed?: number;
  /** No checkpoints but Derby's own when 0. 250 unless told. */
  readonly checkpointEveryMs?: number;
  /** Rest after each transaction. 0 unless told. */
  readonly pauseMs?: number;
}

interface Answer {
  value?: unknown;
  error?: string;
  states?: string[];
}

export interface DerbyOptions {
  /** 10.12.1.1 unless told. */
  readonly version?: DerbyVersion;
  readonly maxHeapMb?: number;
  /** After so many bytes Derby starts a new log file, each preallocated to this size; 100000 is its least, 1 MiB its default. */
  readonly logSwitchBytes?: number;
}

/** Starts a JVM with that Derby; its derby.log and system home are in a temp folder that goes with it. */
export async function startDerby(options: DerbyOptions = {}): Promise<Derby> {
  const version = options.version ?? '10.12.1.1';
  const [jar, classes] = await Promise.all([derbyJar(version), helperClasses()]);
  const home = await mkdtemp(join(tmpdir(), 'derby-home-'));
  const settings = {
    'derby.system.home': home,
    'derby.stream.error.file': join(home, 'derby.log'),
    'derby.storage.pageCacheSize': '8000',
    // What waits for a lock in a test waits in vain.
    'derby.locks.waitTimeout': '10',
    ...(options.logSwitchBytes === undefined
      ? {}
      : { 'derby.storage.logSwitchInterval': options.logSwitchBytes }),
    'user.timezone': 'Asia/Jakarta',
    'user.language': 'en',
    'user.country': 'US',
    'file.encoding': 'UTF-8',
  };
  const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const heap = [
    `-Xmx${options.maxHeapMb ?? 512}m`,
    '-XX:+UseSerialGC',
    // No JVM of a test lives for so long that the second compiler pays.
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
  ];
  const java = javaTool('java');
  const child = spawn(java, [...heap, ...flags, '-cp', [classes, jar].join(delimiter), 'DerbyHelper'], {
    cwd: home,
  });
  return talk(child, version, home);
}

function talk(child: ChildProcessWithoutNullStreams, version: DerbyVersion, home: string): Derby {
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let stderr = '';
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      isGone = true;
      for (const one of waiting.splice(0))
        one.reject(new Error(`The Derby process ended (${why}): ${stderr}`));
      rmSync(home, { recursive: true, force: true });
      resolve();
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(String(signal ?? code)));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  // A killed JVM breaks the pipe; `close` reports it to whoever waits.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.shift()?.resolve(JSON.parse(line) as Answer);
  });

  const ask = async <T>(...words: (string | number)[]): Promise<T> => {
    if (isGone) throw new Error(`The Derby process is gone: ${stderr}`);
    const answer = await new Promise<Answer>((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(
        `${words.map((word) => `=${Buffer.from(String(word)).toString('base64')}`).join(' ')}\n`,
      );
    });
    if (answer.error !== undefined) throw new DerbyError(answer.error, answer.states ?? []);
    return answer.value as T;
  };
  const full = (path: string): string => resolvePath(path);
  const open: Derby['open'] = (path, { attributes = '', once = '' } = {}) =>
    ask('open', full(path), attributes, once);
  const shutdown: Derby['shutdown'] = (path) => ask('shutdown', full(path));

  const derby: Derby = {
    version,
    pid: child.pid ?? 0,
    open,
    async create(path, options = {}) {
      const secret = options.bootPassword;
      const once = secret === undefined ? 'create=true' : 'create=true;dataEncryption=true';
      await open(path, { attributes: secret === undefined ? '' : `bootPassword=${secret}`, once });
      const size = [options.sizeMb ?? 0, options.invoices ?? 60];
      const days = [options.firstDay ?? '2022-01-03', options.lastDay ?? '2023-07-06'];
      const images = String(options.images ?? false);
      const count = await ask<number>('fill', full(path), options.seed ?? 1, ...size, ...days, images);
      await shutdown(path);
      // Derby removes an empty tmp, which a database in use has most of the time.
      await mkdir(join(path, 'tmp'), { recursive: true });
      return count;
    },
    async createRandom(path, { seed, tables = 4 }) {
      await open(path, { once: 'create=true' });
      const names = await ask<string[]>('random', full(path), seed, tables);
      await shutdown(path);
      return names;
    },
    exec: (path, ...sql) => ask('exec', full(path), ...sql),
    query: (path, sql) => ask('query', full(path), sql),
    addInvoice: (path, { date, customer, dpp }) => ask('single', full(path), date, customer, dpp),
    workday: (path, { date, invoices, seed = 2 }) => ask('workday', full(path), seed, invoices, date),
    check: (path) => ask('check', full(path)),
    async checkCopy(path, { attributes = '' } = {}) {
      const scratch = await mkdtemp(join(tmpdir(), 'derby-copy-'));
      const copy = join(scratch, basename(full(path)));
      try {
        const isLock = (name: string): boolean => name === 'db.lck' || name === 'dbex.lck';
        await cp(path, copy, { recursive: true, filter: (source) => !isLock(basename(source)) });
        // A check opens the database itself, and reports it when that fails.
        if (attributes !== '') await open(copy, { attributes }).catch(() => undefined);
        const result = await ask<CheckResult>('check', copy);
        // A damaged database may not even shut down; the copy goes all the same.
        await shutdown(copy).catch(() => undefined);
        return result;
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
    async startWriting(path, { seed = 3, checkpointEveryMs = 250, pauseMs = 0 } = {}) {
      await ask('write', full(path), seed, checkpointEveryMs, pauseMs);
    },
    waitForCommits: (path, commits) => ask('await', full(path), commits),
    stopWriting: (path) => ask('stop', full(path)),
    zip: (folder, target, { prefix = '', time } = {}) =>
      ask('zip', full(folder), full(target), prefix, time?.getTime() ?? 0),
    shutdown,
    async close() {
      try {
        if (!isGone) await ask('exit');
      } finally {
        child.stdin.end();
        await gone;
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
  return derby;
}

/** A JVM of its own that keeps writing to a database until told otherwise. */
export interface Writer {
  readonly pid: number;
  /** Resolves when so many transactions in all are committed, with the number; fails if the writer failed. */
  waitForCommits(commits: number): Promise<number>;
  /** Ends after the transaction under way and shuts the database down cleanly. */
  stop(): Promise<number>;
  /** SIGKILL in the middle of whatever it does. */
  kill(): Promise<void>;
}

/** Opens an ETAX database in a new JVM and writes to it. */
export async function startWriter(path: string, options: WriterOptions & DerbyOptions = {}): Promise<Writer> {
  const derby = await startDerby(options);
  try {
    await derby.startWriting(path, options);
  } catch (error) {
    await derby.kill();
    throw error;
  }
  return {
    pid: derby.pid,
    waitForCommits: (commits) => derby.waitForCommits(path, commits),
    async stop() {
      const commits = await derby.stopWriting(path);
      await derby.close();
      return commits;
    },
    kill: () => derby.kill(),
  };
}

/** Opens a database in a new JVM, commits rows that no checkpoint has written yet, and idles, as e-Faktur does all day. */
export async function holdOpen(
  path: string,
  options: DerbyOptions = {},
): Promise<{ pid: number; release(): Promise<void>; kill(): Promise<void> }> {
  const derby = await startDerby(options);
  try {
    await derby.workday(path, { date: '2024-02-01', invoices: 3, seed: 77 });
  } catch (error) {
    await derby.kill();
    throw error;
  }
  return { pid: derby.pid, release: () => derby.close(), kill: () => derby.kill() };
}

/**
 * Puts a cleanly shut ETAX database at `path` without starting a JVM where one with these options was made before: the
 * cache folder keeps them. Resolves with the path. The parent folders are made.
 */
export async function placeDatabase(
  path: string,
  options: EtaxOptions & { version?: DerbyVersion } = {},
): Promise<string> {
  const { version = '10.12.1.1', ...etax } = options;
  await placeKept(path, [version, Object.entries(etax).sort()], async (made) => {
    const derby = await startDerby({ version });
    try {
      await derby.create(made, etax);
    } finally {
      await derby.close();
    }
  });
  return path;
}

/** Puts an ETAX database at `path` as {@link holdOpen} leaves it when it is killed: with its lock files. Kept as well. */
export async function placeKilled(path: string): Promise<void> {
  await placeKept(path, 'killed', async (made) => {
    await placeDatabase(made);
    await (await holdOpen(made)).kill();
  });
}

/**
 * Puts at `path` a copy of what `make` makes, made once for each `what` and state of the Java sources and of this module,
 * and kept in the cache folder. `what` must name all else that the bytes depend on.
 */
export async function placeKept(
  path: string,
  what: unknown,
  make: (path: string) => Promise<void>,
): Promise<void> {
  const classes = basename(await helperClasses());
  const own = await readFile(import.meta.filename);
  const key = createHash('sha256')
    .update(own)
    .update(JSON.stringify([classes, realpathSync(javaTool('java')), what]));
  const kept = join(cacheFolder, 'databases', key.digest('hex').slice(0, 24));
  if (!existsSync(kept)) {
    // Beside the others, and under its last name as a whole or not at all.
    const draft = `${kept}.tmp-${randomUUID()}`;
    await mkdir(draft, { recursive: true });
    try {
      await make(join(draft, 'database'));
      // Another process may have been faster with the same database.
      await rename(join(draft, 'database'), kept).catch((error) => {
        if (!existsSync(kept)) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  await cp(kept, path, { recursive: true, mode: constants.COPYFILE_FICLONE });
}
