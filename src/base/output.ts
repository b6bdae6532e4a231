import { EfakturError, systemCode } from './errors.ts';

/** What the error of stdout, or of a stream like it, is to a user; what is no system's error stays as it is. */
export function outputError(error: unknown): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  const hint = 'Make room on the disk of the log or of the file that the output goes to.';
  return new EfakturError('target-not-writable', `the output cannot be written (${code})`, hint, error);
}
