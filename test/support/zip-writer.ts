import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { openPromise } from 'yauzl';

/** What a zip holds: entry names (a folder's ends with `/`) and bytes. */
export type ZipContent = Map<string, Buffer>;

/** Reads a small zip whole. */
export async function readZip(path: string): Promise<ZipContent> {
  const content: ZipContent = new Map();
  const zip = await openPromise(path, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = [];
    if (!entry.fileName.endsWith('/')) {
      for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    }
    content.set(entry.fileName, Buffer.concat(parts));
  }
  return content;
}

/** The files below a folder as zip content, their names after `prefix`. */
export async function zipContentOf(folder: string, prefix = ''): Promise<ZipContent> {
  const content: ZipContent = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = prefix + relative(folder, path).split(sep).join('/');
    if (entry.isDirectory()) content.set(`${name}/`, Buffer.alloc(0));
    else content.set(name, await readFile(path));
  }
  return content;
}

/** Entry names with another root: `db/` becomes `to`. */
export const withRoot = (content: ZipContent, to: string): ZipContent =>
  new Map([...content].map(([name, bytes]) => [name.replace(/^db\//, to), bytes]));

/** Writes a zip; its clock shows `wall` (`YYYY-MM-DDTHH:MM`) for every entry. */
export async function writeZip(path: string, content: ZipContent, wall = '2023-07-08T09:30'): Promise<void> {
  const [, year, month, day, hour, minute] = (/^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(wall) ?? []).map(Number);
  const date = (((year ?? 0) - 1980) << 9) | ((month ?? 0) << 5) | (day ?? 0);
  const time = ((hour ?? 0) << 11) | ((minute ?? 0) << 5);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of content) {
    const nameBytes = Buffer.from(name);
    const packed = deflateRawSync(bytes);
    // The fields that local header and table of contents have in common, from "version needed" on.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(time, 6);
    common.writeUInt16LE(date, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, nameBytes);
    const local = [Buffer.from('PK\x03\x04'), common, nameBytes, packed];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const table = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(content.size, 8);
  end.writeUInt16LE(content.size, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(offset, 16);
  await writeFile(path, Buffer.concat([...parts, table, end]));
}
