import type { Writable } from 'node:stream';
import { type ErrorCode, exitCodes, isEfakturError } from '../base/errors.ts';
import { formatInstant, isZone } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import type { Io } from './context.ts';

/** How a command line speaks: results to stdout, notes and errors to stderr. */

export interface Manner {
  /** Errors are one object; notes stand in the document. */
  readonly json: boolean;
  /** Errors with their causes. */
  readonly verbose: boolean;
  /** Of the times in a log; null before the settings are read. */
  readonly zone: string | null;
}

/** All that is said goes through here, but for the sheet with a new key and rows of a database. */
export const print = (to: Writable, text: string): void => {
  to.write(`${withoutAgeKeys(text)}\n`);
};

export const sayNote = (io: Io, { message, hint }: Pick<Warning, 'message' | 'hint'>, manner: Manner): void =>
  print(io.stderr, `${timeOf(io, manner)}Note: ${message}${hint === undefined ? '' : `. ${hint}`}`);

/** An error, or something wrong that a command has found. */
export const sayError = (
  io: Io,
  { message, hint }: Pick<Warning, 'message' | 'hint'>,
  manner: Manner,
): void => print(io.stderr, `${timeOf(io, manner)}Error: ${message}${hint === undefined ? '' : `\n${hint}`}`);

/** Says what a command failed with, and gives the exit code for it; what is no error of ours is a bug. */
export function sayFailure(io: Io, error: unknown, manner: Manner): number {
  const stopped = io.signal.aborted && !isEfakturError(error) ? io.signal.reason : error;
  if (!isEfakturError(stopped)) {
    sayAs(io, bugIn(stopped), manner);
    return 1;
  }
  sayAs(io, stopped, manner);
  for (
    let cause = stopped.cause;
    manner.verbose && !manner.json && cause instanceof Error;
    cause = cause.cause
  )
    print(io.stderr, `  because: ${shortened(cause.message)}`);
  return exitCodes[stopped.code];
}

interface Said {
  readonly code: ErrorCode | 'bug';
  readonly message: string;
  readonly hint: string;
}

function sayAs(io: Io, { code, message, hint }: Said, manner: Manner): void {
  if (manner.json) print(io.stderr, JSON.stringify({ error: { code, message, hint } }));
  else sayError(io, { message, hint }, manner);
}

const bugIn = (error: unknown): Said => ({
  code: 'bug',
  message: `this is a bug in efaktur-cloud: ${shortened(error instanceof Error ? (error.stack ?? error.message) : String(error))}`,
  hint: 'Please report it with this text.',
});

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
