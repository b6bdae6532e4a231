import { appendFile, cp, mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckResult } from './derby.ts';
import type { DerbyVersion } from './derby-tools.ts';
import { unzip } from './unzip.ts';

export const goldenFolder = join(import.meta.dirname, '../fixtures/derby');

/** One damage or change, as a step. Paths are relative to the `db` folder. */
export type Edit =
  | { readonly edit: 'flip'; readonly file: string; readonly offset: number }
  | { readonly edit: 'zero'; readonly file: string; readonly offset: number; readonly length: number }
  | { readonly edit: 'cut'; readonly file: string; readonly sizeBytes: number }
  | { readonly edit: 'append'; readonly file: string; readonly base64: string }
  | { readonly edit: 'remove'; readonly file: string }
  | { readonly edit: 'write'; readonly file: string; readonly base64: string }
  | { readonly edit: 'copy'; readonly file: string; readonly to: string };

/** A stored `db` folder, or edits of one. */
export interface Golden {
  readonly version: DerbyVersion;
  readonly name: string;
  readonly about: string;
  /** What the truth is, whatever Derby notices: whole and at rest, whole but in need of recovery, or damaged. */
  readonly truth: 'clean' | 'recovery' | 'damaged';
  /** The golden of the same version it is made from; null when it has a zip of its own. */
  readonly from: string | null;
  readonly edits: readonly Edit[];
  /** What Derby needs to open it (`bootPassword=…`), else empty. */
  readonly attributes: string;
  /** For each database folder, what Derby said of a copy of it: its user tables, and the system tables it found fault with. */
  readonly derby: Readonly<Record<string, CheckResult>>;
}

/** All stored samples. */
export async function goldens(): Promise<Golden[]> {
  return JSON.parse(await readFile(join(goldenFolder, 'index.json'), 'utf8')) as Golden[];
}

/** Puts a golden's databases into `folder` (made, meant to be empty). Needs no Java. Resolves with `folder`. */
export async function placeGolden(golden: Golden, folder: string): Promise<string> {
  await unzip(join(goldenFolder, golden.version, `${golden.from ?? golden.name}.zip`), folder);
  await applyEdits(folder, golden.edits);
  return folder;
}

/** Carries out edits on the files of a `db` folder. */
export async function applyEdits(folder: string, edits: readonly Edit[]): Promise<void> {
  for (const step of edits) {
    const path = join(folder, step.file);
    switch (step.edit) {
      case 'flip':
        await patch(path, step.offset, 1, (byte) => byte ^ 0x10);
        break;
      case 'zero':
        await patch(path, step.offset, step.length, () => 0);
        break;
      case 'cut':
        await truncate(path, step.sizeBytes);
        break;
      case 'append':
        await appendFile(path, Buffer.from(step.base64, 'base64'));
        break;
      case 'remove':
        await rm(path, { recursive: true });
        break;
      case 'write':
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, Buffer.from(step.base64, 'base64'));
        break;
      case 'copy':
        await cp(path, join(folder, step.to), { recursive: true });
        break;
    }
  }
}

async function patch(
  path: string,
  offset: number,
  length: number,
  change: (byte: number) => number,
): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new Error(`${path} is shorter than ${offset + length} bytes`);
    await file.write(Buffer.from(bytes.map(change)), 0, length, offset);
  } finally {
    await file.close();
  }
}
