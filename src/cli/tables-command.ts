import { describeTables, type ShownDatabase, type TablesDocument } from '../inspect/tables.ts';
import { type CommandResult, type Invocation, isSet } from './command.ts';
import { formatTable } from './format.ts';
import { describePlace, inspecting, placeOf } from './inside.ts';
import {
  afterRecovery,
  damagedTable,
  inPlace,
  noTablesIn,
  stateNotes,
  tableHeadings,
  tablesOf,
} from './inspect-texts.ts';

export async function runTables(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, say } = invocation;
  return inspecting(
    invocation,
    placeOf(invocation),
    invocation.workplace.inspectContext,
    async (inspection) => {
      const { document, failure } = await describeTables(inspection, io.signal);
      return { document, text: describe(document, isSet(flags, 'verbose'), say), failure };
    },
  );
}

function describe(document: TablesDocument, verbose: boolean, say: Invocation['say']): string {
  const databases = document.databases.map((database) => describeDatabase(database, verbose, say));
  return [say(inPlace(describePlace(document))), ...databases].join('\n\n');
}

function describeDatabase(
  { name, state, tables }: ShownDatabase,
  verbose: boolean,
  say: Invocation['say'],
): string {
  if (tables.length === 0) return say(noTablesIn(name, stateNotes[state]));
  const rows = tables.flatMap((table) => [
    [
      `${table.schema}.${table.name}`,
      table.afterRecovery ? say(afterRecovery) : table.rows === null ? say(damagedTable) : String(table.rows),
      table.columns.map((c) => (verbose ? `${c.name} ${c.type}` : c.name)).join(', '),
    ],
  ]);
  return `${say(tablesOf(name, stateNotes[state]))}\n${formatTable([tableHeadings.map(say), ...rows])}`;
}
