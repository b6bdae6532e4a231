import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { asSourceError } from '../base/file-set.ts';
import { streamOf, whileHeld } from '../base/held-files.ts';
import { type Text, verbatim } from '../base/text.ts';
import {
  checkRightsOrScanner,
  eFakturOfUnknownVersion,
  eFakturOfVersion,
  type Release,
  unstatedVersion,
  versionReleased,
} from './texts.ts';

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

/** One of the programs of an e-Faktur folder. */
export interface ProgramFile extends AppProgram {
  readonly name: string;
  readonly sizeBytes: number;
  /** Why it cannot start, whatever it is: no byte of it is there, or less than its own head tells. */
  readonly fault: 'empty' | 'cut' | null;
}

/** All that tells which e-Faktur lies in a folder and how it is set. */
export interface AppFacts {
  /** The one that tells which e-Faktur it is. */
  readonly main: ProgramFile;
  /** Every `ETaxInvoice*`, the main program too, by name. */
  readonly programs: readonly ProgramFile[];
  /** What the `.config` files beside them say of memory, such as `ETaxInvoiceMain.config: -Xmx500m`; nothing else of them. */
  readonly memory: readonly string[];
}

/** The updater does not count: it is often renamed. */
export const isMainProgram = (name: string): boolean => /^ETaxInvoiceMain(\.exe)?$/i.test(name);
const anyProgramName = /^ETaxInvoice([^.]*|.*\.exe)$/i;
const configName = /^ETaxInvoice.*\.config$/i;

/** What is larger is no program of e-Faktur's, such as an installer; whoever asks for its version reads it whole. */
const maxVersionedBytes = 100e6;
const maxConfigBytes = 64 << 10;
const maxMemoryLines = 50;

/** Options of the Java machine that are about memory (java(1): `-Xms`, `-Xmx`, `-Xmn`, `-Xss` and the sizes of `-XX`). */
const memoryOption = /-X(?:m[sxn]|ss)\d+[kmgt]?\b|-XX:\w*(?:Size|RAM\w*)=[\d.]+[kmgt]?\b/gi;

/**
 * The program in an e-Faktur folder; null where there is no main program. `source-unusable` when the folder or the program
 * is there but cannot be read.
 */
export async function readAppProgram(appFolder: string): Promise<AppProgram | null> {
  const name = mainIn(await namesIn(appFolder));
  if (name === undefined) return null;
  const { sha256, version } = await readProgram(appFolder, name);
  return { sha256, version };
}

/** As {@link readAppProgram}, with all programs and the memory settings. */
export async function readAppFacts(appFolder: string): Promise<AppFacts | null> {
  const names = await namesIn(appFolder);
  const mainFile = mainIn(names);
  if (mainFile === undefined) return null;
  const main = await readProgram(appFolder, mainFile);
  const programs: ProgramFile[] = [];
  for (const name of names.filter((one) => anyProgramName.test(one))) {
    if (name === mainFile) programs.push(main);
    else if (await isFile(join(appFolder, name))) programs.push(await readProgram(appFolder, name));
  }
  const memory: string[] = [];
  for (const name of names.filter((one) => configName.test(one))) {
    if (await isFile(join(appFolder, name)))
      memory.push(...memoryLines(name, await readStart(join(appFolder, name))));
  }
  return { main, programs, memory: memory.slice(0, maxMemoryLines) };
}

/**
 * When the main program last changed (the newest, where builds for several systems lie there), without reading it; null
 * where there is none.
 */
export async function appProgramChanged(appFolder: string): Promise<Date | null> {
  const times: number[] = [];
  for (const name of (await namesIn(appFolder)).filter(isMainProgram)) {
    const path = join(appFolder, name);
    times.push((await stat(path).catch((error) => Promise.reject(unreadable(path, error)))).mtimeMs);
  }
  return times.length === 0 ? null : new Date(Math.max(...times));
}

async function namesIn(appFolder: string): Promise<string[]> {
  try {
    return (await whileHeld(() => readdir(appFolder))).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw unreadable(appFolder, error);
  }
}

/** Which of the names in an e-Faktur folder, in order, is the main program's. The builds for several systems may lie there; the exe is what runs on Windows. */
export function mainIn(names: readonly string[]): string | undefined {
  const mains = names.filter(isMainProgram);
  return mains.find((main) => /\.exe$/i.test(main)) ?? mains[0];
}

/** Of a folder there may be any; what cannot be asked is met when it is read. */
const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isFile() !== false;

async function readProgram(appFolder: string, name: string): Promise<ProgramFile> {
  const path = join(appFolder, name);
  try {
    const { size } = await stat(path);
    const hash = createHash('sha256');
    if (size > maxVersionedBytes) {
      let sizeBytes = 0;
      for await (const piece of streamOf(path, { highWaterMark: 1 << 20 })) {
        hash.update(piece);
        sizeBytes += piece.length;
      }
      return { name, sha256: hash.digest('hex'), sizeBytes, version: null, fault: null };
    }
    const bytes = await whileHeld(() => readFile(path));
    const sha256 = hash.update(bytes).digest('hex');
    const fault = bytes.length === 0 ? 'empty' : isCutPe(bytes) ? 'cut' : null;
    return { name, sha256, sizeBytes: bytes.length, version: await peVersion(bytes), fault };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readStart(path: string): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of streamOf(path, { end: maxConfigBytes - 1 })) pieces.push(piece);
  } catch (error) {
    throw unreadable(path, error);
  }
  const bytes = Buffer.concat(pieces);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8');
}

/** Only the options themselves: beside them a line may hold a proxy's password. */
function memoryLines(name: string, text: string): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => {
    if (/^\s*(#|;|\/\/|<!--|rem\b)/i.test(line)) return [];
    const options = line.match(memoryOption) ?? [];
    return options.length === 0 ? [] : [`${name}: ${options.join(' ')}`];
  });
}

/**
 * The file version of an exe, as `MAJOR.MINOR.BUILD.REVISION`: the number in its version resource, or where that is zero the
 * text `FileVersion` of it, and without either the product's. Null where it is no exe or states none.
 */
export async function peVersion(bytes: Buffer): Promise<string | null> {
  if (bytes.length < 64 || bytes.toString('latin1', 0, 2) !== 'MZ') return null;
  const { versionResource } = await import('./version-resource.ts');
  try {
    const info = versionResource(bytes);
    if (!info) return null;
    const { fileVersionMS, fileVersionLS, productVersionMS, productVersionLS } = info.fixedInfo;
    const texts = info.getAllLanguagesForStringValues().map((language) => info.getStringValues(language));
    const stated = (name: string): string | null =>
      texts.map((values) => numbersIn(values[name] ?? '')).find((version) => version !== null) ?? null;
    return (
      numbersOf(fileVersionMS, fileVersionLS) ??
      stated('FileVersion') ??
      numbersOf(productVersionMS, productVersionLS) ??
      stated('ProductVersion')
    );
  } catch {
    // The library has no error of its own for what is cut or no PE at all: that states no version.
    return null;
  }
}

/**
 * Whether a PE file ends before its head, its table of sections or the bytes of one (Microsoft's "PE Format": the offset of
 * the head at 0x3c; behind its mark 20 bytes with the number of sections and the size of the optional header; 40 bytes for
 * each section, with the size of its bytes at 16 and their place at 20). False of what is none.
 */
export function isCutPe(bytes: Buffer): boolean {
  const head = bytes.length < 64 ? null : bytes.readUInt32LE(0x3c);
  if (bytes.toString('latin1', 0, 2) !== 'MZ' || head === null) return false;
  if (head + 24 > bytes.length) return true;
  if (bytes.toString('latin1', head, head + 4) !== 'PE\0\0') return false;
  const table = head + 24 + bytes.readUInt16LE(head + 20);
  for (let i = 0; i < bytes.readUInt16LE(head + 6); i++) {
    const section = table + i * 40;
    if (section + 40 > bytes.length) return true;
    const [size, place] = [bytes.readUInt32LE(section + 16), bytes.readUInt32LE(section + 20)];
    if (size > 0 && place + size > bytes.length) return true;
  }
  return false;
}

const numbersOf = (high: number, low: number): string | null =>
  high === 0 && low === 0 ? null : [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');

/**
 * `3, 2, 0, 11`, `v3.2 (PPN 11%)` or `e-Faktur Desktop 3.2` as `3.2.0.11` or `3.2.0.0`; null where no version stands there, or
 * several do behind words.
 */
function numbersIn(text: string): string | null {
  const first = /^\s*v?(\d{1,5}(?:\s*[.,]\s*\d{1,5}){1,3})/i.exec(text)?.[1];
  const behindWords = [...text.matchAll(/(?<![\w.,])v?(\d{1,5}(?:\.\d{1,5}){1,3})(?![\w]|[.,]\d)/gi)];
  const numbers = first ?? (behindWords.length === 1 ? behindWords[0]?.[1] : undefined);
  if (numbers === undefined) return null;
  const all = numbers.split(/[.,]/).map(Number);
  return all.some((n) => n > 0) ? [...all, 0, 0].slice(0, 4).join('.') : null;
}

const unreadable = (path: string, error: unknown): unknown =>
  asSourceError(error, path, checkRightsOrScanner);

/** Compares numbers between dots one by one: above 0 when `a` is the higher version. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is publicly known of a version. */
const releases: readonly (Release & { readonly version: string })[] = [
  { version: '2.0', year: 2017, month: 10, vatPercent: null },
  { version: '2.1', year: 2018, month: 5, vatPercent: null },
  { version: '3.0', year: 2020, month: 10, vatPercent: null },
  { version: '3.1', year: 2022, month: null, vatPercent: null },
  { version: '3.2', year: 2022, month: 4, vatPercent: 11 },
  { version: '4.0', year: 2024, month: 7, vatPercent: null },
];

/** `3.2.0.0 (April 2022, PPN 11 %)`, or the version alone where nothing is known of it. */
export function versionName(version: string): Text {
  const known = releases.find(
    (release) => version === release.version || version.startsWith(`${release.version}.`),
  );
  return known ? versionReleased(version, known) : verbatim(version);
}

/** `e-Faktur 4.0.0.0 (July 2024)`; null for a version that is not known. */
export const eFakturName = (version: string | null): Text =>
  version === null ? eFakturOfUnknownVersion : eFakturOfVersion(versionName(version));

/** A program by its name, for people: by its version, or else by the beginning of its SHA-256. */
export const programName = ({ sha256, version }: AppProgram): Text =>
  version === null ? unstatedVersion(sha256) : versionName(version);
