import { type Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { EfakturError, isBug, systemCode } from '../base/errors.ts';
import type { SourceFile } from '../base/file-set.ts';
import { instantOf } from '../base/local-time.ts';
import { type DatabaseSet, databaseSet } from './database-files.ts';

/** An open zip whose files are read as streams, never unpacked to disk. */
export interface ZipSource {
  readonly set: DatabaseSet;
  close(): void;
}

/** What keeps a zip from being read; a bug stays one. */
const broken = (zip: string, what: string, error: unknown): unknown =>
  error instanceof EfakturError || isBug(error) ? error : unusable(zip, what, error);

const unusable = (zip: string, what: string, cause?: unknown): EfakturError =>
  new EfakturError(
    'source-unusable',
    `the backup ${zip} is damaged: ${what}`,
    'Use an older login backup, or the live db.',
    cause,
  );

/**
 * Opens a login backup zip and finds the one `db` root in it: the parent of folders with `service.properties` beside
 * `seg0/`. Times without a zone, as zips have them, are taken in `zone`. `source-unusable` when it is no sound zip, has
 * no database or has two roots; a wrong CRC or size shows while a file is read.
 */
export async function openZip(path: string, zone: string): Promise<ZipSource> {
  let zip: ZipFile;
  const entries: Entry[] = [];
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw broken(path, 'it cannot be opened as a zip', error);
  }
  try {
    for await (const entry of zip.eachEntry()) entries.push(entry);
    const root = dbRoot(
      path,
      entries.map((entry) => entry.fileName),
    );
    const below = entries.filter((entry) => entry.fileName.startsWith(root) && entry.fileName !== root);
    const folders = below
      .filter((e) => e.fileName.endsWith('/'))
      .map((e) => e.fileName.slice(root.length, -1));
    const found = below
      .filter((entry) => !entry.fileName.endsWith('/'))
      .map(
        (entry): SourceFile => ({
          path: entry.fileName.slice(root.length),
          sizeBytes: entry.uncompressedSize,
          mtimeMs: entryTimeMs(entry, zone),
          open: () => openEntry(zip, entry, path),
        }),
      );
    if (below.some((entry) => entry.isEncrypted()))
      throw unusable(path, 'its files are locked with a password, which efaktur-cloud cannot ask for');
    return { set: databaseSet(found, folders), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw broken(path, 'its table of contents cannot be read', error);
  }
}

/** The prefix of entry names below which the databases lie: `db/`, `…/db/` or ``. */
function dbRoot(zip: string, names: readonly string[]): string {
  const roots = new Set<string>();
  for (const name of names) {
    const m = /^((?:.*\/)?)([^/]+)\/service\.properties$/.exec(name);
    if (!m) continue;
    const [, root = '', database = ''] = m;
    if (names.some((other) => other.startsWith(`${root}${database}/seg0/`))) roots.add(root);
  }
  if (roots.size > 1) {
    throw unusable(
      zip,
      `it holds ${roots.size} db folders (${[...roots].map((r) => r || '/').join(', ')}), and which is meant cannot be told`,
    );
  }
  const [root] = roots;
  if (root === undefined)
    throw unusable(zip, 'it holds no database (a folder with service.properties beside seg0)');
  return root;
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
    const code = systemCode(error);
    const found = broken(path, `${entry.fileName} cannot be read${code ? ` (${code})` : ''}`, error);
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
      done(crc === entry.crc32 ? null : unusable(path, `${entry.fileName} has a wrong CRC`));
    },
  });
  source.on('error', (error) => check.destroy(unreadable(error)));
  check.on('close', () => source.destroy());
  return source.pipe(check);
}
