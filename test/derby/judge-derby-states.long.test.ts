import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { judgeFolder, loadFolder } from './judge-folder.ts';

test.each<DerbyVersion>(['10.10.2.0', '10.12.1.1', '10.14.2.0'])(
  'service.properties of Derby %s without any one of its lines is judged as Derby takes it',
  async (version) => {
    const path = await placeDatabase(join(await tempFolder(), 'ETaxInvoice'), { version });
    const derby = await startDerby({ version });
    onTestFinished(() => derby.close());
    const text = loadFolder(dirname(path)).get('ETaxInvoice/service.properties')?.toString('latin1') ?? '';
    const lines = text.trimEnd().split(/\r?\n/);
    expect(lines.length).toBeGreaterThan(20);
    const disagree: string[] = [];
    for (const gone of lines) {
      const rest = lines.filter((line) => line !== gone);
      await writeFile(join(path, 'service.properties'), `${rest.join('\n')}\n`, 'latin1');
      const { verdict } = judgeFolder(dirname(path));
      const { ok } = await derby.checkCopy(path);
      if (ok !== (verdict === 'clean')) disagree.push(`${gone}: ${verdict}, and Derby says ${ok}`);
    }
    expect(disagree).toEqual([]);
  },
);
