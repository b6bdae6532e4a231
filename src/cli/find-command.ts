import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type Text, verbatim } from '../base/text.ts';
import { tableName } from '../derby/catalog.ts';
import { type FoundJson, type FoundRow, findDocument, findRows, foundJson } from '../inspect/find.ts';
import { type FirstDocument, type FirstFound, findFirst } from '../inspect/first-found.ts';
import { type Inspection, tablesNamed } from '../inspect/open-databases.ts';
import { parseTerms, type Term } from '../inspect/terms.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTimes } from './format.ts';
import { describePlace, inspecting, inspectOptions, numberOf, placeOf } from './inside.ts';
import {
  firstAppears,
  firstLooksThroughAll,
  foundFirstRows,
  foundRows,
  givenTogether,
  inNoBackup,
  inNoRow,
  lastThatHasIt,
  lookForLess,
  lookIntoAnotherDay,
  noBackupToLookInto,
  noOlderBackup,
  notAllLookedInto,
  notInTheOneBefore,
  pushFirst,
  somewhereIn,
  soughtWords,
  timeAndId,
} from './inspect-texts.ts';
import { recordText } from './records.ts';

const defaultLimit = 100;

export async function runFind(invocation: Invocation): Promise<CommandResult> {
  const { flags, positionals } = invocation;
  const terms = parseTerms(positionals);
  if (isSet(flags, 'first')) return runFirst(invocation, terms);
  const limit = numberOf(flags, 'limit', 1) ?? defaultLimit;
  return inspecting(invocation, placeOf(invocation), invocation.workplace.inspectContext, (inspection) =>
    findIn(invocation, inspection, terms, limit),
  );
}

const wordsOf = (terms: readonly Term[]): Text => soughtWords(terms.map((term) => term.text));

async function findIn(
  { io, flags, say }: Invocation,
  inspection: Inspection,
  terms: readonly Term[],
  limit: number,
): Promise<CommandResult> {
  const tables = tablesNamed(inspection, text(flags, 'table') ?? null);
  const json = isSet(flags, 'json');
  const found: FoundJson[] = [];
  const records: string[] = [];
  let rows = 0;
  let more = false;
  for await (const one of findRows(inspection, tables, terms, io.signal)) {
    if (rows === limit) {
      more = true;
      break;
    }
    rows++;
    if (json) found.push(await foundJson(one, inspection.warnings));
    else records.push(await describeRow(one, say));
  }
  const where = describePlace(inspection.info);
  const document = findDocument(inspection, found, more);
  if (rows > 0) {
    const told = (more ? foundFirstRows : foundRows)(rows, wordsOf(terms), where);
    return { document, text: [...records, say(told)].join('\n\n'), failure: inspection.failure };
  }
  const failure = new EfakturError(
    'not-in-backup',
    inNoRow(wordsOf(terms), where, inspection.failure === null),
    lookIntoAnotherDay,
  );
  return { document, text: null, failure };
}

async function describeRow(
  { database, table, row, matched }: FoundRow,
  say: Invocation['say'],
): Promise<string> {
  const where = somewhereIn(tableName(table), verbatim(database.name));
  return `${say(where)}:\n${await recordText(table.columns, row, matched)}`;
}

async function runFirst(invocation: Invocation, terms: readonly Term[]): Promise<CommandResult> {
  const { flags } = invocation;
  const given = ['date', 'as-of', 'id', 'local'].find((name) => text(flags, name) !== undefined);
  if (given !== undefined) {
    throw new EfakturError('usage', givenTogether(['--first', `--${given}`]), firstLooksThroughAll);
  }
  const warnings: Warning[] = [];
  const table = text(flags, 'table') ?? null;
  const result = await findFirst(
    { terms, table, ...inspectOptions(flags) },
    invocation.workplace.inspectContext,
    warnings,
  );
  const document: FirstDocument = { ...result, warnings };
  if (result.first) return { document, text: describeFirst(result, terms).map(invocation.say).join('\n') };
  const failure =
    result.backups === 0
      ? new EfakturError('no-such-backup', noBackupToLookInto, pushFirst)
      : new EfakturError('not-in-backup', inNoBackup(wordsOf(terms), result.backups), lookForLess);
  return { document, text: null, failure };
}

function describeFirst(
  { first, before, last, backups, lookedInto, certain }: FirstFound,
  terms: readonly Term[],
): Text[] {
  const name = (b: NonNullable<FirstFound['first']>): Text => timeAndId(formatTimes(b), b.id);
  const lines = [firstAppears(wordsOf(terms), first ? name(first) : verbatim(''))];
  lines.push(before ? notInTheOneBefore(name(before)) : noOlderBackup);
  if (last) lines.push(lastThatHasIt(name(last)));
  if (!certain) lines.push(notAllLookedInto(lookedInto, backups));
  return lines;
}
