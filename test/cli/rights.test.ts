import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from '../crypto/age-files.ts';
import { makeWorld } from '../support/cli.ts';

/** Who may read what the program writes. The owner can be tested by root alone, and is where that runs the tests. */

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);
const isRoot = process.getuid?.() === 0;

/** Path and mode of all below a folder. */
async function modesIn(folder: string): Promise<[string, string][]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await modeOf(join(folder, name))]),
  );
}

test('a restore keeps the owner and the modes of the db it replaces', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const db = join(world.app, 'db');
  const file = join(db, 'ETaxInvoice', 'service.properties');
  for (const name of await readdir(db, { recursive: true })) {
    const path = join(db, name);
    await chmod(path, (await stat(path)).isDirectory() ? 0o2750 : 0o640);
    if (isRoot) await chown(path, 1234, 1235);
  }
  await chmod(file, 0o600);
  await chmod(db, 0o700);
  if (isRoot) await chown(db, 1234, 1235);
  const before = (await modesIn(db)).sort();
  const { warnings } = await world.json<{ warnings: unknown[] }>(['pull', '--yes']);
  expect(warnings).toEqual([]);
  expect((await modesIn(db)).sort()).toEqual(before);
  expect(await modeOf(db)).toBe('700');
  if (isRoot) for (const path of [db, file]) expect(await stat(path)).toMatchObject({ uid: 1234, gid: 1235 });
});

test('a new db belongs to whom its e-Faktur folder belongs to, in the modes of new files', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const to = join(world.folder, 'new');
  await mkdir(to);
  if (isRoot) await chown(to, 1234, 1235);
  await world.json(['pull', '--to', to]);
  const usual = join(world.folder, 'usual');
  await mkdir(usual);
  expect(await modeOf(join(to, 'db'))).toBe(await modeOf(usual));
  if (isRoot)
    expect(await stat(join(to, 'db', 'ETaxInvoice', 'service.properties'))).toMatchObject({
      uid: 1234,
      gid: 1235,
    });
});

test('state is for its owner only', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  await world.json(['verify', '--read-data']);
  const modes = await modesIn(world.stateDir);
  expect(modes.length).toBeGreaterThan(3);
  for (const [name, mode] of [...modes, ['.', await modeOf(world.stateDir)]])
    expect([name, mode]).toEqual([name, expect.stringMatching(/^[67]00$/)]);
});

test("what is stored in a folder takes the rights of the store's folder; one that is begun is its owner's", async () => {
  const world = await makeWorld();
  await world.json(['push']);
  expect(await modeOf(world.store)).toBe('700');
  for (const [name, mode] of await modesIn(world.store))
    expect([name, mode]).toEqual([name, expect.stringMatching(/^[67]00$/)]);

  const shared = join(world.folder, 'shared');
  await mkdir(shared);
  await chmod(shared, 0o2770);
  if (isRoot) await chown(shared, 1234, 1235);
  await world.json(['push', '--store', shared]);
  const modes = await modesIn(shared);
  expect(modes.filter(([, mode]) => mode === '2770').map(([name]) => name)).toContain('origin');
  for (const [name, mode] of modes) {
    expect([name, mode]).toEqual([name, expect.stringMatching(/^(2770|660)$/)]);
    if (isRoot) expect(await stat(join(shared, name))).toMatchObject({ uid: 1234, gid: 1235 });
  }
});

test('a store that everybody on the PC can read is a note, unless what lies there is encrypted', async () => {
  const world = await makeWorld();
  await mkdir(world.store);
  const codes = async (mode: number, env: Record<string, string> = {}): Promise<string[]> => {
    await chmod(world.store, mode);
    return (await world.json(['push'], { env })).warnings.map(({ code }) => code);
  };
  for (const mode of [0o700, 0o770]) expect(await codes(mode)).not.toContain('world-readable');
  for (const mode of [0o755, 0o777]) expect(await codes(mode)).toContain('world-readable');
  const { warnings } = await world.json(['push']);
  expect(JSON.stringify(warnings)).toContain(`chmod -R o= ${world.store}`);
  expect(await codes(0o755, { EFAKTUR_RECIPIENTS: (await newKey()).recipient })).not.toContain(
    'world-readable',
  );
});
