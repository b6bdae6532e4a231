import type { S3Client } from '@aws-sdk/client-s3';
import { isPathRefusal } from './s3-errors.ts';

/**
 * Where the bucket's name goes: into the path, which every service with an address of one's own takes (its certificate and
 * its name in the DNS need not know the bucket), or into the host name, which Amazon wants, and some others too.
 */
export type Style = 'path' | 'virtual';

/**
 * Alibaba Cloud OSS, Tencent COS and Huawei OBS: they answer to nothing else. (Alibaba: "The bucket you are attempting to access must
 * be addressed using OSS third level domain"; Tencent since 2024 for new buckets.)
 */
const virtualOnlyHosts = /(^|\.)(aliyuncs\.com|myqcloud\.com|myhuaweicloud\.com)$/i;

export const styleAt = (endpoint: string | null): Style =>
  endpoint === null || virtualOnlyHosts.test(new URL(endpoint).hostname) ? 'virtual' : 'path';

/** The address of the service, where that of the bucket was given, as the panels of such providers show it. */
export function serviceEndpoint(endpoint: string | null, bucket: string): string | null {
  if (endpoint === null || styleAt(endpoint) === 'path') return endpoint;
  const { protocol, host, pathname } = new URL(endpoint);
  const start = `${bucket.toLowerCase()}.`;
  return host.startsWith(start)
    ? `${protocol}//${host.slice(start.length)}${pathname.replace(/\/$/, '')}`
    : endpoint;
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
