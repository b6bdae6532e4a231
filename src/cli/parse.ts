import yargs from 'yargs';
import { EfakturError, exitCodes } from '../base/errors.ts';
import { proposal } from '../base/nearest.ts';
import { asText, type Language, type Said } from '../base/text.ts';
import { joinedDates } from '../base/written-date.ts';
import type { Command, Flag, FlagValues } from './command.ts';
import { commands, commonFlags } from './commands.ts';
import { flagWords } from './words.ts';

/** What a command line asks for. */
export type Parsed =
  | { readonly type: 'print'; readonly text: string }
  | {
      readonly type: 'run';
      readonly command: Command;
      readonly flags: FlagValues;
      readonly positionals: readonly string[];
    };

const meanings: Readonly<Record<number, string>> = {
  0: 'done, or nothing new',
  1: 'a bug in efaktur-cloud (stack shown)',
  2: 'usage, configuration, or a backup made by a newer version',
  3: 'source unusable (none found, damaged, changing)',
  4: 'no such backup',
  5: 'not in this backup',
  6: 'target not writable or full',
  10: 'store unavailable',
  11: 'e-Faktur is running',
  12: 'wrong or missing key',
  13: 'stored backup damaged',
  14: 'access denied',
  20: 'attention: backups old or unproven, or tampered with',
  130: 'interrupted',
};

/** The exit codes a person may meet, from the one table of errors. */
function exitCodeText(): string {
  const codes = [...new Set([0, 1, ...Object.values(exitCodes)])].sort((a, b) => a - b);
  return `Exit codes:\n${codes.map((code) => `  ${String(code).padStart(3)}  ${meanings[code]}`).join('\n')}`;
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
        .map(([name]) => `--${name}`),
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
  const say = (said: Said): string => asText(said)[language];
  const words = asFlags(argv);
  const command = commandNamed(firstWord(words));
  const flags: Record<string, Flag> = { ...commonFlags, ...command?.flags };
  refuseSwitchValues(words, flags);
  const marked = withTheirValues(joinedDates(words), flags).map(markNumber);
  const parser = yargs(marked)
    .scriptName('efaktur-cloud')
    .usage(
      command
        ? `$0 ${command.name}${command.positionals ? ` ${command.positionals}` : ''} [flags]\n\n${say(command.describe)}`
        : '$0 COMMAND [flags]',
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
    .exitProcess(false)
    .help()
    .alias('help', 'h')
    .version(version)
    .epilogue(exitCodeText())
    .wrap(Math.min(110, process.stdout.columns ?? 100));
  if (!command) for (const c of commands) parser.command([c.name, ...c.aliases], say(c.describe));
  for (const [name, flag] of Object.entries(flags)) {
    parser.option(name, {
      type: flag.type,
      describe: flag.placeholder ? `${say(flag.describe)} (${flag.placeholder})` : say(flag.describe),
      requiresArg: flag.type === 'string' && flag.optional !== true,
      ...(flag.alias && { alias: flag.alias }),
      ...(flag.many && { array: true }),
    });
  }
  let printed = '';
  const parsed = await parser.parseAsync(
    marked,
    {},
    (error: Error | undefined, _argv: unknown, output: string) => {
      printed = output;
      if (error) throw new EfakturError('usage', unmark(error.message), 'See "efaktur-cloud --help".', error);
    },
  );
  if (parsed.version === true) return { type: 'print', text: printed };
  const [first, ...positionals] = (parsed._ as unknown[]).map((one) => unmark(String(one)));
  if (parsed.help === true && (command || first === undefined)) return { type: 'print', text: printed };
  if (first === undefined)
    throw new EfakturError(
      'usage',
      'no command was given',
      'Try "efaktur-cloud push", or see "efaktur-cloud --help".',
    );
  if (!command) {
    throw new EfakturError(
      'usage',
      `there is no command "${first}"`,
      proposal(first, commandNames, 'See "efaktur-cloud --help".', (name) => `"efaktur-cloud ${name}"`),
    );
  }
  if (positionals.length > 0 && !command.positionals) {
    throw new EfakturError(
      'usage',
      `"${positionals[0]}" is not understood after ${command.name}`,
      `Put a value of several words in quotes, and see "efaktur-cloud ${command.name} --help".`,
    );
  }
  return { type: 'run', command, flags: checkFlags(parsed, command, flags), positionals };
}

/** What to do about a flag that a command does not have. */
function flagHint(name: string, command: Command, names: readonly string[]): Said {
  const others = commands.filter((c) => name in c.flags).map((c) => c.name);
  const all = `"efaktur-cloud ${command.name} --help" shows its flags.`;
  if (others.length > 0) return `It is a flag of ${others.join(', ')}. ${all}`;
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
    throw new EfakturError('usage', `--${name} takes no value, and "${value}" was given`, `Write --${name}.`);
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
      throw new EfakturError(
        'usage',
        `${command.name} has no flag ${name.length === 1 ? '-' : '--'}${unmark(name)}`,
        flagHint(name, command, names),
      );
    }
    if (Array.isArray(value) && !flag.many)
      throw new EfakturError('usage', `--${name} was given more than once`, 'Give it once.');
    const read = (one: unknown): string => {
      const text = unmark(String(one));
      // As an unset variable in a script: an empty path would be the current folder.
      if (text.trim() === '' && flag.optional !== true)
        throw new EfakturError(
          'usage',
          `the value of --${name} is empty`,
          'Give one, or leave the flag out.',
        );
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
