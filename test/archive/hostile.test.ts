import fc from 'fast-check';
import { Header, Pax } from 'tar';
import { expect, test } from 'vitest';
import { unpackArchive } from '../../src/archive/archive.ts';
import { encodeFileList, fileListName, type ListedFile } from '../../src/archive/file-list.ts';
import { encodeMemberHeader, memberPadding, tarEnd } from '../../src/archive/tar-members.ts';
import { frameBytes } from '../../src/archive/zstd-frame.ts';
import { encodeFrames, encodeSeekTable } from '../../src/archive/zstd-frames.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { codeOf } from '../base/failures.ts';
import { collect, noise, pack, pieces, sample, sha256, streamOf, unpack } from './sample-set.ts';

const time = Date.parse('2023-07-08T02:30:00Z');

/** A tar member as anybody could write one. */
const member = (path: string, bytes: Buffer | string = ''): Buffer => {
  const content = Buffer.from(bytes as string);
  const header = encodeMemberHeader({ path, type: 'File', sizeBytes: content.length, mtimeMs: time });
  return Buffer.concat([header, content, memberPadding(content.length)]);
};
const folder = (path: string): Buffer =>
  encodeMemberHeader({ path, type: 'Directory', sizeBytes: 0, mtimeMs: time });

/** A header of any type that tar knows. */
function header(fields: ConstructorParameters<typeof Header>[0]): Buffer {
  const block = Buffer.alloc(512);
  new Header({ mode: 0o644, size: 0, mtime: new Date(time), ...(fields as object) }).encode(block, 0);
  return block;
}

const listed = (path: string, bytes: Buffer | string = ''): ListedFile => ({
  path,
  sizeBytes: Buffer.byteLength(bytes as string),
  mtimeMs: time,
  sha256: sha256(bytes),
});

const listMember = (files: readonly unknown[], more: object = {}): Buffer =>
  member(fileListName, JSON.stringify({ format: 1, emptyFolders: [], files, ...more }));
const asWritten = (files: readonly ListedFile[], emptyFolders: string[] = []): Buffer =>
  member(fileListName, encodeFileList({ files, emptyFolders, facts: {} }));

const framed = (...parts: Buffer[]): Promise<Buffer> => collect(encodeFrames(streamOf(parts)));
async function outcomeOfTar(...parts: Buffer[]): Promise<ErrorCode | null> {
  return codeOf(unpack(pieces(await framed(...parts, tarEnd()), 65_536)));
}

const a = 'ETaxInvoice/seg0/c10.dat';
const b = 'ETaxInvoice/seg0/c20.dat';

test('a tar written by hand is accepted when all is as listed', async () => {
  expect(
    await outcomeOfTar(
      asWritten([listed(a, 'satu'), listed(b)], ['ETaxInvoice/tmp']),
      folder('db/ETaxInvoice/tmp'),
      member(`db/${a}`, 'satu'),
      member(`db/${b}`),
    ),
  ).toBeNull();
});

test.each([
  '../c10.dat',
  'x/../../c10.dat',
  'x/..',
  '..',
  '.',
  './x',
  'x/./y',
  '/etc/passwd',
  '//server/share/x',
  'x//y',
  'x/',
  '',
  '..\\..\\windows\\win.ini',
  'x\\y',
  '\\\\server\\share\\x',
  'C:\\x',
  'C:/x',
  'c:x',
  'x/y:stream',
  'CON',
  'x/nul',
  'x/Aux.dat',
  'x/com1.txt',
  'x/COM¹',
  'x/lpt9/c10.dat',
  'x/prn .txt',
  'x/conin$',
  'x/trailing.',
  'x/trailing ',
  'x/a\nb',
  'x/a\0b',
  'x/\u007f',
  'x/a*b',
  'x/a?b',
  'x/<a>',
  'x/"a"',
  'x/a|b',
  7,
  null,
  { path: 'x' },
])('a list with the path %j is refused', async (path) => {
  const entry = { ...listed('x'), path, size: 0, mtime: '2023-07-08T02:30:00.000Z' };
  expect(await outcomeOfTar(listMember([entry]), member(`db/${path}`))).toBe('damaged');
  expect(await outcomeOfTar(listMember([], { emptyFolders: [path] }), folder(`db/${path}`))).toBe('damaged');
});

const entry = (path: string, change: object = {}): object => ({
  path,
  size: 0,
  mtime: '2023-07-08T02:30:00.000Z',
  sha256: sha256(''),
  ...change,
});

test('a path longer than any system takes is refused', async () => {
  expect(await outcomeOfTar(listMember([entry(`x/${'y'.repeat(4096)}`)]))).toBe('damaged');
});

test('paths that collide on Windows or in a file are refused', async () => {
  const collisions = [
    ['x/seg0/c10.dat', 'x/seg0/c10.dat'],
    ['x/seg0/c10.dat', 'x/seg0/C10.DAT'],
    ['x/seg0/c10.dat', 'X/SEG0/c10.dat'],
    ['x/ä', 'x/Ä'],
    ['x/seg0', 'x/seg0/c10.dat'],
    ['X/Seg0', 'x/seg0/a/b/c10.dat'],
  ];
  for (const paths of collisions) {
    const list = listMember(paths.map((path) => entry(path)));
    expect(await outcomeOfTar(list, ...paths.map((path) => member(`db/${path}`))), paths.join()).toBe(
      'damaged',
    );
  }
  const folders = listMember([entry('x/tmp')], { emptyFolders: ['x/tmp'] });
  expect(await outcomeOfTar(folders, folder('db/x/tmp'), member('db/x/tmp'))).toBe('damaged');
});

test.each<[string, object, ErrorCode]>([
  ['no size', { size: undefined }, 'damaged'],
  ['a negative size', { size: -1 }, 'damaged'],
  ['a size that is no whole number', { size: 1.5 }, 'damaged'],
  ['a size as text', { size: '0' }, 'damaged'],
  ['a size beyond exact numbers', { size: 2 ** 60 }, 'damaged'],
  ['no hash', { sha256: undefined }, 'damaged'],
  ['a short hash', { sha256: 'ab' }, 'damaged'],
  ['a hash in upper case', { sha256: sha256('').toUpperCase() }, 'damaged'],
  ['another hash', { sha256: sha256('x') }, 'damaged'],
  ['no time', { mtime: undefined }, 'damaged'],
  ['a time that is none', { mtime: 'yesterday' }, 'damaged'],
  ['a time as a number', { mtime: 5 }, 'damaged'],
])('an entry with %s is refused', async (_, change, code) => {
  expect(await outcomeOfTar(listMember([entry(a, change)]), member(`db/${a}`))).toBe(code);
});

test('a list that is none, or of a newer format, is refused as such', async () => {
  const outcomeOf = (bytes: string): Promise<ErrorCode | null> => outcomeOfTar(member(fileListName, bytes));
  for (const text of [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    '{"format":1}',
    '{"format":1,"files":[],"emptyFolders":{}}',
    '{"format":1,"files":[null],"emptyFolders":[]}',
    '{"format":"1","files":[],"emptyFolders":[]}',
    '{"format":0,"files":[],"emptyFolders":[]}',
  ]) {
    expect(await outcomeOf(text), text).toBe('damaged');
  }
  expect(await outcomeOf('{"format":2,"anything":[]}')).toBe('newer-format');
  expect(await outcomeOf('{"format":1,"files":[],"emptyFolders":[],"later":{"x":1}}')).toBeNull();
});

test('a tar that is not exactly its list is refused', async () => {
  const list = asWritten([listed(a, 'satu'), listed(b, 'dua')], ['ETaxInvoice/tmp']);
  const [tmp, one, two] = [folder('db/ETaxInvoice/tmp'), member(`db/${a}`, 'satu'), member(`db/${b}`, 'dua')];
  expect(await outcomeOfTar(list, tmp, one, two)).toBeNull();
  const wrong: Record<string, Buffer[]> = {
    'no list': [tmp, one, two],
    'the list last': [tmp, one, two, list],
    'two lists': [list, list, tmp, one, two],
    'a member missing at the end': [list, tmp, one],
    'a member missing in the middle': [list, tmp, two],
    'the folder missing': [list, one, two],
    'members swapped': [list, tmp, two, one],
    'the folder after the files': [list, one, two, tmp],
    'a member not listed': [list, tmp, one, two, member('db/ETaxInvoice/x', 'x')],
    'a member not listed, in between': [list, tmp, one, member('db/x', ''), two],
    'a member outside db': [list, tmp, one, two, member('x', '')],
    'a member that climbs out': [list, tmp, member(`db/../${a}`, 'satu'), two],
    'a member twice': [list, tmp, one, one, two],
    'other bytes': [list, tmp, member(`db/${a}`, 'SATU'), two],
    'a shorter file': [list, tmp, member(`db/${a}`, 'sat'), two],
    'a longer file': [list, tmp, member(`db/${a}`, 'satu!'), two],
    'a folder for a file': [list, tmp, folder(`db/${a}`), two],
    'a file for a folder': [list, member('db/ETaxInvoice/tmp'), one, two],
    'a folder not listed': [list, folder('db/ETaxInvoice'), tmp, one, two],
    'nothing but the list': [list],
  };
  for (const [what, parts] of Object.entries(wrong)) {
    expect(await outcomeOfTar(...parts), what).toBe('damaged');
  }
});

test('links, devices and headers of other kinds are refused', async () => {
  const list = asWritten([listed(a)]);
  const path = `db/${a}`;
  for (const type of [
    'SymbolicLink',
    'Link',
    'CharacterDevice',
    'BlockDevice',
    'FIFO',
    'ContiguousFile',
    'GNUDumpDir',
    'SolarisACL',
    'GlobalExtendedHeader',
    'NextFileHasLongPath',
    'NextFileHasLongLinkpath',
  ] as const) {
    expect(await outcomeOfTar(list, header({ path, type, linkpath: '/etc' })), type).toBe('damaged');
  }
});

test('pax headers that lie are refused', async () => {
  const list = asWritten([listed(a, 'satu')]);
  const plain = member(`db/${a}`, 'satu');
  const pax = (fields: ConstructorParameters<typeof Pax>[0]): Buffer => new Pax(fields, false).encode();
  expect(await outcomeOfTar(list, pax({ path: `db/${a}` }), plain)).toBeNull();
  expect(await outcomeOfTar(list, pax({ path: '../../x' }), plain)).toBe('damaged');
  expect(await outcomeOfTar(list, pax({ path: `db/${a}`, size: 2 ** 50 }), plain)).toBe('damaged');
  expect(await outcomeOfTar(list, pax({ path: `db/${a}`, size: 0 }), plain)).toBe('damaged');
  expect(await outcomeOfTar(list, pax({ path: `db/${a}` }), pax({ path: `db/${a}` }), plain)).toBe('damaged');
  expect(await outcomeOfTar(list, pax({ path: `db/${a}`, comment: 'x'.repeat(70_000) }), plain)).toBe(
    'damaged',
  );
  expect(await outcomeOfTar(list, header({ path: 'x', type: 'ExtendedHeader', size: 2 ** 40 }), plain)).toBe(
    'damaged',
  );
});

test('a tar without its end mark, or with something after it, is refused', async () => {
  const parts = [asWritten([listed(a, 'satu')]), member(`db/${a}`, 'satu')];
  const outcome = async (...ending: Buffer[]): Promise<ErrorCode | null> =>
    codeOf(unpack([await framed(...parts, ...ending)]));
  const block = Buffer.alloc(512);
  expect(await outcome(tarEnd())).toBeNull();
  expect(await outcome()).toBe('damaged');
  expect(await outcome(block)).toBe('damaged');
  expect(await outcome(tarEnd(), block)).toBe('damaged');
  expect(await outcome(tarEnd(), Buffer.from('x'))).toBe('damaged');
  expect(await outcome(block, member('x'))).toBe('damaged');
  expect(await codeOf(unpack([await framed()]))).toBe('damaged');
});

test('a list longer than any real one is refused before it is read', async () => {
  const claimed = encodeMemberHeader({
    path: fileListName,
    type: 'File',
    sizeBytes: (256 << 20) + 1,
    mtimeMs: time,
  });
  expect(await outcomeOfTar(claimed, Buffer.alloc(1024))).toBe('damaged');
});

test('no change of the tar inside sound frames brings back other files', async () => {
  const tar = Buffer.concat([
    asWritten([listed(a, noise(700)), listed(b, 'dua')], ['ETaxInvoice/tmp']),
    folder('db/ETaxInvoice/tmp'),
    member(`db/${a}`, noise(700)),
    member(`db/${b}`, 'dua'),
    tarEnd(),
  ]);
  const expected = await unpack([await framed(tar)]);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(tar.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      async (at, bytes) => {
        const changed = Buffer.from(tar);
        changed.set(bytes.subarray(0, tar.length - at), at);
        const code = await codeOf(
          unpack([await framed(changed)]).then(({ list, content }) => {
            // Padding means nothing, and the list may hold other times or facts; a file is as its list says or refused.
            expect([...content.keys()]).toEqual(list.files.map((f) => f.path));
            for (const f of list.files) expect(sha256(content.get(f.path) ?? '')).toBe(f.sha256);
            expect([...content.values()]).toEqual([...expected.content.values()]);
          }),
        );
        expect(['damaged', 'newer-format', null]).toContain(code);
      },
    ),
    { numRuns: 150 },
  );
}, 20_000);

/** A zstd frame of RFC 8878 made by hand: an 8-byte content size, a window of 1 MiB, blocks as given, a checksum. */
function frame(contentBytes: bigint, blocks: readonly Buffer[], descriptor = 0xc4): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(descriptor, 4);
  head.writeUInt8(0x50, 5);
  head.writeBigUInt64LE(contentBytes, 6);
  return Buffer.concat([head, ...blocks, Buffer.alloc(4)]);
}
const block = (type: 0 | 1 | 2 | 3, sizeBytes: number, content: Buffer, isLast = false): Buffer => {
  const head = Buffer.alloc(3);
  head.writeUIntLE((sizeBytes << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return Buffer.concat([head, content]);
};
const rle = (sizeBytes: number, isLast = false): Buffer => block(1, sizeBytes, Buffer.from('x'), isLast);

/** What an archive of one such frame, with a table that agrees, gives; it must not take the memory it claims. */
async function outcomeOfFrame(bytes: Buffer, contentBytes = frameBytes): Promise<ErrorCode | null> {
  const before = process.memoryUsage.rss();
  const table = encodeSeekTable([{ compressedBytes: bytes.length, contentBytes }]);
  const outcome = await codeOf(unpack([Buffer.concat([bytes, table])]));
  expect(process.memoryUsage.rss() - before).toBeLessThan(256 << 20);
  return outcome;
}

test('frames that claim or hold more than they may are refused without taking the memory', async () => {
  const maxBlock = 128 << 10;
  const nothing = block(0, 0, Buffer.alloc(0));
  const eight = Array.from({ length: 7 }, () => rle(maxBlock));
  const sound = frame(BigInt(frameBytes), [...eight, rle(maxBlock, true)]);
  // Only its made-up checksum is wrong, so it is refused for that and not for its shape.
  expect(await outcomeOfFrame(sound)).toBe('damaged');
  const hostile: Record<string, Buffer> = {
    'a huge content size': frame(1n << 40n, [rle(maxBlock, true)]),
    'a content size beyond 2^63': frame((1n << 64n) - 1n, [rle(maxBlock, true)]),
    'one byte too much claimed': frame(BigInt(frameBytes) + 1n, [rle(maxBlock, true)]),
    'no content claimed': frame(0n, [block(0, 0, Buffer.alloc(0), true)]),
    'more content than claimed': frame(BigInt(frameBytes), [
      ...Array.from({ length: 8000 }, () => rle(maxBlock)),
      rle(maxBlock, true),
    ]),
    'a block of 2 MiB': frame(BigInt(frameBytes), [rle((1 << 21) - 1, true)]),
    'blocks of nothing without end': frame(
      BigInt(frameBytes),
      Array.from({ length: 400_000 }, () => nothing),
    ),
    'a block of the reserved type': frame(BigInt(frameBytes), [block(3, 5, Buffer.alloc(5), true)]),
    'a raw block beyond the end': frame(BigInt(frameBytes), [block(0, 2_000_000, Buffer.alloc(10), true)]),
    'no checksum': frame(BigInt(frameBytes), [rle(maxBlock, true)], 0xc0),
    'a dictionary': frame(BigInt(frameBytes), [rle(maxBlock, true)], 0xc5),
    'a reserved bit': frame(BigInt(frameBytes), [rle(maxBlock, true)], 0xcc),
    'no content size': frame(BigInt(frameBytes), [rle(maxBlock, true)], 0x04),
  };
  for (const [what, bytes] of Object.entries(hostile))
    expect(await outcomeOfFrame(bytes), what).toBe('damaged');
});

test('a table that counts more frames than there are bytes is refused', async () => {
  const archive = await framed(asWritten([]), tarEnd());
  const table = encodeSeekTable([{ compressedBytes: 1, contentBytes: 1 }]);
  table.writeUInt32LE(0xffffffff, table.length - 9);
  expect(await codeOf(unpack([Buffer.concat([archive.subarray(0, -17), table])]))).toBe('damaged');
  const skip = Buffer.from(archive);
  skip.writeUInt32LE(0xfffffff0, archive.length - 21);
  expect(await codeOf(unpack([skip]))).toBe('damaged');
});

test('a compressed bomb of zeros in a file of the size listed is read in bounded pieces', async () => {
  const set = [sample('x/seg0/c1.dat', Buffer.alloc(40 * frameBytes))];
  const archive = await pack(set);
  expect(archive.length).toBeLessThan(20_000);
  const reader = await unpackArchive(streamOf(pieces(archive, 4096)));
  let longest = 0;
  for await (const { chunks } of reader.files())
    for await (const chunk of chunks) longest = Math.max(longest, chunk.length);
  expect(longest).toBeLessThanOrEqual(frameBytes);
});

test('a list of many megabytes in a few KB, and paths without end, are refused in seconds', async () => {
  const startedAt = performance.now();
  const long = member(fileListName, `{"format":1,"emptyFolders":[],"files":[${' '.repeat(33 << 20)}]}`);
  expect(await outcomeOfTar(long)).toBe('damaged');
  const nested = member(fileListName, `{"format":1,"emptyFolders":[],"files":${'['.repeat(30 << 20)}`);
  expect(await outcomeOfTar(nested)).toBe('damaged');
  const deep = Array.from({ length: 5000 }, (_, i) => listed(`${'a/'.repeat(2000)}${i}`));
  expect(await outcomeOfTar(asWritten(deep))).toBe('damaged');
  const wide = Array.from({ length: 20_000 }, (_, i) => listed(`${'a/'.repeat(63)}${i}`));
  expect(await outcomeOfTar(asWritten([...wide, listed(`${'a/'.repeat(63)}1/x`)]))).toBe('damaged');
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
