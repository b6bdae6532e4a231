import { appendFile, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, syncFile } from '../base/atomic-file.ts';
import { isEfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { beginRun, claimName, isRunAlive, runOfClaim } from '../base/living-run.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { Text } from '../base/text.ts';
import {
  cannotBeMade,
  leftByDeadRun,
  listUnreadable,
  notNoted,
  removedByNextPush,
  stateFolderUnreadable,
  stateFolderUnusable,
} from './texts.ts';

/**
 * One run's folder in the state folder, named by time and process: it holds the spool and the list of uploads begun, so
 * that whatever a killed run left, here or in a store, is found by the next one.
 */
export interface Job {
  readonly folder: string;
  /** Makes an empty folder in it and resolves with its path; `target-not-writable` when the state folder is full or refused. */
  makeScratch(name: string): Promise<string>;
  /** Notes an upload durably before its first byte. */
  noteUpload(upload: NotedUpload): Promise<void>;
  /**
   * Notes durably, before it is made, a file elsewhere that is of no use unless one of the files `keptBy` names it, by its path or
   * in other words: should this run die before that, the file goes with what else the run left.
   */
  noteMade(path: string, keptBy: readonly string[], name?: string): Promise<void>;
  /** Removes the folder with all that lies in it. */
  end(): Promise<void>;
}

export interface NotedUpload {
  readonly store: string;
  readonly key: string;
  /** Null for one that was about to begin: if it did, only the store knows its id. */
  readonly uploadId: string | null;
}

/** What a run whose process is gone left behind. */
export interface DeadJob {
  readonly folder: string;
  readonly uploads: readonly NotedUpload[];
}

const jobsFolder = (stateDir: string): string => join(stateDir, 'jobs');
const uploadsFile = 'uploads.jsonl';
const madeFile = 'made.jsonl';

/** See {@link Job.noteMade}. */
interface NotedMade {
  readonly path: string;
  readonly keptBy: readonly string[];
  /** What these would say of it. */
  readonly name: string;
}

/** Begins a run's folder; `target-not-writable` when the state folder is full or refused. */
export async function beginJob(stateDir: string, now: Date): Promise<Job> {
  const run = await beginRun(now);
  const folder = join(jobsFolder(stateDir), claimName(run));
  try {
    await makeFolder(folder, 0o700);
  } catch (error) {
    throw asTargetError(error, stateFolderUnusable(stateDir));
  }
  return {
    folder,
    async makeScratch(name) {
      const path = join(folder, name);
      try {
        await mkdir(path, 0o700);
        return path;
      } catch (error) {
        throw asTargetError(error, cannotBeMade(path));
      }
    },
    noteUpload: (upload) => noteIn(join(folder, uploadsFile), upload),
    noteMade: (path, keptBy, name = path) => noteIn(join(folder, madeFile), { path, keptBy, name }),
    async end() {
      try {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      } catch (error) {
        throw asTargetError(error, removedByNextPush(folder));
      }
    },
  };
}

async function noteIn(path: string, noted: NotedUpload | NotedMade): Promise<void> {
  try {
    await appendFile(path, `${JSON.stringify(noted)}\n`, { mode: 0o600 });
    const handle = await open(path, 'r+');
    try {
      await syncFile(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asTargetError(error, notNoted(path));
  }
}

/** The runs that died, oldest first. */
export async function deadJobs(stateDir: string): Promise<DeadJob[]> {
  let names: string[];
  try {
    names = await whileHeld(() => readdir(jobsFolder(stateDir)));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw asTargetError(error, stateFolderUnreadable(stateDir));
  }
  const dead: DeadJob[] = [];
  for (const name of names.sort()) {
    const run = runOfClaim(name);
    if (run === null || (await isRunAlive(run))) continue;
    const folder = join(jobsFolder(stateDir), name);
    dead.push({ folder, uploads: await readUploads(join(folder, uploadsFile)) });
  }
  return dead;
}

async function readUploads(path: string): Promise<NotedUpload[]> {
  let text: string;
  try {
    text = await whileHeld(() => readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw asTargetError(error, listUnreadable(path));
  }
  return linesOf(text).flatMap((line) => {
    const upload = line as Partial<NotedUpload>;
    const { store, key, uploadId } = upload;
    const isOne =
      [store, key, uploadId ?? ''].every((text) => typeof text === 'string') && uploadId !== undefined;
    return isOne ? [upload as NotedUpload] : [];
  });
}

/** What is noted, but for a line that was cut by a crash: what it would note had not begun. */
const linesOf = (text: string): object[] =>
  text.split('\n').flatMap((line) => {
    try {
      const noted: unknown = JSON.parse(line);
      return typeof noted === 'object' && noted !== null ? [noted] : [];
    } catch {
      return [];
    }
  });

/** Forgets a dead run: its spool goes; uploads in `kept` (stores not at hand now) stay noted for a later run. */
export async function forgetJob(job: DeadJob, kept: readonly NotedUpload[]): Promise<void> {
  try {
    await clear(job, kept);
  } catch (error) {
    throw asTargetError(error, removedByNextPush(job.folder));
  }
}

/** What a dead run made elsewhere and did not come to name. */
async function removeUnnamed(path: string): Promise<void> {
  const text = await whileHeld(() => readFile(path, 'utf8')).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return '';
  });
  for (const made of linesOf(text)) {
    const { path: file, keptBy, name } = made as Partial<NotedMade>;
    if (typeof file !== 'string' || typeof name !== 'string' || !Array.isArray(keptBy)) continue;
    const keepers = keptBy.filter((one): one is string => typeof one === 'string');
    const texts = keepers.map((one) => readFile(one, 'utf8').catch(() => ''));
    if ((await Promise.all(texts)).every((one) => !one.includes(name))) await rm(file, { force: true });
  }
}

async function clear(job: DeadJob, kept: readonly NotedUpload[]): Promise<void> {
  await removeUnnamed(join(job.folder, madeFile));
  if (kept.length === 0) {
    await rm(job.folder, { recursive: true, force: true, maxRetries: 5 });
    return;
  }
  for (const name of await readdir(job.folder)) {
    if (name !== uploadsFile) await rm(join(job.folder, name), { recursive: true, force: true });
  }
}

/**
 * Removes what dead runs left of somebody's books: scratch copies, which are in clear, and spools. What is noted of uploads
 * stays for a push. Resolves with a text for each folder that cannot be removed now.
 */
export async function removeDeadScratch(stateDir: string): Promise<Text[]> {
  const left: Text[] = [];
  const dead = await deadJobs(stateDir).catch((error) => {
    if (!isEfakturError(error)) throw error;
    left.push(error.text);
    return [];
  });
  for (const job of dead) {
    try {
      await clear(job, job.uploads);
    } catch (error) {
      const code = systemCode(error);
      if (code === null) throw error;
      left.push(leftByDeadRun(job.folder, code));
    }
  }
  return left;
}
