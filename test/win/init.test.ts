import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { InitDocument } from '../../src/setup/document.ts';
import type { ListJson } from '../support/cli.ts';
import { noteSecret } from '../support/printed.ts';
import { windowsPc } from '../support/win/pc.ts';

/** The wizard by flags alone on Windows: what it writes, and that the profile alone is enough afterwards. */

test('from nothing to a verified backup, with Windows paths and a profile below %APPDATA%', async () => {
  const pc = await windowsPc();
  const [sheet, store] = [join(pc.folder, 'lembar.html'), pc.on('c', 'Cadangan e-Faktur')];
  const name = basename(pc.folder);
  const env = { EFAKTUR_STORE: '', EFAKTUR_APP_DIR: '' };
  const args = ['init', '--yes', '--app', pc.named(pc.app), '--store', pc.named(store), '--name', name];
  const more = ['--sheet', pc.named(sheet), '--keep-key', '--schedule', 'off'];
  const document = await pc.json<InitDocument>([...args, ...more], { env });
  const [profile] = document.profiles;
  const key = /AGE-SECRET-KEY-1[A-Z0-9]{58}/.exec(await readFile(sheet, 'utf8'))?.[0] ?? '';
  await noteSecret(key);
  expect(document).toMatchObject({ outcome: 'proven', recipient: expect.stringMatching(/^age1/) });
  expect(profile?.file).toMatch(/^C:\\.*\\AppData\\Roaming\\efaktur-cloud\\pc-[0-9a-f]+\.env$/i);
  const own = {
    ...env,
    EFAKTUR_STATE_DIR: '',
    EFAKTUR_NAME: '',
    EFAKTUR_TIMEZONE: '',
  };
  const listed = await pc.json<ListJson>(['list', '--profile', name], { env: own });
  expect(listed.backups).toHaveLength(1);
  expect(await pc.json(['verify', '--read-data', '--profile', name], { env: own })).toMatchObject({
    outcome: 'ok',
  });
  // The home folder of the PC is shared by all tests.
  const roaming = join(pc.on('c'), '..', ...(profile?.file ?? '').split('\\').slice(1));
  onTestFinished(() => rm(roaming, { force: true }));
  const text = await readFile(roaming, 'utf8');
  expect(text).toContain(`EFAKTUR_APP_DIR=${pc.named(pc.app)}\n`);
  expect(text).not.toContain(key);
  const keyFile = roaming.replace(/\.env$/, '.key');
  onTestFinished(() => rm(keyFile, { force: true }));
  expect(await readFile(keyFile, 'utf8')).toContain(key);
});
