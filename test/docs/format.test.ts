import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentHash, dataHash, type ListedFile } from '../../src/archive/file-list.ts';
import { encodeSeekTable } from '../../src/archive/zstd-frames.ts';
import { parseManifest, parseOrigin, stockRestoreLine } from '../../src/catalog/manifest.ts';
import { archiveKey, manifestKey, parseBackupKey, parseOriginKey } from '../../src/catalog/names.ts';
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
  for (const name of [parsed.archive, `${parsed.archive}.age`])
    expect(format).toContain(`\n${stockRestoreLine(name)}\n`);
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
