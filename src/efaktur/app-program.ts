import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';

/**
 * Which e-Faktur lies in a folder. No file of it is known to state its version, so its programs tell: their bytes, and the
 * version that Windows shows of an exe (the fixed part of the PE resource VS_VERSIONINFO).
 */
export interface AppProgram {
  /** SHA-256 of the main program, in lower-case hex: what one e-Faktur is told from another by. */
  readonly main: string;
  /** The programs that are there, by name. */
  readonly files: readonly ProgramFile[];
  /** The lines of the `.config` files that set the memory, such as `ETaxInvoiceMain.config: option -Xmx500m`. */
  readonly memory: readonly string[];
}

export interface ProgramFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** `4.0.0.0`; absent where the file states none. */
  readonly version?: string;
}

/** A program where it lies. */
export interface FoundProgram extends AppProgram {
  /** When its main program was last written: what was captured before may have been made by another one. */
  readonly mainChanged: Date;
}

const programName = /^ETaxInvoice(|Main|Upd)(\.exe)?$/i;
const mainName = /^ETaxInvoiceMain(\.exe)?$/i;
const configName = /^ETaxInvoice(|Main|Upd)\.config$/i;
/** An exe that is larger states its version too, but nobody's is. */
const maxExeBytes = 256 << 20;
const maxConfigBytes = 64 << 10;

/**
 * The program in an e-Faktur folder; null where there is no main program. `source-unusable` when one of its files is there
 * but cannot be read.
 */
export async function readAppProgram(appFolder: string): Promise<FoundProgram | null> {
  const names = await readdir(appFolder).catch((error) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw unreadable(appFolder, error);
  });
  // Builds for other systems lie in one folder with those for Windows; the exe is what runs there.
  const mains = names.filter((name) => mainName.test(name)).sort();
  const main = mains.find((name) => /\.exe$/i.test(name)) ?? mains[0];
  if (main === undefined) return null;
  const files: ProgramFile[] = [];
  const memory: string[] = [];
  for (const name of names.sort()) {
    const path = join(appFolder, name);
    try {
      if (programName.test(name)) files.push(await programFile(path, name));
      else if (configName.test(name)) memory.push(...(await memoryLines(path, name)));
    } catch (error) {
      throw unreadable(path, error);
    }
  }
  const found = files.find((file) => file.name === main);
  if (!found) return null;
  const { mtime } = await stat(join(appFolder, main)).catch((error) =>
    Promise.reject(unreadable(join(appFolder, main), error)),
  );
  return { main: found.sha256, files, memory, mainChanged: mtime };
}

async function programFile(path: string, name: string): Promise<ProgramFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  const version =
    sizeBytes <= maxExeBytes && /\.exe$/i.test(name) ? await peVersion(await readFile(path)) : null;
  return { name, sizeBytes, sha256: hash.digest('hex'), ...(version !== null && { version }) };
}

/** The file version of an exe, as `MAJOR.MINOR.BUILD.REVISION`; null where it is no exe or states none. */
export async function peVersion(bytes: Buffer): Promise<string | null> {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 2) !== 'MZ') return null;
  const { NtExecutable, NtExecutableResource, Resource } = await import('resedit');
  try {
    const exe = NtExecutable.from(bytes, { ignoreCert: true });
    const [info] = Resource.VersionInfo.fromEntries(NtExecutableResource.from(exe, true).entries);
    if (!info) return null;
    const { fileVersionMS: high, fileVersionLS: low } = info.fixedInfo;
    if (high === 0 && low === 0) return null;
    return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');
  } catch {
    // The library has no error of its own for what is cut or no PE at all: that states no version.
    return null;
  }
}

async function memoryLines(path: string, name: string): Promise<string[]> {
  const text = (await readFile(path)).subarray(0, maxConfigBytes).toString('utf8');
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /-Xm[xsn]\d/i.test(line))
    .map((line) => `${name}: ${line}`);
}

const unreadable = (path: string, error: unknown): unknown =>
  systemCode(error) === null || error instanceof EfakturError
    ? error
    : new EfakturError(
        'source-unusable',
        `${path} cannot be read (${systemCode(error)})`,
        'Check its rights, and whether a virus scanner holds it.',
        error,
      );

/** What a version is called by those who install it, and when it came; oldest first. Public, but for the builds between. */
const releases: readonly { readonly version: string; readonly note: string }[] = [
  { version: '2.0', note: 'October 2017' },
  { version: '2.1', note: 'May 2018' },
  { version: '3.0', note: 'October 2020' },
  { version: '3.1', note: '2022' },
  { version: '3.2', note: 'April 2022, PPN 11 %' },
  { version: '4.0', note: 'July 2024' },
];

/** `3.2.0.0 (April 2022, PPN 11 %)`, or the version alone where nothing is known of it. */
export function versionName(version: string): string {
  const known = releases.find(
    (release) => version === release.version || version.startsWith(`${release.version}.`),
  );
  return known ? `${version} (${known.note})` : version;
}

/** How a program compares with the one a backup was made with, by their main programs alone: the updater is often renamed. */
export type ProgramAge = 'same' | 'newer' | 'older' | 'unknown';

/** The version that a program's main file states; null where it states none. */
export const mainVersion = ({ main, files }: Pick<AppProgram, 'main' | 'files'>): string | null =>
  files.find((file) => file.sha256 === main && mainName.test(file.name))?.version ?? null;

/** `unknown` where one states no version, or both the same though they differ. */
export function compareProgram(
  there: Pick<AppProgram, 'main' | 'files'>,
  madeWith: Pick<AppProgram, 'main' | 'files'>,
): ProgramAge {
  if (there.main === madeWith.main) return 'same';
  const [ours, theirs] = [mainVersion(there), mainVersion(madeWith)];
  if (ours === null || theirs === null) return 'unknown';
  const difference = compareVersions(ours, theirs);
  return difference === 0 ? 'unknown' : difference > 0 ? 'newer' : 'older';
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
