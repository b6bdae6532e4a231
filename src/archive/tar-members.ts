import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { damagedTar } from './damaged.ts';
import {
  endsInFile,
  endsInMember,
  endsInPax,
  followsEndMark,
  halfEndMark,
  holdsOther,
  memberHeaderUnreadable,
  memberSizeUnsound,
  noEndMark,
  paxTooLong,
  wrongMemberChecksum,
} from './texts.ts';

/**
 * A POSIX (pax) tar as a stream of members, both ways. Header bytes are node-tar's; the walk is ours, because the file
 * list already says what must come, so anything else is damage and never reaches the disk.
 */

const blockBytes = 512;

/** A pax header of ours holds a path, a size and a time; more is hostile. */
const maxPaxBytes = 64 << 10;

export interface TarMember {
  readonly path: string;
  readonly type: 'File' | 'Directory';
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

const padding = (sizeBytes: number): number => (blockBytes - (sizeBytes % blockBytes)) % blockBytes;

/** The header blocks of one member: a pax header first where the path or size needs one. */
export function encodeMemberHeader(member: TarMember): Buffer {
  const fields = {
    path: member.type === 'Directory' ? `${member.path}/` : member.path,
    mode: member.type === 'Directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: member.sizeBytes,
    mtime: new Date(Math.floor(member.mtimeMs / 1000) * 1000),
    type: member.type,
    uname: '',
    gname: '',
  };
  const header = new Header(fields);
  const block = Buffer.alloc(blockBytes);
  if (!header.encode(block, 0)) return block;
  const pax = new Pax({ path: fields.path, size: fields.size, mtime: fields.mtime }, false).encode();
  return Buffer.concat([pax, block]);
}

/** Bytes a member takes in the archive, header and padding included. */
export const memberBytes = (member: TarMember): number =>
  encodeMemberHeader(member).length + member.sizeBytes + padding(member.sizeBytes);

export const memberPadding = (sizeBytes: number): Buffer => Buffer.alloc(padding(sizeBytes));

/** The two zero blocks that end a tar. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockBytes);

function decodeHeader(block: Buffer, pax?: Pax): Header {
  try {
    return new Header(block, 0, pax);
  } catch (error) {
    throw damagedTar(memberHeaderUnreadable, error);
  }
}

/** What one plain header block says; null when it is none. Of a long path only the part in the block. */
export function parseMemberHeader(block: Buffer): TarMember | null {
  const { cksumValid, path, type, size, mtime } = decodeHeader(block);
  if (!cksumValid || path === undefined || (type !== 'File' && type !== 'Directory')) return null;
  return {
    path: path.replace(/\/$/, ''),
    type,
    sizeBytes: type === 'File' ? (size ?? 0) : 0,
    mtimeMs: mtime?.getTime() ?? 0,
  };
}

/** A tar being read member by member; the content of one must be read before the next is asked for. */
export interface TarReader {
  /** The next member, or null after the end, which must be the end of the stream too. */
  next(): Promise<TarMember | null>;
  /** The content of the member just returned, in chunks. */
  content(): AsyncGenerator<Buffer>;
}

/** A stream's bytes in the lengths that are asked for. */
interface ByteReader {
  /** Some bytes, at most so many; null at the end of the stream. */
  take(most: number): Promise<Buffer | null>;
  /** So many; null when the stream has none left, `damaged` when it has fewer. */
  exactly(bytes: number): Promise<Buffer | null>;
}

function readBytes(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);

  async function take(most: number): Promise<Buffer | null> {
    while (held.length === 0) {
      const next = await chunks.next();
      if (next.done) return null;
      held = next.value;
    }
    const taken = held.subarray(0, most);
    held = held.subarray(taken.length);
    return taken;
  }

  async function exactly(bytes: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let have = 0; have < bytes; ) {
      const part = await take(bytes - have);
      if (!part) {
        if (have === 0) return null;
        throw damagedTar(endsInMember);
      }
      parts.push(part);
      have += part.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  return { take, exactly };
}

async function headerBlock(bytes: ByteReader): Promise<Buffer> {
  const block = await bytes.exactly(blockBytes);
  if (!block) throw damagedTar(noEndMark);
  return block;
}

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0);

/** After the first zero block of the end mark: the second one, and the end of the stream. */
async function tarEnds(bytes: ByteReader): Promise<void> {
  if (!isZero(await headerBlock(bytes))) throw damagedTar(halfEndMark);
  if ((await bytes.take(1)) !== null) throw damagedTar(followsEndMark);
}

/** The pax header whose block was read, and the padding after it. */
async function paxBody(bytes: ByteReader, size: number): Promise<Pax> {
  if (size > maxPaxBytes) throw damagedTar(paxTooLong);
  const body = size === 0 ? Buffer.alloc(0) : await bytes.exactly(size);
  if (!body) throw damagedTar(endsInPax);
  if (padding(size) > 0) await bytes.exactly(padding(size));
  return Pax.parse(body.toString('utf8'));
}

/** The member whose header begins with this block. */
async function readMember(bytes: ByteReader, block: Buffer): Promise<TarMember> {
  let header = decodeHeader(block);
  let pax: Pax | undefined;
  if (header.cksumValid && header.type === 'ExtendedHeader') {
    pax = await paxBody(bytes, header.size ?? 0);
    header = decodeHeader(await headerBlock(bytes), pax);
  }
  const { type, size, mtime } = header;
  // node-tar sets the header's prefix before a pax path too, which replaces both.
  const path = pax?.path ?? header.path;
  if (!header.cksumValid) throw damagedTar(wrongMemberChecksum);
  if (path === undefined || (type !== 'File' && type !== 'Directory')) throw damagedTar(holdsOther(type));
  const sizeBytes = type === 'File' ? (size ?? 0) : 0;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw damagedTar(memberSizeUnsound);
  return { path: path.replace(/\/$/, ''), type, sizeBytes, mtimeMs: mtime?.getTime() ?? 0 };
}

/** Reads a tar of files and folders from its bytes; `damaged` for anything that is not exactly that. */
export function readTar(source: AsyncIterable<Buffer>): TarReader {
  const bytes = readBytes(source);
  let contentLeft = 0;
  let paddingLeft = 0;

  async function* content(): AsyncGenerator<Buffer> {
    while (contentLeft > 0) {
      const part = await bytes.take(contentLeft);
      if (!part) throw damagedTar(endsInFile);
      contentLeft -= part.length;
      yield part;
    }
  }

  async function next(): Promise<TarMember | null> {
    for await (const _ of content());
    if (paddingLeft > 0) await bytes.exactly(paddingLeft);
    contentLeft = paddingLeft = 0;
    const block = await headerBlock(bytes);
    if (isZero(block)) {
      await tarEnds(bytes);
      return null;
    }
    const member = await readMember(bytes, block);
    contentLeft = member.sizeBytes;
    paddingLeft = padding(member.sizeBytes);
    return member;
  }

  return { next, content };
}
