import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Warning } from '../../src/base/progress.ts';
import type { InspectContext } from '../../src/inspect/backup-files.ts';
import { findRows } from '../../src/inspect/find.ts';
import { openDatabases, tablesNamed } from '../../src/inspect/open-databases.ts';
import { openBackupFiles } from '../../src/inspect/open-files.ts';
import { parseTerms } from '../../src/inspect/terms.ts';
import { openStore } from '../../src/store/open.ts';
import { makeWorld } from '../support/cli.ts';
import { placeDatabase } from '../support/derby.ts';
import { makeBucket, type TestBucket } from '../support/minio.ts';
import { verbContext } from '../support/verb-context.ts';
import { folderForAll } from './inspect-folder.ts';

let bucket: TestBucket;
let db: string;
beforeAll(async () => {
  bucket = await makeBucket();
  db = join(await folderForAll(), 'db');
  await placeDatabase(join(db, 'ETaxInvoice'), { sizeMb: 10 });
});

test('over S3 only what is needed is fetched, encrypted or not', async () => {
  const world = await makeWorld({ live: null });
  const key = join(world.folder, 'key.txt');
  const { recipient } = await world.json<{ recipient: string }>(['keys', 'new', '--out', key]);
  for (const recipients of [undefined, recipient]) {
    const url = bucket.url.replace('?', `/${recipients ? 'encrypted' : 'plain'}?`);
    const env = { ...bucket.env, EFAKTUR_STORE: url, EFAKTUR_RECIPIENTS: recipients };
    const reading = {
      env: { ...env, EFAKTUR_RECIPIENTS: undefined, EFAKTUR_IDENTITY_FILE: recipients && key },
    };
    const { backups } = await world.json(['push', '--source', db], { env });
    const storedBytes = backups[0]?.storedBytes ?? 0;
    const { loadDecryptor } = await import('../../src/app/keys.ts');
    const { loadConfig } = await import('../../src/settings/load.ts');
    const config = await loadConfig(
      {
        env: { ...reading.env, EFAKTUR_STATE_DIR: world.stateDir },
        currentFolder: world.folder,
        homeFolder: world.folder,
        hostName: 'pc',
        platform: process.platform,
        systemZone: 'Asia/Jakarta',
        systemLocale: 'C',
      },
      undefined,
    );
    const store = await openStore(url, { env: bucket.env, currentFolder: world.folder });
    const context: InspectContext = {
      stores: async () => [store],
      decryptor: () => loadDecryptor(config, world.folder, async () => null),
      ...verbContext(world.stateDir),
    };
    const warnings: Warning[] = [];
    const place = { in: 'stores', wanted: { by: 'newest' } } as const;
    const files = await openBackupFiles(place, context, warnings, { salvage: false });
    const inspection = await openDatabases(files, { database: null, salvage: false }, warnings);
    const opened = store.traffic.receivedBytes;
    const found = [];
    const tables = tablesNamed(inspection, 'LAWAN_TRANSAKSI');
    for await (const row of findRows(
      inspection,
      tables,
      parseTerms(['pajak7@contoh.example']),
      context.signal,
    ))
      found.push(row);
    expect(found).toHaveLength(1);
    // The system tables and one small table, in frames of 1 MiB of tar: a part of the archive.
    expect(opened).toBeLessThan(storedBytes / 2);
    expect(store.traffic.receivedBytes).toBeLessThan(storedBytes * 0.75);
    store.close();
    const detail = await world.run(['show', 'FAKTUR_DETAIL', '--csv'], reading);
    const local = await world.run(['show', 'FAKTUR_DETAIL', '--csv', '--local', db]);
    expect(detail.code).toBe(0);
    expect(detail.stdout === local.stdout).toBe(true);
  }
});
