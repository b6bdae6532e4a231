import type { Command, Flag } from './command.ts';
import { defaultPolicy, flagDefaults } from './defaults.ts';

const withoutRules = Object.entries(defaultPolicy)
  .flatMap(([rule, count]) => (count === null ? [] : [`${count} ${rule}`]))
  .join(', ');

const appFlag: Flag = { type: 'string', describe: 'the e-Faktur folder', placeholder: 'DIR', names: 'path' };

export const commonFlags: Readonly<Record<string, Flag>> = {
  store: {
    type: 'string',
    many: true,
    describe: 'where backups lie: s3://BUCKET/PREFIX or a folder',
    placeholder: 'URL',
    names: 'store',
  },
  'limit-upload': { type: 'string', describe: 'send no faster than this', placeholder: '2MiB/s' },
  'limit-download': { type: 'string', describe: 'fetch no faster than this', placeholder: '2MiB/s' },
  json: { type: 'boolean', describe: 'print one JSON document' },
  lang: { type: 'string', describe: 'the language of what is printed', placeholder: 'id|en' },
  quiet: { type: 'boolean', alias: 'q', describe: 'print errors only' },
  verbose: { type: 'boolean', alias: 'v', describe: 'print more' },
  'env-file': {
    type: 'string',
    describe: 'read settings from this file',
    placeholder: 'FILE',
    names: 'path',
  },
};

/** Which backup is meant, for every command that reads one. */
export const wantedFlags: Readonly<Record<string, Flag>> = {
  date: { type: 'string', describe: 'the newest backup of that day', placeholder: 'YYYY-MM-DD' },
  'as-of': {
    type: 'string',
    describe: 'the newest at or before a day or time',
    placeholder: 'YYYY-MM-DD[THH:MM]',
  },
  id: { type: 'string', describe: 'the backup with this id', placeholder: 'ID' },
};

/** What to look into, for every command that looks inside a backup. */
const insideFlags: Readonly<Record<string, Flag>> = {
  ...wantedFlags,
  local: {
    type: 'string',
    describe: 'no stored backup but an e-Faktur folder, a db folder or a login backup',
    placeholder: 'PATH',
    names: 'path',
  },
  database: { type: 'string', describe: 'only this database', placeholder: 'NAME' },
  salvage: { type: 'boolean', describe: 'pass over what is damaged, and say how much that is' },
};

/** Lines go to stdout, or to a file. */
const lineFileFlag = (ending: string, describe: string): Flag => ({
  type: 'string',
  optional: true,
  ending: `.${ending}`,
  describe: `${describe}, to stdout or with =FILE to a file`,
  names: 'output',
});

const replaceFlag: Flag = { type: 'boolean', describe: 'replace a file that is there' };

/** All commands, as data. */
export const commands: readonly Command[] = [
  {
    name: 'push',
    aliases: ['backup'],
    describe: 'back up the newest state to every store',
    flags: {
      app: appFlag,
      source: {
        type: 'string',
        describe: 'auto, backup (login backups), live (the db folder) or a path',
        placeholder: 'SOURCE',
        names: 'path',
      },
      captured: {
        type: 'string',
        describe: 'with --source PATH: when that backup was made',
        placeholder: 'YYYY-MM-DDTHH:MM',
      },
      all: { type: 'boolean', describe: 'every login backup not yet stored, oldest first' },
      full: { type: 'boolean', describe: 'send an archive even if nothing changed' },
      'whole-app': {
        type: 'boolean',
        describe: 'store the program instead: the e-Faktur folder without its databases',
      },
      'with-certificates': {
        type: 'boolean',
        describe: 'with --whole-app: private keys, too (.p12, .pfx); only encrypted',
      },
      'dry-run': { type: 'boolean', describe: 'say what would be stored, write nothing' },
      'force-damaged': { type: 'boolean', describe: 'store a damaged state as well, marked as such' },
      'allow-plaintext': {
        type: 'boolean',
        describe: 'push unencrypted though the store holds encrypted backups',
      },
      moved: {
        type: 'boolean',
        describe: 'this e-Faktur folder moved or was renamed: go on with its history',
      },
      'new-store': { type: 'boolean', describe: 'the store was emptied on purpose: begin anew' },
    },
    load: async () => (await import('./push-command.ts')).runPush,
  },
  {
    name: 'pull',
    aliases: ['restore'],
    describe: 'restore a backup into an e-Faktur folder',
    flags: {
      app: appFlag,
      ...wantedFlags,
      to: {
        type: 'string',
        describe: 'the e-Faktur folder to restore into; made if absent',
        placeholder: 'DIR',
        names: 'path',
      },
      expect: {
        type: 'string',
        many: true,
        describe:
          'restore only if one row of the backup has all of these words, numbers and dates, a phrase in quotes inside: \'"Gerbang Semesta" 345000\'',
        placeholder: 'TEXT',
      },
      'dry-run': { type: 'boolean', describe: 'say what would be restored, write nothing' },
      'force-damaged': { type: 'boolean', describe: 'restore a damaged backup too, into a new folder only' },
      'whole-app': {
        type: 'boolean',
        describe: 'make a whole e-Faktur in a new folder: the stored program and the db',
      },
      program: {
        type: 'string',
        describe:
          'with --whole-app: the stored program with this id, not the one that the backup was made with',
        placeholder: 'ID',
      },
      'other-version': {
        type: 'boolean',
        describe: 'restore also where an older e-Faktur lies than the backup was made with',
      },
      yes: { type: 'boolean', describe: 'replace the db that is there without asking' },
    },
    load: async () => (await import('./pull-command.ts')).runPull,
  },
  {
    name: 'list',
    aliases: [],
    describe: 'show the stored backups, newest last',
    flags: {
      since: { type: 'string', describe: 'from this day on', placeholder: 'YYYY-MM-DD' },
      until: { type: 'string', describe: 'up to this day', placeholder: 'YYYY-MM-DD' },
      long: { type: 'boolean', describe: 'read the manifests as well' },
      programs: { type: 'boolean', describe: 'show the stored program folders instead' },
    },
    load: async () => (await import('./list-command.ts')).runList,
  },
  {
    name: 'verify',
    aliases: [],
    describe: 'prove stored backups good',
    flags: {
      app: appFlag,
      ...wantedFlags,
      all: { type: 'boolean', describe: 'every backup (the default)' },
      'read-data': {
        type: 'string',
        optional: true,
        describe: 'read every byte back, or the n-th of t parts',
        placeholder: 'n/t',
      },
      engine: { type: 'boolean', describe: 'open a scratch copy in real Derby (needs Java and derby.jar)' },
      'derby-jar': {
        type: 'string',
        describe: 'the derby.jar for --engine',
        placeholder: 'FILE',
        names: 'path',
      },
    },
    load: async () => (await import('./verify-command.ts')).runVerify,
  },
  {
    name: 'status',
    aliases: [],
    describe: 'how safe the books are now; exit 20 when somebody must act',
    flags: {
      app: appFlag,
      'max-age': {
        type: 'string',
        describe: `days after which the newest backup is old (${flagDefaults['max-age']})`,
        placeholder: 'DAYS',
      },
      'max-unproven': {
        type: 'string',
        describe: `days after which the last proof is old (${flagDefaults['max-unproven']})`,
        placeholder: 'DAYS',
      },
    },
    load: async () => (await import('./status-command.ts')).runStatus,
  },
  {
    name: 'doctor',
    aliases: [],
    describe: 'prove a store end to end before it is trusted',
    flags: {
      'print-policy': {
        type: 'string',
        describe: 'print the IAM policy for a key that may push, pull, verify, prune or copy to it',
        placeholder: 'ROLE',
      },
    },
    load: async () => (await import('./doctor-command.ts')).runDoctor,
  },
  {
    name: 'keys',
    aliases: [],
    describe: 'make a key pair (new), or say which backups the keys at hand open (show)',
    positionals: 'new|show',
    flags: {
      out: {
        type: 'string',
        describe: 'new: write the secret key to this file, for its owner only',
        placeholder: 'FILE',
        names: 'output',
      },
      sheet: {
        type: 'string',
        describe: 'new: write the recovery sheet to this file; .html: a page to print, with a QR code',
        placeholder: 'FILE',
        names: 'path',
      },
      passphrase: { type: 'boolean', describe: 'new: protect the secret key with a passphrase' },
    },
    load: async () => (await import('./keys-command.ts')).runKeys,
  },
  {
    name: 'prune',
    aliases: [],
    describe: `delete stored backups that no rule keeps (without rules: ${withoutRules}); only says what would go until --yes`,
    flags: {
      'keep-last': { type: 'string', describe: 'keep the newest N', placeholder: 'N' },
      'keep-daily': { type: 'string', describe: 'keep one of each of the last N days', placeholder: 'N' },
      'keep-weekly': { type: 'string', describe: 'keep one of each of the last N weeks', placeholder: 'N' },
      'keep-monthly': { type: 'string', describe: 'keep one of each of the last N months', placeholder: 'N' },
      'keep-yearly': { type: 'string', describe: 'keep one of each of the last N years', placeholder: 'N' },
      'keep-within': {
        type: 'string',
        describe: 'keep all of this span before the newest, such as 1y5m7d2h',
        placeholder: 'SPAN',
      },
      'max-delete': {
        type: 'string',
        describe: `delete nothing when more backups than this would go (${flagDefaults['max-delete']})`,
        placeholder: 'N|N%',
      },
      yes: { type: 'boolean', describe: 'delete them' },
    },
    load: async () => (await import('./prune-command.ts')).runPrune,
  },
  {
    name: 'prune-local',
    aliases: [],
    describe: 'delete login backups that every store has and that were proven; only says which until --yes',
    flags: {
      app: appFlag,
      keep: {
        type: 'string',
        describe: `keep the newest N login backups (${flagDefaults.keep})`,
        placeholder: 'N',
      },
      yes: { type: 'boolean', describe: 'delete them' },
    },
    load: async () => (await import('./prune-local-command.ts')).runPruneLocal,
  },
  {
    name: 'export',
    aliases: [],
    describe: 'write a backup as a plain folder or zip, to restore by hand',
    flags: {
      ...wantedFlags,
      to: {
        type: 'string',
        describe: 'the folder to put it into; made if absent',
        placeholder: 'DIR',
        names: 'output',
      },
      zip: { type: 'boolean', describe: 'one zip file instead of a folder' },
    },
    load: async () => (await import('./export-command.ts')).runExport,
  },
  {
    name: 'copy',
    aliases: [],
    describe: 'copy backups from one store to another, byte for byte; goes on after an interruption',
    flags: {
      from: {
        type: 'string',
        describe: 'the store to copy from (else EFAKTUR_STORE)',
        placeholder: 'URL',
        names: 'store',
      },
      to: { type: 'string', describe: 'the store to copy to', placeholder: 'URL', names: 'store' },
      'from-settings': {
        type: 'string',
        describe: 'keys and settings of the store to copy from',
        placeholder: 'FILE',
        names: 'path',
      },
      'to-settings': {
        type: 'string',
        describe: 'keys and settings of the store to copy to',
        placeholder: 'FILE',
        names: 'path',
      },
      all: { type: 'boolean', describe: 'every backup; those that are there already are compared' },
      since: { type: 'string', describe: 'backups of this day and later', placeholder: 'DAY' },
      id: { type: 'string', describe: 'the backup with this id', placeholder: 'ID' },
      'read-back': { type: 'boolean', describe: 'read back what was copied and keep the proof there' },
      'dry-run': { type: 'boolean', describe: 'say what would be copied, write nothing' },
    },
    load: async () => (await import('./copy-command.ts')).runCopy,
  },
  {
    name: 'tables',
    aliases: [],
    describe: 'show the tables of a backup, without e-Faktur',
    flags: insideFlags,
    load: async () => (await import('./tables-command.ts')).runTables,
  },
  {
    name: 'find',
    aliases: [],
    describe: 'find rows of a backup by text, number or date; all of them must be in one row',
    positionals: 'TEXT…',
    flags: {
      ...insideFlags,
      table: { type: 'string', describe: 'only in this table', placeholder: 'TABLE' },
      limit: { type: 'string', describe: 'at most so many rows (100)', placeholder: 'N' },
      first: { type: 'boolean', describe: 'say in which stored backup it first appears' },
    },
    load: async () => (await import('./find-command.ts')).runFind,
  },
  {
    name: 'show',
    aliases: [],
    describe: 'show the rows of a table of a backup',
    positionals: 'TABLE',
    flags: {
      ...insideFlags,
      where: {
        type: 'string',
        many: true,
        describe: 'only rows with this value in this column',
        placeholder: 'COLUMN=VALUE',
      },
      columns: { type: 'string', describe: 'only these columns, separated by commas', placeholder: 'A,B' },
      offset: { type: 'string', describe: 'pass over the first N rows', placeholder: 'N' },
      limit: {
        type: 'string',
        describe: 'at most so many rows (50; all with --csv, --jsonl, --xlsx)',
        placeholder: 'N',
      },
      csv: lineFileFlag('csv', 'write CSV'),
      jsonl: lineFileFlag('jsonl', 'write one JSON object a line'),
      xlsx: { type: 'string', describe: 'write an Excel workbook', placeholder: 'FILE', names: 'output' },
      yes: replaceFlag,
    },
    load: async () => (await import('./show-command.ts')).runShow,
  },
  {
    name: 'diff',
    aliases: [],
    describe: 'compare two backups, or a backup with the live db: days, ids, paths or "live"',
    positionals: 'A B',
    flags: {
      app: appFlag,
      local: {
        type: 'string',
        describe: 'an e-Faktur folder, a db folder or a login backup in place of B',
        placeholder: 'PATH',
        names: 'path',
      },
      database: { type: 'string', describe: 'only this database', placeholder: 'NAME' },
      table: { type: 'string', describe: 'only this table', placeholder: 'TABLE' },
      rows: { type: 'boolean', describe: 'show the rows that differ' },
      limit: { type: 'string', describe: 'at most so many rows of a table (100)', placeholder: 'N' },
      xlsx: {
        type: 'string',
        describe: 'write all rows that differ to an Excel workbook',
        placeholder: 'FILE',
        names: 'output',
      },
      yes: replaceFlag,
    },
    load: async () => (await import('./diff-command.ts')).runDiff,
  },
  {
    name: 'export-tables',
    aliases: [],
    describe: 'write all tables of a backup as CSV files with their schema',
    flags: {
      ...insideFlags,
      to: { type: 'string', describe: 'the folder to make', placeholder: 'DIR', names: 'output' },
      xlsx: {
        type: 'string',
        optional: true,
        ending: '.xlsx',
        describe: 'one Excel workbook with a sheet for each table: FILE, or tables.xlsx in the folder',
        placeholder: 'FILE',
        names: 'output',
      },
      yes: replaceFlag,
    },
    load: async () => (await import('./export-tables-command.ts')).runExportTables,
  },
];
