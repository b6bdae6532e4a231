import { describeTables, type ShownDatabase, type TablesDocument } from '../inspect/tables.ts';
import { type CommandResult, type Invocation, isSet } from './command.ts';
import { formatTable } from './format.ts';
import { describePlace, inspecting, placeOf } from './inside.ts';

export async function runTables(invocation: Invocation): Promise<CommandResult> {
  const { io, flags } = invocation;
  return inspecting(
    invocation,
    placeOf(invocation),
    invocation.workplace.inspectContext,
    async (inspection) => {
      const { document, failure } = await describeTables(inspection, io.signal);
      return { document, text: describe(document, isSet(flags, 'verbose')), failure };
    },
  );
}

const states = {
  clean: '',
  'needs-recovery': ', as of the last checkpoint',
  broken: ', as of the last checkpoint (its log is not whole)',
} as const;

function describe(document: TablesDocument, verbose: boolean): string {
  const databases = document.databases.map((database) => describeDatabase(database, verbose));
  return [`In ${describePlace(document)}:`, ...databases].join('\n\n');
}

function describeDatabase({ name, state, tables }: ShownDatabase, verbose: boolean): string {
  if (tables.length === 0) return `Database ${name}${states[state]}: no tables.`;
  const rows = tables.flatMap((table) => [
    [
      `${table.schema}.${table.name}`,
      table.afterRecovery ? 'after recovery' : table.rows === null ? 'DAMAGED' : String(table.rows),
      table.columns.map((c) => (verbose ? `${c.name} ${c.type}` : c.name)).join(', '),
    ],
  ]);
  return `Database ${name}${states[state]}:\n${formatTable([['TABLE', 'ROWS', 'COLUMNS'], ...rows])}`;
}
