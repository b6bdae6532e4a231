import { EfakturError, isEfakturError } from '../base/errors.ts';

/** What every store throws when its signal stops it; an `EfakturError` given as the signal's reason comes out unchanged. */
export const interrupted = (url: string, { reason }: AbortSignal): EfakturError =>
  reason instanceof EfakturError
    ? reason
    : new EfakturError('interrupted', `the work with ${url} was stopped`, 'Run the command again.', reason);

/** The cause of what asking again does not mend, though the store can be reached: it answers so each time. */
export class AnswersSoAlways extends Error {
  override readonly name = 'AnswersSoAlways';
}

export const mayPass = (error: unknown): boolean =>
  isEfakturError(error, 'store-unavailable') && !(error.cause instanceof AnswersSoAlways);
