import { createHash, type Hash } from 'node:crypto';
import { EfakturError } from '../../base/errors.ts';
import { readAhead } from '../../store/read-ahead.ts';
import type { Body, ObjectStore } from '../../store/store.ts';
import { listedAndGone, runAgainAfterDeletes } from './texts.ts';

/** An object of the store that is copied from, and which version of it is the true one. */
export interface SourceObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Null where there is only one. */
  readonly versionId: string | null;
  /** Of its bytes, in lower-case hex; null where nothing states it. */
  readonly sha256: string | null;
}

/** Bytes that were sent, but are not those promised: they are never stored. */
export class OtherBytes extends Error {
  readonly sha256: string;

  constructor(sha256: string) {
    super('other bytes than promised');
    this.sha256 = sha256;
  }
}

/**
 * An object's bytes on their way to another store. The last piece is held back until the whole is known to be what was
 * promised, so a store never gets all of anything else; then the body fails with {@link OtherBytes}.
 */
export function passingBody(
  from: ObjectStore,
  object: SourceObject,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Body {
  return {
    sizeBytes: object.sizeBytes,
    isGrowing: false,
    async *open() {
      const hash = createHash('sha256');
      let held: Buffer | null = null;
      for await (const piece of bytesOf(from, object, signal)) {
        hash.update(piece);
        onBytes(piece.length);
        if (held) yield held;
        held = piece;
      }
      const sha256 = hash.digest('hex');
      if (object.sha256 !== null && sha256 !== object.sha256) throw new OtherBytes(sha256);
      if (held) yield held;
    },
  };
}

/** SHA-256 of what a store gives as an object, in lower-case hex; null when it is not there. */
export async function sha256Of(
  store: ObjectStore,
  object: Omit<SourceObject, 'sha256'>,
  signal: AbortSignal,
): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const piece of bytesOf(store, object, signal)) hash.update(piece);
  return hash.digest('hex');
}

async function* bytesOf(
  store: ObjectStore,
  { key, sizeBytes, versionId }: Omit<SourceObject, 'sha256'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const version = versionId === null ? {} : { versionId };
  const ahead = await readAhead(store, key, sizeBytes, { signal, ...version });
  if (!ahead) throw goneSince(store, key);
  yield* ahead.bytes;
}

export const goneSince = ({ url }: ObjectStore, key: string): EfakturError =>
  new EfakturError('store-unavailable', listedAndGone(url, key), runAgainAfterDeletes);
