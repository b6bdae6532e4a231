import type { Language, Text } from '../base/text.ts';
import type { Command, Flag } from './command.ts';
import { aCommand } from './completion-texts.ts';
import { commonFlags } from './flags.ts';
import { aFolder } from './help-texts.ts';
import { helpAbout, versionAbout } from './parse-texts.ts';

/**
 * What a shell can complete of a command line, of the same data as the help: the scripts of the shells are four ways to write it
 * down. It all stands in the script, as a start of the program at each Tab is too slow; profiles, which come and go, the shell itself
 * finds as files. No script asks the program anything.
 */

/** What may stand for a value, or for a word of a command. */
export interface Values {
  /** As the help names it. */
  readonly placeholder: string;
  readonly words: readonly string[];
  readonly files: 'all' | 'folders' | 'none';
  readonly profiles: boolean;
}

export interface CompletedFlag {
  /** With their dashes, the long one first. */
  readonly names: readonly string[];
  readonly describe: string;
  readonly values: Values | null;
  /** Its value may be left out, and stands behind `=`. */
  readonly isOptional: boolean;
  /** An optional value may also be the next word. */
  readonly mayFollow: boolean;
  readonly isMany: boolean;
}

export interface CompletedCommand {
  readonly names: readonly string[];
  readonly describe: string;
  /** Without those of every command. */
  readonly flags: readonly CompletedFlag[];
  /** Of its first word. */
  readonly values: Values | null;
}

export interface Completed {
  readonly version: string;
  readonly language: Language;
  readonly commands: readonly CompletedCommand[];
  /** Of every command. */
  readonly common: readonly CompletedFlag[];
}

/** By what the program is called: as npm links it, and on Windows. */
export const programNames = ['efaktur-cloud', 'efaktur-cloud.exe'] as const;

export function completed(commands: readonly Command[], version: string, language: Language): Completed {
  const flagsOf = (flags: Readonly<Record<string, Flag>>): CompletedFlag[] =>
    Object.entries(flags).map(([name, flag]) => completedFlag(name, flag, language));
  const own = commands.map(
    ({ name, aliases, describe, flags, positionals }): CompletedCommand => ({
      names: [name, ...aliases],
      describe: describe[language],
      flags: flagsOf(flags),
      values: positionals ? valuesOf({ placeholder: positionals }, language) : null,
    }),
  );
  const help: CompletedCommand = {
    names: ['help'],
    describe: helpAbout[language],
    flags: [],
    values: {
      placeholder: aCommand[language],
      words: own.flatMap(({ names }) => names),
      files: 'none',
      profiles: false,
    },
  };
  const switches = { help: { ...asSwitch(helpAbout), alias: 'h' }, version: asSwitch(versionAbout) };
  return {
    version,
    language,
    commands: [...own, help],
    common: [...flagsOf(commonFlags), ...flagsOf(switches)],
  };
}

const asSwitch = (describe: Text): Flag => ({ type: 'boolean', describe });

function completedFlag(name: string, flag: Flag, language: Language): CompletedFlag {
  const { type, alias, describe, optional = false, ending, many = false } = flag;
  const short = alias === undefined ? [] : [`${alias.length > 1 ? '--' : '-'}${alias}`];
  return {
    names: [`--${name}`, ...short],
    describe: describe[language],
    values: type === 'string' ? valuesOf(flag, language) : null,
    isOptional: optional,
    mayFollow: optional && ending !== undefined,
    isMany: many,
  };
}

/** A closed set as a placeholder names it. */
const closedSet = /^[a-z][a-z-]*(?:\|[a-z][a-z-]*)+$/;

function valuesOf(
  { placeholder, choices, names }: Pick<Flag, 'placeholder' | 'choices' | 'names'>,
  language: Language,
): Values {
  const named = placeholder?.[language] ?? '';
  const inPlaceholder = closedSet.test(named) ? named.split('|') : [];
  const isFolder = names === 'store' || placeholder === aFolder;
  return {
    placeholder: named,
    words: choices === 'profiles' ? [] : (choices ?? inPlaceholder),
    files: names === undefined ? 'none' : isFolder ? 'folders' : 'all',
    profiles: choices === 'profiles',
  };
}

/** Every flag that takes the next word as its value, in some command: what stands before the command is read by it. */
export const valueFlags = ({ commands, common }: Completed): string[] => [
  ...new Set(
    [common, ...commands.map(({ flags }) => flags)]
      .flat()
      .filter(({ values, isOptional, mayFollow }) => values !== null && (!isOptional || mayFollow))
      .flatMap(({ names }) => names),
  ),
];
