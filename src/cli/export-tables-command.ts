import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import { type ExportTablesDocument, exportTables } from '../inspect/export-tables.ts';
import { type Inspection, salvageWarning } from '../inspect/open-databases.ts';
import { type FileTarget, writeWholeFile } from '../inspect/written-file.ts';
import { type CommandResult, type Invocation, optionalText, text } from './command.ts';
import { describePlace, fileTarget, inspecting, placeOf } from './inside.ts';

export async function runExportTables(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, language } = invocation;
  const to = text(flags, 'to');
  const workbook = fileTarget(invocation, 'xlsx');
  if (to === undefined && !workbook) {
    throw new EfakturError(
      'usage',
      'export-tables needs a folder to write into',
      'Name one that is not there yet with --to, or a workbook with --xlsx FILE.',
    );
  }
  return inspecting(
    invocation,
    placeOf(invocation),
    invocation.workplace.inspectContext,
    async (inspection) => {
      const book = workbook && (await writeWorkbook(inspection, workbook, language, io.signal));
      if (to === undefined) {
        if (!book) throw new TypeError('there is a folder or a workbook to write');
        return { document: book, text: describeBook(book), failure: inspection.failure };
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
        text: [describe(document), ...(book ? [describeBook(book)] : [])].join('\n'),
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

const describe = (document: ExportTablesDocument): string =>
  `Wrote ${document.tables.length} tables (${document.rows} rows) of ${describePlace(document)} to ${document.path}: a CSV file each, and schema.json${document.workbook === undefined ? '' : `, and all of them in ${document.workbook}`}.`;

const describeBook = (
  document: Omit<ExportTablesDocument, 'tables'> & { readonly tables: readonly unknown[] },
): string =>
  `Wrote ${document.tables.length} tables (${document.rows} rows) of ${describePlace(document)} to ${document.workbook}: a sheet for each that has rows, and a list of them all.`;
