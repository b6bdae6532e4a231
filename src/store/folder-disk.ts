import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fullCodes } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { isImpossible } from '../base/possible-path.ts';
import { isSafePath } from '../base/safe-path.ts';
import { joined, type Text } from '../base/text.ts';
import { checkName, isHeld, noSuchName, waitOrClose } from '../base/texts.ts';
import { hintForDrive } from '../base/windows-places.ts';
import { isTempName } from './folder-leftovers.ts';
import * as texts from './folder-texts.ts';
import { answerOf, patienceOf } from './patience.ts';
import { noTraffic, type StoreTraffic } from './store.ts';
import { interrupted } from './store-errors.ts';
import { inStore } from './texts.ts';

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

  /** The same again while a virus scanner or another program has the file to itself. */
  reading<T>(call: () => Promise<T>, signal?: AbortSignal, late?: (value: T) => void): Promise<T> {
    return whileHeld(() => this.asked(call(), signal, late), signal);
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
    throw new EfakturError('usage', inStore(this.url, texts.noFileName(key)), texts.useOtherName);
  }

  /** Runs a step on the disk: heeds the signal, and gives the system's errors their meaning. */
  async within<T>(what: Text, signal: AbortSignal | undefined, step: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await step();
    } catch (error) {
      if (signal?.aborted) throw interrupted(this.url, signal);
      throw this.translate(error, what);
    }
  }

  translate(error: unknown, what: Text): Error {
    const code = systemCode(error);
    if (!(error instanceof Error)) return new Error(String(error));
    if (error instanceof EfakturError || code === null) return error;
    const failed = (
      kind: 'target-not-writable' | 'access-denied' | 'usage' | 'store-unavailable',
      hint: Text,
    ) => new EfakturError(kind, inStore(this.url, texts.withCode(what, code)), hint, error);
    if (code === 'EFBIG') return failed('target-not-writable', texts.fatLimit);
    if (code === 'EROFS') return failed('target-not-writable', texts.readOnlyDisk);
    if (fullCodes.has(code)) return failed('target-not-writable', texts.fullDisk);
    if (deniedCodes.has(code)) return failed('access-denied', texts.askFolderRights);
    if (code === 'ENAMETOOLONG') return failed('target-not-writable', texts.pathTooLong);
    if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST') {
      return failed('usage', texts.nameTaken);
    }
    if (isImpossible(error)) {
      const said = joined([what, noSuchName(code)], ': ');
      return new EfakturError('usage', inStore(this.url, said), checkName, error);
    }
    if (code === 'EBUSY')
      return new EfakturError(
        'store-unavailable',
        inStore(this.url, joined([what, isHeld(code)], ': ')),
        waitOrClose,
        error,
      );
    return failed('store-unavailable', hintForDrive(this.root) ?? texts.checkDriveConnected);
  }

  /** An absent root is an empty store, but an absent parent is a drive or share that is not connected. */
  async requireParent(signal?: AbortSignal): Promise<void> {
    const parent = dirname(this.root);
    if (await this.asked(isThere(parent), signal)) return;
    throw new EfakturError(
      'store-unavailable',
      inStore(this.url, texts.notThere(parent)),
      hintForDrive(parent) ?? texts.connectDrive(parent),
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
