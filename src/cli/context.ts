import type { Readable, Writable } from 'node:stream';
import type { Surroundings } from '../settings/surroundings.ts';

/** Everything the command line takes from its process; tests give their own. */
export interface Io {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly around: Surroundings;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** From package.json. */
  readonly version: string;
}
