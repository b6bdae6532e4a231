import type { Workplace } from '../app/workplace.ts';
import type { EfakturError } from '../base/errors.ts';
import type { Finding, Progress, Warning } from '../base/progress.ts';
import type { Language, Text } from '../base/text.ts';
import type { Config } from '../settings/config.ts';
import type { Io } from './context.ts';

/** A flag as data; `cli/parse.ts` alone knows yargs. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly describe: Text;
  /** Another name: one letter, or a word. */
  readonly alias?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** A string flag that may stand without a value. */
  readonly optional?: boolean;
  /** An optional value may follow as the next word when it ends so, or is `-`; any other stands behind `=`. */
  readonly ending?: string;
  readonly placeholder?: Text;
  /** What holds where it is not given, for the help. */
  readonly unlessGiven?: string | number;
  /**
   * Its value names a file or folder, one that is written (`output`: never among e-Faktur's own files), or a store: `~` and
   * variables in it are expanded.
   */
  readonly names?: 'path' | 'output' | 'store';
  /**
   * All that its value may be, or the words among the paths; of a placeholder such as `id|en` they are its parts. For a shell that
   * completes it: what is not understood is refused by the command.
   */
  readonly choices?: readonly string[] | 'profiles';
}

export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What every command has at hand while it runs. */
export interface AnyInvocation {
  readonly io: Io;
  readonly flags: FlagValues;
  readonly positionals: readonly string[];
  readonly language: Language;
  /** A text in the language of this command line. */
  say(text: Text): string;
  /** Asks on the terminal for yes or no; null where there is none to ask on. */
  confirm(question: Text): Promise<boolean | null>;
  /** Asks on the terminal, without showing what is typed; null where there is none. */
  askSecret(question: Text): Promise<string | null>;
  /** Draws on the terminal, where there is one. */
  readonly progress: Progress;
}

/** What a command has at hand that works on what is set. */
export interface Invocation extends AnyInvocation {
  /** Closed when the command ends. */
  readonly workplace: Workplace;
}

/** What a command has at hand that works whatever is set. */
export interface FreeInvocation extends AnyInvocation {
  /** The settings, or what is wrong with them. */
  readonly settings: Config | EfakturError;
  /** Opens the workplace of settings; closed when the command ends. */
  openWorkplace(config: Config): Promise<Workplace>;
}

export interface CommandResult {
  /** Printed with `--json`; its warnings go to stderr otherwise. */
  readonly document: { readonly warnings: readonly Warning[] };
  /** Null when there is nothing to say, or the command has written to stdout itself. */
  readonly text: string | null;
  /** The text is to show a secret key; in all others none is shown. */
  readonly showsAgeKey?: boolean;
  /** What failed though there is a document; decides the exit code. */
  readonly failure?: unknown;
  /** Where several things are wrong: each is told on its own, in place of `failure`; those among the warnings only here. */
  readonly findings?: readonly Finding[];
  /** What failed is told by the text and the findings already, or was by an earlier run. */
  readonly isTold?: boolean;
}

interface CommandFacts {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly describe: Text;
  readonly positionals?: Text;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Whether it is for all profiles of this PC: then it goes by what they have in common, and no `./.env` is read. */
  readonly isOfAll?: (flags: FlagValues) => boolean;
}

interface SettingsCommand extends CommandFacts {
  /** Loaded only when the command is run. */
  readonly load: () => Promise<(invocation: Invocation) => Promise<CommandResult>>;
}

/** Settings that cannot be read keep nothing from it. */
interface FreeCommand extends CommandFacts {
  /** Loaded only when the command is run. */
  readonly loadFree: () => Promise<(invocation: FreeInvocation) => Promise<CommandResult>>;
}

export type Command = SettingsCommand | FreeCommand;

export const text = (flags: FlagValues, name: string): string | undefined => {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
};

/** A flag whose value may be left out: null when it was not given, empty without a value or with `-`. */
export const optionalText = (flags: FlagValues, name: string): string | null => {
  const value = text(flags, name);
  return value === undefined ? null : value === '-' ? '' : value;
};

export const isSet = (flags: FlagValues, name: string): boolean => flags[name] === true;

export const texts = (flags: FlagValues, name: string): readonly string[] => {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
};
