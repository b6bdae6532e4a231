import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { tableName } from '../derby/catalog.ts';
import { type FoundJson, type FoundRow, findDocument, findRows, foundJson } from '../inspect/find.ts';
import { type FirstDocument, type FirstFound, findFirst } from '../inspect/first-found.ts';
import { type Inspection, tablesNamed } from '../inspect/open-databases.ts';
import { parseTerms, type Term } from '../inspect/terms.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTimes } from './format.ts';
import { describePlace, inspecting, inspectOptions, numberOf, placeOf } from './inside.ts';
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

const wordsOf = (terms: readonly Term[]): string => terms.map(({ text }) => `"${text}"`).join(' and ');

async function findIn(
  { io, flags }: Invocation,
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
    else records.push(await describeRow(one));
  }
  const where = describePlace(inspection.info);
  const document = findDocument(inspection, found, more);
  if (rows > 0) {
    const count = more
      ? `The first ${rows === 1 ? 'row' : `${rows} rows`} with ${wordsOf(terms)} in ${where}; more with --limit.`
      : `${rows} row${rows === 1 ? '' : 's'} with ${wordsOf(terms)} in ${where}.`;
    return { document, text: [...records, count].join('\n\n'), failure: inspection.failure };
  }
  const failure = new EfakturError(
    'not-in-backup',
    `${wordsOf(terms)}: in no row of ${where}${inspection.failure ? ', as far as it could be read' : ''}`,
    'Look into another day, or let "efaktur-cloud find --first" say which backup has it.',
  );
  return { document, text: null, failure };
}

const describeRow = async ({ database, table, row, matched }: FoundRow): Promise<string> =>
  `${tableName(table)} in ${database.name}:\n${await recordText(table.columns, row, matched)}`;

async function runFirst(invocation: Invocation, terms: readonly Term[]): Promise<CommandResult> {
  const { flags } = invocation;
  const given = ['date', 'as-of', 'id', 'local'].find((name) => text(flags, name) !== undefined);
  if (given !== undefined) {
    throw new EfakturError(
      'usage',
      `--first and --${given} were given together`,
      '--first looks through all stored backups.',
    );
  }
  const warnings: Warning[] = [];
  const table = text(flags, 'table') ?? null;
  const result = await findFirst(
    { terms, table, ...inspectOptions(flags) },
    invocation.workplace.inspectContext,
    warnings,
  );
  const document: FirstDocument = { ...result, warnings };
  if (result.first) return { document, text: describeFirst(result, terms) };
  const failure =
    result.backups === 0
      ? new EfakturError(
          'no-such-backup',
          'there is no backup to look into',
          'Run "efaktur-cloud push" first.',
        )
      : new EfakturError(
          'not-in-backup',
          `${wordsOf(terms)}: in none of ${result.backups} stored backups`,
          'Check the spelling, or look for less of it.',
        );
  return { document, text: null, failure };
}

function describeFirst(
  { first, before, last, backups, lookedInto, certain }: FirstFound,
  terms: readonly Term[],
): string {
  const name = (b: NonNullable<FirstFound['first']>): string => `${formatTimes(b)} (${b.id})`;
  const lines = [`${wordsOf(terms)} first appears in the backup of ${first ? name(first) : ''}.`];
  lines.push(before ? `The one before, of ${name(before)}, does not have it.` : 'There is no older backup.');
  if (last) lines.push(`The last that has it is of ${name(last)}; the newest has it no more.`);
  if (!certain)
    lines.push(
      `${lookedInto} of ${backups} backups were looked into: if it was entered, deleted and entered again, an older one may have it too.`,
    );
  return lines.join('\n');
}
