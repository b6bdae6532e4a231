import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { expandPath } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { verbatim } from '../base/text.ts';
import { isoPrefix, parseWrittenDate } from '../base/written-date.ts';
import { parseBackupId } from '../catalog/names.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import type { Place } from '../inspect/backup-files.ts';
import type { RowChange } from '../inspect/compare-rows.ts';
import { compareStates, noteOn, type TableComparison } from '../inspect/diff.ts';
import {
  type ChangeJson,
  changeJson,
  type DiffDocument,
  type DiffedTable,
  diffDocument,
  diffedTable,
} from '../inspect/diff-document.ts';
import type { Inspection } from '../inspect/open-databases.ts';
import { peopleText } from '../inspect/value-text.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTable } from './format.ts';
import { describePlace, inspecting, numberOf, workbookTarget } from './inside.ts';
import {
  allAreSame,
  differingRowsIn,
  diffHeadings,
  diffNeedsTwo,
  emptyValue,
  fromTo,
  moreIn,
  nameBothStates,
  neitherHasTable,
  notAState,
  othersAreSame,
  seeTables,
  writeState,
} from './inspect-texts.ts';

/** Rows shown of one table unless told otherwise. */
const defaultLimit = 100;

export async function runDiff(invocation: Invocation): Promise<CommandResult> {
  const { flags, positionals } = invocation;
  const local = text(flags, 'local');
  const given = [...positionals, ...(local === undefined ? [] : [null])];
  const [a, b] = given;
  if (given.length !== 2 || a === undefined || a === null || b === undefined) {
    throw new EfakturError('usage', diffNeedsTwo, nameBothStates);
  }
  const context = invocation.workplace.inspectContext;
  const before = await placeNamed(invocation, a);
  const after = b === null ? localPlace(invocation, local ?? '') : await placeNamed(invocation, b);
  return inspecting(invocation, before, context, (first) =>
    inspecting(invocation, after, context, (second) => compare(invocation, first, second)),
  );
}

const localPlace = ({ io }: Invocation, path: string): Place => ({
  in: 'folder',
  path: resolve(io.around.currentFolder, path),
});

async function placeNamed(invocation: Invocation, name: string): Promise<Place> {
  if (name === 'live') return { in: 'folder', path: await invocation.workplace.appFolder() };
  const date = parseWrittenDate(name);
  if (date && date.day !== null) return { in: 'stores', wanted: { by: 'day', day: isoPrefix(date) } };
  if (parseBackupId(name)) return { in: 'stores', wanted: { by: 'id', id: name } };
  const local = localPlace(invocation, expandPath(name, verbatim('diff'), invocation.io.around));
  if (local.in === 'folder' && existsSync(local.path)) return local;
  throw new EfakturError('usage', notAState(name), writeState);
}

async function compare(
  invocation: Invocation,
  before: Inspection,
  after: Inspection,
): Promise<CommandResult> {
  const { io, flags, say } = invocation;
  const warnings: Warning[] = [];
  const wanted = text(flags, 'table') ?? null;
  const tables = compareStates(before, after, wanted, io.signal);
  if (wanted !== null && tables.length === 0) {
    // Perhaps it is in a database that could not be read.
    const failure = before.failure ?? after.failure;
    if (failure) throw failure;
    throw new EfakturError('usage', neitherHasTable(wanted), seeTables);
  }
  const nameOf = namesFor(tables);
  const showsRows = isSet(flags, 'rows');
  const limit = numberOf(flags, 'limit') ?? defaultLimit;
  const xlsx = workbookTarget(invocation);
  const json: DiffedTable[] = [];
  const changes: string[] = [];
  const counted = async function* () {
    for (const table of tables) {
      const counts = await table.count();
      const differs = counts.added + counts.removed + counts.changed > 0;
      const shown =
        showsRows && differs
          ? await shownRows(table, nameOf(table), limit, isSet(flags, 'json'), warnings, say)
          : null;
      if (shown) changes.push(...shown.lines);
      json.push(diffedTable(table, counts, showsRows ? (shown?.json ?? []) : null));
      yield { table, counts };
    }
  };
  if (xlsx === null) {
    for await (const _ of counted());
  } else {
    const { writeDiffWorkbook } = await import('../inspect/diff-workbook.ts');
    warnings.push(...(await writeDiffWorkbook(xlsx, tables, counted(), invocation.language)));
  }
  const document = diffDocument(before, after, json, xlsx?.path ?? null, warnings);
  return {
    document,
    text: describe(document, nameOf, changes, say),
    failure: before.failure ?? after.failure,
  };
}

type Named = Pick<TableComparison, 'database' | 'schema' | 'name'>;

/** `SCHEMA.TABLE`, with its database where there are several. */
function namesFor(tables: readonly TableComparison[]): (table: Named) => string {
  const several = new Set(tables.map(({ database }) => database.toLowerCase())).size > 1;
  return ({ database, schema, name }) => `${several ? `${database}: ` : ''}${schema}.${name}`;
}

async function shownRows(
  table: TableComparison,
  name: string,
  limit: number,
  asJson: boolean,
  warnings: Warning[],
  say: Invocation['say'],
): Promise<{ json: ChangeJson[]; lines: string[] }> {
  const json: ChangeJson[] = [];
  const lines: string[] = [];
  let rows = 0;
  for await (const change of table.changes()) {
    if (rows === limit) {
      lines.push(say(moreIn(name)));
      break;
    }
    rows++;
    if (asJson) json.push(await changeJson(table.columns, change, warnings));
    else lines.push(await changeText(table, name, change, say));
  }
  return { json, lines };
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

async function changeText(
  table: TableComparison,
  tableName: string,
  { change, before, after, differing }: RowChange,
  say: Invocation['say'],
): Promise<string> {
  const { columns, key } = table;
  const row = after ?? before ?? [];
  const cellOf = (from: Row, name: string): Promise<string> => {
    const at = columns.findIndex((column) => column.name === name);
    return peopleText(from[at] ?? null, columns[at] as Column);
  };
  const names = await Promise.all(key.map(async (name) => `${name} ${await cellOf(row, name)}`));
  const head = [`${signs[change]} ${tableName}`, ...(names.length > 0 ? [names.join(', ')] : [])];
  const cells: string[][] = [];
  for (const [i, { name }] of columns.entries()) {
    if (change === 'changed') {
      if (!differing.includes(name) || !before || !after) continue;
      cells.push([
        `    ${name}`,
        `${(await cellOf(before, name)) || say(emptyValue)} -> ${(await cellOf(after, name)) || say(emptyValue)}`,
      ]);
    } else if ((row[i] ?? null) !== null && !key.includes(name)) {
      cells.push([`    ${name}`, await cellOf(row, name)]);
    }
  }
  return [head.join(': '), ...(cells.length > 0 ? [formatTable(cells)] : [])].join('\n');
}

function describe(
  document: DiffDocument,
  nameOf: (table: Named) => string,
  changes: readonly string[],
  say: Invocation['say'],
): string {
  const differing = document.tables.filter(
    (t) =>
      t.added + t.removed + t.changed > 0 ||
      t.in !== 'both' ||
      t.columnsAdded.length + t.columnsRemoved.length > 0,
  );
  const lines = [say(fromTo(describePlace(document.before), describePlace(document.after)))];
  const same = document.tables.length - differing.length;
  if (differing.length > 0) {
    const rows = differing.map((t) => [
      nameOf({ ...t, name: t.table }),
      ...[t.rowsBefore, t.rowsAfter, t.added, t.removed, t.changed].map((n) =>
        n === null ? '-' : String(n),
      ),
      say(noteOn(t)),
    ]);
    lines.push(formatTable([diffHeadings.map(say), ...rows]).replace(/ +$/gm, ''));
  }
  lines.push(...changes);
  lines.push(say((differing.length > 0 ? othersAreSame : allAreSame)(same)));
  if (document.file !== undefined) lines.push(say(differingRowsIn(document.file)));
  return lines.join('\n\n');
}
