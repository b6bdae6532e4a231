import { EfakturError, systemCode } from './errors.ts';
import { makeRoomForOutput, outputNotWritten } from './texts.ts';

/** What the error of stdout, or of a stream like it, is to a user; what is no system's error stays as it is. */
export function outputError(error: unknown): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  return new EfakturError('target-not-writable', outputNotWritten(code), makeRoomForOutput, error);
}
