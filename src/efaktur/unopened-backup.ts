import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import { extractAndGive } from './zip-texts.ts';

/**
 * `source-unusable` of a login backup that is nothing wrong with, but that this program does not open: another format, a
 * password, a part of a whole. Somebody has to extract it; where a newer state is stored, that is no failure.
 */
export class UnopenedBackup extends EfakturError {
  constructor(message: Text, hint = extractAndGive, cause?: unknown) {
    super('source-unusable', message, hint, cause);
  }
}
