import type { Command } from './command.ts';
import { appFlag, insideFlags, lineFile, onOff, output, path, replaceFlag, value } from './flags.ts';
import {
  aFile,
  aFolder,
  aName,
  aNumber,
  aPath,
  aTable,
  columnValue,
  someTexts,
  twoColumns,
  twoSides,
  wantedHelp,
} from './help-texts.ts';
import { diffHelp, exportTablesHelp, findHelp, showHelp, tablesHelp } from './inside-help-texts.ts';

/* Commands that look inside of backups; as those of `commands.ts`. */

const tables: Command = {
  name: 'tables',
  aliases: [],
  describe: tablesHelp.about,
  flags: insideFlags,
  load: async () => (await import('./tables-command.ts')).runTables,
};

const find: Command = {
  name: 'find',
  aliases: [],
  describe: findHelp.about,
  positionals: someTexts,
  flags: {
    ...insideFlags,
    table: value(wantedHelp.table, aTable),
    limit: value(wantedHelp.limit, aNumber, { unlessGiven: 100 }),
    first: onOff(findHelp.first),
  },
  load: async () => (await import('./find-command.ts')).runFind,
};

const show: Command = {
  name: 'show',
  aliases: [],
  describe: showHelp.about,
  positionals: aTable,
  flags: {
    ...insideFlags,
    where: value(showHelp.where, columnValue, { many: true }),
    columns: value(showHelp.columns, twoColumns),
    offset: value(showHelp.offset, aNumber),
    limit: value(showHelp.limit, aNumber, { unlessGiven: 50 }),
    csv: lineFile(showHelp.csv, '.csv'),
    jsonl: lineFile(showHelp.jsonl, '.jsonl'),
    xlsx: output(showHelp.xlsx, aFile),
    yes: replaceFlag,
  },
  load: async () => (await import('./show-command.ts')).runShow,
};

const diff: Command = {
  name: 'diff',
  aliases: [],
  describe: diffHelp.about,
  positionals: twoSides,
  flags: {
    app: appFlag,
    local: path(diffHelp.local, aPath),
    database: value(wantedHelp.database, aName),
    table: value(wantedHelp.table, aTable),
    rows: onOff(diffHelp.rows),
    limit: value(diffHelp.limit, aNumber, { unlessGiven: 100 }),
    xlsx: output(diffHelp.xlsx, aFile),
    yes: replaceFlag,
  },
  load: async () => (await import('./diff-command.ts')).runDiff,
};

const exportTables: Command = {
  name: 'export-tables',
  aliases: [],
  describe: exportTablesHelp.about,
  flags: {
    ...insideFlags,
    to: output(exportTablesHelp.to, aFolder),
    xlsx: output(exportTablesHelp.xlsx, aFile, { optional: true, ending: '.xlsx' }),
    yes: replaceFlag,
  },
  load: async () => (await import('./export-tables-command.ts')).runExportTables,
};

/** In the order of the help. */
export const insideCommands: readonly Command[] = [tables, find, show, diff, exportTables];
