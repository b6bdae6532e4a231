/*
 * From what a database's files said to a verdict with reasons an accountant can read. Only here is known what Derby does
 * with each kind of damage at its next start.
 */
import {
  type Catalog,
  type CatalogPart,
  catalogContainers,
  catalogTables,
  type Index,
  readCatalog,
  schemaFingerprint,
  type Table,
} from './catalog.ts';
import { containerFileName, isIndexContainer } from './container.ts';
import { containerProblems, lacksReserve } from './container-problems.ts';
import type { LogControl, LogFileFacts } from './log.ts';
import { judgeLog, type LogState } from './log-state.ts';
import type { ContentFacts } from './row-scan.ts';
import type { ContainerFacts } from './scan.ts';
import {
  isEncryptedBy,
  logDeviceOf,
  missingProperty,
  oldPropertiesName,
  parseServiceProperties,
  systemContainers,
  usedProperties,
} from './service-properties.ts';

/**
 * `clean`: closed in an orderly way, and every check passed. `needs-recovery`: whole, but Derby will first replay its
 * log, so only Derby itself can tell whether it is sound. `encrypted`: headers and log are in order, no more can be
 * seen. `damaged`: data is missing or wrong.
 */
export type Verdict = 'clean' | 'encrypted' | 'needs-recovery' | 'damaged';

/**
 * What this judge looks at, as manifests keep it: a state found clean by one of a lower number was not looked at in every
 * way that this one does. 1: checksums, log, catalog, and every index and row followed and compared by value.
 */
export const judgeVersion = 1;

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

/** `values`: every row was followed to its end, and what indexes keep of it compared. */
export type CheckName = 'structure' | 'log' | 'pages' | 'catalog' | 'rows' | 'indexes' | 'values';

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

/** Without these nothing can be said of any other file. */
const alwaysNeeded: ReadonlySet<number> = new Set([settingsContainer, ...Object.values(catalogContainers)]);
const listOfTables = 'the list of tables and columns';

const labelOf = (id: number, labels: ReadonlyMap<number, string>): string =>
  labels.get(id) ??
  (id === settingsContainer
    ? "the database's own settings"
    : alwaysNeeded.has(id)
      ? listOfTables
      : 'a table or index');

/** What one database's files said, before any conclusion. Paths are relative to the database's folder. */
export interface DatabaseFindings {
  readonly name: string;
  serviceProperties: Buffer | null;
  /** The settings as they were before Derby began to write new ones. */
  oldProperties: Buffer | null;
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
export function judgeDatabase(findings: DatabaseFindings): DatabaseVerdict {
  const problems: Problem[] = [];
  const report: Report = (severity, kind, file, message, page = null) => {
    if (problems.length >= maxProblems) return;
    problems.push({ file: `${findings.name}/${file}`, page, kind, severity, message });
  };
  const checked: CheckName[] = ['structure'];

  const properties = judgeProperties(findings, report);
  const isEncrypted = properties !== null && isEncryptedBy(properties);
  const control = judgeControl(findings, properties && logDeviceOf(properties), report);
  const log = control ? judgeLog(control.checkpoint, findings.logFiles, isEncrypted) : null;
  if (log) {
    checked.push('log');
    reportLog(log, findings, report);
  }
  for (const [file, { announced, read }] of findings.wrongSizes) {
    report('damaged', 'file-length', file, `The file should have ${announced} bytes, but ${read} were read.`);
  }

  const isClean = log?.state === 'clean';
  const catalog = isEncrypted ? null : catalogOf(findings);
  const catalogFile = `seg0/${containerFileName(catalogContainers.tables)}`;
  // Before recovery one part of it may be on disk and another not.
  const contradiction = catalog && isClean ? catalogContradiction(catalog, findings) : null;
  if (catalog) checked.push('catalog');
  else if (!isEncrypted && findings.catalogBytes.size === Object.keys(catalogContainers).length) {
    const message = 'The list of tables and columns cannot be read.';
    report(isClean ? 'damaged' : 'needs-recovery', 'catalog', catalogFile, message);
  }
  if (contradiction) report('damaged', 'catalog', catalogFile, contradiction);
  const labels = labelContainers(catalog);
  // What a list that contradicts itself does not name may still be needed.
  const isListTrue = catalog !== null && contradiction === null;
  let shortFiles = 0;
  for (const [id, facts] of [...findings.containers].sort(([a], [b]) => a - b)) {
    const file = `seg0/${containerFileName(id)}`;
    const found = containerProblems(facts, { label: labelOf(id, labels), isEncrypted });
    if (!isListTrue || labels.has(id) || alwaysNeeded.has(id)) {
      for (const { severity, kind, message, page } of found) report(severity, kind, file, message, page);
      if (isClean && !isEncrypted) reportContent(id, facts, labels, report);
    } else if (found[0]) {
      // Derby that was killed while it made a table leaves its file half made, for ever.
      report('note', found[0].kind, file, isClean ? unusedFile : unusedBefore);
    }
    if (lacksReserve(facts)) shortFiles++;
  }
  if (isEncrypted) judgeEncryption(findings, report);
  for (const [id, headerOk] of findings.droppedStubs) {
    if (headerOk) continue;
    report(
      'note',
      'container-header',
      `seg0/d${id.toString(16)}.dat`,
      'What is left of a dropped table is damaged; it is not needed.',
    );
  }
  if (shortFiles > 0) {
    const how = findings.hasBackupHistory
      ? 'as in every backup that Derby itself made'
      : 'as after encrypting or decrypting in place; nothing is lost';
    const file = findings.hasBackupHistory ? backupHistory : 'seg0';
    report('note', 'file-length', file, `${shortFiles} files lack pages that are only reserved, ${how}.`);
  }
  judgeMissing(findings, labels, isClean, report);
  if (!isEncrypted) checked.push('pages');

  const tables: { name: string; rows: number }[] = [];
  for (const table of catalog?.tables ?? []) {
    const facts = findings.containers.get(table.container);
    if (table.isUserTable && facts?.content && facts.header && !facts.header.committedDrop)
      tables.push({ name: tableName(table), rows: facts.content.places.count });
  }
  if (catalog) checked.push('rows');
  if (catalog && isClean) {
    for (const table of catalog.tables) compareTable(table, findings, report);
    checked.push('indexes');
    if ([...labels.keys()].every((id) => findings.containers.get(id)?.content?.isFollowed !== false))
      checked.push('values');
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

function judgeProperties(findings: DatabaseFindings, report: Report): ReadonlyMap<string, string> | null {
  const { serviceProperties, oldProperties, control } = findings;
  const file = 'service.properties';
  const used = knowsOldProperties(control)
    ? usedProperties(serviceProperties, oldProperties)
    : serviceProperties && 'current';
  const bytes = used === 'old' ? oldProperties : serviceProperties;
  if (!bytes) {
    report('damaged', 'missing-file', file, 'The file that makes this folder a database is missing.');
    return null;
  }
  if (used === 'old') {
    const message = `The settings were being written anew when the program ended; Derby goes on with ${oldPropertiesName}.`;
    report('note', 'service-properties', file, message);
  }
  const properties = parseServiceProperties(bytes);
  if (!properties) {
    report(
      'damaged',
      'service-properties',
      file,
      'A backslash in the file is followed by what Derby cannot read.',
    );
    return null;
  }
  const missing = missingProperty(properties);
  if (missing !== null) {
    const message = `The file lacks a setting without which Derby cannot open the database (${missing}).`;
    report('damaged', 'service-properties', file, message);
  }
  return properties;
}

/** Derby before 10.9 does not look for the old settings. */
const knowsOldProperties = (control: DatabaseFindings['control']): boolean =>
  control === null || control === 'bad' || control.major > 10 || control.minor >= 9;

function reportLog(log: LogState, findings: DatabaseFindings, report: Report): void {
  if (log.state === 'broken') {
    const kind = findings.logFiles.has(Number(/\d+/.exec(log.file)?.[0])) ? 'log' : 'missing-file';
    report('damaged', kind, `log/${log.file}`, `The database's log cannot be used: ${log.reason}.`);
  } else if (log.state === 'needs-recovery') {
    report(
      'needs-recovery',
      'not-closed',
      `log/${log.file}`,
      `The database was not closed (${log.reason}); Derby has to repair it from its log at the next start.`,
    );
  }
  for (const file of log.leftOver)
    report(
      'note',
      'log',
      `log/${file}`,
      'A log file of another time lies behind the end of the log; it is not used.',
    );
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
  if (control !== null && logDevice !== null) {
    const message = `service.properties says that the log lies in another folder (${logDevice}); Derby would not use the one that is here.`;
    report('damaged', 'service-properties', 'service.properties', message);
  }
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
  const required = new Map<number, string>();
  for (const id of alwaysNeeded) required.set(id, labelOf(id, labels));
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

/**
 * What the list of tables gets wrong about itself; null when nothing. A page of it that is lost or of another time leaves
 * tables without a file, or files without a table.
 */
function catalogContradiction(catalog: Catalog, { containers }: DatabaseFindings): string | null {
  const own = new Map(catalog.tables.map((table) => [table.container, table]));
  for (const [part, name] of Object.entries(catalogTables)) {
    const table = own.get(catalogContainers[part as CatalogPart]);
    if (table?.name !== name || table.isUserTable)
      return `The list of tables does not name its own table ${name}.`;
  }
  const listed = new Set(labelContainers(catalog).keys());
  for (const id of systemContainers)
    if (!listed.has(id)) return `The list of tables does not name its own file ${containerFileName(id)}.`;
  const [loose] = catalog.loose;
  if (loose !== undefined) return `The list of tables contradicts itself: ${loose}.`;
  for (const table of catalog.tables) {
    const columns = containers.get(table.container)?.content?.columns ?? table.columns.length;
    if (table.isUserTable && columns !== table.columns.length)
      return `The list of columns gives table ${tableName(table)} ${table.columns.length} columns, its file ${columns}.`;
  }
  return null;
}

/** What only shows when nothing is on its way: rows that lead nowhere, and files that are those of another table. */
function reportContent(
  id: number,
  { content, faultCount, header }: ContainerFacts,
  labels: ReadonlyMap<number, string>,
  report: Report,
): void {
  if (!content || faultCount > 0 || header?.committedDrop) return;
  const file = `seg0/${containerFileName(id)}`;
  const label = labelOf(id, labels);
  if (content.container !== id) {
    const whose = content.container === null ? 'none' : `that of ${containerFileName(content.container)}`;
    report('damaged', 'page', file, `The first page of ${label} is not its own, but ${whose}.`, 1);
    return;
  }
  const what = isIndexContainer(id)
    ? 'its place in the index, or an entry in it, is not what the rest of the index says'
    : 'a row in it cannot be read, as it goes on where nothing of it is, or holds what is no value';
  for (const page of content.brokenPages)
    report('damaged', 'page', file, `Page ${page} of ${label} is damaged: ${what}.`, page);
  const more = content.brokenCount - content.brokenPages.length;
  if (more > 0) report('damaged', 'page', file, `${more} more rows or pages of ${label} are damaged so.`);
}

/** In an encrypted database no page but the first of each file can be read. */
function judgeEncryption({ containers }: DatabaseFindings, report: Report): void {
  for (const { content } of containers.values()) {
    if (!content || content.container === null) continue;
    const message = 'The file says that the database is encrypted, but it is not: Derby could not open it.';
    report('damaged', 'service-properties', 'service.properties', message);
    return;
  }
}

/** Each index must name exactly the rows of its table, with the values that they have. */
function compareTable(table: Table, findings: DatabaseFindings, report: Report): void {
  const rows = findings.containers.get(table.container);
  if (!rows?.content || rows.faultCount > 0 || rows.content.brokenCount > 0) return;
  const seen = new Set<number>();
  for (const index of table.indexes) {
    const entries = findings.containers.get(index.container);
    // One container may serve several constraints.
    if (!entries?.content || entries.faultCount > 0 || seen.has(index.container)) continue;
    seen.add(index.container);
    const how = difference(table, index, rows.content, entries.content);
    if (how === null) continue;
    const message = `Table ${tableName(table)} and its index ${index.name} ${how}. The copy mixes different moments, or changes were lost.`;
    report('damaged', 'index', `seg0/${containerFileName(index.container)}`, message);
  }
}

/** How a table and its index differ; null when they do not. */
function difference(table: Table, index: Index, rows: ContentFacts, entries: ContentFacts): string | null {
  const [a, b] = [rows.places, entries.places];
  if (a.count !== b.count) return `do not agree: ${a.count} rows, ${b.count} entries in the index`;
  if (a.low !== b.low || a.high !== b.high) return 'name different rows';
  const isItsOwn = entries.table === null || entries.table === table.container;
  if (!isItsOwn || (entries.columns !== null && entries.columns !== index.columns.length + 1))
    return 'do not belong together';
  if (!rows.values || !entries.values) return null;
  for (const [key, number] of index.columns.entries()) {
    const column = number - 1;
    if (!rows.hashed[column] || !entries.hashed[key]) continue;
    const isSame = [0, 1].every(
      (lane) => rows.values?.[2 * column + lane] === entries.values?.[2 * key + lane],
    );
    if (isSame) continue;
    const name = table.columns.find((one) => one.number === number)?.name ?? `${number}`;
    return `hold different values of column ${name}`;
  }
  return null;
}
