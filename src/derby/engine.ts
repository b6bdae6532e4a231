/*
 * Real Derby as the last word on a database: started as a process of its own, and told by a small class of ours
 * (engine/CheckTables.java) to open the database and check every table.
 */

import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { hourMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import { checkTablesClass } from './engine/check-tables-class.ts';
import type { Engine } from './engine-search.ts';
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
  moreTimeAndMemory,
  neededVersions,
  newerDerby,
  notFinished,
  notStartedFrom,
  onlyOwnUsers,
  otherPlaceForCopy,
  tablesUnlistable,
} from './engine-texts.ts';
import { type JavaRun, runJava, words } from './java-run.ts';

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
