import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { nodeExe } from '../../scripts/windows/node-exe.ts';
import { exitCodes } from '../../src/base/errors.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { windowsPc } from '../support/win/pc.ts';
import { wine } from '../support/win/wine.ts';

/** What Windows tells of programs that run. */

test('an e-Faktur that runs from one folder stops a restore into that one, and into no other', async () => {
  const pc = await windowsPc();
  await pc.json(['push', '--source', 'backup', '--all']);
  const other = await makeEfakturFolder(join(pc.folder, 'e-Faktur lama'));
  for (const app of [pc.app, other]) {
    await writeFile(join(app, 'ETaxInvoiceMain.exe'), await nodeExe());
    await chmod(join(app, 'ETaxInvoiceMain.exe'), 0o755);
  }
  const stop = join(pc.folder, 'stop');
  const waits = `const w = setInterval(() => require('fs').existsSync(${JSON.stringify(pc.named(stop))}) && clearInterval(w), 100);
    require('fs').writeFileSync(${JSON.stringify(pc.named(`${stop}.begun`))}, '')`;
  const running = wine(join(pc.app, 'ETaxInvoiceMain.exe'), ['-e', waits], { prefix: inject('winePrefix') });
  while (!existsSync(`${stop}.begun`)) await sleep(100);
  const pull = (to: string) => pc.run(['pull', '--to', pc.named(to), '--yes', '--json']);

  const refused = await pull(pc.app);
  expect(refused.code, refused.stderr).toBe(exitCodes['app-running']);
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: { message: expect.stringContaining(`ETaxInvoiceMain.exe runs from ${pc.named(pc.app)}`) },
  });
  const restored = await pull(other);
  expect(restored.code, restored.stderr).toBe(0);

  await writeFile(stop, '');
  await running;
  expect((await pull(pc.app)).code).toBe(0);
});
