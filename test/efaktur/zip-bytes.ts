import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a zip made by hand, to have what no tool writes on purpose. */
export interface ZipEntry {
  /** A folder's ends with `/`. */
  readonly name: string;
  readonly bytes?: Buffer | string;
  readonly stored?: boolean;
  /** The wall clock, `YYYY-MM-DDTHH:MM:SS`, even seconds. */
  readonly wall?: string;
  /** The UTC time of Info-ZIP's extra field. */
  readonly utc?: Date;
  /** The UTC time of the NTFS extra field. */
  readonly ntfs?: Date;
  /** Sizes and offset in the zip64 extra field. */
  readonly zip64?: boolean;
  readonly locked?: boolean;
  /** What the zip says of the content instead of the truth. */
  readonly claims?: { readonly crc?: number; readonly sizeBytes?: number };
}

const u16 = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
function u64(...values: number[]): Buffer {
  return Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
}

function dosTime(wall: string): Buffer {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = wall.split(/[-T:]/).map(Number);
  return u16((hour << 11) | (minute << 5) | (second >> 1), ((year - 1980) << 9) | (month << 5) | day);
}

const field = (id: number, data: Buffer): Buffer => Buffer.concat([u16(id, data.length), data]);

/** The bytes of a zip; APPNOTE.TXT 4.3 to 4.5. */
export function zipBytes(entries: readonly ZipEntry[], comment = ''): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const bytes = Buffer.from((entry.bytes ?? '') as string);
    const packed = entry.stored ? bytes : deflateRawSync(bytes);
    const name = Buffer.from(entry.name);
    const sizeBytes = entry.claims?.sizeBytes ?? bytes.length;
    const times = Buffer.concat([
      ...(entry.utc
        ? [field(0x5455, Buffer.concat([Buffer.from([1]), u32(entry.utc.getTime() / 1000)]))]
        : []),
      ...(entry.ntfs ? [field(0x000a, ntfsTimes(entry.ntfs))] : []),
    ]);
    const head = Buffer.concat([
      u16(entry.zip64 ? 45 : 20, 0x0800 | (entry.locked ? 1 : 0), entry.stored ? 0 : 8),
      dosTime(entry.wall ?? '2023-07-08T09:30:00'),
      u32(entry.claims?.crc ?? crc32(bytes)),
    ]);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      head,
      u32(packed.length, sizeBytes),
      u16(name.length, times.length),
      name,
      times,
      packed,
    ]);
    const large = entry.zip64 ? field(1, u64(sizeBytes, packed.length, offset)) : Buffer.alloc(0);
    const extra = Buffer.concat([times, large]);
    directory.push(
      Buffer.from('PK\x01\x02'),
      u16(entry.zip64 ? 45 : 20),
      head,
      entry.zip64 ? u32(0xffffffff, 0xffffffff) : u32(packed.length, sizeBytes),
      u16(name.length, extra.length, 0, 0, 0),
      u32(0, entry.zip64 ? 0xffffffff : offset),
      name,
      extra,
    );
    parts.push(local);
    offset += local.length;
  }
  const table = Buffer.concat(directory);
  const isLarge = entries.some((entry) => entry.zip64);
  const end64 = Buffer.concat([
    Buffer.from('PK\x06\x06'),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(entries.length, entries.length, table.length, offset),
    Buffer.from('PK\x06\x07'),
    u32(0),
    u64(offset + table.length),
    u32(1),
  ]);
  return Buffer.concat([
    ...parts,
    table,
    ...(isLarge ? [end64] : []),
    Buffer.from('PK\x05\x06'),
    u16(0, 0, isLarge ? 0xffff : entries.length, isLarge ? 0xffff : entries.length),
    isLarge ? u32(0xffffffff, 0xffffffff) : u32(table.length, offset),
    u16(comment.length),
    Buffer.from(comment),
  ]);
}

function ntfsTimes(time: Date): Buffer {
  const ticks = (BigInt(time.getTime()) + 11_644_473_600_000n) * 10_000n;
  return Buffer.concat([u32(0), u16(1, 24), Buffer.from(BigUint64Array.of(ticks, ticks, ticks).buffer)]);
}

/** The least that counts as a sound database below `root`, its name included: `db/ETaxInvoice`. */
export const databaseEntries = (root: string, more: Omit<ZipEntry, 'name'> = {}): ZipEntry[] => [
  { name: `${root}/service.properties`, bytes: '#\n', ...more },
  { name: `${root}/log/log.ctrl`, bytes: 'control', ...more },
  { name: `${root}/log/log1.dat`, bytes: 'log', ...more },
  { name: `${root}/seg0/c10.dat`, bytes: 'page '.repeat(2000), ...more },
];
