import { EfakturError } from '../base/errors.ts';

/** What every store throws when its signal stops it; an `EfakturError` given as the signal's reason comes out unchanged. */
export const interrupted = (url: string, { reason }: AbortSignal): EfakturError =>
  reason instanceof EfakturError
    ? reason
    : new EfakturError('interrupted', `the work with ${url} was stopped`, 'Run the command again.', reason);
