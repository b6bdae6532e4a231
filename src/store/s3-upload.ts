import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  UploadPartCommand,
  type UploadPartCommandOutput,
} from '@aws-sdk/client-s3';
import { sizedPieces } from './body.ts';
import { errorName, unexpectedAnswer } from './s3-errors.ts';
import { bareEtag } from './s3-listing.ts';
import { partTries, type S3Call, type S3Service } from './s3-service.ts';
import type { Body, CallOptions, PutOptions, Receipt } from './store.ts';

/**
 * Multipart uploads: the id of each is told before its first part, one that fails is removed, and the answer to
 * "complete" may be lost. Parts are gathered in a few buffers that are used again and again: one for each part would be
 * twice the archive in garbage.
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
const maxPartsAtOnce = 3;
const maxQueuedBytes = 16 << 20;
/** How long Ctrl-C may take to remove what an upload left. */
const cleanupTimeoutMs = 10_000;

/** One upload under way. */
interface Upload {
  readonly key: string;
  readonly call: S3Call;
  readonly storing: Omit<PutObjectCommandInput, 'Body'>;
  readonly onUpload: PutOptions['onUpload'];
  readonly partSize: number;
  readonly what: string;
  /** Bytes of the body so far. */
  sizeBytes: number;
  /** Resolves with the upload's id once that was told; null before it is begun. */
  creation: Promise<string> | null;
}

type Part = Pick<UploadPartCommandOutput, 'ETag' | 'ChecksumCRC32'> & { readonly PartNumber: number };

export function openUploads(
  service: S3Service,
  { prefix, minPartBytes, storing, receipt }: UploadOptions,
): S3Uploads {
  const { client, bucket: Bucket } = service;

  async function put(key: string, body: Body, options: PutOptions): Promise<Receipt> {
    const grace = new AbortController();
    const call = service.begin(options, { tries: partTries, onBytes: options.onBytes, cut: grace.signal });
    const upload: Upload = {
      key,
      call,
      storing: storing(key, options.lock),
      onUpload: options.onUpload,
      partSize: Math.max(minPartBytes, Math.ceil(body.sizeBytes / maxParts)),
      what: `${key} cannot be stored`,
      sizeBytes: 0,
      creation: null,
    };
    let graceTimer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      const cut = (): void => grace.abort(call.signal.reason);
      if (call.silence.aborted) cut();
      else graceTimer = setTimeout(cut, cleanupTimeoutMs);
    };
    try {
      if (call.signal.aborted) throw call.signal.reason;
      call.signal.addEventListener('abort', onStop, { once: true });
      return receipt(await service.within(call, upload.what, () => send(upload, body)), upload.what);
    } catch (error) {
      const id = await upload.creation?.catch(() => null);
      // Of a service that has fallen silent nothing more is asked; the next run discards the upload.
      if (id && !call.silence.aborted) await discardQuietly(key, id);
      throw error;
    } finally {
      clearTimeout(graceTimer);
      call.end();
    }
  }

  async function send(
    upload: Upload,
    body: Body,
  ): Promise<Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>> {
    const { call, partSize } = upload;
    const source = openParts(watchedPieces(upload, body), partSize);
    const parts: Part[] = [];
    try {
      const memory = Buffer.allocUnsafeSlow(partSize);
      const first = await source.next(memory);
      // What turned out shorter than a part needs no upload of parts.
      if (!first || first.bytes.length < partSize) {
        const Body = first?.bytes ?? Buffer.alloc(0);
        return await stopping(upload, client.send(new PutObjectCommand({ ...upload.storing, Body })));
      }
      const UploadId = await begin(upload);
      const sendAll = async (into: Buffer, begun: NumberedPart | null): Promise<void> => {
        for (let part = begun ?? (await source.next(into)); part; part = await source.next(into)) {
          if (call.signal.aborted) throw call.signal.reason;
          parts.push(await sendPart(upload, UploadId, part));
        }
      };
      const atOnce = Math.max(1, Math.min(maxPartsAtOnce, Math.floor(maxQueuedBytes / partSize)));
      const others = Array.from({ length: atOnce - 1 }, () =>
        sendAll(Buffer.allocUnsafeSlow(partSize), null),
      );
      await Promise.all([sendAll(memory, first), ...others]);
      parts.sort((a, b) => a.PartNumber - b.PartNumber);
      return await complete(upload, UploadId, parts);
    } finally {
      source.close();
    }
  }

  /** Begins the upload and tells its id. Once stopped nothing is begun: nobody would wait for its id any more. */
  function begin(upload: Upload): Promise<string> {
    const { call, storing: object, what } = upload;
    if (call.signal.aborted) throw call.signal.reason;
    const create = async (): Promise<string> => {
      // The parts carry a checksum where the SDK gives one to all that it sends; the upload must expect the same.
      const isChecked = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
      const ChecksumAlgorithm = object.ChecksumAlgorithm ?? (isChecked ? 'CRC32' : undefined);
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm }),
      );
      if (!UploadId) throw unexpectedAnswer({ url: service.url, what });
      // Whether or not it can be noted, the id is known now and the upload can be removed.
      await upload.onUpload?.(UploadId).catch((error) => call.stop(error));
      return UploadId;
    };
    upload.creation = create();
    return stopping(upload, upload.creation);
  }

  async function sendPart(upload: Upload, UploadId: string, { number, bytes }: NumberedPart): Promise<Part> {
    const { Key, ChecksumAlgorithm } = upload.storing;
    const output = await stopping(
      upload,
      client.send(
        new UploadPartCommand({
          Bucket,
          Key,
          UploadId,
          ChecksumAlgorithm,
          PartNumber: number,
          Body: bytes,
        }),
      ),
    );
    const { ETag, ChecksumCRC32 } = output;
    return { PartNumber: number, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) };
  }

  async function complete(
    upload: Upload,
    UploadId: string,
    Parts: readonly Part[],
  ): Promise<Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>> {
    const { Key } = upload.storing;
    try {
      return await client.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [...Parts] } }),
      );
    } catch (error) {
      const ETag = errorName(error) === 'NoSuchUpload' ? await completedEtag(upload) : null;
      if (ETag !== null) return { ETag };
      throw error;
    }
  }

  /** When one request fails, the upload stops as a whole. */
  async function stopping<T>({ call, what }: Upload, request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      call.stop(service.failure(call, error, what));
      throw error;
    }
  }

  /**
   * When the answer to "complete" is lost, the SDK asks again and hears that there is no such upload. The listing tells
   * whether it was completed: an ETag of N parts ends in `-N`. Null when it was not.
   */
  async function completedEtag({ key, sizeBytes, partSize }: Upload): Promise<string | null> {
    const output = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix + key, MaxKeys: 1 }));
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
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key: prefix + key, UploadId }));
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

interface NumberedPart {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** Gathers pieces into parts of one size, the last of which may be shorter. */
function openParts(pieces: AsyncGenerator<Buffer>, partSize: number) {
  let held: Buffer = Buffer.alloc(0);
  let number = 0;
  let isOver = false;
  let turn: Promise<unknown> = Promise.resolve();

  async function fill(into: Buffer): Promise<NumberedPart | null> {
    let filled = 0;
    while (filled < partSize && !isOver) {
      if (held.length === 0) {
        const next = await pieces.next();
        if (next.done) isOver = true;
        else held = next.value;
      }
      const taken = held.copy(into, filled);
      held = held.subarray(taken);
      filled += taken;
    }
    if (filled === 0) return null;
    number += 1;
    return { number, bytes: into.subarray(0, filled) };
  }

  return {
    /** The next part in the memory given, which holds one; null at the end. Whoever asks meanwhile has to wait. */
    next(into: Buffer): Promise<NumberedPart | null> {
      const part = turn.then(() => fill(into));
      turn = part.catch(() => {
        isOver = true;
      });
      return part;
    },
    close(): void {
      pieces.return(undefined).catch(() => {});
    },
  };
}

/** The body, as movement of its operation, which stops as a whole when the body fails. */
async function* watchedPieces(upload: Upload, body: Body): AsyncGenerator<Buffer> {
  const { call } = upload;
  // While a body is being made, its silence is no silence of the service.
  let isWaiting = body.isGrowing;
  call.excuses.add(() => isWaiting);
  try {
    for await (const piece of sizedPieces(upload.key, body.open(), body, call.signal)) {
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
