import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, syncFile, whileBusy } from '../base/atomic-file.ts';
import { type EfakturError, isEfakturError, systemCode } from '../base/errors.ts';
import { openToRead } from '../base/held-files.ts';
import { formatInstant } from '../base/local-time.ts';
import { makeFolder } from '../base/new-folder.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { logNotRead, logNotWritten } from './texts.ts';

/**
 * The log of runs, `log/run.log` in the state folder: a line for each thing told, its fields separated by tabs, oldest first.
 * Each line is on the disk before the next, so a crash loses at most the last one. The file that is full becomes `run.log.1`, the
 * one before it `run.log.2`, …; the oldest goes.
 */

export interface LogLine {
  /** RFC 3339, in the zone of the settings. */
  readonly at: string;
  /** Null for what is said of the run as a whole. */
  readonly profile: string | null;
  readonly kind: 'info' | 'note' | 'error';
  /** Of a note or an error. */
  readonly code: string | null;
  /** In the language that was set. */
  readonly text: string;
}

export const logBytes = 1_000_000;
export const logFiles = 5;

const folderOf = (stateDir: string): string => join(stateDir, 'log');
export const logPath = (stateDir: string, nth = 0): string =>
  join(folderOf(stateDir), nth === 0 ? 'run.log' : `run.log.${nth}`);

export interface RunLog {
  /** Never throws for what a disk says: see `problem`. */
  write(line: Omit<LogLine, 'at'>): Promise<void>;
  /** What kept the first line from being written; null while all are. */
  problem(): EfakturError | null;
}

export interface LogOptions {
  readonly stateDir: string;
  readonly zone: string;
  readonly now: () => Date;
  /** Takes out what must not be kept in clear. */
  readonly redact: (text: string) => string;
  /** Only whoever has the turn of the state folder rotates. */
  readonly rotates: boolean;
}

export function openLog({ stateDir, zone, now, redact, rotates }: LogOptions): RunLog {
  let problem: EfakturError | null = null;
  return {
    async write({ profile, kind, code, text }) {
      const said = redact(withoutAgeKeys(text));
      const fields = [formatInstant(now(), zone), profile ?? '-', kind, code ?? '-', said].map(inOneField);
      try {
        await makeFolder(folderOf(stateDir), 0o700);
        if (rotates) await rotate(stateDir);
        await append(logPath(stateDir), `${fields.join('\t')}\n`);
      } catch (error) {
        const told = asTargetError(error, logNotWritten(logPath(stateDir)));
        if (!isEfakturError(told)) throw told;
        problem ??= told;
      }
    },
    problem: () => problem,
  };
}

/** Line breaks and tabs in a text are no ends of it. */
const inOneField = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

async function append(path: string, line: string): Promise<void> {
  const handle = await open(path, 'a+', 0o600);
  try {
    // What a crash cut off is no part of this line.
    await handle.appendFile((await endsOpen(handle)) ? `\n${line}` : line);
    await syncFile(handle, 'datasync');
  } finally {
    await handle.close();
  }
}

async function endsOpen(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1') !== '\n';
}

async function rotate(stateDir: string): Promise<void> {
  const size = await sizeOf(logPath(stateDir));
  if (size < logBytes) return;
  await rm(logPath(stateDir, logFiles - 1), { force: true });
  for (let nth = logFiles - 2; nth >= 0; nth--) {
    try {
      await whileBusy(() => rename(logPath(stateDir, nth), logPath(stateDir, nth + 1)));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
}

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
};

/**
 * All lines, oldest first; none where there is no log. Files that are rotated meanwhile are read once, one that goes is passed
 * over; what is no whole line is left out. `target-not-writable` where the system refuses a file.
 */
export async function readLog(stateDir: string): Promise<LogLine[]> {
  const read = new Map<string, string>();
  // The newest first: a file that is renamed meanwhile is met again, and none is missed.
  for (let nth = 0; nth < logFiles; nth++) {
    const path = logPath(stateDir, nth);
    try {
      const handle = await openToRead(path);
      try {
        const { dev, ino } = await handle.stat({ bigint: true });
        const id = `${dev} ${ino}`;
        if (!read.has(id)) read.set(id, await handle.readFile('utf8'));
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw asTargetError(error, logNotRead(path));
    }
  }
  return [...read.values()].reverse().flatMap((text) => text.split('\n').flatMap(parseLine));
}

const kinds = ['info', 'note', 'error'] as const;

function parseLine(line: string): LogLine[] {
  const [at = '', profile = '', kindText = '', code = '', text] = line.split('\t');
  const kind = kinds.find((one) => one === kindText);
  if (kind === undefined || text === undefined || Number.isNaN(Date.parse(at))) return [];
  return [{ at, profile: profile === '-' ? null : profile, kind, code: code === '-' ? null : code, text }];
}
