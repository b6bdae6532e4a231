import { isEfakturError } from '../base/errors.ts';
import { expandPath } from '../base/path-variables.ts';
import { typedWord } from '../base/shell-quote.ts';
import { type Language, type Text, verbatim } from '../base/text.ts';
import type { Config } from '../settings/config.ts';
import { loadConfig } from '../settings/load.ts';
import { loadProfile } from '../settings/profiles.ts';
import type { CommandResult } from './command.ts';
import type { Io } from './context.ts';
import { asTyped } from './menu-texts.ts';
import { ask } from './prompt.ts';
import { print } from './voice.ts';
import { valueInWords } from './words.ts';

/** The window that a double click opens: what is told and asked in it, and how a command is run. */

/** What a choice of the menu has at hand. */
export interface Menu {
  readonly io: Io;
  /** Null where the settings cannot be read, as each command will say. */
  readonly config: Config | null;
  /** Those among which one is to be chosen; empty where there is no choice, or it is made. */
  readonly profiles: readonly string[];
  /** False where nothing says where backups go. */
  readonly hasStore: boolean;
  /** A text in the language of this user, on stderr, where questions are asked. */
  tell(text: Text): void;
  /** Asks for a line; what surrounds it is left out. */
  ask(question: Text): Promise<string>;
  /** The same window with the settings of one profile. */
  ofProfile(name: string): Promise<Menu>;
  /** Runs a command line, shown as it could be typed; resolves with its exit code. */
  run(words: readonly string[]): Promise<number>;
  /** Runs one for what it finds out; it says nothing but errors. Null where it could find out nothing. */
  look(words: readonly string[]): Promise<{
    readonly code: number;
    readonly document: CommandResult['document'] | null;
  }>;
}

export interface MenuStart {
  readonly io: Io;
  /** What was given without a command; goes with every one. */
  readonly flags: readonly string[];
  readonly language: Language;
  readonly runWords: (
    words: readonly string[],
    seen?: (document: CommandResult['document']) => void,
  ) => Promise<number>;
  /** Tells an error; the exit code for it. */
  readonly sayFailure: (error: unknown) => number;
}

/** With the settings as they are now. */
export async function menuFrom(start: MenuStart): Promise<Menu> {
  const { io, flags, language: bySystem, runWords } = start;
  const config = await configOf(io, flags);
  const isGiven = valueInWords(flags, 'lang') !== undefined;
  const language = isGiven ? bySystem : (config?.language ?? bySystem);
  const tell = (text: Text): void => print(io.stderr, text[language]);
  const isStoreGiven = valueInWords(flags, 'store') !== undefined;
  const profiles = isStoreGiven ? [] : (config?.unchosenProfiles ?? []);
  return {
    io,
    config,
    profiles,
    hasStore:
      isStoreGiven || config === null || profiles.length > 0 || config.setting('EFAKTUR_STORE') !== null,
    ofProfile: (name) => menuFrom({ ...start, flags: [...flags, '--profile', name] }),
    tell,
    ask: async (question) => ((await ask(io, question[language])) ?? '').trim(),
    run(words) {
      const shown = [...words, ...flags].map((word) => typedWord(word, io.around.platform));
      tell(asTyped(shown.join(' ')));
      return runWords([...words, ...flags]);
    },
    async look(words) {
      const found: CommandResult['document'][] = [];
      const code = await runWords([...words, '--quiet', ...flags], (document) => found.push(document));
      return { code, document: found[0] ?? null };
    },
  };
}

async function configOf(io: Io, flags: readonly string[]): Promise<Config | null> {
  try {
    const profile = valueInWords(flags, 'profile');
    if (profile !== undefined) return await loadProfile(io.around, profile);
    const named = valueInWords(flags, 'settings') ?? valueInWords(flags, 'env-file');
    return await loadConfig(io.around, named && expandPath(named, verbatim('--settings'), io.around));
  } catch (error) {
    if (isEfakturError(error)) return null;
    throw error;
  }
}
