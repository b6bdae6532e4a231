/*
 * Real Derby as the last word on a database: found on this computer, started as a process of its own, and told by a
 * small class of ours (engine/CheckTables.java) to open the database and check every table.
 */

import { spawn } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { closePipesAfterExit } from '../base/child-pipes.ts';
import { hourMs } from '../base/durations.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import { checkTablesClass } from './engine/check-tables-class.ts';
import {
  cannotShutDown,
  derbySays,
  encryptedByDerby,
  ended,
  endedEarly,
  engineDiskFull,
  engineSawNone,
  foundWrong,
  freeSpace,
  installJava,
  javaRefused,
  moreTimeAndMemory,
  nameDerbyJar,
  neededVersions,
  newerDerby,
  noAnswer,
  noDerbyJar,
  noDerbyJarIn,
  noJava,
  notFinished,
  notStartedFrom,
  onlyOwnUsers,
  otherPlaceForCopy,
  tablesUnlistable,
} from './engine-texts.ts';

/** Where Java and Derby lie. */
export interface Engine {
  readonly java: string;
  readonly derbyJar: string;
  /** All that Java gets of this program's environment: {@link javaEnvironment}. */
  readonly env: Readonly<Record<string, string>>;
}

export interface EngineSearch {
  /** This program's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly javaHome: string | null;
  /** PATH as the system has it. */
  readonly path: string;
  readonly derbyHome: string | null;
  readonly appFolder: string | null;
  /** Named by the user: no other is looked for. */
  readonly derbyJar: string | null;
}

export interface EngineTable {
  /** `SCHEMA.TABLE` */
  readonly name: string;
  /** Derby could read every value of every row, and each index names exactly these rows. */
  readonly ok: boolean;
  /** Null when they could not be counted. */
  readonly rows: number | null;
  /** What Derby says, in its own words. */
  readonly message: Text | null;
}

/**
 * `sound`: it opens and every table is ok. `damaged`: it does not. `in-doubt`: it opens, but tables stay locked by a
 * transaction that another program prepared and has to end (XA), so they could not be read. The others say nothing about the
 * data: Derby would need the boot password, is older than the database, or was refused a connection by the database's own
 * users.
 */
export type EngineOutcome = 'sound' | 'damaged' | 'in-doubt' | 'encrypted' | 'newer-database' | 'no-access';

export interface EngineVerdict {
  readonly outcome: EngineOutcome;
  /** Of the Derby that opened it, such as `10.12.1.1`; `10.12` when it could not open it. */
  readonly derbyVersion: string;
  readonly boots: boolean;
  /** System tables too. Empty when it does not boot. */
  readonly tables: readonly EngineTable[];
  /** Why the outcome is not `sound`; null when it is, or when the tables say why. */
  readonly message: Text | null;
}

/** What a JVM needs to start, to find its libraries and to write where it may. */
const forJava =
  /^(path|home|user|username|userprofile|logname|lang|language|lc_\w+|tz|tmp|temp|tmpdir|systemroot|systemdrive|windir|comspec|pathext|java_\w+|_java_options|jdk_\w+|(ld|dyld)_library_path|(local)?appdata|display)$/i;

/**
 * Without the keys of a bucket, which nothing that opens a database needs. Java reads names of files by the locale, which a
 * scheduler has none of; they are UTF-8, as Node.js writes them.
 */
export const javaEnvironment = (env: EngineSearch['env']): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && forJava.test(entry[0]),
    ),
  ),
  ...(!/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '') && { LC_ALL: 'C.UTF-8' }),
});

/** What Derby says, without the page that it shows in hexadecimal: that is rows of somebody's books. */
const words = (said: string | null | undefined): string => {
  const [first = ''] = (said ?? '').split(/[\s.,:;(]*(?:page dump follows|hex dump)/i);
  const line = first.replace(/\s+/g, ' ').trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
};
const shownCharacters = 500;

const driverClass = 'org/apache/derby/jdbc/EmbeddedDriver.class';
const defaultTimeoutMs = 2 * hourMs;

/** Derby could not write to the scratch copy or its log: the disk is full. */
const diskFullStates = /^(XSLA4|XSDG1)$/;

/** A lock was waited for in vain. Nobody else has the copy open, so its holder is a transaction from before. */
const lockedStates = /^40XL[12]$/;

/** XJ004, "Database not found": the folder has no service.properties that Java sees. */
const notFoundState = 'XJ004';

/** SQLStates that tell the outcome apart; Derby keeps them from version to version, unlike its texts. */
const bootOutcomes: readonly (readonly [state: RegExp, EngineOutcome])[] = [
  [/^(XBM06|XBCX[0-9A-Z])$/, 'encrypted'],
  [/^(XSLAN|XSLAP)$/, 'newer-database'],
  [/^(08004|28\d{3}|4250[0-9A-Z])$/, 'no-access'],
];

const otherWords: Partial<Record<EngineOutcome, Text>> = {
  encrypted: encryptedByDerby,
  'newer-database': newerDerby,
  'no-access': onlyOwnUsers,
};

/**
 * Opens the database in real Derby, lets SYSCS_UTIL.SYSCS_CHECK_TABLE check each table, reads every value of every
 * row and shuts it down. The folder must be a scratch copy that nobody has open: Derby repairs it from its log and rewrites files. All
 * else goes to a temp folder that is removed. What Derby finds is the result, never an error. Errors: `usage` when Java
 * or Derby cannot be started, `source-unusable` when Derby ends before it is done or takes longer than `timeoutMs` (two
 * hours unless told), `target-not-writable` when the copy's disk is full.
 */
export async function checkWithEngine(request: {
  readonly databaseFolder: string;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}): Promise<EngineVerdict> {
  const { databaseFolder, engine, signal, timeoutMs = defaultTimeoutMs } = request;
  const home = await mkdtemp(join(tmpdir(), 'efaktur-engine-'));
  try {
    await writeFile(join(home, 'CheckTables.class'), checkTablesClass);
    // From 10.15 on Derby is in several jars.
    const beside = ['derbyshared.jar', 'derbytools.jar'].map((name) => join(dirname(engine.derbyJar), name));
    const settings = {
      'derby.system.home': home,
      'derby.stream.error.file': join(home, 'derby.log'),
      // The database's own list of users would keep everybody out.
      'derby.connection.requireAuthentication': 'false',
      'derby.database.defaultConnectionMode': 'fullAccess',
      'derby.storage.pageCacheSize': '2000',
      // Seconds. What is locked now stays so.
      'derby.locks.waitTimeout': '2',
      'java.awt.headless': 'true',
      'user.language': 'en',
      'user.country': 'US',
    };
    const flags = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
    const classPath = [home, engine.derbyJar, ...beside].join(delimiter);
    const ran = await runJava(engine.java, [...flags, '-cp', classPath, 'CheckTables', databaseFolder], {
      cwd: home,
      env: engine.env,
      signal,
      timeoutMs,
    });
    const isThere = await access(join(databaseFolder, 'service.properties')).then(
      () => true,
      () => false,
    );
    return verdictOf(ran, engine, { databaseFolder, timeoutMs, isThere });
  } finally {
    // On Windows a killed JVM holds its files for a moment.
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function verdictOf(
  ran: JavaRun,
  engine: Engine,
  request: { readonly databaseFolder: string; readonly timeoutMs: number; readonly isThere: boolean },
): EngineVerdict {
  const { databaseFolder, timeoutMs, isThere } = request;
  const told = toldBy(ran);
  const derbyVersion = told.field('engine', 1);
  if (!ran.timedOut && derbyVersion === null) throw notStarted(engine, ran);
  if (derbyVersion === null || !told.lines.some(([first]) => first === 'end')) {
    const said = words(ran.stderr);
    throw new EfakturError(
      'source-unusable',
      ran.timedOut
        ? notFinished(databaseFolder, timeoutMs, said)
        : endedEarly(databaseFolder, ended(ran.code, ran.end), said),
      moreTimeAndMemory,
    );
  }
  const allStates = told.lines.flatMap((line) => statesOf(line)?.split(',') ?? []);
  if (allStates.some((state) => diskFullStates.test(state))) {
    throw new EfakturError('target-not-writable', engineDiskFull(databaseFolder), freeSpace);
  }
  const bootStates = told.field('boot', 1);
  // What does not see a file that is there has seen no damage.
  if (isThere && bootStates?.split(',').includes(notFoundState))
    throw new EfakturError('source-unusable', engineSawNone(databaseFolder), otherPlaceForCopy);
  return bootStates
    ? unbooted(bootStates.split(','), told.field('boot', 2), derbyVersion)
    : // The two numbers of the driver do not tell maintenance releases apart.
      booted(told, told.field('boot', 2) || derbyVersion);
}

/** What CheckTables printed: lines of fields, the first of which says what the line is of. */
interface Told {
  readonly lines: readonly (readonly string[])[];
  /** Of the first line of that name; null when there is none. */
  field(name: string, at: number): string | null;
}

function toldBy(ran: JavaRun): Told {
  const lines = ran.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').map(plainText));
  return { lines, field: (name, at) => lines.find(([first]) => first === name)?.[at] ?? null };
}

/** Of a database that Derby did not open. */
function unbooted(states: readonly string[], said: string | null, derbyVersion: string): EngineVerdict {
  const known = bootOutcomes.find(([pattern]) => states.some((state) => pattern.test(state)));
  const outcome = known?.[1] ?? 'damaged';
  const [why, says] = [otherWords[outcome], derbySays(states.join(', '), words(said))];
  return {
    outcome,
    derbyVersion,
    boots: false,
    tables: [],
    message: why ? joined([why, says], ' ') : says,
  };
}

/** Of one whose tables Derby could be asked for. */
function booted({ lines, field }: Told, derbyVersion: string): EngineVerdict {
  const tableLines = lines.filter(([first]) => first === 'table');
  const bad = tableLines.filter(([, , , , result]) => result !== 'ok');
  const listStates = field('tables', 1);
  const noAccess = bootOutcomes.find(([, outcome]) => outcome === 'no-access')?.[0];
  const isRefused = listStates?.split(',').some((state) => noAccess?.test(state)) ?? false;
  const closeStates = field('closed', 1);
  const isWhole = listStates === '' && bad.every(isLocked) && !closeStates;
  const message = listStates
    ? tablesUnlistable(listStates, words(field('tables', 2)))
    : closeStates
      ? cannotShutDown(closeStates, words(field('closed', 2)))
      : null;
  return {
    derbyVersion,
    outcome: isWhole ? (bad.length === 0 ? 'sound' : 'in-doubt') : isRefused ? 'no-access' : 'damaged',
    boots: true,
    tables: tableLines.map(tableOf),
    message,
  };
}

function tableOf([, schema, name, , result, rows, states, message]: readonly string[]): EngineTable {
  const finding = result === 'bad' ? foundWrong : verbatim(`${words(message)} (${states})`);
  return {
    name: `${schema}.${name}`,
    ok: result === 'ok',
    rows: rows ? Number(rows) : null,
    message: result === 'ok' ? null : finding,
  };
}

const isLocked = (line: readonly string[]): boolean =>
  statesOf(line)
    ?.split(',')
    .some((state) => lockedStates.test(state)) ?? false;

const statesOf = (line: readonly string[]): string | undefined => line[line[0] === 'table' ? 6 : 1];

const plainText = (field: string): string =>
  field.replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const notStarted = (engine: Engine, ran: JavaRun): EfakturError =>
  new EfakturError(
    'usage',
    notStartedFrom(engine.derbyJar, engine.java, ended(ran.code, ran.end), words(ran.stderr.split('\n')[0])),
    neededVersions,
  );

interface JavaRun {
  readonly stdout: string;
  /** Its last words. */
  readonly stderr: string;
  /** A signal, or why it did not start; empty where it ended by itself. */
  readonly end: string;
  readonly code: number | null;
  readonly timedOut: boolean;
}

/** Runs a JVM to its end. Rejects only with the signal's reason. */
async function runJava(
  java: string,
  args: readonly string[],
  options: { cwd?: string; env: Engine['env']; signal?: AbortSignal | undefined; timeoutMs: number },
): Promise<JavaRun> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
  const child = spawn(java, args, {
    ...cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  closePipesAfterExit(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  let timedOut = false;
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop);
  try {
    const { code, end } = await new Promise<{ code: number | null; end: string }>((resolve) => {
      child.on('error', (error) => resolve({ code: null, end: systemCode(error) ?? error.message }));
      child.on('close', (code, by) => resolve({ code, end: code === null ? `${by}` : '' }));
    });
    signal?.throwIfAborted();
    return { stdout, stderr: stderr.trim(), end, code, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Finds a Java that runs (JAVA_HOME, then PATH, then the app folder's own `java/bin`) and derby.jar (the one named, else
 * in the app folder's `lib` or beside the programs, else DERBY_HOME/lib). `usage` when one is not found, naming what was
 * tried and why it would not do.
 */
export async function findEngine(search: EngineSearch): Promise<Engine> {
  const java = await findJava(search);
  const derbyJar = await findDerbyJar(search);
  return { java, derbyJar, env: javaEnvironment(search.env) };
}

async function findJava({ javaHome, path, appFolder, env }: EngineSearch): Promise<string> {
  const name = process.platform === 'win32' ? 'java.exe' : 'java';
  const folders = [
    ...(javaHome ? [resolve(javaHome, 'bin')] : []),
    // What PATH names relative to the current folder would be whatever lies there.
    ...path.split(delimiter).filter((folder) => isAbsolute(folder)),
    ...(appFolder ? [join(appFolder, 'java', 'bin'), join(appFolder, 'java', 'jre', 'bin')] : []),
  ];
  const refused: Text[] = [];
  for (const folder of new Set(folders)) {
    const java = join(folder, name);
    const ran = await runJava(java, ['-version'], { env: javaEnvironment(env), timeoutMs: 60_000 });
    if (ran.code === 0) return java;
    if (ran.end === 'ENOENT') continue;
    const why = ran.timedOut ? noAnswer : ended(ran.code, ran.end);
    refused.push(javaRefused(java, why, words(ran.stderr.split('\n')[0])));
  }
  throw new EfakturError('usage', noJava(refused), installJava);
}

async function findDerbyJar({ derbyJar, appFolder, derbyHome }: EngineSearch): Promise<string> {
  if (derbyJar !== null) {
    if (await isDerbyJar(derbyJar)) return derbyJar;
    throw new EfakturError('usage', noDerbyJar(derbyJar), nameDerbyJar);
  }
  const folders = appFolder ? [join(appFolder, 'lib'), appFolder] : [];
  for (const folder of folders) {
    const jars = (await namesIn(folder)).filter((name) => name.toLowerCase().endsWith('.jar'));
    // Derby's own name first: any jar may hold it, but most do not, and all must be read to see.
    const isDerby = (name: string): number => (/^derby/i.test(name) ? 0 : 1);
    for (const name of jars.sort((a, b) => isDerby(a) - isDerby(b) || (a < b ? -1 : 1)))
      if (await isDerbyJar(join(folder, name))) return join(folder, name);
  }
  const atHome = derbyHome ? join(derbyHome, 'lib', 'derby.jar') : null;
  if (atHome && (await isDerbyJar(atHome))) return atHome;
  throw new EfakturError('usage', noDerbyJarIn([...folders, ...(atHome ? [atHome] : [])]), nameDerbyJar);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return [];
  }
}

/** A zip's list of names is not compressed: the class is in the jar when its name is. */
async function isDerbyJar(path: string): Promise<boolean> {
  try {
    const bytes = await readFile(path);
    return bytes.subarray(0, 2).toString('latin1') === 'PK' && bytes.includes(driverClass);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return false;
  }
}
