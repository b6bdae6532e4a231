import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differentialTexts } from '../../src/archive/differential-texts.ts';
import { contentHash, dataHash, type ListedFile } from '../../src/archive/file-list.ts';
import { encodeSeekTable } from '../../src/archive/zstd-frames.ts';
import { parseManifest, parseOrigin } from '../../src/catalog/manifest.ts';
import {
  archiveKey,
  manifestKey,
  parseBackupKey,
  parseOriginKey,
  parseProgramKey,
  programArchiveKey,
  programManifestKey,
} from '../../src/catalog/names.ts';
import { encodeProgramManifest, parseProgramManifest } from '../../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../../src/catalog/stock-tools.ts';
import { createHeader } from '../../src/crypto/age-header.ts';

/** The examples of docs/FORMAT.md are what the code makes and reads. */

const format = readFileSync(join(import.meta.dirname, '../../docs/FORMAT.md'), 'utf8');
const jsonBlocks = [...format.matchAll(/^```json\n(.*?)^```$/gms)].map((m) => m[1] ?? '');
const id = '20230708T023000Z-3f9a1c2e77d0';

test('the worked example of the hashes', () => {
  const file = (path: string, content: string): ListedFile => ({
    path,
    sizeBytes: content.length,
    mtimeMs: 0,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  const files = [file('ETaxInvoice/seg0/c10.dat', 'hello\n'), file('ETaxInvoice/log/log.ctrl', 'abc')];
  for (const { path, sha256 } of files) expect(format).toMatch(new RegExp(`\\\`${path}\\\`.*${sha256}`));
  expect(format).toContain(`content hash  ${contentHash(files)}\n`);
  expect(format).toContain(`data hash     ${dataHash(files)}\n`);
});

test('the seek table', () => {
  const table = encodeSeekTable([{ compressedBytes: 450, contentBytes: 4608 }]);
  const [shown = ''] = /^ {4}5e 2a 4d 18 .*$/m.exec(format) ?? [];
  expect(shown.replaceAll(' ', '')).toBe(table.toString('hex'));
});

test('the names', () => {
  const pattern = new RegExp(/^ {4}(\^\\d.*\$)$/m.exec(format)?.[1] ?? '$^');
  const day = '2023-07-08';
  const keys = [
    manifestKey(day, id),
    ...(['full', 'differential'] as const).flatMap((kind) => [
      archiveKey(day, id, kind, false),
      archiveKey(day, id, kind, true),
    ]),
  ];
  for (const key of keys) {
    expect(key).toMatch(pattern);
    expect(parseBackupKey(key)).not.toBeNull();
  }
  for (const key of [
    `${day}/x.json`,
    `origin/${id}.json`,
    `${day}/${id}.zip`,
    `${day}/${id.toUpperCase()}.json`,
  ]) {
    expect(key).not.toMatch(pattern);
    expect(parseBackupKey(key)).toBeNull();
  }
  const [originKey = ''] = /origin\/\S+\.json/.exec(format) ?? [];
  expect(parseOriginKey(originKey)?.name).toBe('pc-kasir');
});

test('the names of programs', () => {
  const pattern = new RegExp(/^ {4}(\^\\d.*\\\.app.*\$)$/m.exec(format)?.[1] ?? '$^');
  const day = '2023-07-08';
  const keys = [
    programManifestKey(day, id),
    programArchiveKey(day, id, false),
    programArchiveKey(day, id, true),
  ];
  for (const key of keys) {
    expect(key).toMatch(pattern);
    expect(parseProgramKey(key)).not.toBeNull();
  }
  for (const key of [manifestKey(day, id), archiveKey(day, id, 'full', true), `${keys[0]}.age`]) {
    expect(key).not.toMatch(pattern);
    expect(parseProgramKey(key)).toBeNull();
  }
});

test('the manifest of a program', () => {
  const [, , shown = ''] = jsonBlocks;
  const parsed = parseProgramManifest(
    Buffer.from(shown),
    '2023-07-11/20230711T020500Z-a1c2e3f40516.app.json',
  );
  expect(parsed.restore).toBe(stockRestoreLine(parsed.archive));
  const told = Object.keys(JSON.parse(encodeProgramManifest(parsed).toString()));
  expect(Object.keys(JSON.parse(shown))).toEqual(told);
});

test('the manifest, the origin and the restore lines', () => {
  const [origin = '', manifest = ''] = jsonBlocks;
  expect(parseOrigin(Buffer.from(origin))?.name).toBe('pc-kasir');
  const parsed = parseManifest(Buffer.from(manifest), manifestKey('2023-07-08', id));
  expect(parsed).toMatchObject({
    id,
    kind: 'full',
    source: 'login-backup',
    archive: `2023-07-08/${id}.tar.zst`,
  });
  expect(parsed.restore).toBe(stockRestoreLine(parsed.archive));
});

test('the last stanza of an age header', async () => {
  const { header } = await createHeader(['age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg']);
  const [, before = '', shown = '', body = ''] =
    /^(.*\n)(-> efaktur-cloud\/header-sha256)\n(.*)\n--- \S{43}\n$/s.exec(header.toString('latin1')) ?? [];
  expect(format).toContain(`    ${shown}\n    BODY\n`);
  const hash = createHash('sha256').update(before, 'latin1').digest('base64').replaceAll('=', '');
  expect(body).toBe(hash);
  expect(body).toHaveLength(43);
});

test('the texts in a differential are those whose hashes it states, and the script that it shows', () => {
  const python = /^```python\n(.*?)^```$/ms.exec(format)?.[1];
  const shown = [...format.matchAll(/^\| `differential\/([\w.]+)` \| `([0-9a-f]{64})` \|$/gm)].map(
    ([, name, hash]) => `${name} ${hash}`,
  );
  // Fixed for ever with format 1: readers refuse any others.
  expect(shown).toEqual([
    'README.txt 16bdc852587b5dad0244cbb80702a578712df1072d3d7ae281b6c362b62bed88',
    'restore.py cb64198951a2ba68df8c1b890ff3bc24ea873f7da6c25aead1d84b190bd19410',
    'restore.ps1 3036b1c8ee9ecff2024b1a0587de199b94022b55ca01b5d42919638aeb013f8d',
  ]);
  const made = differentialTexts.map(
    ({ name, bytes }) => `${name} ${createHash('sha256').update(bytes).digest('hex')}`,
  );
  expect(made).toEqual(shown);
  expect(differentialTexts.find(({ name }) => name === 'restore.py')?.bytes.toString()).toBe(python);
  for (const { name, bytes } of differentialTexts) {
    expect(bytes.toString('ascii'), name).toMatch(/^[\x20-\x7e\r\n]+$/);
    const lines = bytes.toString('ascii').split('\n').slice(0, -1);
    expect(
      lines.every((line) => line.endsWith('\r') === (name !== 'restore.py')),
      name,
    ).toBe(true);
  }
});
