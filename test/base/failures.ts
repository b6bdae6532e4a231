import { type ErrorCode, isEfakturError } from '../../src/base/errors.ts';

/** The code that a promise fails with; a bug (any other error) passes through, success is `null`. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (isEfakturError(error)) return error.code;
    throw error;
  }
}

/** As {@link codeOf} for what fails at once. */
export function codeThrown(work: () => unknown): ErrorCode | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isEfakturError(error)) return error.code;
    throw error;
  }
}
