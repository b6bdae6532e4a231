import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseTaken } from '../../src/efaktur/still-there.ts';
import { openStore } from '../../src/store/open.ts';
import { type PullDocument, type PullRequest, pull } from '../../src/sync/pull.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeWorld, treeOf, type World } from '../support/cli.ts';
import { inEnglish } from '../support/english.ts';
import { verbContext } from '../support/verb-context.ts';

/** A virus scanner works between the last reading of a restored file and the moment in which its folder becomes `db`. */

async function pullWhile(
  world: World,
  target: string,
  scanner: (folder: string) => Promise<unknown>,
): Promise<PullDocument> {
  const request: PullRequest = {
    stores: [await openStore(world.store, { env: {}, currentFolder: world.folder })],
    ...verbContext(world.stateDir),
    wanted: { by: 'newest' },
    target,
    dryRun: false,
    forceDamaged: false,
    otherVersion: false,
    confirmReplace: async () => true,
    inspect: async (folder) => {
      await scanner(folder);
      return { tables: [], warnings: [] };
    },
    decryptor: null,
  };
  return pull(request);
}

const file = join('ETaxInvoice', 'seg0', 'c10.dat');

/** What was done to the restored folder, and what the error names. */
const scanners: Record<string, [(folder: string) => Promise<unknown>, string]> = {
  'takes one file': [(folder) => rm(join(folder, file)), 'ETaxInvoice/seg0/c10.dat'],
  'empties one file': [(folder) => truncate(join(folder, file), 0), 'c10.dat (0 bytes instead of'],
  'takes many files': [
    (folder) => rm(join(folder, 'ETaxInvoice', 'seg0'), { recursive: true }),
    'more; nothing else was touched',
  ],
  'takes an empty folder': [
    (folder) => rm(join(folder, 'ETaxInvoice', 'tmp'), { recursive: true }),
    'ETaxInvoice/tmp/',
  ],
};

test.each(Object.entries(scanners))(
  'a scanner that %s: nothing is swapped, and it is named',
  async (_, [scan, named]) => {
    const world = await makeWorld();
    await world.json(['push']);
    const before = await treeOf(world.app);
    await expect(pullWhile(world, world.app, scan)).rejects.toMatchObject({
      code: 'target-not-writable',
      message: expect.stringContaining(named),
      hint: expect.objectContaining({ en: expect.stringContaining('quarantine') }),
    });
    expect(await treeOf(world.app)).toEqual(before);
    const fresh = join(world.folder, 'new');
    await expect(pullWhile(world, fresh, scan)).rejects.toMatchObject({ code: 'target-not-writable' });
    expect(await readdir(world.folder)).not.toContain('new');
  },
);

test('what somebody laid beside it is named, and no reason to stop', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const to = join(world.folder, 'new');
  const { warnings } = await pullWhile(world, to, (folder) =>
    writeFile(join(folder, 'ETaxInvoice', 'desktop.ini'), 'x'),
  );
  expect(warnings.map(({ code }) => code)).toEqual(['not-of-the-backup']);
  expect(inEnglish(warnings[0]?.message)).toContain('ETaxInvoice/desktop.ini');
});

test('a file in the place of a folder, and a folder in that of a file, are no such files', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'E'), 'x');
  const listed = { path: 'E/c10.dat', sizeBytes: 1, mtimeMs: 0, sha256: '' };
  await expect(refuseTaken(folder, { files: [listed], emptyFolders: [] })).rejects.toMatchObject({
    message: expect.stringContaining('E/c10.dat'),
  });
  await expect(refuseTaken(folder, { files: [], emptyFolders: ['E'] })).rejects.toMatchObject({
    message: expect.stringContaining('E/'),
  });
  expect(await refuseTaken(folder, { files: [], emptyFolders: [] })).toEqual(['E']);
});
