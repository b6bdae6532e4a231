import type { FileHandle } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
  type ZipFile,
} from 'yauzl';
import { EfakturError, isBug, systemCode } from '../base/errors.ts';
import { byUtf8, type SourceFile } from '../base/file-set.ts';
import { openToRead, whileHeld } from '../base/held-files.ts';
import { instantOf } from '../base/local-time.ts';
import { type Text, verbatim } from '../base/text.ts';
import { propertiesNames } from '../derby/properties-names.ts';
import { type DatabaseSet, databaseSet } from './database-files.ts';
import { firstDatabase, namedRoots } from './db-roots.ts';
import { UnopenedBackup } from './unopened-backup.ts';
import { findZip } from './zip-end.ts';
import {
  butArchive,
  endMissing,
  entryUnreadable,
  extractAndGiveInside,
  extractAndGiveOne,
  type ForeignFormat,
  giveZipOrDb,
  joinAndExtract,
  lacksPart,
  leadsOut,
  locked,
  method,
  noDatabaseInZip,
  notOpenedAsZip,
  notZipBut,
  noZipAtAll,
  packedBy,
  severalRootsInZip,
  splitZip,
  tableUnreadable,
  tooDeep,
  tooManyFiles,
  useOlderBackup,
  useOtherBackup,
  wrongCrc,
  zipDamaged,
} from './zip-texts.ts';

/** An open zip whose files are read as streams, never unpacked to disk. */
export interface ZipSource {
  readonly set: DatabaseSet;
  close(): void;
}

/** What keeps a zip from being read; a bug stays one. */
const broken = (zip: string, what: Text, error: unknown): unknown =>
  error instanceof EfakturError || isBug(error) ? error : unusable(zip, what, error);

const unusable = (zip: string, what: Text, cause?: unknown): EfakturError =>
  new EfakturError('source-unusable', zipDamaged(zip, what), useOlderBackup, cause);

/** A database has some hundred files, an office some dozen databases. */
const maxZipEntries = 20_000;
/** Names of which no system could make files. */
const maxNameLength = 4096;
const maxNameParts = 256;

/** What a zip of APPNOTE.TXT 4.4.5 may be packed with, beside what every program reads: stored (0) and deflate (8). */
const methodNames: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'BZip2',
  14: 'LZMA',
  20: 'Zstandard',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
};
const isRead = (method: number): boolean => method === 0 || method === 8;
/** Encrypted by AES: the true method stands elsewhere. */
const aesMethod = 99;

/** An entry and its name, `/` between the parts. */
interface NamedEntry {
  readonly name: string;
  readonly entry: Entry;
}

/**
 * Opens a login backup zip and finds the one `db` root in it: the parent of folders with `service.properties` beside
 * `seg0/`. A zip of what lies in a database folder is the database ETaxInvoice. Times without a zone, as zips have them, are
 * taken in `zone`. `source-unusable` when it is no sound zip; {@link UnopenedBackup} when it is one that is not opened here,
 * has no database or has two roots. A wrong CRC or size shows while a file is read.
 */
export async function openZip(path: string, zone: string): Promise<ZipSource> {
  const zip = await openWhole(path);
  try {
    const entries = await readEntries(zip, path);
    const { root, isInside } = dbRoot(
      path,
      entries.map(({ name }) => name),
    );
    const below = entries.filter(({ name }) => name.startsWith(root) && name !== root);
    refuseUnread(path, below);
    const inside = isInside ? `${firstDatabase}/` : '';
    const nameOf = ({ name }: NamedEntry): string => inside + name.slice(root.length);
    const folders = below.filter(({ name }) => name.endsWith('/')).map((one) => nameOf(one).slice(0, -1));
    const found = below
      .filter(({ name }) => !name.endsWith('/'))
      .map(
        (one): SourceFile => ({
          path: nameOf(one),
          sizeBytes: one.entry.uncompressedSize,
          mtimeMs: entryTimeMs(one.entry, zone),
          open: () => openEntry(zip, one.entry, path),
        }),
      );
    const set = databaseSet(found, folders);
    return {
      set: isInside ? { ...set, assumedName: firstDatabase } : set,
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw broken(path, tableUnreadable, error);
  }
}

/** The zip in the file, whatever stands before and behind it. */
async function openWhole(path: string): Promise<ZipFile> {
  try {
    const extent = await findZip(path);
    if (extent.kind === 'split' || (extent.kind === 'none' && /\.(?:z\d\d|\d{3})$/i.test(path)))
      throw new UnopenedBackup(splitZip(path), joinAndExtract);
    if (extent.kind === 'none') throw noZip(path, extent.format);
    const reader = new PartReader(await openToRead(path), extent.start);
    return await fromRandomAccessReaderPromise(reader, extent.end - extent.start, {
      autoClose: false,
      decodeStrings: false,
    });
  } catch (error) {
    throw broken(path, notOpenedAsZip, error);
  }
}

/** What of the file is read at once. */
const readBytes = 1 << 18;

/** Of what does not end as a zip. */
function noZip(path: string, format: 'zip' | ForeignFormat | null): EfakturError {
  if (format === 'zip') return unusable(path, endMissing);
  if (format !== null) return new UnopenedBackup(notZipBut(path, format));
  return new EfakturError('source-unusable', noZipAtAll(path), useOtherBackup);
}

/** A file from some place on. */
class PartReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #start: number;

  constructor(file: FileHandle, start: number) {
    super();
    this.#file = file;
    this.#start = start;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(this.#start + start, this.#start + end), { objectMode: false });
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(readBytes, end - at));
      const { bytesRead } = await whileHeld(() => this.#file.read(buffer, 0, buffer.length, at));
      // Who asked counts the bytes.
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const fill = async (): Promise<void> => {
      for (let read = 0; read < length; ) {
        const place = this.#start + position + read;
        const { bytesRead } = await whileHeld(() =>
          this.#file.read(buffer, offset + read, length - read, place),
        );
        if (bytesRead === 0) throw new Error('unexpected end of the file');
        read += bytesRead;
      }
    };
    fill().then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    this.#file.close().then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }
}

async function readEntries(zip: ZipFile, path: string): Promise<NamedEntry[]> {
  if (zip.entryCount > maxZipEntries) throw new UnopenedBackup(tooManyFiles(path, zip.entryCount));
  const entries: NamedEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
    // Some programs write one for the folder that all lies in.
    if (name === '/' || name === './') continue;
    if (validateFileName(name) !== null) throw new UnopenedBackup(leadsOut(path, name));
    if (name.length > maxNameLength || name.split('/', maxNameParts + 1).length > maxNameParts)
      throw new UnopenedBackup(tooDeep(path));
    entries.push({ name: name.replace(/^(?:\.\/)+/, ''), entry });
  }
  return entries;
}

/** What nobody can read without a password, or this program not at all, is told before anything is read. */
function refuseUnread(path: string, entries: readonly NamedEntry[]): void {
  if (entries.some(({ entry }) => entry.isEncrypted() || entry.compressionMethod === aesMethod))
    throw new UnopenedBackup(locked(path));
  const methods = new Set(entries.map(({ entry }) => entry.compressionMethod).filter((m) => !isRead(m)));
  if (methods.size === 0) return;
  const names = [...methods].map((code) => (methodNames[code] ? verbatim(methodNames[code]) : method(code)));
  throw new UnopenedBackup(packedBy(path, names));
}

/** The prefix of entry names below which the databases lie: `db/`, `…/db/` or ``. */
function dbRoot(
  zip: string,
  names: readonly string[],
): { readonly root: string; readonly isInside: boolean } {
  const { roots, isInside, halves } = namedRoots(names);
  const [root, ...others] = roots;
  if (others.length > 0 || (root !== undefined && isInside)) {
    const all = [...(isInside ? [''] : []), ...roots].sort(byUtf8).map((r) => r || '/');
    throw new UnopenedBackup(
      severalRootsInZip(zip, all.length, `${all.slice(0, 5).join(', ')}${all.length > 5 ? ', …' : ''}`),
      extractAndGiveOne,
    );
  }
  if (root !== undefined || isInside) return { root: root ?? '', isInside };
  const [half] = halves;
  if (half !== undefined) {
    const missing = propertiesNames.some((name) => names.includes(`${half}${name}`))
      ? 'seg0'
      : 'service.properties';
    throw unusable(zip, lacksPart(half || '/', missing));
  }
  const nested = names.find((name) => /\.(?:zip|7z|rar)$/i.test(name));
  const none = noDatabaseInZip(zip);
  if (nested === undefined) throw new UnopenedBackup(none, giveZipOrDb);
  throw new UnopenedBackup(butArchive(none, nested), extractAndGiveInside);
}

/** The entry's own UTC time where the zip has one, else the DOS time of the wall clock in the zone. */
function entryTimeMs(entry: Entry, zone: string): number {
  // Info-ZIP's field holds a modification time only where its first flag says so.
  const hasUtc = entry.extraFields.some(
    ({ id, data }) => (id === 0x5455 && data.length >= 5 && ((data[0] ?? 0) & 1) === 1) || id === 0x000a,
  );
  if (hasUtc) return entry.getLastModDate().getTime();
  const wall = entry.getLastModDate({ timezone: 'UTC' });
  const instant = instantOf(
    {
      year: wall.getUTCFullYear(),
      month: wall.getUTCMonth() + 1,
      day: wall.getUTCDate(),
      hour: wall.getUTCHours(),
      minute: wall.getUTCMinutes(),
      second: wall.getUTCSeconds(),
    },
    zone,
  );
  return instant?.getTime() ?? wall.getTime();
}

async function openEntry(zip: ZipFile, entry: Entry, path: string): Promise<Readable> {
  const unreadable = (error: unknown): Error => {
    const found = broken(path, entryUnreadable(entry.fileName, systemCode(error)), error);
    return found instanceof Error ? found : new Error(String(found));
  };
  let source: Readable;
  try {
    source = await zip.openReadStreamPromise(entry);
  } catch (error) {
    throw unreadable(error);
  }
  let crc = 0;
  const check = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
    flush(done) {
      done(crc === entry.crc32 ? null : unusable(path, wrongCrc(entry.fileName)));
    },
  });
  source.on('error', (error) => check.destroy(unreadable(error)));
  check.on('close', () => source.destroy());
  return source.pipe(check);
}
