import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { eventCodes } from '../../src/base/warning-codes.ts';

test('each code stands for one event that something tells of, and is no code of an error', async () => {
  const folder = join(import.meta.dirname, '../../src');
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = names.filter((name) => !name.endsWith('warning-codes.ts'));
  const code = (await Promise.all(sources.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
  expect(eventCodes.filter((event) => !code.includes(`'${event}'`))).toEqual([]);
  expect(eventCodes.filter((event) => event in exitCodes)).toEqual([]);
  expect(new Set(eventCodes).size).toBe(eventCodes.length);
});
