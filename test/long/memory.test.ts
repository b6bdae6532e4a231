import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, type World } from '../support/cli.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import { makeBucket } from '../support/minio.ts';

const maxPeakMb = 300;
const sizeMb = 1000;

/** Runs the built program and resolves with its peak memory in MB and its seconds. */
async function measured(world: World, args: readonly string[], env: Record<string, string>) {
  const report = join(world.folder, 'peak');
  const startedAt = performance.now();
  const preload = `--import=${join(import.meta.dirname, '../support/report-memory.mjs')}`;
  const outcome = await world.runBuilt(args, {
    env: { ...env, MEMORY_REPORT: report, NODE_OPTIONS: preload },
    timeoutMs: 1_200_000,
  });
  expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
  const seconds = (performance.now() - startedAt) / 1000;
  return { peakMb: Math.round(Number(await readFile(report, 'utf8')) / 1024), seconds: Math.round(seconds) };
}

test('a database of 1 GB needs less than 300 MB of memory: pushed from the live folder and from a zip, and pulled', async () => {
  const bucket = await makeBucket();
  const world = await makeWorld({ live: null, backups: [] });
  const database = join(world.app, 'db', 'ETaxInvoice');
  await rm(join(world.app, 'db'), { recursive: true });
  await placeDatabase(database, { sizeMb, seed: 7 });
  const zip = join(world.folder, '2023-07-08 09.30.zip');
  const derby = await startDerby();
  await derby.zip(join(world.app, 'db'), zip, { prefix: 'db/' });
  await derby.close();
  expect((await stat(zip)).size).toBeGreaterThan(1 << 20);

  const store = (name: string): Record<string, string> => ({
    ...bucket.env,
    EFAKTUR_STORE: `s3://${bucket.bucket}/${name}?endpoint=${bucket.endpoint}`,
  });
  const to = join(world.folder, 'to');
  const figures = {
    live: await measured(world, ['push', '--source', 'live'], store('live')),
    zip: await measured(world, ['push', '--source', zip], store('zip')),
    folder: await measured(world, ['push', '--source', 'live', '--full'], {}),
    pull: await measured(world, ['pull', '--to', to], store('live')),
  };
  console.log('peak MB and seconds:', JSON.stringify(figures));
  for (const [what, { peakMb }] of Object.entries(figures)) expect(peakMb, what).toBeLessThan(maxPeakMb);
});
