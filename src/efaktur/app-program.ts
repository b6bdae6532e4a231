import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';

/**
 * Which e-Faktur lies in a folder. No file of it is known to state its version, so its main program tells: its bytes, and
 * the version that Windows shows of an exe (the fixed part of the PE resource VS_VERSIONINFO).
 */
export interface AppProgram {
  /** SHA-256 of the main program, in lower-case hex. */
  readonly sha256: string;
  /** `4.0.0.0`; null where the program states none. */
  readonly version: string | null;
}

/** The updater does not count: it is often renamed. */
const mainName = /^ETaxInvoiceMain(\.exe)?$/i;

/**
 * The program in an e-Faktur folder; null where there is no main program. `source-unusable` when the folder or the program
 * is there but cannot be read.
 */
export async function readAppProgram(appFolder: string): Promise<AppProgram | null> {
  const names = await readdir(appFolder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw unreadable(appFolder, error);
  });
  // The builds for several systems may lie in one folder; the exe is what runs on Windows.
  const mains = names.filter((name) => mainName.test(name)).sort();
  const name = mains.find((main) => /\.exe$/i.test(main)) ?? mains[0];
  if (name === undefined) return null;
  const path = join(appFolder, name);
  const bytes = await readFile(path).catch((error: unknown) => Promise.reject(unreadable(path, error)));
  return { sha256: createHash('sha256').update(bytes).digest('hex'), version: await peVersion(bytes) };
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

const unreadable = (path: string, error: unknown): unknown =>
  systemCode(error) === null
    ? error
    : new EfakturError(
        'source-unusable',
        `${path} cannot be read (${systemCode(error)})`,
        'Check its rights, and whether a virus scanner holds it.',
        error,
      );

/** What is publicly known of a version. */
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
