import type { S3Client } from '@aws-sdk/client-s3';
import { isPathRefusal } from './s3-errors.ts';

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
