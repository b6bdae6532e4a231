import { outsideEfaktur } from '../app/folders.ts';
import { openWorkplace, type Workplace } from '../app/workplace.ts';
import { EfakturError, exitCodes, isEfakturError, keepOrThrow } from '../base/errors.ts';
import { expandPath, expandStoreAddress } from '../base/path-variables.ts';
import type { Warning } from '../base/progress.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { englishOnly, type Language, type Text, verbatim } from '../base/text.ts';

import { type Config, withFlags } from '../settings/config.ts';
import { loadConfig } from '../settings/load.ts';
import { loadProfile, settingsOfAll } from '../settings/profiles.ts';
import {
  type AnyInvocation,
  type Command,
  type CommandResult,
  type FlagValues,
  isSet,
  text,
  texts,
} from './command.ts';

import type { Io } from './context.ts';
import { commonFlags } from './flags.ts';
import { languageFor } from './language.ts';
import { withLimits } from './limits.ts';
import { parseCommandLine } from './parse.ts';
import { nameOneOfThem, noCommandGiven, profileAndFile, tryPush } from './parse-texts.ts';
import { ask, confirm, isConsole } from './prompt.ts';
import { terminalProgress } from './terminal-progress.ts';
import { type Manner, print, sayError, sayFailure, sayNote } from './voice.ts';
import { isSwitchedOn } from './words.ts';

/** See `sayFailure`. */
const exitCodeOfBug = 1;

type Seen = (document: CommandResult['document']) => void;

/** Who else is told of a run. */
interface Watcher {
  /** Is shown the document that the command came to. */
  readonly seen?: Seen | undefined;
  /** Is told how the run speaks, as soon as the settings are read. */
  readonly speaks?: (manner: Manner) => void;
}

/**
 * Runs one command line and resolves with its exit code; everything it says goes to the given streams. Without a command, a
 * menu on a console.
 */
export async function runCommandLine(
  argv: readonly string[],
  io: Io,
  { seen, speaks }: Watcher = {},
): Promise<number> {
  // A command line that is not understood is told in the form that it seems to ask for.
  const { language, wrong } = languageFor(argv, io.around);
  let manner = mannerOf(argv, language);
  try {
    if (wrong) throw wrong;
    const parsed = await parseCommandLine(argv, io.version, language);
    if (parsed.type === 'print') {
      print(io.stdout, parsed.text);
      return 0;
    }
    if (parsed.type === 'nothing') {
      if (manner.json || !isConsole(io)) throw new EfakturError('usage', noCommandGiven, tryPush);
      const { runMenu } = await import('./menu.ts');
      const runWords = (words: readonly string[], shown?: Seen): Promise<number> =>
        runCommandLine(words, io, { seen: shown });
      return await runMenu({
        io,
        flags: argv,
        language,
        runWords,
        sayFailure: (error) => sayFailure(io, error, manner),
      });
    }
    manner = {
      json: isSet(parsed.flags, 'json'),
      verbose: isSet(parsed.flags, 'verbose'),
      language,
      zone: null,
    };
    const flags = await pathsIn(parsed.command, parsed.flags, io.around);
    const settings = await settingsFor(parsed.command, flags, io.around).catch((error: unknown) => {
      keepOrThrow(error);
      return error;
    });
    if (!(settings instanceof EfakturError))
      manner = {
        ...manner,
        zone: settings.zone,
        // A flag counts more than any setting.
        language: text(flags, 'lang') === undefined ? (settings.language ?? language) : language,
      };
    speaks?.(manner);
    return await runCommand(parsed.command, flags, parsed.positionals, io, settings, manner, seen);
  } catch (error) {
    return sayFailure(io, error, manner);
  }
}

/** The settings that a command line goes by. `usage` for a profile and a file at once. */
async function settingsFor({ isOfAll }: Command, flags: FlagValues, around: Io['around']): Promise<Config> {
  const [profile, file] = [text(flags, 'profile'), text(flags, 'settings')];
  if (profile !== undefined && file !== undefined)
    throw new EfakturError('usage', profileAndFile, nameOneOfThem);
  const isAll = profile === undefined && file === undefined && isOfAll?.(flags);
  const settings = await (profile !== undefined
    ? loadProfile(around, profile)
    : isAll
      ? settingsOfAll(around)
      : loadConfig(around, file));
  const app = { name: '--app', value: text(flags, 'app') };
  return withFlags(withLimits(settings, flags), { EFAKTUR_APP_DIR: app });
}

/** How a command line seems to want it, before the settings are read. */
export const mannerByWords = (argv: readonly string[], io: Io): Manner =>
  mannerOf(argv, languageFor(argv, io.around).language);

/** By the words alone: also where they cannot be parsed. */
const mannerOf = (argv: readonly string[], language: Language): Manner => ({
  json: isSwitchedOn(argv, 'json'),
  verbose: isSwitchedOn(argv, 'verbose', 'v'),
  language,
  zone: null,
});

async function runCommand(
  command: Command,
  flags: FlagValues,
  positionals: readonly string[],
  io: Io,
  settings: Config | EfakturError,
  manner: Manner,
  seen: Seen | undefined,
): Promise<number> {
  const { json, language } = manner;
  const say = (said: Text): string => said[language];
  const quiet = isSet(flags, 'quiet');
  const { progress, clear } = terminalProgress(io, quiet, language);
  const askOnTerminal = async (question: Text, isSecret: boolean): Promise<string | null> => {
    clear();
    return json ? null : ask(io, withoutAgeKeys(say(question)), isSecret);
  };
  const askSecret = (question: Text): Promise<string | null> => askOnTerminal(question, true);
  const { around, now, signal, version } = io;
  const stores = texts(flags, 'store');
  const opened: Workplace[] = [];
  const open = async (config: Config): Promise<Workplace> => {
    const options = { around, now, signal, version, progress, stores, askSecret };
    const workplace = await openWorkplace(config, options);
    opened.push(workplace);
    return workplace;
  };
  const invocation: AnyInvocation = {
    io,
    flags,
    positionals,
    language,
    say,
    confirm: (question) => confirm((asked) => askOnTerminal(asked, false), question),
    askSecret,
    progress,
  };
  let result: CommandResult;
  try {
    if ('loadFree' in command) {
      const run = await command.loadFree();
      result = await run({ ...invocation, settings, openWorkplace: open });
    } else {
      if (settings instanceof EfakturError) throw settings;
      const workplace = await open(settings);
      const run = await command.load();
      result = await run({ ...invocation, workplace });
    }
  } finally {
    clear();
    for (const workplace of opened) workplace.close();
  }
  seen?.(result.document);
  const warnings = opened.reduce<readonly Warning[]>(
    (own, workplace) => workplace.warningsWith(own),
    result.document.warnings,
  );
  const findings: readonly Warning[] = result.findings ?? [];
  if (json) print(io.stdout, JSON.stringify({ ...result.document, warnings }, englishOnly, 2));
  else if (!quiet) {
    if (result.showsAgeKey) io.stdout.write(`${result.text}\n`);
    else if (result.text !== null) print(io.stdout, result.text);
    for (const warning of warnings) if (!findings.includes(warning)) sayNote(io, warning, manner);
  }
  if (!result.failure) return 0;
  const isSaid = findings.length > 0 || result.isTold === true;
  if (json || !isSaid) return sayFailure(io, result.failure, manner);
  for (const finding of findings) sayError(io, finding, manner);
  return isEfakturError(result.failure) ? exitCodes[result.failure.code] : exitCodeOfBug;
}

/**
 * The flags with what a shell would have put into their paths, as it leaves `--to=~/x` and what is quoted to us; what is
 * written is not to lie among e-Faktur's own files.
 */
async function pathsIn(command: Command, values: FlagValues, around: Io['around']): Promise<FlagValues> {
  const flags = { ...commonFlags, ...command.flags };
  const expanded: Record<string, FlagValues[string]> = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = flags[name]?.names;
    const expand = (text: string): string =>
      (kind === 'store' ? expandStoreAddress : expandPath)(text, verbatim(`--${name}`), around);
    if (kind !== undefined && typeof value === 'string') expanded[name] = expand(value);
    else expanded[name] = kind !== undefined && Array.isArray(value) ? value.map(expand) : value;
    const path = expanded[name];
    if (kind === 'output' && typeof path === 'string' && path !== '' && path !== '-')
      await outsideEfaktur(path, verbatim(`--${name}`), around.currentFolder);
  }
  return expanded;
}
