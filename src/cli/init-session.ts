import { openWorkplace, type Workplace } from '../app/workplace.ts';
import type { EfakturError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import type { IdentityFile } from '../crypto/identity-file.ts';
import type { Config } from '../settings/config.ts';
import type { Invocation } from './command.ts';
import type { Questions } from './questions.ts';
import { terminalProgress } from './terminal-progress.ts';

/** One sitting of the wizard, or a run of it by flags alone. */
export interface Session {
  readonly invocation: Invocation;
  /** Null where flags and environment must say everything. */
  readonly questions: Questions | null;
  /** What holds for this PC as a whole. */
  readonly config: Config;
  /** Says what is being done, where somebody looks on. */
  tell(text: Text): void;
  /** Opens the workplace of a configuration; it is closed with the session. */
  open(config: Config, identities?: readonly IdentityFile[]): Promise<Workplace>;
  /** What is to be taken back when nothing comes of it. */
  readonly takeBack: (() => Promise<void>)[];
  /** Wipes what progress has drawn. */
  clear(): void;
  close(): void;
}

export function beginSession(invocation: Invocation, questions: Questions | null, isPlain: boolean): Session {
  const { io, flags, language, workplace } = invocation;
  const isQuiet = flags.quiet === true || flags.json === true;
  const drawn = terminalProgress(io, isQuiet || isPlain || questions === null, language);
  const tell = (text: Text): void => {
    drawn.clear();
    if (questions !== null) questions.tell(text);
  };
  // What is drawn again and again is not read out; the names of the phases are.
  const progress: Progress =
    questions !== null && isPlain
      ? { begin: (phase) => questions.tell(phase), advance: () => {} }
      : drawn.progress;
  const opened: Workplace[] = [];
  return {
    invocation,
    questions,
    config: workplace.config,
    tell,
    takeBack: [],
    clear: drawn.clear,
    async open(config, identities) {
      const place = await openWorkplace(config, {
        around: io.around,
        version: io.version,
        now: io.now,
        signal: io.signal,
        progress,
        askSecret: invocation.askSecret,
        ...(identities !== undefined && { identities }),
      });
      opened.push(place);
      return place;
    },
    close() {
      drawn.clear();
      for (const place of opened) place.close();
    },
  };
}

/** An error as somebody in a wizard reads it before he is asked what to do. */
export const shownError = (error: EfakturError): Text => joined([error.text, error.hint], '\n');

export const paragraph = (lines: readonly Text[]): Text => joined(lines, '\n');
export const blank: Text = verbatim('');
