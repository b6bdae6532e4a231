import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  emptyRecord,
  type RecordedArchive,
  type RecordedBackup,
  type RecordedProgram,
  recordedLocal,
  type StoreRecord,
  withArchive,
  withBackup,
  withoutArchive,
} from '../../src/state/record.ts';
import { readRecord, writeRecord } from '../../src/state/record-file.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';

const store = 's3://bucket/pc-kasir';
const archive: RecordedArchive = {
  tag: '3f9a1c2e77d0',
  key: '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst',
  kind: 'full',
  sizeBytes: 4711,
  sha256: 'c'.repeat(64),
  etag: '"abc-2"',
  keysId: null,
  uploadedAt: '2023-07-08T02:31:00.000Z',
  lockedUntil: null,
  facts: { contentHash: 'a'.repeat(64), files: 3, totalBytes: 9, databases: ['ETaxInvoice'] },
};
const local = { path: '/srv/e-Faktur/backup/1.zip', sizeBytes: 12, mtimeMs: 1_688_783_400_000 };
const backup: RecordedBackup = {
  id: '20230708T023000Z-3f9a1c2e77d0',
  tag: archive.tag,
  day: '2023-07-08',
  local,
};
const program: RecordedProgram = {
  id: '20230708T024500Z-77d03f9a1c2e',
  tag: '77d03f9a1c2e',
  day: '2023-07-08',
  key: '2023-07-08/20230708T024500Z-77d03f9a1c2e.app.tar.zst',
  sizeBytes: 4712,
  sha256: 'd'.repeat(64),
  etag: null,
  keysId: null,
  uploadedAt: '2023-07-08T02:46:00.000Z',
  lockedUntil: null,
  manifest: { sizeBytes: 900, sha256: 'e'.repeat(64), etag: null },
  contentHash: 'f'.repeat(64),
  appProgram: 'b'.repeat(64),
};
const record: StoreRecord = {
  store,
  origin: { key: 'origin/20230706T022000Z-pc-kasir.json', name: 'pc-kasir', appFolder: '/srv/e-Faktur' },
  archives: [archive],
  backups: [backup],
  programs: [program],
  proposed: [program.appProgram],
  holdsEncrypted: true,
  clearUpTo: archive.key,
};

/** The record's only file, after one was written. */
async function fileOf(stateDir: string): Promise<string> {
  const names = await readdir(join(stateDir, 'stores'));
  expect(names).toHaveLength(1);
  return join(stateDir, 'stores', names[0] ?? '');
}

test('a record is read back as it was written, each store its own', async () => {
  const stateDir = join(await tempFolder(), 'not', 'there', 'yet');
  expect(await readRecord(stateDir, store)).toEqual(emptyRecord(store));
  await writeRecord(stateDir, record);
  expect(await readRecord(stateDir, store)).toEqual(record);
  await writeRecord(stateDir, emptyRecord('/mnt/nas'));
  expect(await readRecord(stateDir, store)).toEqual(record);
  expect(await readRecord(stateDir, '/mnt/nas')).toEqual(emptyRecord('/mnt/nas'));
  expect(await readRecord(stateDir, `${store}/x`)).toEqual(emptyRecord(`${store}/x`));
});

test('when the live db was last found equal is kept; what is no such note is passed over', async () => {
  const stateDir = await tempFolder();
  const noted: StoreRecord = { ...record, liveFound: { tag: archive.tag, at: '2023-07-08T09:00:00.000Z' } };
  await writeRecord(stateDir, noted);
  expect(await readRecord(stateDir, store)).toEqual(noted);
  for (const liveFound of [null, 7, {}, { tag: archive.tag }, { tag: 1, at: '2023-07-08T09:00:00.000Z' }]) {
    await writeRecord(stateDir, { ...record, liveFound } as StoreRecord);
    expect(await readRecord(stateDir, store)).toEqual(record);
  }
});

test.each([
  { key: '2023-07-08/20230708T024500Z-77d03f9a1c2e.tar.zst' },
  { key: '2023-07-09/20230708T024500Z-77d03f9a1c2e.app.tar.zst' },
  { id: '20230708T024501Z-77d03f9a1c2e' },
  { tag: '3f9a1c2e77d0' },
  { keysId: 'other' },
  { contentHash: 'x' },
  { appProgram: undefined },
  { manifest: null },
  { sizeBytes: -1 },
])('a recorded program with %j is left out', async (wrong) => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, {
    ...record,
    programs: [{ ...program, ...wrong } as RecordedProgram, program],
  });
  expect(await readRecord(stateDir, store)).toEqual(record);
});

test('only the owner may read it', async () => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, record);
  expect((await stat(await fileOf(stateDir))).mode & 0o777).toBe(0o600);
});

test.each([
  '',
  '{',
  'null',
  '7',
  '[]',
  '"x"',
  '{}',
  '{"format":1}',
  '{"format":"1","archives":[],"backups":[]}',
  '{"format":0,"archives":[],"backups":[]}',
  '{"format":1,"archives":{},"backups":[]}',
  '{"format":1,"archives":[null],"backups":[]}',
  '{"format":1,"archives":[{"tag":5,"key":"x"}],"backups":[]}',
  '{"format":1,"archives":[],"backups":["x"]}',
  '{"format":1,"archives":[],"backups":[{"id":"x"}]}',
  '\u0000\u0000\u0000\u0000',
])('a record of %j is empty', async (text) => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, record);
  await writeFile(await fileOf(stateDir), text);
  expect(await readRecord(stateDir, store)).toEqual(emptyRecord(store));
  await writeRecord(stateDir, record);
  expect(await readRecord(stateDir, store)).toEqual(record);
});

test('a record cut anywhere is empty', async () => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, record);
  const path = await fileOf(stateDir);
  const whole = await readFile(path);
  for (let length = 0; length < whole.length - 1; length += 13) {
    await writeFile(path, whole.subarray(0, length));
    expect(await readRecord(stateDir, store)).toEqual(emptyRecord(store));
  }
});

const differential: RecordedArchive = {
  ...archive,
  tag: '000000000000',
  key: '2023-07-09/20230709T023000Z-000000000000.diff.tar.zst',
  kind: 'differential',
  base: archive.tag,
};
const later: RecordedBackup = {
  ...backup,
  id: '20230709T023000Z-000000000000',
  tag: '000000000000',
  local: null,
};
const two: StoreRecord = { ...record, archives: [archive, differential], backups: [backup, later] };

test('whatever byte of a record changes, what is read is what was written, less what the byte was in', async () => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, two);
  const path = await fileOf(stateDir);
  const whole = await readFile(path);
  let partial = 0;
  for (let at = 0; at < whole.length; at++) {
    const rotten = Buffer.from(whole);
    rotten[at] = (rotten[at] ?? 0) ^ (1 << (at % 8));
    await writeFile(path, rotten);
    const read = await readRecord(stateDir, store);
    for (const one of read.archives) expect([archive, differential]).toContainEqual(one);
    for (const one of read.backups) expect([backup, later]).toContainEqual(one);
    expect([record.origin, null]).toContainEqual(read.origin);
    expect([true, undefined]).toContain(read.holdsEncrypted);
    expect([archive.key, undefined]).toContain(read.clearUpTo);
    const isAll = read.archives.length + read.backups.length === 4;
    if (!isAll && read.archives.length + read.backups.length > 0) partial++;
  }
  // Most of it is text inside of one entry.
  expect(partial).toBeGreaterThan(whole.length / 3);
});

test.each<[string, object]>([
  ['a hash that is none', { sha256: 'x'.repeat(64) }],
  ['no hash', { sha256: undefined }],
  ['no facts', { facts: undefined }],
  ['facts without a content hash', { facts: { ...archive.facts, contentHash: undefined } }],
  ['facts that count nothing', { facts: { ...archive.facts, files: -1 } }],
  ['a size that is none', { sizeBytes: '4711' }],
  ['the tag of another', { tag: '111111111111' }],
  ['a key of nothing', { key: '../../etc/passwd' }],
  ['a kind that is not that of the key', { kind: 'differential', base: '000000000000' }],
  ['keys, though the key is of a clear one', { keysId: 'k' }],
  ['a time that is none', { uploadedAt: 'yesterday' }],
  ['a lock that is none', { lockedUntil: 7 }],
  ['a mode that is none', { lockMode: 'none' }],
  ['a base that a full has not', { base: '000000000000' }],
])('an archive with %s is left out, though its checksum is right', async (_, wrong) => {
  const stateDir = await tempFolder();
  const bad = { ...archive, ...wrong } as RecordedArchive;
  await writeRecord(stateDir, { ...record, archives: [bad], backups: [backup] });
  expect(await readRecord(stateDir, store)).toEqual({ ...record, archives: [], backups: [backup] });
});

test.each<[string, object]>([
  ['no id', { id: undefined }],
  ['the tag of another', { tag: '111111111111' }],
  ['a day that is none', { day: '2023-02-30' }],
  ['a local file without a time', { local: { ...local, mtimeMs: null } }],
])('a backup with %s is left out', async (_, wrong) => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, { ...record, backups: [{ ...backup, ...wrong } as RecordedBackup] });
  expect(await readRecord(stateDir, store)).toEqual({ ...record, backups: [] });
});

test('a differential whose full is left out goes with it', async () => {
  const stateDir = await tempFolder();
  const wrong = { ...archive, sha256: '' };
  await writeRecord(stateDir, { ...two, archives: [wrong, differential] });
  expect((await readRecord(stateDir, store)).archives).toEqual([]);
});

test('the record of another store under this name is none', async () => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, { ...emptyRecord(store), holdsEncrypted: true });
  const path = await fileOf(stateDir);
  const other = await tempFolder();
  await writeRecord(other, { ...emptyRecord('s3://other'), holdsEncrypted: true });
  await writeFile(path, await readFile(await fileOf(other)));
  expect(await readRecord(stateDir, store)).toEqual(emptyRecord(store));
});

test('a record of a newer version is refused, not overwritten unread', async () => {
  const stateDir = await tempFolder();
  await writeRecord(stateDir, record);
  await writeFile(await fileOf(stateDir), '{"format":2,"anything":{}}');
  expect(await codeOf(readRecord(stateDir, store))).toBe('newer-format');
});

test('a state folder that cannot be used is a target that cannot be written', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'file'), '');
  expect(await codeOf(writeRecord(join(folder, 'file', 'state'), record))).toBe('target-not-writable');
  expect(await codeOf(readRecord(join(folder, 'file', 'state'), store))).toBe('target-not-writable');
});

test('what is added replaces its like, what is taken away is gone', () => {
  const once = withBackup(withArchive(emptyRecord(store), archive), backup);
  expect(withArchive(once, { ...archive, sizeBytes: 1 }).archives).toEqual([{ ...archive, sizeBytes: 1 }]);
  const other = { ...archive, tag: '000000000000' };
  const both = withArchive(once, other);
  expect(both.archives).toEqual([archive, other]);
  expect(withoutArchive(both, archive.tag).archives).toEqual([other]);
  expect(withBackup(once, { ...backup, day: '2023-07-09' }).backups).toEqual([
    { ...backup, day: '2023-07-09' },
  ]);
  expect(once.archives).toEqual([archive]);
});

test('a login backup is known while path, size and time are the same', () => {
  const known = withBackup(withBackup(emptyRecord(store), backup), { ...backup, id: 'x', local: null });
  expect(recordedLocal(known, { ...local })).toEqual(backup);
  expect(recordedLocal(known, { ...local, path: '/other.zip' })).toBeNull();
  expect(recordedLocal(known, { ...local, sizeBytes: 13 })).toBeNull();
  expect(recordedLocal(known, { ...local, mtimeMs: local.mtimeMs + 1 })).toBeNull();
  expect(recordedLocal(withBackup(known, { ...backup, id: 'later' }), { ...local })?.id).toBe('later');
});

test('the folder of records holds nothing else after many writes', async () => {
  const stateDir = await tempFolder();
  await mkdir(join(stateDir, 'stores'));
  await Promise.all(Array.from({ length: 10 }, () => writeRecord(stateDir, record)));
  expect(await readdir(stateDir)).toEqual(['stores']);
  expect(JSON.parse(await readFile(await fileOf(stateDir), 'utf8'))).toMatchObject({ format: 1 });
  expect(await readRecord(stateDir, store)).toEqual(record);
});

test('one store has one record, however its address is spelled', async () => {
  const stateDir = await tempFolder();
  const ofFolder = { ...record, store: '/srv/backup' };
  await writeRecord(stateDir, ofFolder);
  for (const spelled of ['/srv/backup/', '/srv/./x/../backup', 'file:///srv/backup'])
    expect(await readRecord(stateDir, spelled)).toEqual({ ...ofFolder, store: spelled });
  await writeRecord(stateDir, { ...ofFolder, store: '/srv/backup/' });
  expect(await readdir(join(stateDir, 'stores'))).toHaveLength(1);
  expect(await readRecord(stateDir, '/srv/other')).toEqual(emptyRecord('/srv/other'));
});
