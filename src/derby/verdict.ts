/*
 * From what a database's files said to a verdict with reasons an accountant can read. Only here is known what Derby does
 * with each kind of damage at its next start.
 */
import {
  type Catalog,
  type CatalogPart,
  catalogContainers,
  readCatalog,
  schemaFingerprint,
  type Table,
} from './catalog.ts';
import { containerFileName } from './container.ts';
import { containerProblems, lacksReserve } from './container-problems.ts';
import type { LogControl, LogFileFacts } from './log.ts';
import { judgeLog } from './log-state.ts';
import type { ContainerFacts } from './scan.ts';
import { logDeviceOf, missingProperty, parseServiceProperties } from './service-properties.ts';

/**
 * `clean`: closed in an orderly way, and every check passed. `needs-recovery`: whole, but Derby will first replay its
 * log, so only Derby itself can tell whether it is sound. `encrypted`: headers and log are in order, no more can be
 * seen. `damaged`: data is missing or wrong.
 */
export type Verdict = 'clean' | 'encrypted' | 'needs-recovery' | 'damaged';

export type ProblemKind =
  | 'missing-file'
  | 'service-properties'
  | 'log-control'
  | 'log'
  | 'not-closed'
  | 'file-length'
  | 'container-header'
  | 'page'
  | 'catalog'
  | 'index';

export interface Problem {
  /** Relative to the `db` folder. */
  readonly file: string;
  readonly page: number | null;
  readonly kind: ProblemKind;
  /** What it makes of the database; a `note` changes no verdict. */
  readonly severity: 'damaged' | 'needs-recovery' | 'note';
  /** A sentence in plain words. */
  readonly message: string;
}

export type CheckName = 'structure' | 'log' | 'pages' | 'catalog' | 'rows' | 'indexes';

export interface DatabaseVerdict {
  /** The folder's name under `db`. */
  readonly database: string;
  readonly verdict: Verdict;
  /** Of one file at most twenty pages, then their number; of one database at most a thousand. */
  readonly problems: readonly Problem[];
  /** `major.minor` of the stored format, such as `10.12`: an older Derby cannot open it. Null when unknown. */
  readonly derbyVersion: string | null;
  /** Source revision of the Derby that wrote it last (1704137 is 10.12.1.1); null when unknown. */
  readonly derbyBuild: number | null;
  /** SHA-256 (hex) over the user tables' columns; null when they cannot be read. */
  readonly schemaFingerprint: string | null;
  /**
   * User tables as `SCHEMA.TABLE` with their live rows; as of the last checkpoint when recovery is needed. A table whose
   * file does not hold its rows, perhaps only until recovery, is left out.
   */
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** The checks that ran to their end. */
  readonly checked: readonly CheckName[];
}

const maxProblems = 1000;
const ranks: readonly Verdict[] = ['clean', 'encrypted', 'needs-recovery', 'damaged'];

export function worstVerdict(databases: readonly DatabaseVerdict[]): Verdict {
  const rank = databases.reduce((worst, { verdict }) => Math.max(worst, ranks.indexOf(verdict)), -1);
  return ranks[rank] ?? 'damaged';
}

/** Derby's own list of the backups it made of a database. */
export const backupHistory = 'BACKUP.HISTORY';

const unusedFile = 'A file that no table or index uses is damaged; it is not needed.';
const unusedBefore =
  'A file that no table or index used at the last checkpoint is damaged; only Derby can tell whether it is needed.';

/** The container that holds the database's own settings; the catalog does not list it. */
const settingsContainer = 0x10;

/** What one database's files said, before any conclusion. Paths are relative to the database's folder. */
export interface DatabaseFindings {
  readonly name: string;
  serviceProperties: Buffer | null;
  /** `null`: not there; `bad`: there, but not readable as one. */
  control: LogControl | 'bad' | null;
  mirror: LogControl | 'bad' | null;
  readonly logFiles: Map<number, LogFileFacts>;
  readonly containers: Map<number, ContainerFacts>;
  /** Stubs of dropped containers, and whether their header is in order. */
  readonly droppedStubs: Map<number, boolean>;
  /** Derby's own backup was made of it: the file is in the backup, in what is restored from it, and in the original. */
  hasBackupHistory: boolean;
  readonly catalogBytes: Map<CatalogPart, Buffer>;
  /** Files whose bytes were fewer or more than announced. */
  readonly wrongSizes: Map<string, { readonly announced: number; readonly read: number }>;
}

/** Draws the conclusions about one database. */
export function judgeDatabase(findings: DatabaseFindings, indexes: boolean): DatabaseVerdict {
  const problems: Problem[] = [];
  const report = (
    severity: Problem['severity'],
    kind: ProblemKind,
    file: string,
    message: string,
    page: number | null = null,
  ): void => {
    if (problems.length >= maxProblems) return;
    problems.push({ file: `${findings.name}/${file}`, page, kind, severity, message });
  };
  const checked: CheckName[] = ['structure'];

  const properties = judgeProperties(findings.serviceProperties, report);
  const isEncrypted = properties?.get('dataEncryption') === 'true';
  const control = judgeControl(findings, properties && logDeviceOf(properties), report);
  const log = control ? judgeLog(control.checkpoint, findings.logFiles, isEncrypted) : null;
  if (log) checked.push('log');
  if (log?.state === 'broken') {
    const kind = findings.logFiles.has(Number(/\d+/.exec(log.file)?.[0])) ? 'log' : 'missing-file';
    report('damaged', kind, `log/${log.file}`, `The database's log cannot be used: ${log.reason}.`);
  } else if (log?.state === 'needs-recovery') {
    report(
      'needs-recovery',
      'not-closed',
      `log/${log.file}`,
      `The database was not closed (${log.reason}); Derby has to repair it from its log at the next start.`,
    );
  }
  for (const [file, { announced, read }] of findings.wrongSizes) {
    report('damaged', 'file-length', file, `The file should have ${announced} bytes, but ${read} were read.`);
  }

  const isClean = log?.state === 'clean';
  const catalog = isEncrypted ? null : catalogOf(findings);
  if (catalog) {
    checked.push('catalog');
  } else if (!isEncrypted && findings.catalogBytes.size === Object.keys(catalogContainers).length) {
    report(
      isClean ? 'damaged' : 'needs-recovery',
      'catalog',
      `seg0/${containerFileName(catalogContainers.tables)}`,
      'The list of tables and columns cannot be read.',
    );
  }
  const labels = labelContainers(catalog);
  const isDerbyBackup = findings.hasBackupHistory;
  for (const [id, facts] of [...findings.containers].sort(([a], [b]) => a - b)) {
    const file = `seg0/${containerFileName(id)}`;
    const label = labels.get(id) ?? 'a table or index';
    const found = containerProblems(facts, { label, isEncrypted, isDerbyBackup });
    if (!catalog || labels.has(id) || id === settingsContainer) {
      for (const { severity, kind, message, page } of found) report(severity, kind, file, message, page);
    } else if (found[0]) {
      // Derby that was killed while it made a table leaves its file half made, for ever.
      report('note', found[0].kind, file, isClean ? unusedFile : unusedBefore);
    }
  }
  for (const [id, headerOk] of findings.droppedStubs) {
    if (headerOk) continue;
    report(
      'note',
      'container-header',
      `seg0/d${id.toString(16)}.dat`,
      'What is left of a dropped table is damaged; it is not needed.',
    );
  }
  const shortFiles = isDerbyBackup ? [...findings.containers.values()].filter(lacksReserve).length : 0;
  if (shortFiles > 0) {
    const message = `${shortFiles} files lack pages that are only reserved, as in every backup that Derby itself made.`;
    report('note', 'file-length', backupHistory, message);
  }
  judgeMissing(findings, labels, isClean, report);
  if (!isEncrypted) checked.push('pages');

  const tables: { name: string; rows: number }[] = [];
  for (const table of catalog?.tables ?? []) {
    const facts = findings.containers.get(table.container);
    if (table.isUserTable && facts?.header && !facts.header.committedDrop)
      tables.push({ name: tableName(table), rows: facts.places.count });
  }
  if (catalog) checked.push('rows');
  if (catalog && indexes && isClean) {
    for (const table of catalog.tables) compareIndexes(table, findings, report);
    checked.push('indexes');
  }

  return {
    database: findings.name,
    verdict: verdictOf(problems, isEncrypted),
    problems,
    derbyVersion: control ? `${control.major}.${control.minor}` : null,
    derbyBuild: control?.build || null,
    schemaFingerprint: catalog ? schemaFingerprint(catalog) : null,
    tables,
    checked,
  };
}

type Report = (
  severity: Problem['severity'],
  kind: ProblemKind,
  file: string,
  message: string,
  page?: number | null,
) => void;

function verdictOf(problems: readonly Problem[], isEncrypted: boolean): Verdict {
  if (problems.some((p) => p.severity === 'damaged')) return 'damaged';
  if (problems.some((p) => p.severity === 'needs-recovery')) return 'needs-recovery';
  return isEncrypted ? 'encrypted' : 'clean';
}

function judgeProperties(bytes: Buffer | null, report: Report): ReadonlyMap<string, string> | null {
  const file = 'service.properties';
  if (!bytes) {
    report('damaged', 'missing-file', file, 'The file that makes this folder a database is missing.');
    return null;
  }
  const properties = parseServiceProperties(bytes);
  const missing = missingProperty(properties);
  if (missing !== null) {
    const message = `The file lacks a setting without which Derby cannot open the database (${missing}).`;
    report('damaged', 'service-properties', file, message);
  }
  return properties;
}

/**
 * The control file Derby would use: log.ctrl, or its mirror when log.ctrl is there but damaged. It writes both anew at
 * the next checkpoint, so one bad file of the two harms nobody; without log.ctrl it would ignore the log.
 */
function judgeControl(
  { control, mirror }: DatabaseFindings,
  logDevice: string | null,
  report: Report,
): LogControl | null {
  const file = 'log/log.ctrl';
  const mirrorFile = 'log/logmirror.ctrl';
  if (control === null) {
    const message =
      logDevice === null
        ? 'The file that says where the log begins is missing.'
        : `The log lies in another folder (${logDevice}, as service.properties says) and is not part of this folder.`;
    report('damaged', 'missing-file', file, message);
    return mirror === 'bad' ? null : mirror;
  }
  if (control === 'bad') {
    if (mirror === null || mirror === 'bad') {
      report(
        'damaged',
        'log-control',
        file,
        'The file that says where the log begins is damaged, and so is its copy.',
      );
      return null;
    }
    report(
      'note',
      'log-control',
      file,
      'The file that says where the log begins is damaged; its copy is good and will be used.',
    );
    return mirror;
  }
  if (mirror === null) {
    report('note', 'missing-file', mirrorFile, 'The copy of log.ctrl is missing; it will be made anew.');
  } else if (mirror === 'bad') {
    report('note', 'log-control', mirrorFile, 'The copy of log.ctrl is damaged; it will be made anew.');
  } else if (
    mirror.checkpoint.file !== control.checkpoint.file ||
    mirror.checkpoint.position !== control.checkpoint.position
  ) {
    report('needs-recovery', 'log-control', mirrorFile, 'log.ctrl and its copy are of different times.');
  }
  return control;
}

function catalogOf({ catalogBytes }: DatabaseFindings): Catalog | null {
  const conglomerates = catalogBytes.get('conglomerates');
  const tables = catalogBytes.get('tables');
  const columns = catalogBytes.get('columns');
  const schemas = catalogBytes.get('schemas');
  return conglomerates && tables && columns && schemas
    ? readCatalog({ conglomerates, tables, columns, schemas })
    : null;
}

const tableName = (table: Table): string => `${table.schema}.${table.name}`;

function labelContainers(catalog: Catalog | null): ReadonlyMap<number, string> {
  const labels = new Map<number, string>();
  for (const table of catalog?.tables ?? []) {
    labels.set(table.container, `table ${tableName(table)}`);
    for (const index of table.indexes) labels.set(index.container, `an index of table ${tableName(table)}`);
  }
  return labels;
}

function judgeMissing(
  findings: DatabaseFindings,
  labels: ReadonlyMap<number, string>,
  isClean: boolean,
  report: Report,
): void {
  const required = new Map<number, string>([[settingsContainer, "the database's own settings"]]);
  for (const id of Object.values(catalogContainers)) required.set(id, 'the list of tables and columns');
  for (const [id, label] of labels) required.set(id, label);
  let newest = 0;
  for (const id of findings.containers.keys()) newest = Math.max(newest, id);
  for (const [id, label] of required) {
    const facts = findings.containers.get(id);
    const file = `seg0/${containerFileName(id)}`;
    if (facts && !facts.header?.committedDrop) continue;
    // Before recovery a table may just have been dropped, or made after this copy's list of files was read.
    if (!isClean && (facts || findings.droppedStubs.has(id) || id > newest)) continue;
    report('damaged', 'missing-file', file, `The file of ${label} is missing.`);
  }
}

/** Each index must name exactly the rows of its table. */
function compareIndexes(table: Table, findings: DatabaseFindings, report: Report): void {
  const rows = findings.containers.get(table.container);
  if (!rows?.header || rows.faultCount > 0) return;
  const seen = new Set<number>();
  for (const index of table.indexes) {
    const entries = findings.containers.get(index.container);
    // One container may serve several constraints.
    if (!entries?.header || entries.faultCount > 0 || seen.has(index.container)) continue;
    seen.add(index.container);
    const a = rows.places;
    const b = entries.places;
    if (a.count === b.count && a.low === b.low && a.high === b.high) continue;
    const how =
      a.count === b.count
        ? 'name different rows'
        : `do not agree: ${a.count} rows, ${b.count} entries in the index`;
    report(
      'damaged',
      'index',
      `seg0/${containerFileName(index.container)}`,
      `Table ${tableName(table)} and its index ${index.name} ${how}. The copy mixes different moments, or changes were lost.`,
    );
  }
}
