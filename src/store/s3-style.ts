import type { S3Client } from '@aws-sdk/client-s3';
import { type KnownService, providerAt, type Style } from './providers.ts';
import { isPathRefusal } from './s3-errors.ts';

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

/** Once a service refuses the bucket in the path, it goes into the host name, in that request and all later ones. */
export function followStyle(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!isPathRefusal(error)) throw error;
        client.config.forcePathStyle = false;
        return next(args);
      }
    },
    { step: 'initialize', priority: 'low', name: 'followStyle' },
  );
}
