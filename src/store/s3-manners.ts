import type { S3Client } from '@aws-sdk/client-s3';
import { EfakturError } from '../base/errors.ts';
import type { ChecksumForm, Manners } from './manners.ts';
import { checksum } from './s3-checksums.ts';
import { leaveStyleOut, notInHostName } from './s3-texts.ts';

/** The AWS SDK's client in a manner that is tried out. */
export function useManners(
  client: S3Client,
  { style, checksum: form, fault }: Manners,
  bucket: string,
): void {
  if (style === 'virtual') insistOnHostName(client, bucket);
  if (form !== undefined) sendAs(client, form, fault);
  if (fault === 'bytes') flipBit(client);
}

/**
 * Sends nothing where the bucket's name is not in the host name: for an address of numbers, and for a name that no host name can
 * hold, the SDK puts it into the path all the same.
 */
function insistOnHostName(client: S3Client, bucket: string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const host = propertyOf(args.request, 'hostname');
      if (typeof host === 'string' && host.startsWith(`${bucket}.`)) return next(args);
      throw new EfakturError('usage', notInHostName(bucket, String(host)), leaveStyleOut);
    },
    { step: 'build', priority: 'low', name: 'insistOnHostName' },
  );
}

function sendAs(client: S3Client, form: ChecksumForm, fault: Manners['fault']): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (commandName !== 'PutObjectCommand') return next(args);
        const sum =
          fault === 'checksum' ? wrongChecksum(form) : checksum(form, propertyOf(args.input, 'Body'));
        return next({ ...args, input: { ...args.input, ...sum } });
      },
    { step: 'initialize', priority: 'low', name: 'checksums' },
  );
}

/** Of other bytes than any that are sent. */
const wrongChecksum = (form: ChecksumForm) => ({
  ChecksumCRC32: form === 'crc32' ? Buffer.alloc(4).toString('base64') : undefined,
  ContentMD5: form === 'md5' ? Buffer.alloc(16).toString('base64') : undefined,
});

/** Behind the signature, as the line would. */
function flipBit(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      const body = propertyOf(request, 'body');
      if (body instanceof Uint8Array) {
        const changed = Buffer.from(body);
        changed[0] = (changed[0] ?? 0) ^ 1;
        Object.assign(request as object, { body: changed });
      }
      return next(args);
    },
    { step: 'deserialize', priority: 'high', name: 'flipBit' },
  );
}

const propertyOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && name in of ? (of as Record<string, unknown>)[name] : undefined;
