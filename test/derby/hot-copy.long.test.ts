import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hotCopy } from '../../src/derby/hot-copy.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type Derby, placeDatabase, startDerby, startWriter } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { copiesUnderWrites, expectSound, hotCopies, someHotCopies } from './hot-copies.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.12.1.1', '10.14.2.0'];
const timeout = 600_000;

const start = async (version: DerbyVersion): Promise<Derby> => {
  const derby = await startDerby({ version });
  onTestFinished(() => derby.kill());
  return derby;
};

test.each([250, 80])(
  'with a checkpoint every %i ms, or as often as this machine can copy between: each copy is sound',
  { timeout },
  async (everyMs) => {
    // A busy machine takes longer for a copy than it is from one of these to the next; a slower one must do.
    const closest = async (checkpointEveryMs: number): ReturnType<typeof hotCopies> => {
      const writing = { checkpointEveryMs, pauseMs: 0 };
      return copiesUnderWrites(await tempFolder(), writing, 4, someHotCopies).catch((error) => {
        if (checkpointEveryMs >= 2000) throw error;
        return closest(checkpointEveryMs * 2);
      });
    };
    const derby = await start('10.12.1.1');
    for (const { path, unsoundPages } of await closest(everyMs)) {
      expect(unsoundPages).toEqual([]);
      await expectSound(path, derby);
    }
  },
);

describe.each(versions)('Derby %s', (version) => {
  // A busy machine may find no moment between the closer checkpoints for each of the copies, but for one.
  test.each([
    { name: 'a checkpoint every 2 s', checkpointEveryMs: 2000, sizeMb: 8, copies: 2 },
    {
      name: 'a checkpoint every 250 ms',
      checkpointEveryMs: 250,
      sizeMb: 8,
      copies: 6,
      make: someHotCopies,
    },
    {
      name: 'new log files and checkpoints by size',
      checkpointEveryMs: 0,
      logSwitchBytes: 100_000,
      sizeMb: 0,
      copies: 6,
    },
    { name: 'no checkpoints', checkpointEveryMs: 0, sizeMb: 20, copies: 2 },
  ])(
    'heavy writes, $name: every copy is sound',
    { timeout },
    async ({ sizeMb, copies, name, make = hotCopies, ...settings }) => {
      const folder = await tempFolder();
      const place = sizeMb > 0 ? { version, sizeMb } : { version };
      const database = await placeDatabase(join(folder, name, 'ETaxInvoice'), place);
      const writer = await startWriter(database, { version, ...settings });
      onTestFinished(() => writer.kill());
      await writer.waitForCommits(25);
      const made = await make(database, folder, copies, { maxAttempts: 60 });
      await writer.kill();
      const derby = await start(version);
      for (const { path, unsoundPages } of made) {
        expect(unsoundPages).toEqual([]);
        await expectSound(path, derby);
      }
    },
  );

  test('heavy writes, a checkpoint every 60 ms: refused, or sound', { timeout }, async () => {
    const folder = await tempFolder();
    const database = await placeDatabase(join(folder, 'ETaxInvoice'), { version });
    const writer = await startWriter(database, { version, checkpointEveryMs: 60 });
    onTestFinished(() => writer.kill());
    await writer.waitForCommits(25);
    // A slow machine may find no moment between two checkpoints; then nothing is copied, and that is said.
    const made: string[] = [];
    let refused = 0;
    for (let n = 0; n < 4; n++) {
      const copy = join(folder, `copy${n}`);
      const refusal = await codeOf(hotCopy(database, copy, { maxAttempts: 40 }).then(() => made.push(copy)));
      if (refusal === null) continue;
      refused++;
      expect(refusal).toBe('source-changed');
      expect(await readdir(copy)).toEqual([]);
    }
    expect(made.length + refused).toBe(4);
    await writer.kill();
    const derby = await start(version);
    for (const path of made) await expectSound(path, derby);
  });

  test('encrypted, under writes: every copy is sound', { timeout }, async () => {
    const folder = await tempFolder();
    const database = join(folder, 'ETaxInvoice');
    const writer = await start(version);
    await writer.create(database, { invoices: 60, bootPassword: 'contoh-sandi' });
    await writer.open(database, { attributes: 'bootPassword=contoh-sandi' });
    await writer.startWriting(database, { checkpointEveryMs: 0 });
    await writer.waitForCommits(database, 25);
    const made = await hotCopies(database, folder, 3, { maxAttempts: 50 });
    await writer.kill();
    const derby = await start(version);
    for (const { path } of made) await expectSound(path, derby, 'bootPassword=contoh-sandi');
  });

  test('tables and indexes come and go without end: refused, or sound', { timeout }, async () => {
    const folder = await tempFolder();
    const database = await placeDatabase(join(folder, 'ETaxInvoice'), { version, sizeMb: 8 });
    const busy = await start(version);
    const checker = await start(version);
    let goOn = true;
    const changes = (async () => {
      for (let i = 0; goOn; i++) {
        const steps = [
          `CREATE INDEX ETAX.IX${i} ON ETAX.FAKTUR_DETAIL (NAMA_BARANG, DPP)`,
          `CREATE TABLE ETAX.T${i} (A BIGINT, B VARCHAR(200))`,
          `INSERT INTO ETAX.T${i} SELECT ID, NAMA FROM ETAX.LAWAN_TRANSAKSI`,
          `CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('ETAX', 'LAWAN_TRANSAKSI', 1)`,
          `DELETE FROM ETAX.T${i} WHERE MOD(A, 3) > 0`,
          `CALL SYSCS_UTIL.SYSCS_INPLACE_COMPRESS_TABLE('ETAX', 'T${i}', 1, 1, 1)`,
          `DROP INDEX ETAX.IX${i}`,
          `DROP TABLE ETAX.T${i}`,
        ];
        for (const step of steps) {
          await busy.exec(database, step);
          await sleep(60);
        }
      }
    })();
    for (let i = 0; i < 8; i++) {
      const copy = join(folder, `copy${i}`, 'ETaxInvoice');
      const code = await codeOf(hotCopy(database, copy, { maxAttempts: 20 }));
      if (code === null) {
        await expectSound(copy, checker);
        continue;
      }
      expect(code).toBe('source-changed');
      expect(await readdir(copy)).toEqual([]);
    }
    goOn = false;
    await changes;
    // When nothing comes and goes any more, a copy must succeed.
    await expectSound((await hotCopies(database, join(folder, 'after'), 1))[0]?.path ?? '', checker);
  });
});
