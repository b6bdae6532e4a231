import type { ChecksumForm } from './manners.ts';
import { type ChecksumSupport, type KnownService, providerAt, type Style } from './providers.ts';

/** What the table of providers says of a service, before anything is asked of it: known without its client, which takes long to load. */

/** What is known of the service at an endpoint; Amazon's is the one without. */
export const knownAt = (endpoint: string | null): KnownService | null =>
  providerAt(endpoint === null ? 's3.amazonaws.com' : new URL(endpoint).hostname);

/**
 * Where the bucket's name goes at first. Into the path, which every service with an address of one's own takes (its certificate
 * and its name in the DNS need not know the bucket), but where a row of the table says otherwise.
 */
export function styleAt(endpoint: string | null): Style {
  const known = knownAt(endpoint);
  return known && (known.isDescribed || known.provider.otherStyle === 'refused')
    ? known.provider.style
    : 'path';
}

/** The address of the service, where that of the bucket was given, as the pages of some providers show it. */
export function serviceEndpoint(endpoint: string | null, bucket: string): string | null {
  if (endpoint === null) return null;
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const known = providerAt(hostname);
  if (!known?.isDescribed) return endpoint;
  const { host } = known.endpoint;
  const isOfBucket = hostname === `${bucket.toLowerCase()}.${host}`;
  const path = pathname.replace(/\/$/, '');
  return `${protocol}//${isOfBucket ? host : hostname}${port && `:${port}`}${path === `/${bucket}` ? '' : path}`;
}

/** What puts are sent with at first, by what is known of the service: without a lock and with one. */
export const firstForms = (
  known: ChecksumSupport | null,
): Readonly<Record<'plain' | 'locked', ChecksumForm>> =>
  known === 'crc32' || known === 'md5' ? { plain: known, locked: known } : { plain: 'none', locked: 'md5' };

/** What is tried when a form is refused, in this order. */
export const otherForms: Readonly<Record<ChecksumForm, readonly ChecksumForm[]>> = {
  none: ['md5', 'crc32'],
  md5: ['crc32'],
  crc32: ['md5'],
};
