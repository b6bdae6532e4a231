import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keysOf, makeWorld, type PullJson, treeOf } from '../support/cli.ts';

const run = promisify(execFile);

test('zstd and tar alone give the same bytes, by the very line that the manifest holds', async () => {
  for (const tool of ['zstd', 'tar'])
    await run(tool, ['--version']).catch(() => {
      throw new Error(`this test needs ${tool}: apt-get install ${tool}`);
    });
  const world = await makeWorld();
  const document = await world.json(['push', '--source', 'live']);
  const pulled = join(world.folder, 'pulled');
  await world.json<PullJson>(['pull', '--to', pulled]);
  const keys = await keysOf(world.store);
  const manifest = keys.find((key) => /^2.*\.json$/.test(key)) ?? '';
  const { restore } = JSON.parse(await readFile(join(world.store, manifest), 'utf8')) as { restore: string };
  expect(restore).toMatch(/^zstd -d < \S+\.tar\.zst \| tar x$/);
  const byHand = join(world.folder, 'by-hand');
  await mkdir(byHand);
  const archive = join(world.store, document.backups[0]?.archive ?? '');
  await run('sh', ['-c', `cp '${archive}' . && ${restore}`], { cwd: byHand });
  expect(await treeOf(join(byHand, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
  expect(await treeOf(join(byHand, 'db'))).toEqual(await treeOf(join(pulled, 'db')));
  const listed = JSON.parse(await readFile(join(byHand, 'efaktur-backup.json'), 'utf8')) as {
    files: { path: string }[];
  };
  expect(listed.files.length).toBeGreaterThan(50);
});
