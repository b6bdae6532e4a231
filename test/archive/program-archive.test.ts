import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packArchive, unpackArchive } from '../../src/archive/archive.ts';
import { openArchiveRange } from '../../src/archive/archive-range.ts';
import { encodeFileList, type FileList, parseFileList } from '../../src/archive/file-list.ts';
import { readTar } from '../../src/archive/tar-members.ts';
import { decodeFrames } from '../../src/archive/zstd-frames.ts';
import { codeOf, codeThrown } from '../base/failures.ts';
import { collect, listOf, noise, pack, type Sample, sample, setOf, streamOf } from './sample-set.ts';

const program: readonly Sample[] = [
  sample('ETaxInvoiceMain.exe', noise(4000, 3)),
  sample('ETaxInvoice.exe.config', '-Xmx512m\r\n'),
  sample('java/bin/client/jvm.dll', noise(2_500_000, 4)),
  sample('lib/Laporan Pajak (lama).jar', Buffer.alloc(0)),
];
const folders = ['backup', 'lib/kosong'];

const programList = (samples = program, empty = folders): FileList => ({
  ...listOf(samples, empty),
  facts: { kind: 'program', id: '20230708T023000Z-3f9a1c2e77d0' },
});
const packed = (samples = program, empty = folders): Promise<Buffer> =>
  collect(packArchive(programList(samples, empty), setOf(samples, empty)));
const rangeOf = (bytes: Buffer) => ({
  totalBytes: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
});

test('a program folder comes back as it was, as a stream and at any place', async () => {
  const archive = await packed();
  const reader = await unpackArchive(streamOf([archive]), null, 'program');
  expect(reader.list).toEqual(programList());
  const content = new Map<string, Buffer>();
  for await (const { file, chunks } of reader.files()) content.set(file.path, await collect(chunks));
  const range = await openArchiveRange(rangeOf(archive), 'program');
  expect(range.list).toEqual(programList());
  for (const { path, bytes } of program) {
    expect(content.get(path)?.equals(bytes), path).toBe(true);
    const listed = range.list.files.find((file) => file.path === path);
    if (!listed) throw new Error(path);
    expect((await range.readMember(listed, 0, bytes.length)).equals(bytes), path).toBe(true);
    const [from, length] = [bytes.length >> 1, bytes.length >> 2];
    expect((await range.readMember(listed, from, length)).equals(bytes.subarray(from, from + length))).toBe(
      true,
    );
  }
});

test('its members are the list, the empty folders and the folder e-Faktur, no db', async () => {
  const tar = readTar(decodeFrames(streamOf([await packed()])));
  const members: string[] = [];
  for (let member = await tar.next(); member; member = await tar.next())
    members.push(`${member.path}${member.type === 'Directory' ? '/' : ''}`);
  expect(members).toEqual([
    'efaktur-program.json',
    'e-Faktur/backup/',
    'e-Faktur/lib/kosong/',
    'e-Faktur/ETaxInvoice.exe.config',
    'e-Faktur/ETaxInvoiceMain.exe',
    'e-Faktur/java/bin/client/jvm.dll',
    'e-Faktur/lib/Laporan Pajak (lama).jar',
  ]);
});

test('who reads databases takes no program for them, nor the other way round', async () => {
  const [ofProgram, ofDatabases] = [await packed(), await pack(program, folders)];
  for (const [archive, content] of [
    [ofProgram, 'databases'],
    [ofDatabases, 'program'],
  ] as const) {
    expect(await codeOf(unpackArchive(streamOf([archive]), null, content))).toBe('damaged');
    expect(await codeOf(openArchiveRange(rangeOf(archive), content))).toBe('damaged');
  }
});

test('a list is that of a program only where it says so, and then nothing comes from a base', () => {
  const list = programList();
  expect(parseFileList(encodeFileList(list))).toEqual(list);
  const leaning = { ...list, files: list.files.map((file) => ({ ...file, from: 'base' as const })) };
  expect(codeThrown(() => parseFileList(encodeFileList(leaning)))).toBe('damaged');
});

test('a byte of it changed or cut off anywhere is never given out', async () => {
  const archive = await packed(program.slice(0, 2), folders);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(archive.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, by, isCut) => {
        const broken = isCut ? archive.subarray(0, at) : Buffer.from(archive);
        if (!isCut) broken[at] = (broken[at] ?? 0) ^ by;
        const read = async (): Promise<void> => {
          const reader = await unpackArchive(streamOf([broken]), null, 'program');
          for await (const { chunks } of reader.files()) for await (const _ of chunks);
        };
        expect(await codeOf(read())).toBe('damaged');
      },
    ),
    { numRuns: 300 },
  );
});
