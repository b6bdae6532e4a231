import { isText, type Text } from './text.ts';
import { isDamaged } from './texts.ts';

/** The closed set of things that can go wrong, each with the exit code the command line promises for it. */
export const exitCodes = {
  usage: 2,
  'newer-format': 2,
  'source-unusable': 3,
  'source-changed': 3,
  'no-such-backup': 4,
  'not-in-backup': 5,
  'target-not-writable': 6,
  'store-unavailable': 10,
  'app-running': 11,
  'wrong-key': 12,
  damaged: 13,
  'access-denied': 14,
  attention: 20,
  interrupted: 130,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** What happened and why, which a person reads on two lines. */
export interface Reasoned {
  readonly what: Text;
  readonly because: Text;
}

/**
 * The only error this program throws on purpose: what happened to which file or key, where it is known why, and what to do
 * next. `message`, which stacks and JSON show, is its English. Whatever else is thrown is a bug (exit 1).
 */
export class EfakturError extends Error {
  override readonly name = 'EfakturError';
  readonly code: ErrorCode;
  readonly what: Text;
  readonly because: Text | null;
  readonly hint: Text;

  constructor(code: ErrorCode, said: Text | Reasoned, hint: Text, cause?: unknown) {
    const { what, because } = isText(said) ? { what: said, because: null } : said;
    super(whole(what, because).en, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.because = because;
    this.hint = hint;
  }

  /** What happened and why, in one sentence. */
  get text(): Text {
    return whole(this.what, this.because);
  }

  /** For an error that is told with more around it, or by somebody else. */
  get said(): Text | Reasoned {
    return this.because === null ? this.what : { what: this.what, because: this.because };
  }
}

const whole = (what: Text, because: Text | null): Text =>
  because === null ? what : { en: `${what.en}: ${because.en}`, id: `${what.id}: ${because.id}` };

/** An error as documents hold it. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: Text;
  readonly hint: Text;
}

export const reportOf = ({ code, text, hint }: EfakturError): ErrorReport => ({ code, message: text, hint });

export const isEfakturError = (error: unknown, ...codes: ErrorCode[]): error is EfakturError =>
  error instanceof EfakturError && (codes.length === 0 || codes.includes(error.code));

/** See {@link isKept}. */
export type KeptError = EfakturError & { readonly code: Exclude<ErrorCode, 'interrupted'> };

/** Whether what was thrown at work on one of several is told with the outcome of the others: it is no bug and no Ctrl-C. */
export const isKept = (error: unknown): error is KeptError =>
  isEfakturError(error) && error.code !== 'interrupted';

/** In a `catch`: throws on what is not kept. */
export function keepOrThrow(error: unknown): asserts error is KeptError {
  if (!isKept(error)) throw error;
}

/** `damaged`: a thing's bytes are there, and are not what was written. */
export function damaged(thing: Text, because: Text, hint: Text, cause?: unknown): EfakturError {
  return new EfakturError('damaged', { what: isDamaged(thing), because }, hint, cause);
}

/**
 * The code of the operating system or of its name service (`ENOENT`, `EBUSY`, `EAI_AGAIN`, …) of anything thrown, or null.
 * Codes that Node.js gives to mistakes of a program (`ERR_…`) and those of our own errors are none: what carries them is a
 * bug, and says nothing of a disk, a server or a source.
 */
export function systemCode(error: unknown): string | null {
  const code = nodeCode(error);
  // Numbers that Node.js has no name for, such as that of a full quota, have a text in the place of the code.
  return code !== null && /^(?:E[A-Z0-9]+|EAI_[A-Z]+|UNKNOWN|Unknown system error -\d+)$/.test(code)
    ? code
    : null;
}

/** Whatever code Node.js or a library gave to something thrown, or null. */
export function nodeCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Whether something thrown is a mistake in a program, ours or a library's, whatever was worked on. */
export const isBug = (error: unknown): boolean =>
  nodeCode(error)?.startsWith('ERR_') ??
  [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
