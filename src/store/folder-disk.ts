import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fullCodes } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { isSafePath } from '../base/safe-path.ts';
import { isTempName } from './folder-leftovers.ts';
import { answerOf, patienceOf } from './patience.ts';
import { noTraffic, type StoreTraffic } from './store.ts';
import { interrupted } from './store-errors.ts';

/** The disk below a folder store: how long a call to it may take, and what its errors mean. */

const deniedCodes = new Set(['EACCES', 'EPERM']);
/** The last one is what a socket says that was opened as a file. */
export const absentCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENXIO']);

export const closeLate = (handle: FileHandle): void => void handle.close().catch(() => {});

export class FolderDisk {
  /** Absolute. */
  readonly root: string;
  readonly url: string;
  readonly traffic: StoreTraffic = noTraffic();
  readonly #patience: ReturnType<typeof patienceOf>;

  constructor(root: string, url: string, idleTimeoutMs: number) {
    this.root = root;
    this.url = url;
    this.#patience = patienceOf(idleTimeoutMs);
  }

  /** A call that asks something; what it gives when nobody waits any more goes to `late`. */
  asked<T>(call: Promise<T>, signal?: AbortSignal, late?: (value: T) => void): Promise<T> {
    return answerOf(this.url, call, this.#patience.askMs, signal, late);
  }

  /** A call that writes, which may take longer. */
  written<T>(call: Promise<T>, signal?: AbortSignal, late?: (value: T) => void): Promise<T> {
    return answerOf(this.url, call, this.#patience.writeMs, signal, late);
  }

  noteSync(isSynced: boolean): void {
    if (!isSynced) this.traffic.unsynced++;
  }

  /** Windows has no such thing for folders, and says so each time. */
  noteFolderSync(isSynced: boolean): void {
    if (process.platform !== 'win32') this.noteSync(isSynced);
  }

  pathOf(key: string): string {
    if (isSafePath(key) && !key.split('/').some(isTempName)) return join(this.root, ...key.split('/'));
    throw new EfakturError(
      'usage',
      `${this.url}: "${key}" cannot be a file name below a folder`,
      'Use another name.',
    );
  }

  /** Runs a step on the disk: heeds the signal, and gives the system's errors their meaning. */
  async within<T>(what: string, signal: AbortSignal | undefined, step: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await step();
    } catch (error) {
      if (signal?.aborted) throw interrupted(this.url, signal);
      throw this.translate(error, what);
    }
  }

  translate(error: unknown, what: string): Error {
    const code = systemCode(error);
    if (!(error instanceof Error)) return new Error(String(error));
    if (error instanceof EfakturError || code === null) return error;
    const failed = (
      kind: 'target-not-writable' | 'access-denied' | 'usage' | 'store-unavailable',
      hint: string,
    ) => new EfakturError(kind, `${this.url}: ${what} (${code})`, hint, error);
    if (code === 'EFBIG')
      return failed('target-not-writable', 'A FAT disk takes no file over 4 GB; use NTFS or exFAT.');
    if (code === 'EROFS') return failed('target-not-writable', 'The disk is read-only; choose another one.');
    if (fullCodes.has(code)) return failed('target-not-writable', 'The disk is full; make room on it.');
    if (deniedCodes.has(code))
      return failed('access-denied', 'Ask for the right to write and read in this folder.');
    if (code === 'ENAMETOOLONG')
      return failed(
        'target-not-writable',
        'The path is too long for this disk; choose a folder nearer to its top.',
      );
    if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST') {
      return failed('usage', 'Something else has this name there; choose another folder.');
    }
    return failed('store-unavailable', 'Check that the drive or network folder is connected, and try again.');
  }

  /** An absent root is an empty store, but an absent parent is a drive or share that is not connected. */
  async requireParent(signal?: AbortSignal): Promise<void> {
    const parent = dirname(this.root);
    if (await this.asked(isThere(parent), signal)) return;
    throw new EfakturError(
      'store-unavailable',
      `${this.url}: ${parent} is not there`,
      `Connect the drive or network folder, or make the folder ${parent}.`,
    );
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (absentCodes.has(systemCode(error) ?? '')) return false;
    throw error;
  }
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
