import type { Command, Flag } from './command.ts';

const appFlag: Flag = { type: 'string', describe: 'the e-Faktur folder', placeholder: 'DIR' };

export const commonFlags: Readonly<Record<string, Flag>> = {
  store: {
    type: 'string',
    many: true,
    describe: 'where backups lie: s3://BUCKET/PREFIX or a folder',
    placeholder: 'URL',
  },
  json: { type: 'boolean', describe: 'print one JSON document' },
  quiet: { type: 'boolean', alias: 'q', describe: 'print errors only' },
  verbose: { type: 'boolean', alias: 'v', describe: 'print more' },
  'env-file': { type: 'string', describe: 'read settings from this file', placeholder: 'FILE' },
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
      },
      all: { type: 'boolean', describe: 'every login backup not yet stored, oldest first' },
      full: { type: 'boolean', describe: 'send an archive even if nothing changed' },
      'dry-run': { type: 'boolean', describe: 'say what would be stored, write nothing' },
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
      },
      'dry-run': { type: 'boolean', describe: 'say what would be restored, write nothing' },
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
    },
    load: async () => (await import('./list-command.ts')).runList,
  },
];
