import { Readable } from 'node:stream';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { LentBuffer } from '../base/lent-buffer.ts';
import type { Text } from '../base/text.ts';
import { sizedPieces } from './body.ts';
import type { CommandOutput, S3Call } from './s3-call.ts';
import { partTries } from './s3-client.ts';
import { errorName, isOfAnswer, unexpectedAnswer } from './s3-errors.ts';
import { findObject, receiptOf } from './s3-found.ts';
import type { S3Place } from './s3-service.ts';
import { cleanupTimeoutMs, discardAllQuietly, discardQuietly } from './s3-unfinished.ts';
import type { Body, PutOptions, Receipt } from './store.ts';
import { cannotBeStored } from './texts.ts';

/**
 * Multipart uploads by the SDK's `Upload`, and what it does not do: the id of each is told before its first part, a request
 * that fails stops the others, what one leaves is removed without waiting for ever, and the answer to "complete" may be
 * lost.
 */

/** Where uploads go, and how. */
export interface UploadPlace extends S3Place {
  /** S3 allows no less than 5 MiB but for the last part. */
  readonly minPartBytes: number;
  /** What every object is stored with. */
  storing(key: string, lock: PutOptions['lock']): Omit<PutObjectCommandInput, 'Body'>;
}

const maxParts = 10_000;
const maxPartsAtOnce = 3;
const maxQueuedBytes = 16 << 20;

/** Stores a body in parts, see {@link ObjectStore.put}. */
export async function putInParts(
  place: UploadPlace,
  key: string,
  body: Body,
  options: PutOptions,
): Promise<Receipt> {
  const sending = new Sending(place, key, body, options);
  try {
    return await sending.run();
  } catch (error) {
    await sending.removeOwn();
    throw error;
  } finally {
    await sending.removeOthers();
    sending.end();
  }
}

/** One upload under way. */
class Sending {
  readonly #place: UploadPlace;
  readonly #key: string;
  readonly #body: Body;
  readonly #options: PutOptions;
  /** What is told when it fails. */
  readonly #what: Text;
  readonly #partSize: number;
  readonly #call: S3Call;
  /** Cuts the request that begins the upload, later than all others. */
  readonly #grace = new AbortController();
  #graceTimer: NodeJS.Timeout | undefined;
  /** Bytes of the body so far. */
  #sizeBytes = 0;
  /** Resolves with the upload's id once that was told; null before it is begun. */
  #creation: Promise<string> | null = null;
  /** An answer to "create" was lost, so that there may be an upload whose id nobody was told. */
  #mayHaveOthers = false;

  constructor(place: UploadPlace, key: string, body: Body, options: PutOptions) {
    this.#place = place;
    this.#key = key;
    this.#body = body;
    this.#options = options;
    this.#what = cannotBeStored(key);
    this.#partSize = Math.max(place.minPartBytes, Math.ceil(body.sizeBytes / maxParts));
    this.#call = place.service.begin(options, {
      tries: partTries,
      onBytes: options.onBytes,
      cut: this.#grace.signal,
      around: (command, send) => this.#step(command, send),
    });
  }

  async run(): Promise<Receipt> {
    const call = this.#call;
    if (call.signal.aborted) throw call.signal.reason;
    call.signal.addEventListener('abort', () => this.#cutLater(), { once: true });
    const upload = this.#upload();
    return this.#place.service.within(call, this.#what, async () => {
      const output = await upload.done();
      return receiptOf(this.#place, this.#key, this.#sizeBytes, output);
    });
  }

  #upload(): Upload {
    const { service, storing } = this.#place;
    const partSize = this.#partSize;
    return new Upload({
      client: service.client,
      params: {
        ...storing(this.#key, this.#options.lock),
        Body: Readable.from(inParts(this.#watchedPieces(), partSize)),
      },
      partSize,
      queueSize: Math.max(1, Math.min(maxPartsAtOnce, Math.floor(maxQueuedBytes / partSize))),
      // It would remove them without an end to its patience.
      leavePartsOnError: true,
    });
  }

  #cutLater(): void {
    const cut = (): void => this.#grace.abort(this.#call.signal.reason);
    if (this.#call.silence.aborted) cut();
    else this.#graceTimer = setTimeout(cut, cleanupTimeoutMs);
  }

  /** Each request of the upload passes here. When one fails, the upload stops as a whole. */
  async #step(command: string, send: () => Promise<CommandOutput>): Promise<CommandOutput> {
    try {
      // Begun now, nobody would wait for its id any more.
      if (this.#call.signal.aborted) throw this.#call.signal.reason;
      if (command === 'CreateMultipartUploadCommand') return await this.#create(send);
      const sent = await send();
      if (command === 'UploadPartCommand' && !('ETag' in sent.output && sent.output.ETag))
        throw this.#unexpected();
      return sent;
    } catch (error) {
      // The answer to the first "complete" was lost, the SDK asked again, and there is no such upload any more.
      const isRepeated = command === 'CompleteMultipartUploadCommand' && errorName(error) === 'NoSuchUpload';
      if (isRepeated && (await this.#isCompleted()))
        return { response: undefined, output: { $metadata: {} } };
      this.#call.stop(this.#place.service.failure(this.#call, error, this.#what));
      throw error;
    }
  }

  async #create(send: () => Promise<CommandOutput>): Promise<CommandOutput> {
    const { onPlanned, onUpload } = this.#options;
    await onPlanned?.();
    const creating = send();
    this.#creation = creating.then(async ({ output }) => {
      this.#mayHaveOthers = output.$metadata.attempts !== 1;
      const id = 'UploadId' in output && output.UploadId;
      if (typeof id !== 'string' || id === '') throw this.#unexpected();
      // Whether or not it can be noted, the id is known now and the upload can be removed.
      await onUpload?.(id).catch((error) => this.#call.stop(error));
      return id;
    });
    creating.catch((error) => {
      this.#mayHaveOthers = !isOfAnswer(error);
    });
    await this.#creation;
    return creating;
  }

  #unexpected(): Error {
    return unexpectedAnswer({ url: this.#place.service.url, what: this.#what });
  }

  /** Whether the object listed is this upload's: an ETag of N parts ends in `-N`. */
  async #isCompleted(): Promise<boolean> {
    const found = await findObject(this.#place, this.#key);
    if (found?.sizeBytes !== this.#sizeBytes) return false;
    return found.etag === null || found.etag.endsWith(`-${Math.ceil(this.#sizeBytes / this.#partSize)}`);
  }

  /** The body, as movement of its operation, which stops as a whole when the body fails. */
  async *#watchedPieces(): AsyncGenerator<LentBuffer> {
    const call = this.#call;
    const body = this.#body;
    // While a body is being made, its silence is no silence of the service.
    let isWaiting = body.isGrowing;
    call.excuses.add(() => isWaiting);
    try {
      for await (const piece of sizedPieces(this.#key, body.open(), body, call.signal)) {
        call.moved();
        isWaiting = false;
        this.#sizeBytes += piece.length;
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

  /** Of a service that has fallen silent nothing more is asked; the next run discards the upload. */
  async removeOwn(): Promise<void> {
    const id = await this.#creation?.catch(() => null);
    if (id && !this.#call.silence.aborted) await discardQuietly(this.#place, this.#key, id);
  }

  async removeOthers(): Promise<void> {
    if (this.#mayHaveOthers && !this.#call.silence.aborted) await discardAllQuietly(this.#place, this.#key);
  }

  end(): void {
    clearTimeout(this.#graceTimer);
    this.#call.end();
  }
}

/**
 * The pieces in buffers of their own that hold a part each. `Upload` joins what it holds until that is more than a part,
 * so the first one holds a byte more: each later part is then copied once, and not two of them into one buffer.
 */
async function* inParts(pieces: AsyncGenerator<LentBuffer>, partSize: number): AsyncGenerator<Buffer> {
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
