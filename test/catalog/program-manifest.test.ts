import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backupId, programArchiveKey, programManifestKey } from '../../src/catalog/names.ts';
import {
  encodeProgramManifest,
  type ProgramFacts,
  type ProgramManifest,
  parseProgramFacts,
  parseProgramManifest,
} from '../../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { codeThrown } from '../base/failures.ts';

const hash = (digit: string): string => digit.repeat(64);
const key = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.json';
const archive = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.app.tar.zst';

const facts: ProgramFacts = {
  contentHash: hash('a'),
  files: 812,
  totalBytes: 345_000_000,
  programs: [
    { name: 'ETaxInvoice.exe', sha256: hash('1'), sizeBytes: 90_000 },
    { name: 'ETaxInvoiceMain.exe', sha256: hash('2'), sizeBytes: 900_000, version: '4.0.0.0' },
  ],
  memory: ['-Xmx512m'],
  leftOut: { database: 1, 'private-key': 2 },
};
const manifest: ProgramManifest = {
  id: '20230708T023000Z-3f9a1c2e77d0',
  capturedAt: new Date('2023-07-08T02:30:00Z'),
  kind: 'program',
  origin: 'origin/20230706T022000Z-pc-kasir.json',
  program: 'efaktur-cloud 0.1.0',
  appProgram: hash('2'),
  archive,
  needs: [{ key: archive, sizeBytes: 4711, sha256: hash('c') }],
  restore: stockRestoreLine(archive),
  private: facts,
};

type Json = Record<string, unknown>;
const json = (): Json => JSON.parse(encodeProgramManifest(manifest).toString());
const outcome = (value: unknown, under = key) =>
  codeThrown(() => parseProgramManifest(Buffer.from(JSON.stringify(value)), under));

test('any manifest of a program is read back as it was written', () => {
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
      hex(64),
      fc.maxSafeNat(),
      fc.array(fc.string()),
      fc.boolean(),
      (second, tag, sha256, appProgram, sizeBytes, memory, encrypted) => {
        const capturedAt = new Date(second * 1000);
        const id = backupId(capturedAt, tag);
        const day = capturedAt.toISOString().slice(0, 10);
        const named = programArchiveKey(day, id, encrypted);
        const any: ProgramManifest = {
          ...manifest,
          id,
          capturedAt,
          appProgram,
          archive: named,
          needs: [{ key: named, sizeBytes, sha256 }],
          restore: stockRestoreLine(named),
          private: encrypted ? 'text' : { ...facts, memory },
        };
        expect(parseProgramManifest(encodeProgramManifest(any), programManifestKey(day, id))).toEqual(any);
      },
    ),
  );
});

test('in clear there is a closed list of fields and nothing of the facts', () => {
  const text = encodeProgramManifest({ ...manifest, private: 'sealed' }).toString();
  expect(Object.keys(JSON.parse(text))).toEqual([
    ...['format', 'id', 'capturedAt', 'kind', 'origin', 'program', 'appProgram'],
    ...['archive', 'needs', 'restore', 'private'],
  ]);
  for (const told of ['ETaxInvoice', '4.0.0.0', 'Xmx', facts.contentHash]) expect(text).not.toContain(told);
});

test('fields of later versions are ignored, and facts among the private ones carried along', () => {
  const later = { ...json(), shelf: 7, private: { ...facts, java: '1.8' } };
  expect(parseProgramManifest(Buffer.from(JSON.stringify(later)), key)).toEqual({
    ...manifest,
    private: { ...facts, java: '1.8' },
  });
});

test.each<[string, Json]>([
  ['format 2', { format: 2 }],
  ['the kind of a backup', { kind: 'full' }],
  ['a kind nobody knows', { kind: 'printer' }],
])('%s is of a newer format', (_, change) => {
  expect(outcome({ ...json(), ...change })).toBe('newer-format');
});

test.each(['format', 'id', 'capturedAt', 'kind', 'appProgram', 'archive', 'needs', 'private'])(
  'without %s it is damaged',
  (field) => {
    const without = Object.fromEntries(Object.entries(json()).filter(([name]) => name !== field));
    expect(outcome(without)).toBe('damaged');
    for (const odd of [null, '', true, [], 7]) {
      if (field === 'format' && odd === 7) continue;
      expect([field, odd, outcome({ ...json(), [field]: odd })]).toEqual([field, odd, 'damaged']);
    }
  },
);

const need = (change: Json): Json => ({ needs: [{ key: archive, size: 1, sha256: hash('c'), ...change }] });

test.each<[string, Json]>([
  ['an id of another key', { id: '20230708T023001Z-3f9a1c2e77d0' }],
  ['a capture time that is not its id’s', { capturedAt: '2023-07-08T02:30:01Z' }],
  ['half a hash of its main program', { appProgram: 'c'.repeat(63) }],
  ['a hash in capitals', { appProgram: 'C'.repeat(64) }],
  ...[
    '../other/x.app.tar.zst',
    archive.replace('.app', ''),
    archive.replace('.app', '.diff'),
    archive.replace('3f9a1c2e77d0', '000000000000'),
    `${archive}.age`,
    key,
  ].map((odd): [string, Json] => [`the archive ${odd}`, { archive: odd, ...need({ key: odd }) }]),
  ['an encrypted private part beside an archive in clear', { private: 'age-encryption.org/v1' }],
  ['two archives', { needs: [...(json().needs as Json[]), ...(json().needs as Json[])] }],
  ['the archive of another', need({ key: archive.replace('T0230', 'T0231') })],
  ['no size', need({ size: undefined })],
  ['a negative size', need({ size: -1 })],
  ['no hash', need({ sha256: null })],
  ['private facts without a list of programs', { private: { ...facts, programs: undefined } }],
])('with %s it is damaged', (_, change) => {
  expect(outcome({ ...json(), ...change })).toBe('damaged');
});

test('who meets a damaged one is told to use another program backup', () => {
  expect(() => parseProgramManifest(Buffer.from('{'), key)).toThrow(
    expect.objectContaining({
      hint: { en: 'Use another program backup, or this one from another store.', id: expect.any(String) },
    }),
  );
});

test('cut anywhere it is damaged', () => {
  const bytes = encodeProgramManifest(manifest);
  for (let length = 0; length < bytes.length - 1; length++)
    expect(
      codeThrown(() => parseProgramManifest(bytes.subarray(0, length), key)),
      `${length}`,
    ).toBe('damaged');
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['no content hash', { ...facts, contentHash: undefined }],
  ['a negative number of files', { ...facts, files: -1 }],
  ['no bytes', { ...facts, totalBytes: '9' }],
  ['a program without a name', { ...facts, programs: [{ sha256: hash('1'), sizeBytes: 1 }] }],
  ['a program without a hash', { ...facts, programs: [{ name: 'x', sizeBytes: 1 }] }],
  [
    'a version that is none',
    { ...facts, programs: [{ name: 'x', sha256: hash('1'), sizeBytes: 1, version: 4 }] },
  ],
  ['memory lines that are none', { ...facts, memory: [1] }],
  ['counts that are none', { ...facts, leftOut: { link: 'two' } }],
  ['a list of counts', { ...facts, leftOut: [1] }],
])('private facts with %s are damaged', (_, value) => {
  expect(codeThrown(() => parseProgramFacts(value, key))).toBe('damaged');
});
