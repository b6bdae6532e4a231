import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import type { PullJson, PushJson } from '../support/cli.ts';
import { startWindowsDerby } from '../support/win/derby.ts';
import { windowsPc } from '../support/win/pc.ts';

/** Beside an e-Faktur: Derby in a Java for Windows, with the locks that it takes there. */

const invoices = 'SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN';

test('a db that e-Faktur has open is pushed, not restored over, and opens in Derby when it comes back', async () => {
  const pc = await windowsPc({ backups: [] });
  const derby = await startWindowsDerby();
  const live = pc.named(join(pc.app, 'db', 'ETaxInvoice'));
  expect(await derby.value(live, invoices)).toBe('41');

  // What no checkpoint has written yet is in the log alone.
  expect(await derby.update(live, "UPDATE ETAX.PROFIL SET NAMA = 'CV Sesudah Dibuka'")).toBe(1);
  const pushed = await pc.json<PushJson>(['push']);
  const [{ date = '', id = '' } = {}] = pushed.backups;
  const manifest = await readFile(join(pc.folder, 'store', date, `${id}.json`), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ id, source: 'hot' });

  const refused = await pc.run(['pull', '--yes', '--json']);
  expect(refused.code, refused.stderr).toBe(exitCodes['app-running']);
  expect(await derby.value(live, invoices)).toBe('41');
  await derby.shutdown(live);

  const to = join(pc.folder, 'kembali');
  await pc.json(['pull', '--to', pc.named(to)]);
  const restored = pc.named(join(to, 'db', 'ETaxInvoice'));
  expect(await derby.value(restored, 'SELECT NAMA FROM ETAX.PROFIL')).toBe('CV Sesudah Dibuka');
  expect(await derby.value(restored, invoices)).toBe('41');
  expect(await derby.checkedTables(restored)).toBe(5);
  await derby.shutdown(restored);
});

test('what a killed e-Faktur left is told from an open db, and restored over', async () => {
  const pc = await windowsPc();
  const live = pc.named(join(pc.app, 'db', 'ETaxInvoice'));
  const killed = await startWindowsDerby();
  expect(await killed.value(live, invoices)).toBe('41');
  await killed.end();

  await pc.json(['push', '--source', 'backup', '--all']);
  const pulled = await pc.json<PullJson>(['pull', '--date', '2023-07-06', '--yes']);
  expect(pulled.previousDb).not.toBeNull();
  const derby = await startWindowsDerby();
  expect(await derby.value(live, invoices)).toBe('40');
  expect(await derby.checkedTables(live)).toBe(5);
  await derby.shutdown(live);
});
