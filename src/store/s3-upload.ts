import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  ListObjectsV2Command,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { sizedPieces } from './body.ts';
import { errorName } from './s3-errors.ts';
import { bareEtag } from './s3-listing.ts';
import { partTries, type S3Call, type S3Service } from './s3-service.ts';
import type { Body, CallOptions, PutOptions, Receipt } from './store.ts';

/**
 * Multipart uploads: the id of each is told before its first part, one that fails is removed, and the answer to
 * "complete" may be lost.
 */

export interface S3Uploads {
  put(key: string, body: Body, options: PutOptions): Promise<Receipt>;
  /** An upload that is no longer there is success. */
  discard(key: string, uploadId: string, options: CallOptions): Promise<void>;
}

interface UploadOptions {
  /** What all keys begin with, its slash included. */
  readonly prefix: string;
  /** S3 allows no less than 5 MiB but for the last part. */
  readonly minPartBytes: number;
  /** What every object is stored with. */
  storing(key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'>;
  /** Throws when the answer does not confirm that the object is there. */
  receipt(output: Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>, what: string): Receipt;
}

const maxParts = 10_000;
const maxQueuedBytes = 16 << 20;
/** How long Ctrl-C may take to remove what an upload left. */
const cleanupTimeoutMs = 10_000;

interface MultipartUpload {
  readonly key: string;
  readonly partSize: number;
  /** Bytes of the body so far. */
  sizeBytes: number;
  readonly onUpload: PutOptions['onUpload'];
  id: string | null;
  creation: Promise<unknown>;
}

export function openUploads(
  service: S3Service,
  { prefix, minPartBytes, storing, receipt }: UploadOptions,
): S3Uploads {
  const { client } = service;
  const uploads = new WeakMap<S3Call, MultipartUpload>();
  followUploads();

  async function put(key: string, body: Body, options: PutOptions): Promise<Receipt> {
    const what = `${key} cannot be stored`;
    const partSize = Math.max(minPartBytes, Math.ceil(body.sizeBytes / maxParts));
    const grace = new AbortController();
    const upload: MultipartUpload = {
      key,
      partSize,
      sizeBytes: 0,
      onUpload: options.onUpload,
      id: null,
      creation: Promise.resolve(),
    };
    const source = body.open();
    const call = service.begin(options, { tries: partTries, onBytes: options.onBytes, cut: grace.signal });
    uploads.set(call, upload);
    const uploading = new AbortController();
    let graceTimer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      uploading.abort();
      source.destroy();
      const cut = (): void => grace.abort(call.signal.reason);
      if (call.silence.aborted) cut();
      else graceTimer = setTimeout(cut, cleanupTimeoutMs);
    };
    try {
      if (call.signal.aborted) throw call.signal.reason;
      call.signal.addEventListener('abort', onStop, { once: true });
      const helper = new Upload({
        client,
        params: {
          ...storing(key, options.lock),
          Body: Readable.from(watchedPieces(upload, source, body, call)),
        },
        partSize,
        queueSize: Math.max(1, Math.min(4, Math.floor(maxQueuedBytes / partSize))),
        abortController: uploading,
        leavePartsOnError: true,
      });
      const output = await service.within(call, what, () => helper.done());
      return receipt(output, what);
    } catch (error) {
      await upload.creation;
      // Of a service that has fallen silent nothing more is asked; the next run discards the upload.
      if (upload.id !== null && !call.silence.aborted) await discardQuietly(key, upload.id);
      throw error;
    } finally {
      clearTimeout(graceTimer);
      source.on('error', () => {}).destroy();
      call.end();
    }
  }

  /** Learns the id of each upload before its first part, and stops an upload as a whole when one of its requests fails. */
  function followUploads(): void {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call = service.current();
        const upload = call && uploads.get(call);
        if (!call || !upload) return next(args);
        try {
          // Begun now, nobody would wait for its id any more.
          if (call.signal.aborted) throw call.signal.reason;
          const sending = next(args);
          if (context.commandName === 'CreateMultipartUploadCommand') {
            upload.creation = sending.then(noteId, () => {});
            await upload.creation;
          }
          return await sending;
        } catch (error) {
          const isRepeated =
            context.commandName === 'CompleteMultipartUploadCommand' && errorName(error) === 'NoSuchUpload';
          const etag = isRepeated ? await completedEtag(upload) : null;
          if (etag !== null) return { response: undefined, output: { $metadata: {}, ETag: etag } };
          call.stop(service.failure(call, error, `${upload.key} cannot be stored`));
          throw error;
        }

        async function noteId({ output }: { output: object }): Promise<void> {
          if (!upload || !('UploadId' in output) || typeof output.UploadId !== 'string') return;
          upload.id = output.UploadId;
          await upload.onUpload?.(upload.id).catch((error) => call?.stop(error));
        }
      },
      { step: 'initialize', name: 'followUploads' },
    );
  }

  /**
   * When the answer to "complete" is lost, the SDK asks again and hears that there is no such upload. The listing tells
   * whether it was completed: an ETag of N parts ends in `-N`. Null when it was not.
   */
  async function completedEtag({ key, sizeBytes, partSize }: MultipartUpload): Promise<string | null> {
    const output = await client.send(
      new ListObjectsV2Command({ Bucket: service.bucket, Prefix: prefix + key, MaxKeys: 1 }),
    );
    const found = output.Contents?.[0];
    const isIt =
      found?.Key === prefix + key &&
      found.Size === sizeBytes &&
      bareEtag(found.ETag)?.endsWith(`-${Math.ceil(sizeBytes / partSize)}`);
    return isIt ? (found.ETag ?? null) : null;
  }

  async function discard(call: S3Call, key: string, UploadId: string): Promise<void> {
    await service.once(call, `the unfinished upload of ${key} cannot be removed`, async () => {
      try {
        await client.send(
          new AbortMultipartUploadCommand({ Bucket: service.bucket, Key: prefix + key, UploadId }),
        );
      } catch (error) {
        if (errorName(error) !== 'NoSuchUpload') throw error;
      }
    });
  }

  /** Why the put failed matters more than why this did; whoever noted the id discards it later. */
  async function discardQuietly(key: string, uploadId: string): Promise<void> {
    const idle = service.idleClock(cleanupTimeoutMs);
    await discard(service.begin({ idle }, { tries: 2 }), key, uploadId).catch(() => {});
  }

  return { put, discard: (key, uploadId, from) => discard(service.begin(from), key, uploadId) };
}

/** The body, as movement of its operation, which stops as a whole when the body fails. */
async function* watchedPieces(
  upload: MultipartUpload,
  source: Readable,
  body: Body,
  call: S3Call,
): AsyncGenerator<Buffer> {
  // While a body is being made, its silence is no silence of the service.
  let isWaiting = body.isGrowing;
  call.excuses.add(() => isWaiting);
  try {
    for await (const piece of sizedPieces(upload.key, source, body, call.signal)) {
      call.moved();
      isWaiting = false;
      upload.sizeBytes += piece.length;
      yield piece;
      // Once as it was read, once as it was gathered into a part.
      isWaiting = body.isGrowing;
    }
    isWaiting = false;
  } catch (error) {
    call.stop(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}
