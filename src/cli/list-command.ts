import { bytes } from '../base/phrases.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import { parseDayOf } from '../base/written-date.ts';
import { versionName } from '../efaktur/app-program.ts';
import { type ListDocument, type ListedBackup, list } from '../sync/list.ts';
import { type ListedProgram, listPrograms, type ProgramsDocument } from '../sync/list-programs.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatMoment, formatTable, uploadedApart } from './format.ts';
import {
  andEncrypted,
  archiveMissing,
  filesAndBytes,
  headings,
  kinds,
  never,
  noBackups,
  noPrograms,
  programsToo,
  sources,
  verdicts,
} from './list-texts.ts';

export async function runList(invocation: Invocation): Promise<CommandResult> {
  const { flags, say, workplace } = invocation;
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
    return { document, text: say(describePrograms(document, long)), failure };
  }
  const { document, failure } = await list(request);
  return {
    document,
    text: say(joined([describe(document, long), ...programsApart(document)], '\n')),
    failure,
  };
}

/** Stored programs are no backups: their number is all that is said of them here. */
const programsApart = ({ programs }: ListDocument): Text[] =>
  programs.length === 0 ? [] : [verbatim(''), programsToo(programs.length)];

function describePrograms({ programs }: ProgramsDocument, long: boolean): Text {
  if (programs.length === 0) return noPrograms;
  const severalStores = new Set(programs.flatMap((p) => p.stores)).size > 1;
  const { date, read, stored, eFaktur, files, lastVerified, stores, id } = headings;
  const header = [
    ...[date, read, stored],
    ...(long ? [eFaktur, files, lastVerified] : []),
    ...(severalStores ? [stores] : []),
    id,
  ];
  const rows = programs.map((p) => [
    verbatim(p.date),
    verbatim(formatMoment(p.capturedAt)),
    p.storedBytes === null ? archiveMissing : encryptedOr(bytes(p.storedBytes), p),
    ...(long
      ? [
          p.appProgram?.version ? versionName(p.appProgram.version) : programCell(p),
          filesCell(p),
          provenCell(p),
        ]
      : []),
    ...(severalStores ? [verbatim(p.stores.join(', '))] : []),
    verbatim(p.id),
  ]);
  return tableOf([header, ...rows]);
}

const tableOf = (rows: readonly (readonly Text[])[]): Text =>
  inBoth((l) => formatTable(rows.map((row) => row.map((cell) => cell[l]))));

const none = verbatim('-');

const encryptedOr = (what: Text, { encrypted }: Pick<ListedBackup, 'encrypted'>): Text =>
  encrypted ? andEncrypted(what) : what;

const filesCell = ({ files, totalBytes }: Pick<ListedBackup, 'files' | 'totalBytes'>): Text =>
  files === undefined || totalBytes === undefined ? none : filesAndBytes(files, totalBytes);

const provenCell = ({ lastProven }: Pick<ListedBackup, 'lastProven'>): Text =>
  lastProven ? verbatim(lastProven) : never;

/** The version, or the beginning of the SHA-256 where that is all that is known. */
const programCell = ({ appProgram }: Pick<ListedBackup | ListedProgram, 'appProgram'>): Text =>
  appProgram ? verbatim(appProgram.version ?? `${appProgram.sha256.slice(0, 12)}…`) : none;

/** A word of the format as people say it; one of a later version stands as it is. */
const wordFor = (words: Readonly<Record<string, Text>>, code: string | undefined): Text =>
  code === undefined ? none : (words[code] ?? verbatim(code));

function describe({ backups }: ListDocument, long: boolean): Text {
  if (backups.length === 0) return noBackups;
  const severalStores = new Set(backups.flatMap((b) => b.stores)).size > 1;
  const anyApart = backups.some((b) => uploadedApart(b) !== null);
  const { databaseFiles, source, eFaktur, verdict, lastVerified } = headings;
  const header = [
    headings.date,
    headings.captured,
    ...(anyApart ? [headings.uploaded] : []),
    headings.kind,
    headings.stored,
    ...(long ? [databaseFiles, source, eFaktur, verdict, lastVerified] : []),
    ...(severalStores ? [headings.stores] : []),
    headings.id,
  ];
  const rows = backups.map((b) => [
    verbatim(b.date),
    verbatim(formatMoment(b.capturedAt)),
    ...(anyApart ? [verbatim(uploadedApart(b) ?? '-')] : []),
    b.kind ? encryptedOr(wordFor(kinds, b.kind), b) : archiveMissing,
    b.storedBytes === null ? none : bytes(b.storedBytes),
    ...(long
      ? [
          filesCell(b),
          wordFor(sources, b.source),
          programCell(b),
          wordFor(verdicts, b.verdict),
          provenCell(b),
        ]
      : []),
    ...(severalStores ? [verbatim(b.stores.join(', '))] : []),
    verbatim(b.id),
  ]);
  return tableOf([header, ...rows]);
}
