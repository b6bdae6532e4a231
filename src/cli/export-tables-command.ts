import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import type { Language, Text } from '../base/text.ts';
import type { PlaceInfo } from '../inspect/backup-files.ts';
import { type ExportTablesDocument, exportTables } from '../inspect/export-tables.ts';
import { type Inspection, salvageWarning } from '../inspect/open-databases.ts';
import { type FileTarget, writeWholeFile } from '../inspect/written-file.ts';
import { type CommandResult, type Invocation, optionalText, text } from './command.ts';
import { describePlace, fileTarget, inspecting, placeOf } from './inside.ts';
import {
  exportTablesNeedsTarget,
  nameFolderOrWorkbook,
  tablesAndRows,
  wroteTables,
  wroteTablesAndWorkbook,
  wroteWorkbook,
} from './inspect-texts.ts';

export async function runExportTables(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, language, say } = invocation;
  const to = text(flags, 'to');
  const workbook = fileTarget(invocation, 'xlsx');
  if (to === undefined && !workbook) {
    throw new EfakturError('usage', exportTablesNeedsTarget, nameFolderOrWorkbook);
  }
  return inspecting(
    invocation,
    placeOf(invocation),
    invocation.workplace.inspectContext,
    async (inspection) => {
      const book = workbook && (await writeWorkbook(inspection, workbook, language, io.signal));
      if (to === undefined) {
        if (!book) throw new TypeError('there is a folder or a workbook to write');
        return { document: book, text: say(describeBook(book)), failure: inspection.failure };
      }
      const document = await exportTables(inspection, {
        to: resolve(io.around.currentFolder, to),
        workbook: optionalText(flags, 'xlsx') === '',
        language,
        now: io.now(),
        signal: io.signal,
        program: invocation.workplace.context.program,
      });
      return {
        document: book ? { ...document, workbook: book.workbook } : document,
        text: [describe(document), ...(book ? [describeBook(book)] : [])].map(say).join('\n'),
        failure: inspection.failure,
      };
    },
  );
}

async function writeWorkbook(
  inspection: Inspection,
  target: FileTarget,
  language: Language,
  signal: AbortSignal,
) {
  const { writeTablesWorkbook } = await import('../inspect/tables-workbook.ts');
  const { tables, warnings } = await writeWholeFile(target, (temp) =>
    writeTablesWorkbook(temp, inspection, language, signal),
  );
  inspection.warnings.push(...warnings);
  return {
    outcome: 'exported' as const,
    ...inspection.info,
    path: target.path,
    workbook: target.path,
    tables,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    warnings: [...inspection.warnings, ...salvageWarning(inspection.salvage)],
  };
}

type Written = PlaceInfo & Pick<ExportTablesDocument, 'rows'> & { readonly tables: readonly unknown[] };

const whatOf = (document: Written): Text =>
  tablesAndRows(document.tables.length, document.rows, describePlace(document));

const describe = (document: ExportTablesDocument): Text =>
  document.workbook === undefined
    ? wroteTables(whatOf(document), document.path)
    : wroteTablesAndWorkbook(whatOf(document), document.path, document.workbook);

const describeBook = (document: Written & { readonly workbook: string }): Text =>
  wroteWorkbook(whatOf(document), document.workbook);
