import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';

const password = 'kata sandi contoh';

/** Lets Derby encrypt a database where it lies, then anew, then decrypt it: it lacks only pages that nothing was written to. */
export async function expectEncryptedWhereItLay(version: DerbyVersion): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
  const path = join(folder, 'SANDI');
  const judged = () => {
    const { verdict, databases } = judgeFiles(loadFolder(folder));
    return { verdict, bad: databases[0]?.problems.filter(({ severity }) => severity !== 'note') };
  };
  const derby = await startDerby({ version });
  const reopen = async (attributes: string, once: string): Promise<void> => {
    await derby.open(path, { attributes, once });
    await derby.shutdown(path);
  };
  try {
    const row = (id: number): string =>
      `INSERT INTO ETAX.RIWAYAT VALUES (${id}, '${`Langkah ke-${id}. `.repeat(22)}')`;
    await derby.create(path, { invoices: 60 });
    // Only a table of some length has reserved pages.
    await derby.exec(path, 'CREATE TABLE ETAX.RIWAYAT (ID INTEGER, ISI VARCHAR(400))');
    for (let id = 1; id <= 130; id++) await derby.exec(path, row(id));
    await derby.shutdown(path);
    expect(judged()).toEqual({ verdict: 'clean', bad: [] });
    await reopen(`bootPassword=${password}`, 'dataEncryption=true');
    expect(judged()).toEqual({ verdict: 'encrypted', bad: [] });
    await reopen(`bootPassword=${password}`, 'newBootPassword=kata sandi lain');
    expect(judged()).toEqual({ verdict: 'encrypted', bad: [] });
    if (version === '10.8.3.0') return;
    await reopen('bootPassword=kata sandi lain', 'decryptDatabase=true');
    expect(judged()).toEqual({ verdict: 'clean', bad: [] });
  } finally {
    await derby.close();
    await rm(folder, { recursive: true, force: true });
  }
}
