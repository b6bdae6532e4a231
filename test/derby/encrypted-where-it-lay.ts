import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { placeKept, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';

const row = (id: number): string =>
  `INSERT INTO ETAX.RIWAYAT VALUES (${id}, '${`Langkah ke-${id}. `.repeat(22)}')`;
const statements = [
  // Only a table of some length has reserved pages.
  'CREATE TABLE ETAX.RIWAYAT (ID INTEGER, ISI VARCHAR(400))',
  ...Array.from({ length: 130 }, (_, i) => row(i + 1)),
];
/** What Derby is asked for at the next boot, and what its database is then. */
const boots = [
  ['encrypted', 'bootPassword=kata sandi contoh', 'dataEncryption=true'],
  ['anew', 'bootPassword=kata sandi contoh', 'newBootPassword=kata sandi lain'],
  // Derby 10.8 cannot.
  ['decrypted', 'bootPassword=kata sandi lain', 'decryptDatabase=true'],
] as const;

/** Lets Derby encrypt a database where it lies, then anew, then decrypt it: it lacks only pages that nothing was written to. */
export async function expectEncryptedWhereItLay(version: DerbyVersion): Promise<void> {
  const folder = join(await tempFolder(), 'states');
  const some = version === '10.8.3.0' ? boots.slice(0, 2) : boots;
  await placeKept(folder, ['encrypted where it lay', version, statements, some], async (made) => {
    const derby = await startDerby({ version });
    try {
      let path = join(made, 'clear', 'SANDI');
      await mkdir(join(made, 'clear'), { recursive: true });
      await derby.create(path, { invoices: 60 });
      for (const statement of statements) await derby.exec(path, statement);
      await derby.shutdown(path);
      for (const [name, attributes, once] of some) {
        const next = join(made, name, 'SANDI');
        await cp(path, next, { recursive: true });
        await derby.open(next, { attributes, once });
        await derby.shutdown(next);
        path = next;
      }
    } finally {
      await derby.close();
    }
  });
  for (const state of ['clear', ...some.map(([name]) => name)]) {
    const { verdict, databases } = judgeFiles(loadFolder(join(folder, state)));
    const bad = databases[0]?.problems.filter(({ severity }) => severity !== 'note');
    const isClear = state === 'clear' || state === 'decrypted';
    expect({ state, verdict, bad }).toEqual({ state, verdict: isClear ? 'clean' : 'encrypted', bad: [] });
  }
}
