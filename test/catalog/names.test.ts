import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localDay } from '../../src/base/local-time.ts';
import {
  afterLastDay,
  archiveKey,
  attachedTag,
  backupId,
  cleanOriginName,
  copiedKey,
  indexKey,
  isArchiveKey,
  isCopiedKey,
  isEncryptedKey,
  isOwnFolder,
  isUploadedKey,
  manifestKey,
  newTag,
  originKey,
  type Proof,
  parseBackupId,
  parseBackupKey,
  parseIndexKey,
  parseOriginKey,
  parseProgramKey,
  parseProofKey,
  parsePrunedKey,
  programArchiveKey,
  programManifestKey,
  proofKey,
  prunedKey,
} from '../../src/catalog/names.ts';

const instant = fc
  .integer({ min: Date.parse('2000-01-01Z') / 1000, max: Date.parse('2199-12-31Z') / 1000 })
  .map((seconds) => new Date(seconds * 1000));
const tag = fc.stringMatching(/^[0-9a-f]{12}$/);
const kind = fc.constantFrom('full', 'differential');
const zone = fc.constantFrom('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura');

test('names are read back as they were written', () => {
  fc.assert(
    fc.property(instant, tag, kind, fc.boolean(), zone, (capturedAt, drawn, type, encrypted, name) => {
      const id = backupId(capturedAt, drawn);
      const day = localDay(capturedAt, name);
      const parts = { id, capturedAt, tag: drawn };
      expect(parseBackupId(id)).toEqual(parts);
      expect(parseBackupKey(manifestKey(day, id))).toEqual({ ...parts, day, type: 'manifest' });
      expect(parseBackupKey(archiveKey(day, id, type, encrypted))).toEqual({
        ...parts,
        day,
        type: 'archive',
        kind: type,
        encrypted,
      });
    }),
  );
});

test('names of programs are read back as they were written, and are no names of backups', () => {
  fc.assert(
    fc.property(instant, tag, fc.boolean(), zone, (capturedAt, drawn, encrypted, name) => {
      const id = backupId(capturedAt, drawn);
      const day = localDay(capturedAt, name);
      const parts = { id, capturedAt, tag: drawn, day };
      const [manifest, archive] = [programManifestKey(day, id), programArchiveKey(day, id, encrypted)];
      expect(parseProgramKey(manifest)).toEqual({ ...parts, type: 'manifest' });
      expect(parseProgramKey(archive)).toEqual({ ...parts, type: 'archive', encrypted });
      for (const key of [manifest, archive]) expect(parseBackupKey(key)).toBeNull();
      for (const key of [manifestKey(day, id), archiveKey(day, id, 'full', encrypted)])
        expect(parseProgramKey(key)).toBeNull();
      expect([manifest, archive].map(isArchiveKey)).toEqual([false, true]);
      expect([manifest, archive].map(isUploadedKey)).toEqual([false, true]);
      expect(isOwnFolder(`${day}/`) && manifest < afterLastDay).toBe(true);
    }),
  );
});

test('ids and keys sort by time', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(instant, tag), { minLength: 2 }), (backups) => {
      const byTime = [...backups].sort(([a], [b]) => a.getTime() - b.getTime()).map(([at]) => at);
      const ids = backups.map(([at, drawn]) => backupId(at, drawn)).sort();
      expect(ids.map((id) => parseBackupId(id)?.capturedAt)).toEqual(byTime);
      const keys = backups
        .map(([at, drawn]) => manifestKey(localDay(at, 'Asia/Jakarta'), backupId(at, drawn)))
        .sort();
      expect(keys.map((key) => parseBackupKey(key)?.capturedAt)).toEqual(byTime);
    }),
  );
});

test('names are as the format says', () => {
  const id = '20230708T023000Z-3f9a1c2e77d0';
  expect(manifestKey('2023-07-08', id)).toBe('2023-07-08/20230708T023000Z-3f9a1c2e77d0.json');
  expect(archiveKey('2023-07-08', id, 'full', false)).toBe(
    '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst',
  );
  expect(archiveKey('2023-07-08', id, 'full', true)).toBe(
    '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst.age',
  );
});

test.each([
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.json.age',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.json\n',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.diff.tar.zst',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.diff.app.tar.zst',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.tar',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.APP.json',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0-app.json',
  '2023-07-08/20230732T023000Z-3f9a1c2e77d0.app.json',
  '2023-07-06/20230708T023000Z-3f9a1c2e77d0.app.json',
  '2023-02-29/20230228T023000Z-3f9a1c2e77d0.app.json',
  'x/2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.json',
])('%j names neither a program nor a backup', (key) => {
  expect(parseProgramKey(key)).toBeNull();
  expect(parseBackupKey(key)).toBeNull();
});

test.each([
  '',
  '/',
  '2023-07-08/',
  '2023-07-08/notes.txt',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.json.age',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.json.tmp',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst.age.age',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst (1)',
  '2023-07-08/20230708T023000Z-3F9A1C2E77D0.json',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d.json',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d01.json',
  '2023-07-08/20230708T023000-3f9a1c2e77d0.json',
  '2023-07-08/20230732T023000Z-3f9a1c2e77d0.json',
  '2023-07-08/20230708T253000Z-3f9a1c2e77d0.json',
  '2023-07-32/20230708T023000Z-3f9a1c2e77d0.json',
  '2023-02-29/20230708T023000Z-3f9a1c2e77d0.json',
  '2023-07-06/20230708T023000Z-3f9a1c2e77d0.json',
  '2023-07-09/20230708T023000Z-3f9a1c2e77d0.tar.zst',
  '2023-7-8/20230708T023000Z-3f9a1c2e77d0.json',
  '20230708/20230708T023000Z-3f9a1c2e77d0.json',
  'x/2023-07-08/20230708T023000Z-3f9a1c2e77d0.json',
  '2023-07-08/x/20230708T023000Z-3f9a1c2e77d0.json',
  '2023-07-08\\20230708T023000Z-3f9a1c2e77d0.json',
  '20230708T023000Z-3f9a1c2e77d0.json',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.json\n',
  '2023-07-08/20230708T023000Z-3f9a1c2e77d0.incr.tar.zst',
  'origin/20230708T023000Z-pc.json',
  'proofs/3f9a1c2e77d0-data-clean-20230708T030000Z.json',
])('%j is no backup key', (key) => {
  expect(parseBackupKey(key)).toBeNull();
});

test('the day is that of the time in some zone, UTC−12 to UTC+14', () => {
  const isKey = (day: string, time: string): boolean =>
    parseBackupKey(`${day}/20230708T${time}Z-3f9a1c2e77d0.json`) !== null;
  expect(['095959', '100000'].map((time) => isKey('2023-07-09', time))).toEqual([false, true]);
  expect(['115959', '120000'].map((time) => isKey('2023-07-07', time))).toEqual([true, false]);
  fc.assert(
    fc.property(
      instant,
      fc.constantFrom('Asia/Jayapura', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Etc/GMT+12'),
      (at, zone) => {
        expect(parseBackupKey(manifestKey(localDay(at, zone), backupId(at, newTag())))).not.toBeNull();
      },
    ),
  );
});

test('keys that were not written here are never taken for one', () => {
  const good = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.tar.zst';
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat(3).map((n) => good.slice(0, 44 + n) + good.slice(48)),
        fc
          .tuple(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 2 }))
          .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1)),
      ),
      (key) => {
        const program = parseProgramKey(key);
        if (program?.type === 'manifest') expect(programManifestKey(program.day, program.id)).toBe(key);
        else if (program) expect(programArchiveKey(program.day, program.id, program.encrypted)).toBe(key);
        const parsed = parseBackupKey(key);
        if (!parsed) return;
        expect(program).toBeNull();
        const again =
          parsed.type === 'manifest'
            ? manifestKey(parsed.day, parsed.id)
            : archiveKey(parsed.day, parsed.id, parsed.kind, parsed.encrypted);
        expect(again).toBe(key);
      },
    ),
    { numRuns: 2000 },
  );
});

test('every day sorts before the mark that ends listings, all other folders after it', () => {
  fc.assert(
    fc.property(instant, (at) => {
      expect(manifestKey(localDay(at, 'Asia/Jakarta'), backupId(at, newTag())) < afterLastDay).toBe(true);
    }),
  );
  for (const folder of ['index/', 'origin/', 'proofs/', 'pruned/']) expect(folder > afterLastDay).toBe(true);
});

test('tags are 12 hex digits and differ', () => {
  const tags = Array.from({ length: 1000 }, newTag);
  expect(new Set(tags).size).toBe(1000);
  for (const drawn of tags) expect(drawn).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  ['PC-Kasir', 'pc-kasir'],
  ['PC KASIR 1', 'pc-kasir-1'],
  ['Kantor Müller & Co.', 'kantor-m-ller-co'],
  ['--x--', 'x'],
  ['', 'pc'],
  ['税', 'pc'],
  ['../../etc', 'etc'],
])('the name %j stands in keys as %j', (name, clean) => {
  expect(cleanOriginName(name)).toBe(clean);
});

test('an origin key gives back its name, whatever the name', () => {
  fc.assert(
    fc.property(instant, fc.string({ unit: 'grapheme' }), (at, name) => {
      const clean = cleanOriginName(name);
      expect(parseOriginKey(originKey(at, clean))?.name).toBe(clean);
      expect(cleanOriginName(clean)).toBe(clean);
    }),
  );
  for (const key of [
    'origin/',
    'origin/x.json',
    'origin/20230708T023000Z-.json',
    'x/20230708T023000Z-pc.json',
  ])
    expect(parseOriginKey(key), key).toBeNull();
});

test('names of proofs, notes and indexes are read back as they were written, and as nothing else', () => {
  fc.assert(
    fc.property(instant, tag, fc.boolean(), (at, drawn, encrypted) => {
      const proof: Proof = { tag: drawn, level: 'engine', result: 'needs-recovery', at };
      expect(parseProofKey(proofKey(proof))).toEqual(proof);
      expect(parsePrunedKey(prunedKey(at))).toEqual(at);
      expect(isCopiedKey(copiedKey(at))).toBe(true);
      expect(attachedTag(indexKey(drawn, encrypted))).toBe(drawn);
      expect(isEncryptedKey(indexKey(drawn, encrypted))).toBe(encrypted);
      const keys = [proofKey(proof), prunedKey(at), copiedKey(at), indexKey(drawn, encrypted)];
      for (const read of [parseProofKey, parsePrunedKey, parseIndexKey, parseOriginKey, parseBackupKey])
        expect(keys.filter((key) => read(key) !== null).length).toBeLessThanOrEqual(1);
      expect(keys.filter(isCopiedKey)).toHaveLength(1);
    }),
  );
});

test('what a later version lays beside an index goes with its full', () => {
  expect(attachedTag('index/3f9a1c2e77d0.map')).toBe('3f9a1c2e77d0');
  expect(parseIndexKey('index/3f9a1c2e77d0.map')).toBeNull();
  expect(attachedTag('index/3f9a1c2e77d01.map')).toBeNull();
});

test('no other file of the program has names of the format in its code', async () => {
  const root = join(import.meta.dirname, '../../src');
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const name = /(['"`^/])(?:copied|doctor|index|origin|proofs|pruned)\\?\/(?!\1\))(?!\S*\.ts')/;
  const found: string[] = [];
  for (const file of files) {
    const lines = (await readFile(join(root, file), 'utf8')).split('\n');
    const code = lines.filter((line) => !/^\s*(?:\/?\*|\/\/|import|\} from|export .* from)/.test(line));
    if (code.some((line) => name.test(line))) found.push(file.replaceAll('\\', '/'));
  }
  expect(found).toEqual(['catalog/names.ts']);
});
