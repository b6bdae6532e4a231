import { win32 } from 'node:path';

/**
 * A shortcut of Windows, by [MS-SHLLINK]: a header, the items that lead to the target from "This PC" on, where it lies on its volume,
 * and counted strings. Written here, as what could make one (Windows Script Host, PowerShell) is often switched off where a
 * task is refused.
 */

export interface ShellLink {
  /** A whole path on a drive. */
  readonly target: string;
  readonly words: string;
  readonly description: string;
}

const headerSize = 0x4c;
/** CLSID of shortcuts, and of "This PC", as they lie in memory. */
const linkClass = Buffer.from('0114020000000000c000000000000046', 'hex');
const thisPc = Buffer.from('e04fd020ea3a6910a2d808002b30309d', 'hex');

const flags = { idList: 0x1, linkInfo: 0x2, name: 0x4, words: 0x20, unicode: 0x80 } as const;
const fileAttributes = { folder: 0x10, file: 0x20 } as const;
/** The window of a console program would come minimised, without taking the keyboard. */
const showMinimised = 7;

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const wide = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');
/** For readers that know the letters of Western Europe alone, which are most there are. */
const narrow = (text: string): Buffer =>
  Buffer.from(`${text.replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, '_')}\0`, 'latin1');
const even = (bytes: Buffer): Buffer =>
  bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
const item = (...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u16(body.length + 2), body]);
};

/** A folder or file in the one before: its old-style name, then a block with the whole name (signature BEEF0004, version 3). */
function entry(name: string, isFolder: boolean): Buffer {
  const head = Buffer.concat([
    Buffer.from([isFolder ? 0x31 : 0x32, 0]),
    u32(0),
    u32(0),
    u16(isFolder ? fileAttributes.folder : fileAttributes.file),
    even(narrow(name)),
  ]);
  const longName = wide(name);
  const size = 2 + 2 + 4 + 4 + 4 + 2 + 2 + longName.length + 2;
  // The block ends with where it begins in its item.
  const block = Buffer.concat([
    ...[u16(size), u16(3), u32(0xbeef0004), u32(0), u32(0), u16(0x14), u16(0)],
    ...[longName, u16(head.length + 2)],
  ]);
  return item(head, block);
}

function idList(target: string): Buffer {
  const [drive = '', ...names] = target.split('\\');
  const root = item(Buffer.from([0x1f, 0x50]), thisPc);
  const volume = item(Buffer.concat([Buffer.from([0x2f]), Buffer.from(`${drive}\\`, 'latin1')], 23));
  const entries = names.map((name, i) => entry(name, i < names.length - 1));
  const items = Buffer.concat([root, volume, ...entries, u16(0)]);
  return Buffer.concat([u16(items.length), items]);
}

function linkInfo(target: string): Buffer {
  const linkInfoHeaderSize = 0x24;
  const volumeId = Buffer.concat([u32(0x11), u32(3), u32(0), u32(0x10), Buffer.alloc(1)]);
  const path = narrow(target);
  const pathAt = linkInfoHeaderSize + volumeId.length;
  const suffixAt = pathAt + path.length;
  const widePathAt = suffixAt + 1;
  const widePath = wide(target);
  const wideSuffixAt = widePathAt + widePath.length;
  return Buffer.concat([
    ...[u32(wideSuffixAt + 2), u32(linkInfoHeaderSize), u32(1), u32(linkInfoHeaderSize), u32(pathAt)],
    ...[u32(0), u32(suffixAt), u32(widePathAt), u32(wideSuffixAt)],
    ...[volumeId, path, Buffer.alloc(1), widePath, u16(0)],
  ]);
}

const counted = (text: string): Buffer => Buffer.concat([u16(text.length), Buffer.from(text, 'utf16le')]);

export function encodeShellLink({ target, words, description }: ShellLink): Buffer {
  const path = win32.normalize(target);
  const header = Buffer.concat(
    [
      ...[u32(headerSize), linkClass],
      u32(flags.idList | flags.linkInfo | flags.name | flags.words | flags.unicode),
      u32(fileAttributes.file),
      ...[Buffer.alloc(24), u32(0), u32(0), u32(showMinimised)],
    ],
    headerSize,
  );
  return Buffer.concat([
    ...[header, idList(path), linkInfo(path), counted(description), counted(words)],
    // No further blocks.
    u32(0),
  ]);
}

/** Target and words of a shortcut as {@link encodeShellLink} writes it, or Windows in its place; null of any other. */
export function parseShellLink(bytes: Buffer): Pick<ShellLink, 'target' | 'words'> | null {
  try {
    if (bytes.readUInt32LE(0) !== headerSize || !bytes.subarray(4, 20).equals(linkClass)) return null;
    const has = bytes.readUInt32LE(0x14);
    let at = headerSize;
    if (has & flags.idList) at += 2 + bytes.readUInt16LE(at);
    if (!(has & flags.linkInfo) || !(has & flags.unicode)) return null;
    const info = bytes.subarray(at, at + bytes.readUInt32LE(at));
    at += info.length;
    const target = targetIn(info);
    const strings: string[] = [];
    // Name, relative path, working folder, words and icon, those there are.
    for (const flag of [0x4, 0x8, 0x10, 0x20]) {
      if ((has & flag) === 0) {
        strings.push('');
        continue;
      }
      const end = at + 2 + bytes.readUInt16LE(at) * 2;
      if (end > bytes.length) return null;
      strings.push(bytes.toString('utf16le', at + 2, end));
      at = end;
    }
    return target === null ? null : { target, words: strings[3] ?? '' };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function targetIn(info: Buffer): string | null {
  const zeroAt = (from: number, step: number): number => {
    let end = from;
    while (step === 2 ? info.readUInt16LE(end) !== 0 : info.readUInt8(end) !== 0) end += step;
    return end;
  };
  if ((info.readUInt32LE(8) & 1) === 0) return null;
  if (info.readUInt32LE(4) >= 0x24) {
    const from = info.readUInt32LE(0x1c);
    return info.toString('utf16le', from, zeroAt(from, 2));
  }
  const from = info.readUInt32LE(0x10);
  return info.toString('latin1', from, zeroAt(from, 1));
}
