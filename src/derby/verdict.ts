/*
 * From what a database's files said to a verdict with reasons an accountant can read. Only here is known what Derby does
 * with each kind of damage at its next start.
 */
import type { Text } from '../base/text.ts';
import { type Catalog, catalogContainers, schemaFingerprint, tableName } from './catalog.ts';
import { containerFileName } from './container.ts';
import { containerProblems, contentProblems, lacksReserve } from './container-problems.ts';
import type { DatabaseFindings } from './findings.ts';
import { compareTable } from './index-problems.ts';
import { judgeControl, reportLog } from './log-problems.ts';
import { judgeLog } from './log-state.ts';
import {
  droppedDamaged,
  listUnreadable,
  otherLength,
  reserveMissing,
  unusedBefore,
  unusedFile,
} from './problem-texts.ts';
import { collectProblems, type Problem, type Report } from './problems.ts';
import { isEncryptedBy, logDeviceOf } from './service-properties.ts';
import { judgeEncryption, judgeProperties } from './settings-problems.ts';
import {
  alwaysNeeded,
  catalogContradiction,
  catalogOf,
  judgeMissing,
  labelContainers,
  labelOf,
} from './table-list.ts';

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

const ranks: readonly Verdict[] = ['clean', 'encrypted', 'needs-recovery', 'damaged'];

export function worstVerdict(databases: readonly DatabaseVerdict[]): Verdict {
  const rank = databases.reduce((worst, { verdict }) => Math.max(worst, ranks.indexOf(verdict)), -1);
  return ranks[rank] ?? 'damaged';
}

/** Derby's own list of the backups it made of a database. */
export const backupHistory = 'BACKUP.HISTORY';

/** Draws the conclusions about one database. */
export function judgeDatabase(findings: DatabaseFindings): DatabaseVerdict {
  const { problems, report } = collectProblems(findings.name);
  const properties = judgeProperties(findings, report);
  const isEncrypted = properties !== null && isEncryptedBy(properties);
  const control = judgeControl(findings, properties && logDeviceOf(properties), report);
  const log = control ? judgeLog(control.checkpoint, findings.logFiles, isEncrypted) : null;
  if (log) reportLog(log, findings, report);
  reportSizes(findings, report);

  const isClean = log?.state === 'clean';
  const known = judgeTableList(findings, { isClean, isEncrypted }, report);
  judgeFiles(findings, known, report);
  judgeMissing(findings, known.labels, isClean, report);
  const { catalog } = known;
  if (catalog && isClean) for (const table of catalog.tables) compareTable(table, findings, report);

  return {
    database: findings.name,
    verdict: verdictOf(problems, isEncrypted),
    problems,
    derbyVersion: control ? `${control.major}.${control.minor}` : null,
    derbyBuild: control?.build || null,
    schemaFingerprint: catalog ? schemaFingerprint(catalog) : null,
    tables: userTables(findings, catalog),
    checked: checksOf(findings, known, log !== null),
  };
}

/** What the files of one database are judged by. */
interface Known {
  /** The log says that the files hold everything. */
  readonly isClean: boolean;
  readonly isEncrypted: boolean;
  readonly catalog: Catalog | null;
  /** Whose each file is, by the list of tables. */
  readonly labels: ReadonlyMap<number, Text>;
  /** What a list that contradicts itself does not name may still be needed. */
  readonly isListTrue: boolean;
}

function verdictOf(problems: readonly Problem[], isEncrypted: boolean): Verdict {
  if (problems.some((p) => p.severity === 'damaged')) return 'damaged';
  if (problems.some((p) => p.severity === 'needs-recovery')) return 'needs-recovery';
  return isEncrypted ? 'encrypted' : 'clean';
}

function reportSizes({ wrongSizes }: DatabaseFindings, report: Report): void {
  for (const [file, { announced, read }] of wrongSizes)
    report('damaged', 'file-length', file, otherLength(announced, read));
}

function judgeTableList(
  findings: DatabaseFindings,
  state: Pick<Known, 'isClean' | 'isEncrypted'>,
  report: Report,
): Known {
  const { isClean, isEncrypted } = state;
  const catalog = isEncrypted ? null : catalogOf(findings);
  const file = `seg0/${containerFileName(catalogContainers.tables)}`;
  if (!catalog && !isEncrypted && findings.catalogBytes.size === Object.keys(catalogContainers).length) {
    report(isClean ? 'damaged' : 'needs-recovery', 'catalog', file, listUnreadable);
  }
  // Before recovery one part of it may be on disk and another not.
  const contradiction = catalog && isClean ? catalogContradiction(catalog, findings) : null;
  if (contradiction) report('damaged', 'catalog', file, contradiction);
  const isListTrue = catalog !== null && contradiction === null;
  return { ...state, catalog, labels: labelContainers(catalog), isListTrue };
}

/** The files of `seg0`, each by itself. */
function judgeFiles(findings: DatabaseFindings, known: Known, report: Report): void {
  const { isClean, isEncrypted, labels, isListTrue } = known;
  let shortFiles = 0;
  for (const [id, facts] of [...findings.containers].sort(([a], [b]) => a - b)) {
    const file = `seg0/${containerFileName(id)}`;
    const label = labelOf(id, labels);
    const found = containerProblems(facts, { label, isEncrypted });
    if (!isListTrue || labels.has(id) || alwaysNeeded.has(id)) {
      const inside = isClean && !isEncrypted ? contentProblems(id, facts, label) : [];
      for (const { severity, kind, message, page } of [...found, ...inside])
        report(severity, kind, file, message, page);
    } else if (found[0]) {
      // Derby that was killed while it made a table leaves its file half made, for ever.
      report('note', found[0].kind, file, isClean ? unusedFile : unusedBefore);
    }
    if (lacksReserve(facts)) shortFiles++;
  }
  if (isEncrypted) judgeEncryption(findings, report);
  for (const [id, isHeaderSound] of findings.droppedStubs) {
    if (isHeaderSound) continue;
    report('note', 'container-header', `seg0/d${id.toString(16)}.dat`, droppedDamaged);
  }
  if (shortFiles === 0) return;
  const isBackup = findings.hasBackupHistory;
  report('note', 'file-length', isBackup ? backupHistory : 'seg0', reserveMissing(shortFiles, isBackup));
}

function userTables(findings: DatabaseFindings, catalog: Catalog | null): { name: string; rows: number }[] {
  const tables: { name: string; rows: number }[] = [];
  for (const table of catalog?.tables ?? []) {
    const facts = findings.containers.get(table.container);
    if (table.isUserTable && facts?.content && facts.header && !facts.header.committedDrop)
      tables.push({ name: tableName(table), rows: facts.content.places.count });
  }
  return tables;
}

function checksOf({ containers }: DatabaseFindings, known: Known, hasLog: boolean): CheckName[] {
  const { catalog, isClean, isEncrypted, labels } = known;
  const areIndexesCompared = catalog !== null && isClean;
  const isEachFollowed = [...labels.keys()].every((id) => containers.get(id)?.content?.isFollowed !== false);
  const ran: Readonly<Record<CheckName, boolean>> = {
    structure: true,
    log: hasLog,
    catalog: catalog !== null,
    pages: !isEncrypted,
    rows: catalog !== null,
    indexes: areIndexesCompared,
    values: areIndexesCompared && isEachFollowed,
  };
  return (Object.keys(ran) as CheckName[]).filter((name) => ran[name]);
}
