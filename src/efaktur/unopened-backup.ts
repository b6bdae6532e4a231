import { EfakturError } from '../base/errors.ts';

/**
 * `source-unusable` of a login backup that is nothing wrong with, but that this program does not open: another format, a
 * password, a part of a whole. Somebody has to extract it; where a newer state is stored, that is no failure.
 */
export class UnopenedBackup extends EfakturError {
  constructor(
    message: string,
    hint = 'Extract it and give the folder, with --source or --local, or put the folder into backup.',
    cause?: unknown,
  ) {
    super('source-unusable', message, hint, cause);
  }
}
