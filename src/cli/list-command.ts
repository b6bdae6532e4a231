import { parseDayOf } from '../base/written-date.ts';
import { versionName } from '../efaktur/app-program.ts';
import { type ListDocument, type ListedBackup, list } from '../sync/list.ts';
import { type ListedProgram, listPrograms, type ProgramsDocument } from '../sync/list-programs.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatBytes, formatMoment, formatTable, uploadedApart } from './format.ts';

export async function runList(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const day = (name: string, end: 'first' | 'last'): string | null => {
    const value = text(flags, name);
    return value === undefined ? null : parseDayOf(value, end, `--${name}`);
  };
  const long = isSet(flags, 'long');
  const request = {
    since: day('since', 'first'),
    until: day('until', 'last'),
    long,
    ...workplace.context,
    stores: await workplace.stores(),
    // The key opens what manifests say, and those alone need it.
    decryptor: long ? await workplace.decryptor() : null,
  };
  if (isSet(flags, 'programs')) {
    const { document, failure } = await listPrograms(request);
    return { document, text: describePrograms(document, long), failure };
  }
  const { document, failure } = await list(request);
  return { document, text: [describe(document, long), ...programsApart(document)].join('\n'), failure };
}

/** Stored programs are no backups: their number is all that is said of them here. */
const programsApart = ({ programs }: ListDocument): string[] =>
  programs.length === 0
    ? []
    : [
        `\nThe program e-Faktur itself is stored as well (${programs.length}): "efaktur-cloud list --programs" shows it.`,
      ];

function describePrograms({ programs }: ProgramsDocument, long: boolean): string {
  if (programs.length === 0) return 'No program folders. "efaktur-cloud push --whole-app" stores one.';
  const severalStores = new Set(programs.flatMap((p) => p.stores)).size > 1;
  const header = [
    ...['DATE', 'READ', 'STORED'],
    ...(long ? ['E-FAKTUR', 'FILES', 'LAST PROVEN'] : []),
    ...(severalStores ? ['STORES'] : []),
    'ID',
  ];
  const rows = programs.map((p) => [
    p.date,
    formatMoment(p.capturedAt),
    p.storedBytes === null
      ? 'ARCHIVE MISSING'
      : `${formatBytes(p.storedBytes)}${p.encrypted ? ', encrypted' : ''}`,
    ...(long
      ? [
          p.appProgram?.version ? versionName(p.appProgram.version).en : programCell(p),
          p.totalBytes === undefined ? '-' : `${p.files} (${formatBytes(p.totalBytes)})`,
          p.lastProven ?? 'never',
        ]
      : []),
    ...(severalStores ? [p.stores.join(', ')] : []),
    p.id,
  ]);
  return formatTable([header, ...rows]);
}

/** The version, or the beginning of the SHA-256 where that is all that is known. */
const programCell = ({ appProgram }: Pick<ListedBackup | ListedProgram, 'appProgram'>): string =>
  appProgram ? (appProgram.version ?? `${appProgram.sha256.slice(0, 12)}…`) : '-';

function describe({ backups }: ListDocument, long: boolean): string {
  if (backups.length === 0) return 'No backups.';
  const severalStores = new Set(backups.flatMap((b) => b.stores)).size > 1;
  const anyApart = backups.some((b) => uploadedApart(b) !== null);
  const header = [
    'DATE',
    'CAPTURED',
    ...(anyApart ? ['UPLOADED'] : []),
    'KIND',
    'STORED',
    ...(long ? ['DATABASE FILES', 'SOURCE', 'E-FAKTUR', 'VERDICT', 'LAST PROVEN'] : []),
    ...(severalStores ? ['STORES'] : []),
    'ID',
  ];
  const rows = backups.map((b) => [
    b.date,
    formatMoment(b.capturedAt),
    ...(anyApart ? [uploadedApart(b) ?? '-'] : []),
    b.kind ? `${b.kind}${b.encrypted ? ', encrypted' : ''}` : 'ARCHIVE MISSING',
    b.storedBytes === null ? '-' : formatBytes(b.storedBytes),
    ...(long
      ? [
          b.totalBytes === undefined ? '-' : `${b.files} (${formatBytes(b.totalBytes)})`,
          b.source ?? '-',
          programCell(b),
          b.verdict ?? '-',
          b.lastProven ?? 'never',
        ]
      : []),
    ...(severalStores ? [b.stores.join(', ')] : []),
    b.id,
  ]);
  return formatTable([header, ...rows]);
}
