import { expect, test } from 'vitest';
import { unpackArchive } from '../../src/archive/archive.ts';
import { openArchiveRange } from '../../src/archive/archive-range.ts';
import { differentialTexts } from '../../src/archive/differential-texts.ts';
import { encodeFileList, type FileList, type ListedFile } from '../../src/archive/file-list.ts';
import { encodeMemberHeader, memberPadding, tarEnd } from '../../src/archive/tar-members.ts';
import { encodeFrames } from '../../src/archive/zstd-frames.ts';
import { codeOf } from '../base/failures.ts';
import { collect, pack, pieces, sample, sha256, streamOf } from './sample-set.ts';

/** Differentials written by hand: readers accept the members of the format and no others. */

const time = Date.parse('2023-07-08T02:30:00Z');
const path = 'ETaxInvoice/seg0/c10.dat';
const other = 'ETaxInvoice/seg0/c20.dat';
const base = [sample(path, 'satu'), sample(other, 'dua')];

const member = (name: string, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content as string);
  const header = encodeMemberHeader({ path: name, type: 'File', sizeBytes: bytes.length, mtimeMs: time });
  return Buffer.concat([header, bytes, memberPadding(bytes.length)]);
};
const listed = (name: string, bytes: string, from?: ListedFile['from']): ListedFile => ({
  path: name,
  sizeBytes: bytes.length,
  mtimeMs: time,
  sha256: sha256(bytes),
  ...(from !== undefined && { from }),
});
const listOf = (files: readonly ListedFile[]): Buffer => {
  const list: FileList = { files, emptyFolders: ['ETaxInvoice/tmp'], facts: {} };
  return encodeFileList(list);
};

const differential = listOf([listed(path, 'satu', 'base'), listed(other, 'tiga')]);
const texts = differentialTexts.map(({ name, bytes }) => ({ name: `differential/${name}`, bytes }));
const members = [
  { name: 'differential/efaktur-backup.json', bytes: differential },
  ...texts,
  { name: `differential/files/${other}`, bytes: Buffer.from('tiga') },
];

/** What reading it from its first byte to its last, and anywhere, comes to. */
async function outcomesOf(written: readonly { name: string; bytes: Buffer }[]) {
  const tar = [...written.map(({ name, bytes }) => member(name, bytes)), tarEnd()];
  const archive = await collect(encodeFrames(streamOf(tar)));
  const whole = async (): Promise<void> => {
    const reader = await unpackArchive(streamOf(pieces(await pack(base), 4096)));
    const own = await unpackArchive(streamOf(pieces(archive, 4096)), reader);
    for await (const { chunks } of own.files()) for await (const _ of chunks);
  };
  const anywhere = async (): Promise<void> => {
    const range = await openArchiveRange({
      totalBytes: archive.length,
      read: async (offset, length) => archive.subarray(offset, offset + length),
    });
    const file = range.list.files.find((f) => f.path === other);
    if (file) await range.readMember(file, 0, file.sizeBytes);
  };
  return [await codeOf(whole()), await codeOf(anywhere())];
}

test('one that is as the format says is read', async () => {
  expect(await outcomesOf(members)).toEqual([null, null]);
});

test.each(differentialTexts.map(({ name }) => name))('one with another %s is refused', async (name) => {
  const changed = (change: (bytes: Buffer) => Buffer) =>
    members.map((m) => (m.name === `differential/${name}` ? { ...m, bytes: change(m.bytes) } : m));
  const flipped = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(100) ^ 1, 100);
    return copy;
  };
  expect(await outcomesOf(changed(flipped))).toEqual(['damaged', 'damaged']);
  const longer = changed((bytes) => Buffer.concat([bytes, Buffer.from('\nimport evil\n')]));
  expect(await outcomesOf(longer)).toEqual(['damaged', 'damaged']);
  const without = members.filter((m) => m.name !== `differential/${name}`);
  expect(await outcomesOf(without)).toEqual(['damaged', 'damaged']);
});

test('one with anything outside its folder is refused, and a full with a list in there', async () => {
  const [list, ...rest] = members;
  if (!list) throw new Error('no list');
  const atTop = [{ ...list, name: 'efaktur-backup.json' }, ...rest];
  expect(await outcomesOf(atTop)).toEqual(['damaged', 'damaged']);
  const inDb = members.map((m) => ({ ...m, name: m.name.replace('differential/files/', 'db/') }));
  expect(await outcomesOf(inDb)).toEqual(['damaged', 'damaged']);
  const full = { ...list, bytes: listOf([listed(other, 'tiga')]) };
  expect(await outcomesOf([full, ...rest])).toEqual(['damaged', 'damaged']);
  const [, script] = texts;
  expect(await outcomesOf([...members, { ...(script ?? list), name: 'restore.py' }])).toEqual([
    'damaged',
    // What lies behind all that the list names is never looked at.
    null,
  ]);
});
