import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { type ExportTablesDocument, exportTables } from '../inspect/export-tables.ts';
import { type CommandResult, type Invocation, text } from './command.ts';
import { describePlace, inspecting, placeOf } from './inside.ts';
import { inspectContext } from './inspect-context.ts';

export async function runExportTables(invocation: Invocation): Promise<CommandResult> {
  const { io, flags } = invocation;
  const to = text(flags, 'to');
  if (to === undefined) {
    throw new EfakturError(
      'usage',
      'export-tables needs a folder to write into',
      'Name one that is not there yet with --to.',
    );
  }
  return inspecting(invocation, placeOf(invocation), inspectContext(invocation), async (inspection) => {
    const document = await exportTables(inspection, {
      to: resolve(io.around.currentFolder, to),
      now: io.now(),
      signal: io.signal,
      program: `efaktur-cloud ${io.version}`,
    });
    return { document, text: describe(document), failure: inspection.failure };
  });
}

const describe = (document: ExportTablesDocument): string =>
  `Wrote ${document.tables.length} tables (${document.rows} rows) of ${describePlace(document)} to ${document.path}: a CSV file each, and schema.json.`;
