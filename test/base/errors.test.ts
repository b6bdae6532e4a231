import { access, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EfakturError, isBug, nodeCode, systemCode } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { tempFolder } from './temp-folder.ts';

const thrownBy = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => null,
      (error: unknown) => error,
    );

const coded = (code: string): Error => Object.assign(new Error('made for the test'), { code });

test('what the system says has a code', async () => {
  const folder = await tempFolder();
  expect(systemCode(await thrownBy(() => access(join(folder, 'absent'))))).toBe('ENOENT');
  expect(systemCode(await thrownBy(() => readFile(folder)))).toBe('EISDIR');
  for (const code of [
    'ECONNRESET',
    'EAI_AGAIN',
    'ENOTFOUND',
    'E2BIG',
    'UNKNOWN',
    'Unknown system error -122',
  ])
    expect(systemCode(coded(code))).toBe(code);
});

test("a program's mistake has none, whatever Node.js calls it, and neither have our own errors", async () => {
  const folder = await tempFolder();
  const handle = await open(join(folder, 'file'), 'w');
  try {
    const mistakes = [
      () => handle.write({ length: 3 } as unknown as Buffer),
      () => Buffer.alloc(2).readUInt32LE(0),
      () => access(7 as unknown as string),
      () => (undefined as unknown as { x: number }).x,
      () => new URL('no address'),
    ];
    for (const mistake of mistakes) {
      const error = await thrownBy(mistake);
      expect([systemCode(error), isBug(error)], String(error)).toEqual([null, true]);
    }
  } finally {
    await handle.close();
  }
  for (const thrown of [null, 'ENOENT', { code: 7 }, coded('ABORT_ERR'), coded('Z_DATA_ERROR')])
    expect([systemCode(thrown), isBug(thrown)]).toEqual([null, false]);
  const ours = new EfakturError('usage', verbatim('m'), verbatim('h'));
  expect([systemCode(ours), isBug(ours), nodeCode(ours)]).toEqual([null, false, 'usage']);
});
