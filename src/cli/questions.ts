import type { Text } from '../base/text.ts';
import type { Io } from './context.ts';

/** Questions of a wizard: drawn, moved through with arrow keys, or plain lines that a screen reader reads out. */

export interface Choice<T> {
  readonly value: T;
  readonly label: Text;
}

export interface LineOptions {
  /** What Enter alone means. */
  readonly unlessTyped?: string;
  /** What is wrong with what was typed; then it is asked again. */
  readonly check?: (typed: string) => Promise<Text | null>;
}

/** Whoever closes a question is `interrupted`. */
export interface Questions {
  /** Something to read before the next question. */
  tell(text: Text): void;
  /** Something that went well, or ill. */
  done(text: Text): void;
  failed(text: Text): void;
  /** One of several; Enter alone takes the first, or the one named. */
  choose<T>(question: Text, choices: readonly Choice<T>[], first?: T): Promise<T>;
  /** At least one; Enter alone takes those that are chosen already. */
  chooseSeveral<T>(
    question: Text,
    choices: readonly Choice<T>[],
    chosen: readonly T[],
  ): Promise<readonly T[]>;
  /** What was typed, without what surrounds it. */
  line(question: Text, options?: LineOptions): Promise<string>;
  /** The same, and nobody sees it. */
  secret(question: Text): Promise<string>;
}

/**
 * Whether questions are to be plain lines: by a flag, by `ACCESSIBLE` (as other programs with drawn questions take it), or on a
 * terminal that cannot move its cursor.
 */
export function arePlain({ around }: Io, isAsked: boolean): boolean {
  const { ACCESSIBLE: accessible = '', TERM: terminal } = around.env;
  return isAsked || !['', '0', 'false'].includes(accessible.toLowerCase()) || terminal === 'dumb';
}
