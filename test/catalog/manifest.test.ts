import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeManifest,
  encodeOrigin,
  type Manifest,
  type PrivateFacts,
  parseManifest,
  parseOrigin,
  parsePrivateFacts,
} from '../../src/catalog/manifest.ts';
import { archiveKey, backupId, manifestKey } from '../../src/catalog/names.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { codeThrown } from '../base/failures.ts';

const hash = (digit: string): string => digit.repeat(64);
const key = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.json';
const archive = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst';

const facts: PrivateFacts = {
  contentHash: hash('a'),
  dataHash: hash('b'),
  files: 120,
  totalBytes: 345_000,
  databases: ['ETaxInvoice'],
  verdict: 'clean',
  judged: [{ name: 'ETaxInvoice', verdict: 'clean', tables: [{ name: 'ETAX.PROFIL', rows: 1 }] }],
  sourceName: 'ETaxInvoice_20230708_093000.zip',
};
const manifest: Manifest = {
  id: '20230708T023000Z-3f9a1c2e77d0',
  capturedAt: new Date('2023-07-08T02:30:00Z'),
  capturedBasis: 'name',
  kind: 'full',
  source: 'login-backup',
  origin: 'origin/20230706T022000Z-pc-kasir.json',
  program: 'efaktur-cloud 0.1.0',
  archive,
  needs: [{ key: archive, sizeBytes: 4711, sha256: hash('c') }],
  restore: stockRestoreLine(archive),
  private: facts,
};

type Json = Record<string, unknown>;
const json = (): Json => JSON.parse(encodeManifest(manifest).toString());
const outcome = (value: unknown, under = key) =>
  codeThrown(() => parseManifest(Buffer.from(JSON.stringify(value)), under));

test('a manifest is read back as it was written', () => {
  expect(parseManifest(encodeManifest(manifest), key)).toEqual(manifest);
  const encrypted = {
    ...manifest,
    archive: `${archive}.age`,
    needs: [{ key: `${archive}.age`, sizeBytes: 4711, sha256: hash('c') }],
    private: '-----BEGIN AGE ENCRYPTED FILE-----\n…',
  };
  expect(parseManifest(encodeManifest(encrypted), key)).toEqual(encrypted);
});

test('any manifest is read back as it was written', () => {
  const seconds = fc.integer({
    min: Date.parse('2001-01-01Z') / 1000,
    max: Date.parse('2199-12-31Z') / 1000,
  });
  const hex = (n: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${n}}$`));
  fc.assert(
    fc.property(
      seconds,
      hex(12),
      hex(64),
      fc.maxSafeNat(),
      fc.constantFrom('name', 'mtime', 'read'),
      fc.constantFrom('login-backup', 'cold', 'hot'),
      fc.array(fc.string()),
      fc.boolean(),
      (second, tag, sha256, sizeBytes, capturedBasis, source, databases, encrypted) => {
        const capturedAt = new Date(second * 1000);
        const id = backupId(capturedAt, tag);
        const day = capturedAt.toISOString().slice(0, 10);
        const named = archiveKey(day, id, 'full', encrypted);
        const any: Manifest = {
          ...manifest,
          id,
          capturedAt,
          capturedBasis,
          source,
          archive: named,
          needs: [{ key: named, sizeBytes, sha256 }],
          restore: stockRestoreLine(named),
          private: encrypted ? 'text' : { ...facts, databases },
        };
        expect(parseManifest(encodeManifest(any), manifestKey(day, id))).toEqual(any);
      },
    ),
  );
});

test('a differential names its base first and itself last', () => {
  const own = archive.replace('.tar.zst', '.diff.tar.zst');
  const base = { key: '2023-07-06/20230706T021500Z-9c1d4e0b7a25.tar.zst', sizeBytes: 9, sha256: hash('d') };
  const itself = { key: own, sizeBytes: 7, sha256: hash('e') };
  const differential: Manifest = { ...manifest, kind: 'differential', archive: own, needs: [base, itself] };
  expect(parseManifest(encodeManifest(differential), key)).toEqual(differential);
  const differentialBase = { ...base, key: base.key.replace('.tar.zst', '.diff.tar.zst') };
  for (const needs of [
    [],
    [itself],
    [base],
    [itself, base],
    [base, base, itself],
    [differentialBase, itself],
  ])
    expect(codeThrown(() => parseManifest(encodeManifest({ ...differential, needs }), key))).toBe('damaged');
  const full = { ...manifest, needs: [base, ...manifest.needs] };
  expect(codeThrown(() => parseManifest(encodeManifest(full), key))).toBe('damaged');
});

test('a fraction of a second is not kept', () => {
  const read = parseManifest(
    encodeManifest({ ...manifest, capturedAt: new Date('2023-07-08T02:30:00.999Z') }),
    key,
  );
  expect(read.capturedAt).toEqual(manifest.capturedAt);
});

test('which e-Faktur it was made with stands there where it is known', () => {
  const app = {
    programs: [{ name: 'ETaxInvoiceMain.exe', sha256: hash('e'), sizeBytes: 9, version: '4.0.0.0' }],
    memory: ['-Xmx512m'],
  };
  const known = { ...manifest, appProgram: hash('e'), private: { ...facts, app } };
  expect(parseManifest(encodeManifest(known), key)).toEqual(known);
  const keys = Object.keys(JSON.parse(encodeManifest(known).toString()));
  expect(keys.slice(keys.indexOf('program'), keys.indexOf('archive') + 1)).toEqual([
    'program',
    'appProgram',
    'archive',
  ]);
  for (const odd of [null, '', 'e'.repeat(63), 'E'.repeat(64), 7])
    expect(outcome({ ...json(), appProgram: odd })).toBe('damaged');
  for (const odd of [null, {}, { ...app, memory: undefined }, { ...app, programs: [{}] }])
    expect(codeThrown(() => parsePrivateFacts({ ...facts, app: odd }, key))).toBe('damaged');
});

test('in clear there is a closed list of fields and nothing of the facts', () => {
  const text = encodeManifest({ ...manifest, private: 'sealed' }).toString();
  expect(Object.keys(JSON.parse(text))).toEqual([
    'format',
    'id',
    'capturedAt',
    'capturedBasis',
    'kind',
    'source',
    'origin',
    'program',
    'archive',
    'needs',
    'restore',
    'private',
  ]);
  expect(text).not.toContain('ETaxInvoice');
  expect(text).not.toContain(facts.contentHash);
});

test('a second manifest may name an archive of another day', () => {
  const again: Manifest = {
    ...manifest,
    id: '20230709T021000Z-3f9a1c2e77d0',
    capturedAt: new Date('2023-07-09T02:10:00Z'),
    capturedBasis: 'read',
    source: 'cold',
  };
  expect(parseManifest(encodeManifest(again), manifestKey('2023-07-09', again.id))).toEqual(again);
});

test('fields of later versions are ignored, and facts among the private ones carried along', () => {
  const later = {
    ...json(),
    schedule: { every: 1 },
    needs: (json().needs as Json[]).map((need) => ({ ...need, region: 'x' })),
    private: { ...facts, totals: { ppn: '345000' } },
  };
  expect(parseManifest(Buffer.from(JSON.stringify(later)), key)).toEqual({
    ...manifest,
    private: { ...facts, totals: { ppn: '345000' } },
  });
});

test.each<[string, Json]>([
  ['format 2', { format: 2 }],
  ['format 0', { format: 0 }],
  ['format 1.5', { format: 1.5 }],
  ['a kind nobody knows', { kind: 'synthetic' }],
])('%s is of a newer format', (_, change) => {
  expect(outcome({ ...json(), ...change })).toBe('newer-format');
});

test('a newer format is told before anything else that is unknown', () => {
  expect(outcome({ format: 2, whatever: true })).toBe('newer-format');
});

const without = (field: string): Json =>
  Object.fromEntries(Object.entries(json()).filter(([name]) => name !== field));

test.each(['format', 'id', 'capturedAt', 'capturedBasis', 'kind', 'source', 'archive', 'needs', 'private'])(
  'without %s it is damaged',
  (field) => {
    expect(outcome(without(field))).toBe('damaged');
    for (const odd of [null, '', true, [], '??']) {
      if (field === 'private' && odd === '??') continue;
      const code = outcome({ ...json(), [field]: odd });
      expect([field, odd, code]).toEqual([
        field,
        odd,
        field === 'kind' && odd === '??' ? 'newer-format' : 'damaged',
      ]);
    }
  },
);

test.each(['origin', 'program', 'restore'])('%s may be absent: no restore needs it', (field) => {
  expect(outcome(without(field))).toBeNull();
});

test.each<[string, Json]>([
  ['an id of another key', { id: '20230708T023001Z-3f9a1c2e77d0' }],
  ['an id of another tag', { id: '20230708T023000Z-000000000000' }],
  ['a capture time that is not its id’s', { capturedAt: '2023-07-08T02:30:01Z' }],
  ['a capture time without a zone', { capturedAt: '2023-07-08T02:30:00' }],
  ['a capture time in words', { capturedAt: '8 July 2023 02:30 UTC' }],
  ['a basis nobody knows', { capturedBasis: 'guess' }],
  ['a source nobody knows', { source: 'warm' }],
  ['an archive above the prefix', { archive: '../other/x.tar.zst' }],
  ['an archive at the root', { archive: '/x.tar.zst' }],
  ['an archive with a backslash', { archive: 'x\\y' }],
  ...[
    ...['archive.tar.zst', '2023-07-08/x.tar.zst', `${archive}.bak`, `${archive}/x`, `C:${archive}`],
    ...[`${archive}\u0000`, `2023-07-08/${'x'.repeat(300)}`, `doctor/${archive}`, `${archive}.age`],
    ...[archive.replace('3f9a1c2e77d0', '000000000000'), archive.replace('.tar', '.diff.tar')],
  ].map((odd): [string, Json] => [
    `the archive ${JSON.stringify(odd).slice(0, 60)}`,
    { archive: odd, needs: [{ key: odd, size: 1, sha256: hash('c') }] },
  ]),
  ['an archive in clear and an encrypted private part', { private: 'age-encryption.org/v1' }],
  ['an archive it does not need', { archive: '2023-07-08/20230708T023000Z-000000000000.tar.zst' }],
  ['needs that are no list', { needs: { 0: 'x' } }],
  ['a need that is none', { needs: [null] }],
  ['a need without a hash', { needs: [{ key: archive, size: 1 }] }],
  ['a need with half a hash', { needs: [{ key: archive, size: 1, sha256: 'c'.repeat(63) }] }],
  ['a need with a hash in capitals', { needs: [{ key: archive, size: 1, sha256: 'C'.repeat(64) }] }],
  ['a need without a size', { needs: [{ key: archive, sha256: hash('c') }] }],
  ['a need of a negative size', { needs: [{ key: archive, size: -1, sha256: hash('c') }] }],
  ['a need of a size as text', { needs: [{ key: archive, size: '1', sha256: hash('c') }] }],
  ['a need of half a byte', { needs: [{ key: archive, size: 0.5, sha256: hash('c') }] }],
  ['a need above the prefix', { needs: [{ key: '../x', size: 1, sha256: hash('c') }] }],
  ['a second need that is none', { needs: [{ key: archive, size: 1, sha256: hash('c') }, {}] }],
])('with %s it is damaged', (_, change) => {
  expect(outcome({ ...json(), ...change })).toBe('damaged');
});

test('under another key it is damaged', () => {
  expect(outcome(json(), '2023-07-08/20230708T023000Z-000000000000.json')).toBe('damaged');
  expect(outcome(json(), '2023-07-09/20230708T023000Z-3f9a1c2e77d0.json')).toBeNull();
});

test.each(['', '{', 'null', '7', '[]', '"x"', '{}', '\u0000'])('%j is no manifest', (text) => {
  expect(codeThrown(() => parseManifest(Buffer.from(text), key))).toBe('damaged');
});

test('cut anywhere it is damaged', () => {
  const bytes = encodeManifest(manifest);
  for (let length = 0; length < bytes.length - 1; length++)
    expect(
      codeThrown(() => parseManifest(bytes.subarray(0, length), key)),
      `cut to ${length}`,
    ).toBe('damaged');
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a list', []],
  ['text', 'x'],
  ['no content hash', { ...facts, contentHash: undefined }],
  ['a wrong content hash', { ...facts, contentHash: 'abc' }],
  ['a wrong data hash', { ...facts, dataHash: 7 }],
  ['no number of files', { ...facts, files: undefined }],
  ['a negative number of files', { ...facts, files: -1 }],
  ['no bytes', { ...facts, totalBytes: '9' }],
  ['no databases', { ...facts, databases: undefined }],
  ['databases without names', { ...facts, databases: [1] }],
  ['judgements without tables', { ...facts, judged: [{ name: 'x', verdict: 'clean' }] }],
])('private facts with %s are damaged', (_, value) => {
  expect(codeThrown(() => parsePrivateFacts(value, key))).toBe('damaged');
});

test('private facts that are not known may be absent', () => {
  const few = { contentHash: hash('a'), files: 0, totalBytes: 0, databases: [] };
  expect(parsePrivateFacts(few, key)).toEqual(few);
});

test('origins are read back, and what is none is null', () => {
  for (const origin of [
    { name: 'pc-kasir', appFolder: 'C:\\Program Files\\e-Faktur' },
    { name: 'pc', appFolder: null },
  ])
    expect(parseOrigin(encodeOrigin(origin))).toEqual(origin);
  for (const text of ['', '{', 'null', '7', '{}', '{"name":""}', '{"name":7}', '[]'])
    expect(parseOrigin(Buffer.from(text)), text).toBeNull();
});

test('a manifest that is longer, deeper or of more parts than any is refused in a moment', () => {
  const startedAt = performance.now();
  for (const bomb of [
    '['.repeat(15 << 20),
    '['.repeat(1 << 20),
    `{"format":1,"x":${'['.repeat(100)}${']'.repeat(100)}}`,
  ])
    expect(codeThrown(() => parseManifest(Buffer.from(bomb), key))).toBe('damaged');
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
