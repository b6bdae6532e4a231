import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { firstForms, otherForms } from './known-service.ts';
import type { ChecksumForm } from './manners.ts';
import type { ChecksumSupport } from './providers.ts';
import { errorName, statusOf } from './s3-errors.ts';

/**
 * How what is sent carries a checksum of itself. Amazon takes every form. Of services like it some know only the older
 * `Content-MD5` (Backblaze B2 refuses `x-amz-checksum-*`), and most want one or the other for an object with a lock, also
 * one that the bucket sets by itself, of which the sender knows nothing.
 */
/** Words for "not in this form"; they have other meanings too, and then another form is refused as well. */
const refusals = ['InvalidRequest', 'InvalidArgument', 'MissingContentMD5', 'NotImplemented', 'BadRequest'];

/** What the requests that carry bytes have in common, as far as it matters here. */
interface Sent {
  readonly Body?: unknown;
  readonly ObjectLockMode?: unknown;
}

/**
 * Gives all that the client sends a checksum where one is wanted. When a service refuses one form, the others are tried
 * once, and the first that it takes is used from then on.
 */
export function addChecksums(client: S3Client, known: ChecksumSupport | null): void {
  const inUse = { ...firstForms(known) };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const isBegin = commandName === 'CreateMultipartUploadCommand';
        if (!isBegin && commandName !== 'PutObjectCommand' && commandName !== 'UploadPartCommand')
          return next(args);
        const input = args.input as Sent;
        const kind = input.ObjectLockMode === undefined ? 'plain' : 'locked';
        const send = (form: ChecksumForm) =>
          next({ ...args, input: { ...args.input, ...checksum(form, input.Body) } });
        const form = inUse[kind];
        try {
          return await send(form);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          for (const other of otherForms[form]) {
            try {
              const result = await send(other);
              inUse[kind] = other;
              return result;
            } catch (otherError) {
              if (!isRefusal(otherError)) throw otherError;
            }
          }
          // That no form is taken has another reason, which the first answer names best.
          throw error;
        }
      },
    { step: 'initialize', priority: 'low', name: 'checksums' },
  );
}

/** What of a put says so. */
export function checksum(form: ChecksumForm, body: unknown) {
  return {
    ChecksumAlgorithm: form === 'crc32' ? ('CRC32' as const) : undefined,
    ContentMD5:
      form === 'md5' && body instanceof Uint8Array
        ? createHash('md5').update(body).digest('base64')
        : undefined,
  };
}

const isRefusal = (error: unknown): boolean =>
  refusals.includes(errorName(error)) || (errorName(error) === '' && statusOf(error) === 400);
