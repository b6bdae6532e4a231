import { EfakturError } from '../base/errors.ts';
import { type Column, tableName } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { type ChosenTable, type Inspection, tableNamed } from '../inspect/open-databases.ts';
import { csvFormat, jsonLinesFormat, type LineSink, streamSink, writeLines } from '../inspect/row-lines.ts';
import { columnsNamed, parseCondition, type RowSelection, selectRows } from '../inspect/select-rows.ts';
import { type ShowDocument, showDocument, shownRow } from '../inspect/show.ts';
import { type FileTarget, withLineFile, writeWholeFile } from '../inspect/written-file.ts';
import { type CommandResult, type Invocation, isSet, text, texts } from './command.ts';
import { describePlace, fileTarget, inspecting, numberOf, placeOf, workbookTarget } from './inside.ts';
import {
  givenTogether,
  giveOne,
  giveOneOrFile,
  noRowsFrom,
  rowsShown,
  showForExample,
  showNeedsTable,
  showTakesOneTable,
  somewhereIn,
  wroteRows,
} from './inspect-texts.ts';
import { gridText, recordText } from './records.ts';

const defaultLimit = 50;
const lineFormats = [
  ['csv', csvFormat],
  ['jsonl', jsonLinesFormat],
] as const;
const formats = ['csv', 'jsonl', 'xlsx', 'json'] as const;

const toFile = (invocation: Invocation, format: string): boolean =>
  format !== 'json' && fileTarget(invocation, format) !== null;

export async function runShow(invocation: Invocation): Promise<CommandResult> {
  const { flags, positionals } = invocation;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    const what = name === undefined ? showNeedsTable : showTakesOneTable;
    throw new EfakturError('usage', what, showForExample);
  }
  const asked = formats.filter((format) => flags[format] !== undefined && flags[format] !== false);
  // What was written to a file is told in a document with --json.
  const [format] = asked;
  const isTold =
    asked.length === 2 && asked[1] === 'json' && format !== undefined && toFile(invocation, format);
  if (asked.length > 1 && !isTold) {
    throw new EfakturError(
      'usage',
      givenTogether(asked.map((one) => `--${one}`)),
      isSet(flags, 'json') && asked.length === 2 && format !== undefined ? giveOneOrFile(format) : giveOne,
    );
  }
  return inspecting(invocation, placeOf(invocation), invocation.workplace.inspectContext, (inspection) =>
    showIn(invocation, inspection, tableNamed(inspection, name)),
  );
}

async function showIn(
  invocation: Invocation,
  inspection: Inspection,
  chosen: ChosenTable,
): Promise<CommandResult> {
  const { io, flags, say } = invocation;
  const { table } = chosen;
  const given = text(flags, 'columns');
  const columns = given === undefined ? table.columns : columnsNamed(table, given);
  const limit = numberOf(flags, 'limit');
  const selection: RowSelection = {
    columns,
    conditions: texts(flags, 'where').map((condition) => parseCondition(table, condition)),
    offset: numberOf(flags, 'offset') ?? 0,
    limit,
  };
  const xlsx = workbookTarget(invocation);
  if (xlsx) return writeXlsx(invocation, inspection, chosen, selection, xlsx);
  for (const [name, format] of lineFormats) {
    if (text(flags, name) === undefined) continue;
    const target = fileTarget(invocation, name);
    const batches = selectRows(inspection, chosen, selection, io.signal);
    const write = (sink: LineSink) => writeLines(format(columns), batches, sink);
    if (!target) {
      const rows = await write(streamSink(io.stdout, io.signal));
      return { document: showDocument(inspection, chosen, selection, rows, false), text: null };
    }
    const rows = await writeWholeFile(target, (temp) => withLineFile(temp, write));
    return told(invocation, inspection, chosen, selection, rows, target.path);
  }
  const page = limit ?? defaultLimit;
  const rows: Row[] = [];
  // One more than asked tells whether there is a next page.
  const toRead = { ...selection, limit: page + 1 };
  for await (const batch of selectRows(inspection, chosen, toRead, io.signal)) rows.push(...batch);
  const more = rows.length > page;
  rows.length = Math.min(rows.length, page);
  if (isSet(flags, 'json')) {
    const objects = await Promise.all(rows.map((row) => shownRow(columns, row, inspection.warnings)));
    return { document: showDocument(inspection, chosen, selection, objects, more), text: null };
  }
  const document = showDocument(inspection, chosen, selection, rows.length, more);
  const screen = io.stderr.columns || 120;
  return { document, text: await describe(document, columns, rows, screen, say) };
}

async function writeXlsx(
  invocation: Invocation,
  inspection: Inspection,
  chosen: ChosenTable,
  selection: RowSelection,
  target: FileTarget,
): Promise<CommandResult> {
  const { writeTableWorkbook } = await import('../inspect/table-workbook.ts');
  const { rows, warnings } = await writeTableWorkbook(
    target,
    chosen.table.name,
    selection.columns,
    selectRows(inspection, chosen, selection, invocation.io.signal),
  );
  inspection.warnings.push(...warnings);
  return told(invocation, inspection, chosen, selection, rows, target.path);
}

/** What was written to a file. */
function told(
  { say }: Invocation,
  inspection: Inspection,
  chosen: ChosenTable,
  selection: RowSelection,
  rows: number,
  file: string,
): CommandResult {
  const document: ShowDocument = { ...showDocument(inspection, chosen, selection, rows, false), file };
  return {
    document,
    text: say(wroteRows(rows, tableName(chosen.table), file)),
  };
}

async function describe(
  document: ShowDocument,
  columns: readonly Column[],
  rows: readonly Row[],
  screen: number,
  say: Invocation['say'],
): Promise<string> {
  const { offset, more } = document;
  const name = somewhereIn(`${document.schema}.${document.table}`, describePlace(document));
  if (rows.length === 0) return say(noRowsFrom(offset, name));
  const grid = await gridText(columns, rows, screen);
  const records = grid === null ? await Promise.all(rows.map((row) => recordText(columns, row))) : [grid];
  return [...records, say(rowsShown(offset, rows.length, name, more))].join('\n\n');
}
