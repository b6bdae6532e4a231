import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, type PullJson, type PushJson, treeOf } from '../support/cli.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import { makeBucket } from '../support/minio.ts';

test('a database of 100 MB, pushed live and from a zip, pulled, and found whole by Derby with every row', {
  timeout: 600_000,
}, async () => {
  const bucket = await makeBucket();
  const world = await makeWorld({ live: null, backups: [] });
  await rm(join(world.app, 'db'), { recursive: true });
  const database = await placeDatabase(join(world.app, 'db', 'ETaxInvoice'), { sizeMb: 100, seed: 7 });
  const derby = await startDerby();
  try {
    const zip = join(world.app, 'backup', 'cadangan.zip');
    await derby.zip(join(world.app, 'db'), zip, { prefix: 'db/' });
    const july = new Date('2023-07-08T09:30:00+07:00');
    await utimes(zip, july, july);
    const original = await derby.checkCopy(database);
    expect(original.ok).toBe(true);
    const counts = (tables: typeof original.tables): unknown[] =>
      tables.map((t) => [`${t.schema}.${t.table}`, t.rows]);

    for (const source of ['live', 'backup']) {
      const env = {
        ...bucket.env,
        EFAKTUR_STORE: `s3://${bucket.bucket}/${source}?endpoint=${bucket.endpoint}`,
      };
      const push = await world.runBuilt(['push', '--source', source, '--json'], { env });
      expect(push.code, push.stderr).toBe(0);
      const { backups } = JSON.parse(push.stdout) as PushJson & { backups: { totalBytes: number }[] };
      expect(backups[0]?.totalBytes).toBeGreaterThan(100_000_000);
      const to = join(world.folder, source);
      const pull = await world.runBuilt(['pull', '--to', to, '--json'], { env });
      expect(pull.code, pull.stderr).toBe(0);
      const { files, bytes } = JSON.parse(pull.stdout) as PullJson;
      expect(bytes).toBe(backups[0]?.totalBytes);
      const restored = join(to, 'db', 'ETaxInvoice');
      const [was, is] = [await treeOf(database), await treeOf(restored)];
      expect(is).toEqual(was);
      expect(Object.keys(is).filter((name) => !name.endsWith('/'))).toHaveLength(files);
      // Opened where it was restored to, as e-Faktur would.
      const check = await derby.check(restored);
      expect(check.tables.filter((t) => !t.ok)).toEqual([]);
      expect(check.ok).toBe(true);
      expect(counts(check.tables)).toEqual(counts(original.tables));
      await derby.shutdown(restored);
    }
  } finally {
    await derby.close();
  }
});
