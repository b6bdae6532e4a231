import { parseDayOf } from '../base/written-date.ts';
import { type ListDocument, type ListedBackup, list } from '../sync/list.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatBytes, formatMoment, formatTable, uploadedApart } from './format.ts';

export async function runList(invocation: Invocation): Promise<CommandResult> {
  const { config, flags, io } = invocation;
  const day = (name: string, end: 'first' | 'last'): string | null => {
    const value = text(flags, name);
    return value === undefined ? null : parseDayOf(value, end, `--${name}`);
  };
  const long = isSet(flags, 'long');
  const { document, failure } = await list({
    since: day('since', 'first'),
    until: day('until', 'last'),
    stores: await invocation.openStores(),
    stateDir: config.stateDir,
    decryptor: await invocation.decryptor(),
    long,
    zone: config.zone,
    now: io.now,
    signal: io.signal,
  });
  return { document, text: describe(document, long), failure };
}

/** The version, or the beginning of the SHA-256 where that is all that is known. */
const programCell = ({ appProgram }: ListedBackup): string =>
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
