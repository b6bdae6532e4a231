/*
 * Copies a database while Derby has it open and writes to it. It rests on write-ahead logging: Derby writes a change to
 * the log before it writes the changed page to its file, and names a checkpoint in log.ctrl only when every page changed
 * before it is in its file. So pages of many moments, together with a log read after the last of them, are what a crash
 * at the end of the copy would have left, as long as no checkpoint was completed meanwhile (which also is when Derby
 * deletes log files): recovery begins at the checkpoint saved first and replays the log over all pages. What the log
 * does not carry is looked for: files of tables that come or go, and commits that bring unlogged contents.
 */

import { cp, lstat, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { byUtf8 } from '../base/file-set.ts';
import { whileHeld } from '../base/held-files.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { Progress } from '../base/progress.ts';
import { isText, type Text } from '../base/text.ts';
import { heldByOther, waitOrClose } from '../base/texts.ts';
import { containerFileName, parseContainerName } from './container.ts';
import { copyContainer, onTarget } from './container-copy.ts';
import { logName, parseLogControl, parseLogName, scanLogFile } from './log.ts';
import type { LogInstant } from './log-record.ts';
import { type ContainerEvent, containerEvents, madeContainersSince } from './new-containers.ts';
import {
  checkpointCame,
  closeOrWait,
  controlsMissing,
  copyDisturbed,
  copyFolderFull,
  databaseNotWhole,
  databaseRefused,
  databaseUnreadable,
  logMovedOn,
  nameEmptyFolder,
  noDerbyDatabase,
  nothingTried,
  runAsReader,
  settingsChanged,
  tableFilesChanged,
  tableMadeAnew,
  useLoginBackup,
} from './texts.ts';

export interface HotCopyOptions {
  /** How often to begin before giving up; 10 unless told. */
  readonly maxAttempts?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes copied; a new attempt takes back what the one before reported. */
  readonly progress?: Pick<Progress, 'advance'> | undefined;
}

export interface HotCopy {
  /** 1 when the first one succeeded. */
  readonly attempts: number;
  /** How often, in all attempts, a page was read again because it was being written. */
  readonly pagesReread: number;
  /** Pages that are wrong on disk, not only while they are written (`seg0/…`): copied as they are. */
  readonly unsoundPages: readonly { readonly file: string; readonly page: number }[];
  readonly sizeBytes: number;
}

const controlName = 'log.ctrl';
const mirrorName = 'logmirror.ctrl';
const neverCopied = new Set(['db.lck', 'dbex.lck', 'tmp', 'log', 'seg0']);
const previousInstantAt = 16;

/** Why an attempt cannot be used: an end of a sentence. */
type Disturbance = Text;

/**
 * Copies the database in `databaseFolder`, open or not, into `scratchFolder`, which becomes a database folder of its own
 * and must be empty or not there. Nothing is locked, and lock files are neither opened nor copied. The result is in need
 * of recovery, as after a crash, and holds all that was committed before the call; a database that nobody writes to
 * comes out as it is. Not in the log, and so not safe here, is work that changes the program's tables themselves;
 * where it is seen, the copy begins again. For an encrypted database only files that come or go are seen.
 *
 * Modification times are kept, `tmp` is left empty. A kill leaves a part of the copy in `scratchFolder`; an error leaves
 * that folder empty. Errors: `source-changed` when every attempt was disturbed, `source-unusable` when no database is
 * there or it cannot be read, `access-denied`, `target-not-writable` for a full disk or a folder that is not empty.
 */
export async function hotCopy(
  databaseFolder: string,
  scratchFolder: string,
  options: HotCopyOptions = {},
): Promise<HotCopy> {
  const { maxAttempts = 10, signal, progress } = options;
  await onTarget(scratchFolder, () => makeFolder(scratchFolder, 0o700));
  if ((await readdir(scratchFolder)).length > 0) {
    throw new EfakturError('target-not-writable', copyFolderFull(scratchFolder), nameEmptyFolder);
  }
  const empty = async (): Promise<void> => {
    for (const name of await readdir(scratchFolder))
      await rm(join(scratchFolder, name), { recursive: true, force: true });
  };
  const copy: Attempt = {
    source: databaseFolder,
    target: scratchFolder,
    signal,
    pagesReread: 0,
    unsoundPages: [],
    sizeBytes: 0,
    add: (bytes) => {
      copy.sizeBytes += bytes;
      progress?.advance(bytes);
    },
  };
  let disturbance: Disturbance | null = null;
  try {
    for (let attempts = 1; attempts <= maxAttempts; attempts++) {
      disturbance = await attemptCopy(copy);
      if (disturbance === null) {
        const { pagesReread, unsoundPages, sizeBytes } = copy;
        return { attempts, pagesReread, unsoundPages, sizeBytes };
      }
      await empty();
      copy.add(-copy.sizeBytes);
      copy.unsoundPages = [];
      // Work on the tables themselves comes in a row; a checkpoint is best followed at once.
      if (disturbance !== disturbances.checkpoint)
        await sleep(Math.min(100 * attempts, 1000), undefined, { signal });
    }
  } catch (error) {
    await empty();
    throw signal?.aborted ? signal.reason : asSourceError(error, databaseFolder);
  }
  throw new EfakturError(
    'source-changed',
    copyDisturbed(databaseFolder, maxAttempts, disturbance ?? nothingTried),
    closeOrWait,
  );
}

interface Attempt {
  readonly source: string;
  readonly target: string;
  readonly signal: AbortSignal | undefined;
  pagesReread: number;
  unsoundPages: { file: string; page: number }[];
  sizeBytes: number;
  readonly add: (bytes: number) => void;
}

const disturbances = {
  checkpoint: checkpointCame,
  files: tableFilesChanged,
  unlogged: tableMadeAnew,
  log: logMovedOn,
  properties: settingsChanged,
} as const;

async function attemptCopy(copy: Attempt): Promise<Disturbance | null> {
  const { source, target } = copy;
  const logFolder = join(source, 'log');
  const control = await readControl(logFolder);
  const checkpoint = (control.main && parseLogControl(control.main))?.checkpoint ?? null;
  const began = await endOfLog(logFolder);
  const properties = await whileHeld(() => readFile(join(source, 'service.properties')));
  const isEncrypted = /^dataEncryption=true\s*$/m.test(properties.toString('latin1'));
  for (const folder of ['log', 'seg0', 'tmp']) await onTarget(target, () => makeFolder(join(target, folder)));

  const copied = await copyTables(copy, isEncrypted, () => isControlStill(logFolder, control.main));
  if (isText(copied)) return copied;
  const events = await copyLogs(copy, checkpoint?.file ?? 0);
  if (isText(events)) return events;

  // A file made since then may be named by the log that was copied, and recovery would miss it.
  for (const name of await whileHeld(() => readdir(join(source, 'seg0'))))
    if (parseContainerName(name) && !copied.has(name)) return disturbances.files;
  if (began && madeContainersSince(events, began)) return disturbances.unlogged;
  await copyOthers(copy);
  for (const [name, bytes] of [
    [controlName, control.main],
    [mirrorName, control.mirror],
  ] as const) {
    if (bytes) await put(copy, join('log', name), bytes, (await stat(join(logFolder, name))).mtime);
  }
  const after = await whileHeld(() => readFile(join(source, 'service.properties')));
  if (!after.equals(properties)) return disturbances.properties;
  return (await isControlStill(logFolder, control.main)) ? null : disturbances.checkpoint;
}

interface Control {
  readonly main: Buffer | null;
  readonly mirror: Buffer | null;
}

/** Derby writes log.ctrl first and then its mirror: they differ for a moment, and each is half written for one. */
async function readControl(logFolder: string): Promise<Control> {
  for (let round = 0; ; round++) {
    const main = await readIfThere(join(logFolder, controlName));
    const mirror = await readIfThere(join(logFolder, mirrorName));
    if ((main && parseLogControl(main) && mirror?.equals(main)) || round === 10) {
      if (main || mirror) return { main, mirror };
      throw new EfakturError(
        'source-unusable',
        controlsMissing(join(logFolder, controlName)),
        noDerbyDatabase,
      );
    }
    await sleep(5);
  }
}

async function isControlStill(logFolder: string, saved: Buffer | null): Promise<boolean> {
  const now = await readIfThere(join(logFolder, controlName));
  return now === null || saved === null ? now === saved : now.equals(saved);
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await whileHeld(() => readFile(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Numbers of the log files, newest first: while that one is read, those before it are complete. */
async function logNumbers(logFolder: string): Promise<number[]> {
  const numbers = (await whileHeld(() => readdir(logFolder))).map(parseLogName);
  return numbers.filter((number) => number !== null).sort((a, b) => b - a);
}

/** Where the log ends now, at the latest; null without a log. */
async function endOfLog(logFolder: string): Promise<LogInstant | null> {
  let end: LogInstant | null = null;
  for (const file of await logNumbers(logFolder)) {
    const bytes = await readIfThere(join(logFolder, logName(file)));
    if (!bytes) break;
    const { endsAt, records } = scanned(bytes, file);
    end = { file, position: endsAt };
    // While a new file is begun, records may still be on their way into the one before.
    if (records > 0) break;
  }
  return end;
}

function scanned(bytes: Buffer, number: number): { headerOk: boolean; records: number; endsAt: number } {
  const scan = scanLogFile(number, null);
  scan.write(bytes);
  return scan.end();
}

/** Copies `seg0`. Resolves with the names that were there when it began. */
async function copyTables(
  copy: Attempt,
  isEncrypted: boolean,
  isStillTheCheckpoint: () => Promise<boolean>,
): Promise<ReadonlySet<string> | Disturbance> {
  const { source, target, signal } = copy;
  const names = (await whileHeld(() => readdir(join(source, 'seg0')))).sort(byUtf8);
  const done = new Set<string>();
  const copyOne = async (name: string): Promise<boolean> => {
    const result = await copyContainer(join(source, 'seg0', name), join(target, 'seg0', name), {
      isEncrypted,
      signal,
    });
    done.add(name);
    if (!result) return false;
    copy.pagesReread += result.pagesReread;
    for (const page of result.unsoundPages) copy.unsoundPages.push({ file: `seg0/${name}`, page });
    copy.add(result.sizeBytes);
    return true;
  };
  for (const name of names) {
    const container = parseContainerName(name);
    if (!container || done.has(name)) continue;
    if (!(await copyOne(name)) && !container.dropped) {
      // Dropped for good: Derby writes the stub first. Without one, recovery could not do without the file.
      const stub = containerFileName(container.id).replace('c', 'd');
      if (!(await copyOne(stub))) return disturbances.files;
    }
    if (!(await isStillTheCheckpoint())) return disturbances.checkpoint;
  }
  return done;
}

/** Copies all log files, newest first. Resolves with what transactions did to containers, in the log's order. */
async function copyLogs(copy: Attempt, neededFrom: number): Promise<ContainerEvent[] | Disturbance> {
  const logFolder = join(copy.source, 'log');
  const events: ContainerEvent[][] = [];
  let later: Buffer | null = null;
  for (const number of await logNumbers(logFolder)) {
    copy.signal?.throwIfAborted();
    const path = join(logFolder, logName(number));
    const bytes = await readIfThere(path);
    if (!bytes) {
      // Derby deletes old log files after a checkpoint, oldest first.
      if (number >= neededFrom) return disturbances.checkpoint;
      break;
    }
    const { mtime } = await stat(path).catch(() => ({ mtime: new Date() }));
    const { headerOk, records, endsAt } = scanned(bytes, number);
    if (later === null) {
      // A file just begun holds nothing yet, and the end of the one before may still be on its way there.
      if ((!headerOk || records === 0) && number > Math.max(neededFrom, 1)) continue;
      // Read while it was written: after a gap there may be newer records. Derby would write up to them without
      // clearing them, and take them for its own after a crash.
      bytes.fill(0, headerOk ? endsAt : bytes.length);
    } else if (number >= neededFrom) {
      const previous = {
        file: later.readUInt32BE(previousInstantAt),
        position: later.readUInt32BE(previousInstantAt + 4),
      };
      if (previous.file !== number || previous.position !== endsAt) return disturbances.log;
    }
    events.unshift(containerEvents(bytes, number, endsAt));
    await put(copy, join('log', logName(number)), bytes, mtime);
    later = bytes;
  }
  return events.flat();
}

/** READMEs, stored jars, settings: what Derby hardly ever changes. */
async function copyOthers(copy: Attempt): Promise<void> {
  const { source, target } = copy;
  const isFileOrFolder = async (path: string): Promise<boolean> => {
    const found = await lstat(path);
    if (found.isFile()) copy.add(found.size);
    return found.isFile() || found.isDirectory();
  };
  const known = (name: string): boolean => parseContainerName(name) !== null || parseLogName(name) !== null;
  for (const folder of ['', 'log', 'seg0']) {
    for (const name of await whileHeld(() => readdir(join(source, folder)))) {
      if (folder === '' ? neverCopied.has(name.toLowerCase()) : known(name) || name.endsWith('.ctrl'))
        continue;
      const [from, to] = [join(source, folder, name), join(target, folder, name)];
      try {
        const how = { recursive: true, preserveTimestamps: true, filter: isFileOrFolder };
        await onTarget(to, () => cp(from, to, how));
      } catch (error) {
        // What is not there may be the file to copy.
        await lstat(from);
        throw error;
      }
    }
  }
}

async function put(copy: Attempt, path: string, bytes: Buffer, mtime: Date): Promise<void> {
  const to = join(copy.target, path);
  await onTarget(to, async () => {
    await writeFile(to, bytes);
    await utimes(to, mtime, mtime);
  });
  copy.add(bytes.length);
}

/** What the system says about reading, in the user's words; errors of writing are `target-not-writable` already. */
function asSourceError(error: unknown, databaseFolder: string): unknown {
  const code = systemCode(error);
  if (isEfakturError(error) || code === null) return error;
  if (code === 'EACCES' || code === 'EPERM') {
    return new EfakturError('access-denied', databaseRefused(databaseFolder, code), runAsReader, error);
  }
  if (code === 'EBUSY')
    return new EfakturError('source-unusable', heldByOther(databaseFolder, code), waitOrClose, error);
  return new EfakturError(
    'source-unusable',
    code === 'ENOENT' ? databaseNotWhole(databaseFolder) : databaseUnreadable(databaseFolder, code),
    useLoginBackup,
    error,
  );
}
