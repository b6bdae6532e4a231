/**
 * Bytes in memory that its owner uses again: for the next ones once these are asked for, or after the call that they are
 * given to. Whoever keeps them keeps a copy, {@link kept}. A Buffer that nobody uses again will do for one, but one is no
 * Buffer: it fits into nothing that holds, queues or sends Buffers.
 */
export interface LentBuffer {
  readonly length: number;
  readonly [index: number]: number;
  copy(target: Uint8Array, targetStart?: number, sourceStart?: number, sourceEnd?: number): number;
  subarray(start?: number, end?: number): this;
}

/** A copy, which stays as it is. */
export const kept = (lent: LentBuffer): Buffer => Buffer.from(lent as Buffer);

/** The bytes where they are, for a call that is over with them before the owner goes on (a hash, a write that is awaited). */
export const inPlace = (lent: LentBuffer): Buffer => lent as Buffer;
