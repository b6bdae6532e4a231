import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { sizedPieces } from './body.ts';
import { errorName, isOfAnswer, unexpectedAnswer } from './s3-errors.ts';
import { type CommandOutput, partTries, type S3Call, type S3Service } from './s3-service.ts';
import type { Body, CallOptions, PutOptions, Receipt, UnfinishedUpload } from './store.ts';

/**
 * Multipart uploads by the SDK's `Upload`, and what it does not do: the id of each is told before its first part, a request
 * that fails stops the others, what one leaves is removed without waiting for ever, and the answer to "complete" may be
 * lost.
 */

export interface S3Uploads {
  put(key: string, body: Body, options: PutOptions): Promise<Receipt>;
  /** An upload that is no longer there is success. */
  discard(key: string, uploadId: string, options: CallOptions): Promise<void>;
  /** See {@link ObjectStore.unfinishedUploads}. */
  unfinished(prefix: string, options?: CallOptions): Promise<UnfinishedUpload[]>;
}

interface UploadOptions {
  /** What all keys begin with, its slash included. */
  readonly prefix: string;
  /** S3 allows no less than 5 MiB but for the last part. */
  readonly minPartBytes: number;
  /** What every object is stored with. */
  storing(key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'>;
  /** Throws when neither the answer nor the listing confirms that the object is there. */
  receipt(
    key: string,
    sizeBytes: number,
    output: Pick<PutObjectCommandOutput, 'ETag' | 'VersionId'>,
  ): Promise<Receipt>;
  /** The object as it is listed; null when it is not. */
  find(key: string): Promise<FoundObject | null>;
}

export interface FoundObject {
  readonly sizeBytes: number;
  readonly etag: string | null;
}

const maxParts = 10_000;
const maxPartsAtOnce = 3;
const maxQueuedBytes = 16 << 20;
/** How long Ctrl-C may take to remove what an upload left. */
const cleanupTimeoutMs = 10_000;

/** One upload under way. */
interface Sending {
  readonly key: string;
  readonly partSize: number;
  /** Bytes of the body so far. */
  sizeBytes: number;
  /** Resolves with the upload's id once that was told; null before it is begun. */
  creation: Promise<string> | null;
  /** An answer to "create" was lost, so that there may be an upload whose id nobody was told. */
  mayHaveOthers: boolean;
}

export function openUploads(
  service: S3Service,
  { prefix, minPartBytes, storing, receipt, find }: UploadOptions,
): S3Uploads {
  const { client, bucket: Bucket } = service;

  async function put(key: string, body: Body, options: PutOptions): Promise<Receipt> {
    const what = `${key} cannot be stored`;
    const partSize = Math.max(minPartBytes, Math.ceil(body.sizeBytes / maxParts));
    const sending: Sending = { key, partSize, sizeBytes: 0, creation: null, mayHaveOthers: false };
    const grace = new AbortController();
    const call = service.begin(options, {
      tries: partTries,
      onBytes: options.onBytes,
      cut: grace.signal,
      around: (command, send) => step(call, sending, what, options, command, send),
    });
    let graceTimer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      const cut = (): void => grace.abort(call.signal.reason);
      if (call.silence.aborted) cut();
      else graceTimer = setTimeout(cut, cleanupTimeoutMs);
    };
    try {
      if (call.signal.aborted) throw call.signal.reason;
      call.signal.addEventListener('abort', onStop, { once: true });
      const upload = new Upload({
        client,
        params: {
          ...storing(key, options.lock),
          Body: Readable.from(inParts(watchedPieces(call, sending, body), partSize)),
        },
        partSize,
        queueSize: Math.max(1, Math.min(maxPartsAtOnce, Math.floor(maxQueuedBytes / partSize))),
        // It would remove them without an end to its patience.
        leavePartsOnError: true,
      });
      return await service.within(call, what, async () => {
        const output = await upload.done();
        return receipt(key, sending.sizeBytes, output);
      });
    } catch (error) {
      const id = await sending.creation?.catch(() => null);
      // Of a service that has fallen silent nothing more is asked; the next run discards the upload.
      if (id && !call.silence.aborted) await discardQuietly(key, id);
      throw error;
    } finally {
      if (sending.mayHaveOthers && !call.silence.aborted) await discardAllQuietly(key);
      clearTimeout(graceTimer);
      call.end();
    }
  }

  /** Each request of an upload passes here. When one fails, the upload stops as a whole. */
  async function step(
    call: S3Call,
    sending: Sending,
    what: string,
    { onPlanned, onUpload }: PutOptions,
    command: string,
    send: () => Promise<CommandOutput>,
  ): Promise<CommandOutput> {
    try {
      // Begun now, nobody would wait for its id any more.
      if (call.signal.aborted) throw call.signal.reason;
      if (command === 'UploadPartCommand') {
        const sent = await send();
        if ('ETag' in sent.output && sent.output.ETag) return sent;
        throw unexpectedAnswer({ url: service.url, what });
      }
      if (command !== 'CreateMultipartUploadCommand') return await send();
      await onPlanned?.();
      const creating = send();
      sending.creation = creating.then(async ({ output }) => {
        sending.mayHaveOthers = output.$metadata.attempts !== 1;
        const id = 'UploadId' in output && output.UploadId;
        if (typeof id !== 'string' || id === '') throw unexpectedAnswer({ url: service.url, what });
        // Whether or not it can be noted, the id is known now and the upload can be removed.
        await onUpload?.(id).catch((error) => call.stop(error));
        return id;
      });
      creating.catch((error) => {
        sending.mayHaveOthers = !isOfAnswer(error);
      });
      await sending.creation;
      return await creating;
    } catch (error) {
      // The answer to the first "complete" was lost, the SDK asked again, and there is no such upload any more.
      const isRepeated = command === 'CompleteMultipartUploadCommand' && errorName(error) === 'NoSuchUpload';
      if (isRepeated && (await isCompleted(sending)))
        return { response: undefined, output: { $metadata: {} } };
      call.stop(service.failure(call, error, what));
      throw error;
    }
  }

  /** Whether the object listed is this upload's: an ETag of N parts ends in `-N`. */
  async function isCompleted({ key, sizeBytes, partSize }: Sending): Promise<boolean> {
    const found = await find(key);
    if (found?.sizeBytes !== sizeBytes) return false;
    return found.etag === null || found.etag.endsWith(`-${Math.ceil(sizeBytes / partSize)}`);
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

  /** All of one key: a put has the key for itself, as every key is new. */
  async function discardAllQuietly(key: string): Promise<void> {
    const idle = service.idleClock(cleanupTimeoutMs);
    const left = await unfinished(key, { idle }).catch(() => []);
    for (const upload of left) if (upload.key === key) await discardQuietly(key, upload.uploadId);
  }

  async function unfinished(below: string, from: CallOptions = {}): Promise<UnfinishedUpload[]> {
    const found: UnfinishedUpload[] = [];
    const shown = new Set<string>();
    let markers: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | null = {};
    while (markers) {
      const input = { Bucket, Prefix: prefix + below, ...markers };
      const output: ListMultipartUploadsCommandOutput = await service.once(
        service.begin(from),
        'its unfinished uploads cannot be listed',
        () => client.send(new ListMultipartUploadsCommand(input)),
      );
      const before = shown.size;
      for (const { Key = '', UploadId = '', Initiated } of output.Uploads ?? []) {
        const isNew = !shown.has(`${UploadId} ${Key}`);
        shown.add(`${UploadId} ${Key}`);
        if (isNew && UploadId !== '' && Key.startsWith(prefix + below))
          found.push({
            key: Key.slice(prefix.length),
            uploadId: UploadId,
            kind: 'parts',
            begunAt: Initiated ?? null,
          });
      }
      // A page that shows nothing new is the end, whatever it says: what is missed is found another day.
      const isMore = output.IsTruncated && output.NextKeyMarker && shown.size > before;
      markers = isMore
        ? { KeyMarker: output.NextKeyMarker, UploadIdMarker: output.NextUploadIdMarker }
        : null;
    }
    return found;
  }

  return { put, unfinished, discard: (key, uploadId, from) => discard(service.begin(from), key, uploadId) };
}

/**
 * The pieces in buffers of their own that hold a part each. `Upload` joins what it holds until that is more than a part,
 * so the first one holds a byte more: each later part is then copied once, and not two of them into one buffer.
 */
async function* inParts(pieces: AsyncGenerator<Buffer>, partSize: number): AsyncGenerator<Buffer> {
  let part = Buffer.allocUnsafeSlow(partSize + 1);
  let filled = 0;
  for await (const piece of pieces) {
    for (let taken = 0; taken < piece.length; ) {
      const copied = piece.copy(part, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < part.length) continue;
      yield part;
      part = Buffer.allocUnsafeSlow(partSize);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

/** The body, as movement of its operation, which stops as a whole when the body fails. */
async function* watchedPieces(call: S3Call, sending: Sending, body: Body): AsyncGenerator<Buffer> {
  // While a body is being made, its silence is no silence of the service.
  let isWaiting = body.isGrowing;
  call.excuses.add(() => isWaiting);
  try {
    for await (const piece of sizedPieces(sending.key, body.open(), body, call.signal)) {
      call.moved();
      isWaiting = false;
      sending.sizeBytes += piece.length;
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
