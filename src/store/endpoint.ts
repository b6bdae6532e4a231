import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import * as texts from './address-texts.ts';

/**
 * The address of a service, without a slash at its end. `usage` when it is none, without showing the value, which may hold a
 * password; `where` it is set.
 */
export function parseEndpoint(text: string, where: Text): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw usage(texts.noWebAddress(where), texts.writeEndpoint);
  if (url.username !== '' || url.password !== '')
    throw usage(texts.holdsCredentials(where), texts.setKeysInstead);
  if (url.search !== '' || url.hash !== '') throw usage(texts.queryInside(where), texts.writeEndpoint);
  return url.href.replace(/\/$/, '');
}

const usage = (message: Text, hint: Text): EfakturError => new EfakturError('usage', message, hint);
