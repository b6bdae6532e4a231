import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { unpackArchive } from '../../src/archive/archive.ts';
import { contentHash, dataHash } from '../../src/archive/file-list.ts';
import { secret } from '../../src/base/secret.ts';
import { listBackups } from '../../src/catalog/listing.ts';
import { type PrivateFacts, parseManifest, parseOrigin } from '../../src/catalog/manifest.ts';
import { parseOriginKey, readmeKey } from '../../src/catalog/names.ts';
import { prefixReadme } from '../../src/catalog/prefix-readme-texts.ts';
import { parseProgramFacts, parseProgramManifest } from '../../src/catalog/program-manifest.ts';
import { createDecryptor } from '../../src/crypto/age.ts';
import { openPayload } from '../../src/crypto/age-payload.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { codeOf, codeThrown } from '../base/failures.ts';
import { expected, keys, program, programKeys, sampleKey, second } from './format-1-samples.ts';
import { collect, pieces, sha256, streamOf, unpack } from './sample-set.ts';

/**
 * A prefix as version 1 of the format wrote it: two backups, a second manifest of the later one's archive, an origin.
 * Written once; never make it anew. What this program reads of it must stay the same for ever.
 */
const root = join(import.meta.dirname, '../fixtures/format-1');
const read = (key: string): Promise<Buffer> => readFile(join(root, key));

/** Fixed for ever: who changes a sample changes what is stored in the buckets of others, too. */
const frozen: Readonly<Record<string, string>> = {
  '2023-07-06/20230706T021500Z-9c1d4e0b7a25.json':
    'd703170b3c398e87fbc12060ec76a372546063dade0b540d659dfaee0dcf2d94',
  '2023-07-06/20230706T021500Z-9c1d4e0b7a25.tar.zst':
    '1b527379c6f28e719825aebf34d2038ff3489e0dc8fa5a5a87fdc81c9a0ebd6c',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.json':
    '6f10647d950063cdcf8f39436f5c0a82a92169d277a2d2b0ba292c88cb6a6352',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst':
    '7922c111b87abdfe07e90e4c98d244500a0842b27d410c497e52c44e534d8f5a',
  '2023-07-09/20230709T021000Z-3f9a1c2e77d0.json':
    'e1c4f883694454b62a7fa9c5424e9c62351898046dcf401bef87fddf083af23b',
  '2023-07-10/20230710T030100Z-5b0c7d9e1f26.diff.tar.zst':
    '6563ccd34e013befd8217fd76cc5277e1ed699077b9446084cce907edb13208b',
  '2023-07-10/20230710T030100Z-5b0c7d9e1f26.json':
    '24599b9133d70be385291f1398343b46bab8631bcb3824e5daa00eea561789a5',
  '2023-07-11/20230711T020000Z-3f9a1c2e77d0.json':
    '30da64c87f6f64d9e1dc9639e5edc81f91e64ced8d709e7d1a3c310bb249642b',
  '2023-07-11/20230711T020500Z-a1c2e3f40516.app.json':
    'bac5fab9929840eb9d6232ba13f748164db280df08137c81dfb575f92ca8e0c8',
  '2023-07-11/20230711T020500Z-a1c2e3f40516.app.tar.zst':
    '89082d1a30839dadb795060f0440e96bc7f8af3fb820c39be2a31022cf3d4695',
  '2023-07-11/20230711T020600Z-b7d8e9fa0b1c.app.json':
    '9a9f4cbcdae7cba14232c5312c7702a3cb62c367c4c0271b59656411b7c0eb92',
  '2023-07-11/20230711T020600Z-b7d8e9fa0b1c.app.tar.zst.age':
    '73ce47ba0099708974639643246752d7e869a61e5b63f3a8e1da3a66515fb4df',
  'README.txt': '29f955c34015c13b0c926cb664f51e8b6a7391140ddc8bba40f6712a101048c2',
  'origin/20230706T022000Z-pc-kasir.json': '5c15e389f9f0c6ed7bc662aa85252f8ee68bc80d218efd9044b890822811e802',
  'proofs/3f9a1c2e77d0-data-clean-20230801T103000Z.json':
    '6c196023197368c6c2bb417e9268f2440720c9b3268f5abe84cc633fdd0132d7',
};

test('its bytes are those of the day it was written, and all there is', async () => {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const key = relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    found[key] = sha256(await read(key));
  }
  expect(found).toEqual(frozen);
});

test('its names are read', async () => {
  const store = openFolderStore({ root, url: root });
  const { backups, programs, foreignKeys } = await listBackups(store);
  store.close();
  expect(foreignKeys).toBe(0);
  expect(
    backups.map((b) => `${b.day} ${b.capturedAt.toISOString()} ${b.tag} ${b.archive?.sizeBytes}`),
  ).toEqual([
    '2023-07-06 2023-07-06T02:15:00.000Z 9c1d4e0b7a25 2380',
    '2023-07-08 2023-07-08T02:30:00.000Z 3f9a1c2e77d0 3739',
    '2023-07-09 2023-07-09T02:10:00.000Z 3f9a1c2e77d0 3739',
    '2023-07-10 2023-07-10T03:01:00.000Z 5b0c7d9e1f26 17514',
    '2023-07-11 2023-07-11T02:00:00.000Z 3f9a1c2e77d0 3739',
  ]);
  expect(programs.map((p) => [p.manifestKey, p.archive?.key, p.archive?.encrypted])).toEqual([
    [`${programKeys.clear}.app.json`, `${programKeys.clear}.app.tar.zst`, false],
    [`${programKeys.encrypted}.app.json`, `${programKeys.encrypted}.app.tar.zst.age`, true],
  ]);
  expect(backups[2]?.archive?.key).toBe(`${keys['8 July']}.tar.zst`);
  expect(backups[2]?.archive).toMatchObject({ kind: 'full', encrypted: false });
  expect(backups[3]?.archive).toMatchObject({ kind: 'differential', encrypted: false });
});

test('its origin is read', async () => {
  const key = 'origin/20230706T022000Z-pc-kasir.json';
  expect(parseOriginKey(key)?.name).toBe('pc-kasir');
  expect(parseOrigin(await read(key))).toEqual({
    name: 'pc-kasir',
    appFolder: 'C:\\Program Files\\Direktorat Jenderal Pajak\\e-Faktur',
  });
});

test('its manifests are read', async () => {
  const manifest = parseManifest(await read(`${keys['8 July']}.json`), `${keys['8 July']}.json`);
  const facts = {
    contentHash: '3bf45226735caa6433266e32aab3b48c98e0b0ca867f505acec854445e07d936',
    dataHash: '241003e9623661dcd50c130f7033c57bd98c70cd4a1333d46c90410f170ea8a5',
    files: 11,
    totalBytes: 1301675,
    databases: ['ETaxInvoice', second],
    sourceName: 'ETaxInvoice_20230708_093000.zip',
  };
  const archive = `${keys['8 July']}.tar.zst`;
  expect(manifest).toEqual({
    id: '20230708T023000Z-3f9a1c2e77d0',
    capturedAt: new Date('2023-07-08T02:30:00Z'),
    capturedBasis: 'name',
    kind: 'full',
    source: 'login-backup',
    origin: 'origin/20230706T022000Z-pc-kasir.json',
    program: 'efaktur-cloud 0.1.0',
    archive,
    needs: [
      {
        key: archive,
        sizeBytes: 3739,
        sha256: '7922c111b87abdfe07e90e4c98d244500a0842b27d410c497e52c44e534d8f5a',
      },
    ],
    restore: 'zstd -d 20230708T023000Z-3f9a1c2e77d0.tar.zst -o full.tar; tar xf full.tar',
    private: facts,
  });
  const again = parseManifest(await read(`${keys['9 July']}.json`), `${keys['9 July']}.json`);
  expect(again).toEqual({
    ...manifest,
    id: '20230709T021000Z-3f9a1c2e77d0',
    capturedAt: new Date('2023-07-09T02:10:00Z'),
    capturedBasis: 'read',
    source: 'cold',
  });
});

test.each(['6 July', '8 July'] as const)('its archive of %s is read', async (day) => {
  const manifest = parseManifest(await read(`${keys[day]}.json`), `${keys[day]}.json`);
  const archive = await read(manifest.archive);
  expect({ sizeBytes: archive.length, sha256: sha256(archive) }).toEqual({
    sizeBytes: manifest.needs[0]?.sizeBytes,
    sha256: manifest.needs[0]?.sha256,
  });
  const { list, content } = await unpack(pieces(archive, 1000));
  const { files, emptyFolders } = expected[day];
  expect(list.emptyFolders).toEqual(emptyFolders);
  expect(list.files).toEqual(
    files.map(([path, bytes, mtimeMs]) => ({
      path,
      sizeBytes: bytes.length,
      mtimeMs,
      sha256: sha256(bytes),
    })),
  );
  for (const [path, bytes] of files) expect(content.get(path)?.equals(bytes), path).toBe(true);
  // The list's own `files` stand in the place of their number.
  const { files: _, ...facts } = manifest.private as PrivateFacts;
  expect(list.facts).toMatchObject({
    ...facts,
    id: manifest.id,
    kind: 'full',
    contentHash: contentHash(list.files),
    dataHash: dataHash(list.files),
  });
});

test('its differential of 10 July is read', async () => {
  const key = `${keys['10 July']}.json`;
  const manifest = parseManifest(await read(key), key);
  expect(manifest).toMatchObject({
    kind: 'differential',
    needs: [
      { key: `${keys['8 July']}.tar.zst` },
      {
        key: `${keys['10 July']}.diff.tar.zst`,
        sizeBytes: 17514,
        sha256: '6563ccd34e013befd8217fd76cc5277e1ed699077b9446084cce907edb13208b',
      },
    ],
  });
  const [full, own] = await Promise.all(manifest.needs.map((need) => read(need.key)));
  const base = await unpackArchive(streamOf(pieces(full ?? Buffer.alloc(0), 1000)));
  const reader = await unpackArchive(streamOf(pieces(own ?? Buffer.alloc(0), 777)), base);
  const { files, emptyFolders } = expected['10 July'];
  expect(reader.list.emptyFolders).toEqual(emptyFolders);
  expect(reader.list.facts).toMatchObject({ id: manifest.id, base: `${keys['8 July']}.tar.zst` });
  const content: [string, Buffer, number][] = [];
  for await (const { file, chunks } of reader.files())
    content.push([file.path, await collect(chunks), file.mtimeMs]);
  expect(content.map(([path, bytes, mtimeMs]) => [path, sha256(bytes), mtimeMs])).toEqual(
    files.map(([path, bytes, mtimeMs]) => [path, sha256(bytes), mtimeMs]),
  );
});

test('the e-Faktur that its backup of 11 July was made with is read', async () => {
  const key = `${keys['11 July']}.json`;
  const manifest = parseManifest(await read(key), key);
  expect(manifest).toMatchObject({
    appProgram: sha256(program.main),
    archive: `${keys['8 July']}.tar.zst`,
    private: { app: program.facts },
  });
});

test.each(['clear', 'encrypted'] as const)('its program folder is read, %s', async (how) => {
  const key = `${programKeys[how]}.app.json`;
  const manifest = parseProgramManifest(await read(key), key);
  expect(manifest).toMatchObject({ kind: 'program', appProgram: sha256(program.main) });
  const [need] = manifest.needs;
  const archive = await read(manifest.archive);
  expect(need).toEqual({ key: manifest.archive, sizeBytes: archive.length, sha256: sha256(archive) });
  const decryptor = await createDecryptor([{ name: 'sample', content: secret(Buffer.from(sampleKey)) }]);
  const facts =
    typeof manifest.private === 'string'
      ? parseProgramFacts(JSON.parse(await decryptor.decryptText(manifest.private, key)), key)
      : manifest.private;
  expect(facts).toMatchObject({
    ...program.facts,
    files: program.files.length,
    leftOut: { database: 1, 'private-key': 1 },
    ...(how === 'encrypted' && { id: manifest.id }),
  });
  const bytes = streamOf(pieces(archive, 1000));
  const opened = async (sealed: AsyncGenerator<Buffer>): Promise<AsyncGenerator<Buffer>> => {
    const file = await decryptor.openFile(sealed, manifest.archive);
    return openPayload(file.bytes, file.start, (what) => new Error(what.en));
  };
  const reader = await unpackArchive(how === 'encrypted' ? await opened(bytes) : bytes, null, 'program');
  expect(reader.list.emptyFolders).toEqual(program.emptyFolders);
  expect(reader.list.facts).toMatchObject({
    kind: 'program',
    id: manifest.id,
    appProgram: manifest.appProgram,
  });
  expect(facts.contentHash).toBe(contentHash(reader.list.files));
  const content: [string, Buffer, number][] = [];
  for await (const { file, chunks } of reader.files())
    content.push([file.path, await collect(chunks), file.mtimeMs]);
  expect(content.map(([path, bytes, mtimeMs]) => [path, sha256(bytes), mtimeMs])).toEqual(
    program.files.map(([path, bytes, mtimeMs]) => [path, sha256(bytes), mtimeMs]),
  );
});

test('its README.txt is what this version writes', async () => {
  expect((await read(readmeKey)).equals(prefixReadme)).toBe(true);
});

test('a damaged copy of its archive fails as damaged', async () => {
  const archive = await read(`${keys['8 July']}.tar.zst`);
  const flipped = Buffer.from(archive);
  flipped.writeUInt8(flipped.readUInt8(1000) ^ 1, 1000);
  const copies: Record<string, Buffer> = {
    'a flipped bit': flipped,
    'a byte short': archive.subarray(0, -1),
    'without its table': archive.subarray(0, archive.length - 33),
    half: archive.subarray(0, archive.length / 2),
    'a byte long': Buffer.concat([archive, Buffer.alloc(1)]),
    twice: Buffer.concat([archive, archive]),
    'headed by another': Buffer.concat([await read(`${keys['6 July']}.tar.zst`), archive]),
    nothing: Buffer.alloc(0),
  };
  for (const [what, bytes] of Object.entries(copies)) {
    expect(await codeOf(unpack(pieces(bytes, 512))), what).toBe('damaged');
  }
});

test('a damaged or newer copy of its manifest fails as such', async () => {
  const key = `${keys['8 July']}.json`;
  const text = (await read(key)).toString();
  const outcome = (changed: string) => codeThrown(() => parseManifest(Buffer.from(changed), key));
  expect(outcome(text)).toBeNull();
  expect(outcome(text.slice(0, -3))).toBe('damaged');
  expect(outcome(text.replace('"size": 3739', '"size": "3739"'))).toBe('damaged');
  expect(outcome(text.replace('"format": 1', '"format": 2'))).toBe('newer-format');
  expect(outcome(text.replace('"kind": "full"', '"kind": "synthetic"'))).toBe('newer-format');
  expect(outcome(text.replace('"kind": "full"', '"kind": "differential"'))).toBe('damaged');
});

test('its archive is read as a stream from disk', async () => {
  const stream = createReadStream(join(root, `${keys['6 July']}.tar.zst`), { highWaterMark: 100 });
  const reader = await unpackArchive(stream);
  let files = 0;
  for await (const { chunks } of reader.files()) {
    for await (const _ of chunks);
    files++;
  }
  expect(files).toBe(6);
});
