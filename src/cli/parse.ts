import yargs from 'yargs';
import { EfakturError, exitCodes } from '../base/errors.ts';
import { proposal } from '../base/nearest.ts';
import { joined, type Language, type Text } from '../base/text.ts';
import { joinedDates } from '../base/written-date.ts';
import type { Command, Flag, FlagValues } from './command.ts';
import { commands } from './commands.ts';
import { commonFlags } from './flags.ts';
import {
  commandCall,
  exitCodeMeanings,
  exitCodesHeading,
  flagOfOthers,
  givenTwice,
  giveOnce,
  giveValue,
  noSuchCommand,
  noSuchFlag,
  putInQuotes,
  seeFlags,
  seeHelp,
  takenValue,
  takesNoValue,
  usageOf,
  usageOfAll,
  valueEmpty,
  valueMissing,
  wordNotUnderstood,
  writeFlagAlone,
  yargsWords,
} from './parse-texts.ts';
import { flagWords } from './words.ts';

declare module 'yargs' {
  // Documented, and missing from its types.
  interface Argv<T> {
    usageConfiguration(configuration: { readonly 'hide-types': boolean }): Argv<T>;
  }
}

/** What a command line asks for. */
export type Parsed =
  | { readonly type: 'print'; readonly text: string }
  /** No command was given. */
  | { readonly type: 'nothing' }
  | {
      readonly type: 'run';
      readonly command: Command;
      readonly flags: FlagValues;
      readonly positionals: readonly string[];
    };

/** The exit codes a person may meet, from the one table of errors. */
function exitCodeText(language: Language): string {
  const codes = [...new Set([0, 1, ...Object.values(exitCodes)])].sort((a, b) => a - b);
  const lines = codes.map((code) => `  ${String(code).padStart(3)}  ${exitCodeMeanings[code]?.[language]}`);
  return [exitCodesHeading[language], ...lines].join('\n');
}

/** A flag's description and, in parentheses, what it takes. */
function flagText(flag: Flag, language: Language): string {
  const { describe, placeholder, many = false, unlessGiven } = flag;
  if (placeholder === undefined) return describe[language];
  return `${describe[language]} (${takenValue(placeholder, many, unlessGiven)[language]})`;
}

/**
 * No flag begins with a digit, so `-2,25` is a number, also where yargs would look for flags in it. The mark is one that no
 * argument of a program can hold.
 */
const numberMark = '\0';
const markNumber = (argument: string): string => (/^-\d/.test(argument) ? numberMark + argument : argument);
const unmark = (text: string): string => text.replaceAll(numberMark, '');

const commandNames: readonly string[] = commands.flatMap((c) => [c.name, ...c.aliases]);
const commandNamed = (name: string | undefined): Command | undefined =>
  commands.find((c) => name !== undefined && [c.name, ...c.aliases].includes(name));

/** The command, also behind flags: the first word that is neither a flag nor the value of one. */
function firstWord(words: readonly string[]): string | undefined {
  const takesValue = new Set(
    [commonFlags, ...commands.map((c) => c.flags)].flatMap((flags) =>
      Object.entries(flags)
        .filter(([, flag]) => flag.type === 'string' && flag.optional !== true)
        .flatMap(([name, { alias = [] }]) => [name, alias].flat().map((one) => `--${one}`)),
    ),
  );
  const isValue = (word: string, i: number): boolean =>
    takesValue.has(words[i - 1] ?? '') || word === 'true' || word === 'false';
  return words.find((word, i) => !word.startsWith('-') && !isValue(word, i));
}

/** `help`, `help push` and `version` are the flags of that name; so is what Windows users try. */
function asFlags(argv: readonly string[]): readonly string[] {
  const [first = '', ...others] = argv;
  if (['help', '/?', '-?'].includes(first)) return [...others, '--help'];
  return first === 'version' ? ['--version', ...others] : argv;
}

/** Reads a command line; unknown commands and flags are `usage` and name the nearest known one. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  language: Language,
): Promise<Parsed> {
  const words = asFlags(argv);
  const command = commandNamed(firstWord(words));
  const flags: Record<string, Flag> = { ...commonFlags, ...command?.flags };
  refuseSwitchValues(words, flags);
  const marked = withTheirValues(joinedDates(words), flags).map(markNumber);
  const parser = yargs(marked)
    .scriptName('efaktur-cloud')
    .usage(
      command
        ? `$0 ${usageOf(command.name, command.positionals)[language]}\n\n${command.describe[language]}`
        : `$0 ${usageOfAll[language]}`,
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
    })
    .locale('en')
    .updateStrings(wordsOfYargs(language))
    // A placeholder tells more than the kind of value.
    .usageConfiguration({ 'hide-types': true })
    .exitProcess(false)
    .help()
    .alias('help', 'h')
    .version(version)
    .epilogue(exitCodeText(language))
    .wrap(Math.min(110, process.stdout.columns || 100));
  if (!command) for (const c of commands) parser.command([c.name, ...c.aliases], c.describe[language]);
  for (const [name, flag] of Object.entries(flags)) {
    parser.option(name, {
      type: flag.type,
      describe: flagText(flag, language),
      requiresArg: flag.type === 'string' && flag.optional !== true,
      ...(flag.alias && { alias: flag.alias }),
      ...(flag.many && { array: true }),
    });
  }
  const known = new Set(Object.entries(flags).flatMap(([name, { alias = name }]) => [name, alias]));
  let printed = '';
  const parsed = await parser.parseAsync(
    marked,
    {},
    (error: Error | undefined, _argv: unknown, output: string) => {
      printed = output;
      // Its message is the flag that lacks a value, see `yargsWords`.
      if (error && !known.has(error.message)) throw error;
      if (error) throw new EfakturError('usage', valueMissing(error.message), giveValue);
    },
  );
  if (parsed.version === true) return { type: 'print', text: printed };
  const [first, ...positionals] = (parsed._ as unknown[]).map((one) => unmark(String(one)));
  if (parsed.help === true && (command || first === undefined)) return { type: 'print', text: printed };
  if (first === undefined) return { type: 'nothing' };
  if (!command) {
    const hint = proposal(first, commandNames, seeHelp, commandCall);
    throw new EfakturError('usage', noSuchCommand(first), hint);
  }
  if (positionals.length > 0 && !command.positionals) {
    const [word = ''] = positionals;
    throw new EfakturError('usage', wordNotUnderstood(word, command.name), putInQuotes(command.name));
  }
  return { type: 'run', command, flags: checkFlags(parsed, command, flags), positionals };
}

const wordsOfYargs = (language: Language): Record<string, string> =>
  Object.fromEntries(Object.entries(yargsWords).map(([key, text]) => [key, text[language]]));

/** What to do about a flag that a command does not have. */
function flagHint(name: string, command: Command, names: readonly string[]): Text {
  const others = commands.filter((c) => name in c.flags).map((c) => c.name);
  const all = seeFlags(command.name);
  if (others.length > 0) return joined([flagOfOthers(others), all], ' ');
  return proposal(name, names, all, (nearest) => `--${nearest}`);
}

/** Joins what may stand without a value to the word behind it where that is one (`--csv faktur.csv`), else to none. */
function withTheirValues(words: readonly string[], flags: Readonly<Record<string, Flag>>): readonly string[] {
  const end = flagWords(words).length;
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const ending = i < end && word.startsWith('--') ? flags[word.slice(2)]?.ending : undefined;
    if (ending === undefined) {
      joined.push(word);
      continue;
    }
    const next = i + 1 < end ? words[i + 1] : undefined;
    const isValue = next === '-' || (next?.toLowerCase().endsWith(ending) ?? false);
    joined.push(`${word}=${isValue ? next : ''}`);
    if (isValue) i++;
  }
  return joined;
}

/** `usage` for `--json=yes`, which would count as off. */
function refuseSwitchValues(argv: readonly string[], flags: Readonly<Record<string, Flag>>): void {
  for (const word of flagWords(argv)) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (flags[name]?.type !== 'boolean' || value === 'true' || value === 'false') continue;
    throw new EfakturError('usage', takesNoValue(name, value), writeFlagAlone(name));
  }
}

function checkFlags(
  parsed: Record<string, unknown>,
  command: Command,
  known: Readonly<Record<string, Flag>>,
): FlagValues {
  const names = Object.keys(known);
  const aliases = Object.values(known).flatMap((flag) => flag.alias ?? []);
  const values: Record<string, string | boolean | readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (['_', '$0', 'help', 'h', 'version', ...aliases].includes(name)) continue;
    const flag = known[name];
    if (!flag) {
      const written = `${name.length === 1 ? '-' : '--'}${unmark(name)}`;
      throw new EfakturError('usage', noSuchFlag(command.name, written), flagHint(name, command, names));
    }
    if (Array.isArray(value) && !flag.many)
      throw new EfakturError('usage', givenTwice(name, flag.alias), giveOnce);
    const read = (one: unknown): string => {
      const text = unmark(String(one));
      // As an unset variable in a script: an empty path would be the current folder.
      if (text.trim() === '' && flag.optional !== true)
        throw new EfakturError('usage', valueEmpty(name), giveValue);
      return text;
    };
    values[name] = Array.isArray(value)
      ? value.map(read)
      : typeof value === 'string'
        ? read(value)
        : (value as boolean | undefined);
  }
  return values;
}
