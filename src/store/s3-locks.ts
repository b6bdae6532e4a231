import { HeadObjectCommand, type ObjectLockMode, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import { errorName } from './s3-errors.ts';
import type { S3Place } from './s3-service.ts';
import { lockNotChanged, lockNotRead, lockRefused, waitForLock } from './s3-texts.ts';
import type { DeleteOptions, ObjectLock, StoredLock } from './store.ts';
import { inStore } from './texts.ts';

/** The locks of objects: reading and changing them. */

export const lockMode = ({ mode }: ObjectLock): ObjectLockMode =>
  mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE';

/** See {@link ObjectStore.lockOf}. */
export function lockOf(
  { service, prefix }: S3Place,
  key: string,
  from: DeleteOptions,
): Promise<StoredLock | null> {
  const asked = { Bucket: service.bucket, Key: prefix + key, VersionId: from.versionId };
  return service.once(service.begin(from), lockNotRead(key), async () => {
    try {
      // The lock's headers are left out for those who may not see them.
      const output = await service.client.send(new HeadObjectCommand(asked));
      if (output.ObjectLockLegalHoldStatus === 'ON') return { until: null };
      return output.ObjectLockRetainUntilDate ? { until: output.ObjectLockRetainUntilDate } : null;
    } catch (error) {
      // An answer to HEAD has no body, so no name but that of its status.
      if (['NotFound', 'NoSuchKey', 'NoSuchVersion'].includes(errorName(error))) return null;
      throw error;
    }
  });
}

/** See {@link ObjectStore.relock}. */
export function relock(
  { service, prefix }: S3Place,
  key: string,
  lock: ObjectLock | null,
  from: DeleteOptions,
): Promise<void> {
  const change = {
    Bucket: service.bucket,
    Key: prefix + key,
    VersionId: from.versionId,
    Retention: lock ? { Mode: lockMode(lock), RetainUntilDate: lock.until } : {},
    BypassGovernanceRetention: true,
  };
  return service.once(service.begin(from), lockNotChanged(key), async () => {
    try {
      await service.client.send(new PutObjectRetentionCommand(change));
    } catch (error) {
      // Services have several words for what a lock forbids.
      if (/^(InvalidRequest|MalformedXML|InvalidArgument|NotImplemented)$/.test(errorName(error)))
        throw lockStays(service.url, key, error);
      throw error;
    }
  });
}

const lockStays = (url: string, key: string, cause: unknown): EfakturError =>
  new EfakturError(
    'access-denied',
    { what: inStore(url, lockNotChanged(key)), because: lockRefused },
    waitForLock,
    cause,
  );
