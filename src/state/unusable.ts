import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, writeFileAtomic } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { LocalFile } from './record.ts';
import { listNotWritten, listUnreadable } from './texts.ts';

/**
 * Login backups that were found to be unusable, so that an old one fails one push and not every one that comes after.
 * The very file is meant: another size or time makes it unknown again. Losing the list costs being told once more.
 */
export interface UnusableFile extends LocalFile {
  /** What is wrong with it, in English words. */
  readonly why: string;
  /** When it was found, RFC 3339. */
  readonly foundAt: string;
}

const listFormat = 1;
const pathIn = (stateDir: string): string => join(stateDir, 'unusable.json');

/** An absent or unreadable list is empty. */
export async function readUnusable(stateDir: string): Promise<readonly UnusableFile[]> {
  const path = pathIn(stateDir);
  let text: string;
  try {
    text = await whileHeld(() => readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw asTargetError(error, listUnreadable(path));
  }
  try {
    const json: { format?: unknown; files?: unknown } | null = JSON.parse(text);
    return json?.format === listFormat && Array.isArray(json.files) ? json.files.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is UnusableFile {
  if (typeof entry !== 'object' || entry === null) return false;
  const { path, sizeBytes, mtimeMs, why, foundAt }: Partial<Record<keyof UnusableFile, unknown>> = entry;
  return (
    [path, why, foundAt].every((text) => typeof text === 'string') &&
    [sizeBytes, mtimeMs].every(Number.isSafeInteger)
  );
}

/** Adds files and forgets those that are gone; after a crash the list is the old one or the new one. */
export async function noteUnusable(stateDir: string, found: readonly UnusableFile[]): Promise<void> {
  if (found.length === 0) return;
  const path = pathIn(stateDir);
  const others = (await readUnusable(stateDir)).filter((known) => !found.some((f) => f.path === known.path));
  const there = await Promise.all(
    others.map((known) =>
      stat(known.path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const files = [...others.filter((_, i) => there[i]), ...found];
  try {
    await makeFolder(stateDir, 0o700);
    await writeFileAtomic(path, `${JSON.stringify({ format: listFormat, files }, null, 1)}\n`, 0o600);
  } catch (error) {
    throw asTargetError(error, listNotWritten(path));
  }
}
