import type { Text } from '../base/text.ts';
import type { Flag } from './command.ts';
import {
  aDay,
  aFile,
  aFolder,
  aLanguage,
  aName,
  anId,
  aPath,
  aSpeed,
  aUrl,
  commonHelp,
  dayOrMoment,
  wantedHelp,
} from './help-texts.ts';

/** The kinds of flags there are, and those that several commands have. */

export type Flags = Readonly<Record<string, Flag>>;

/** Is given or not. */
export const onOff = (describe: Text, more: Partial<Flag> = {}): Flag => ({
  type: 'boolean',
  describe,
  ...more,
});

/** Takes a value. */
export const value = (describe: Text, placeholder: Text, more: Partial<Flag> = {}): Flag => ({
  type: 'string',
  describe,
  placeholder,
  ...more,
});

/** Names a file or folder that is read. */
export const path = (describe: Text, placeholder: Text, more: Partial<Flag> = {}): Flag =>
  value(describe, placeholder, { names: 'path', ...more });

/** Names a file or folder that is written. */
export const output = (describe: Text, placeholder: Text, more: Partial<Flag> = {}): Flag =>
  value(describe, placeholder, { names: 'output', ...more });

/** Names a store. */
export const store = (describe: Text, more: Partial<Flag> = {}): Flag =>
  value(describe, aUrl, { names: 'store', ...more });

/** Lines go to stdout, or to a file. */
export const lineFile = (describe: Text, ending: string): Flag => ({
  type: 'string',
  describe,
  names: 'output',
  optional: true,
  ending,
});

/** Of every command. */
export const commonFlags: Flags = {
  store: store(commonHelp.store, { many: true }),
  'limit-upload': value(commonHelp.limitUpload, aSpeed),
  'limit-download': value(commonHelp.limitDownload, aSpeed),
  json: onOff(commonHelp.json),
  lang: value(commonHelp.lang, aLanguage),
  quiet: onOff(commonHelp.quiet, { alias: 'q' }),
  verbose: onOff(commonHelp.verbose, { alias: 'v' }),
  settings: path(commonHelp.settings, aFile, { alias: 'env-file' }),
  profile: value(commonHelp.profile, aName, { choices: 'profiles' }),
};

export const appFlag = path(commonHelp.app, aFolder);
export const replaceFlag = onOff(commonHelp.replace);
export const deleteFlag = onOff(commonHelp.delete);

/** Which backup is meant, for every command that reads one. */
export const wantedFlags: Flags = {
  date: value(wantedHelp.date, aDay),
  'as-of': value(wantedHelp.asOf, dayOrMoment),
  id: value(wantedHelp.id, anId),
};

/** What to look into, for every command that looks inside a backup. */
export const insideFlags: Flags = {
  ...wantedFlags,
  local: path(wantedHelp.local, aPath),
  database: value(wantedHelp.database, aName),
  salvage: onOff(wantedHelp.salvage),
};
