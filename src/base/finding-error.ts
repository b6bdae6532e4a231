import { EfakturError } from './errors.ts';
import type { Finding } from './progress.ts';
import { isEvent } from './warning-codes.ts';

/** What a command fails with for something that it has found: an event needs attention, anything else is the error of its code. */
export const findingError = ({ code, message, hint }: Finding): EfakturError =>
  new EfakturError(isEvent(code) ? 'attention' : code, message, hint);
