import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Survey } from '../../src/survey/document.ts';
import { windowsPc } from '../support/win/pc.ts';

test('the page on this PC under Windows, and a zip for helpers', async () => {
  const pc = await windowsPc();
  const zip = join(pc.folder, 'bantuan.zip');
  const { page } = await pc.json<{ page: Survey }>(['doctor', '--page', '--bundle', pc.named(zip)]);
  expect(page.program).toMatchObject({ platform: 'win32', arch: 'x64' });
  expect(page.folders.settings).toMatch(/^[A-Z]:\\.*\\efaktur-cloud$/);
  const [profile, ...others] = page.profiles;
  expect(others).toEqual([]);
  expect(profile?.app).toMatchObject({ error: null, databases: ['ETaxInvoice'], isOpen: false });
  expect(profile?.stores).toMatchObject([{ answer: 'not-there' }]);
  expect(page.toDo.map(({ code }) => code)).toContain('no-backup');
  expect((await readFile(zip, 'latin1')).slice(0, 2)).toBe('PK');
  const shown = await pc.run(['doctor', '--page', '--lang', 'id']);
  expect([shown.code, shown.stderr]).toEqual([0, '']);
  expect(shown.stdout).toContain('Yang perlu dilakukan');
});
