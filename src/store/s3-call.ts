import type { ServiceOutputTypes } from '@aws-sdk/client-s3';
import type { HttpAnswer } from './http-transport.ts';
import { type Operation, watchOperation } from './idle-watch.ts';
import type { S3Answer } from './s3-errors.ts';
import type { CallOptions } from './store.ts';

/** One operation on a bucket, and what its requests must know and tell. */

export interface CallTraits {
  readonly tries: number;
  readonly onBytes: ((bytes: number) => void) | undefined;
  /** Stops a request that begins a multipart upload, in place of the operation's own signal. */
  readonly cut: AbortSignal | null;
  /** What the SDK gets to read in place of an answer. */
  readonly reshape: ((answer: HttpAnswer) => Promise<HttpAnswer>) | null;
  /** Takes each command of the operation, with all tries of its request, by the name of its class. */
  readonly around: ((command: string, send: () => Promise<CommandOutput>) => Promise<CommandOutput>) | null;
}

export interface CommandOutput {
  readonly response: unknown;
  output: ServiceOutputTypes;
}

export interface S3Call extends Operation, CallTraits {
  /** The last answer of the service. */
  answer: S3Answer | null;
}

/** Begins an operation of one try, but for what `more` says. */
export function beginCall(
  url: string,
  idleTimeoutMs: number,
  from: CallOptions,
  more: Partial<CallTraits>,
): S3Call {
  const operation = watchOperation(url, idleTimeoutMs, from);
  const traits: CallTraits = {
    tries: 1,
    onBytes: undefined,
    cut: null,
    reshape: null,
    around: null,
    ...more,
  };
  return Object.assign(operation, traits, { answer: null });
}
