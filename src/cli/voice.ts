import type { Writable } from 'node:stream';
import { type EfakturError, exitCodes, isEfakturError, nodeCode, reportOf } from '../base/errors.ts';
import { formatInstant, isZone } from '../base/local-time.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { englishOnly, type Language, type Text, verbatim } from '../base/text.ts';
import type { Io } from './context.ts';
import { because, bug, cause, errorLine, note, notWhole, solution } from './texts.ts';

/** How a command line speaks: results to stdout, notes and errors to stderr. */

export interface Manner {
  /** Errors are one object; notes stand in the document. */
  readonly json: boolean;
  /** Errors with their causes. */
  readonly verbose: boolean;
  readonly language: Language;
  /** Of the times in a log; null before the settings are read. */
  readonly zone: string | null;
}

/** All that is said goes through here, but for the sheet with a new key and rows of a database. */
export const print = (to: Writable, text: string): void => {
  to.write(`${withoutAgeKeys(text)}\n`);
};

/** What is told of an error, a finding or a note. */
interface Told {
  readonly code: string;
  readonly message: Text;
  readonly hint?: Text;
}

export function sayNote(io: Io, { message, hint }: Pick<Told, 'message' | 'hint'>, manner: Manner): void {
  const say = (said: Text): string => said[manner.language];
  print(
    io.stderr,
    `${timeOf(io, manner)}${say(note)}: ${say(message)}${hint === undefined ? '' : `. ${say(hint)}`}`,
  );
}

/** An error, or something wrong that a command has found: what happened, why where it is known, and what to do. */
export function sayError(io: Io, { code, message, hint }: Told, manner: Manner, because?: Text): void {
  const say = (said: Text): string => said[manner.language];
  const lines = [timeOf(io, manner) + say(errorLine(code, message))];
  if (because !== undefined) lines.push(`${say(cause)}: ${say(because)}`);
  if (hint !== undefined) lines.push(`${say(solution)}: ${say(hint)}`);
  print(io.stderr, lines.join('\n'));
}

/** Says what a command failed with, and gives the exit code for it; what is no error of ours is a bug. */
export function sayFailure(io: Io, error: unknown, manner: Manner): number {
  const stopped = io.signal.aborted && !isEfakturError(error) ? io.signal.reason : error;
  if (!isEfakturError(stopped)) {
    sayBug(io, stopped, manner);
    return 1;
  }
  sayAs(io, stopped, manner);
  for (
    let cause = stopped.cause;
    manner.verbose && !manner.json && cause instanceof Error;
    cause = cause.cause
  )
    print(io.stderr, `  ${because[manner.language]}: ${shortened(causeText(cause)[manner.language])}`);
  return exitCodes[stopped.code];
}

/** What others have thrown speaks as they do. */
const causeText = (cause: Error): Text => (isEfakturError(cause) ? cause.text : verbatim(cause.message));

function sayAs(io: Io, error: EfakturError, manner: Manner): void {
  if (manner.json) print(io.stderr, JSON.stringify({ error: reportOf(error) }, englishOnly));
  else sayError(io, { ...reportOf(error), message: error.what }, manner, error.because ?? undefined);
}

function sayBug(io: Io, error: unknown, manner: Manner): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // The program is one bundle: what it loads later is a file of its own.
  const isGone = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(nodeCode(error) ?? '');
  const said = isGone && error instanceof Error ? notWhole(shortened(error.message)) : bug(shortened(stack));
  const report = { code: 'bug', ...said };
  if (manner.json) print(io.stderr, JSON.stringify({ error: report }, englishOnly));
  else sayError(io, report, manner);
}

const shownLines = 20;
const shownCharacters = 300;

/** A stack without the source that Node.js may have put into it: of a bundle that is a line of a megabyte. */
export const shortened = (stack: string): string =>
  stack
    .split('\n')
    .slice(0, shownLines)
    .map((line) => (line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line))
    .join('\n');

/** On a terminal somebody is looking; what goes into a log needs its time. */
function timeOf(io: Io, { json, zone }: Manner): string {
  if (json || io.stderr.isTTY === true) return '';
  try {
    const { systemZone } = io.around;
    const shownZone = zone ?? (isZone(systemZone) ? systemZone : 'Asia/Jakarta');
    return `${formatInstant(io.now(), shownZone).replace('T', ' ')} `;
  } catch {
    // What is to be told may be that very failure, and nothing may keep it from being told.
    return '';
  }
}
