import { EfakturError, isEfakturError } from '../base/errors.ts';
import { runAgain, workStopped } from './texts.ts';

/** What every store throws when its signal stops it; an `EfakturError` given as the signal's reason comes out unchanged. */
export const interrupted = (url: string, { reason }: AbortSignal): EfakturError =>
  reason instanceof EfakturError
    ? reason
    : new EfakturError('interrupted', workStopped(url), runAgain, reason);

/** The cause of what asking again does not mend, though the store can be reached: it answers so each time. */
export class AnswersSoAlways extends Error {
  override readonly name = 'AnswersSoAlways';
}

/** The cause of an answer that no S3 service gives, where the SDK saw nothing wrong in it. */
export class NoAnswerOfS3 extends Error {
  override readonly name = 'NoAnswerOfS3';
}

/** The cause of a refusal that is about who asks: the credentials are wrong, missing or over, or a clock is. No right would help. */
export class RefusedIdentity extends Error {
  override readonly name = 'RefusedIdentity';
}

export const isIdentityError = ({ cause }: EfakturError): boolean => cause instanceof RefusedIdentity;

export const mayPass = (error: unknown): boolean =>
  isEfakturError(error, 'store-unavailable') && !(error.cause instanceof AnswersSoAlways);
