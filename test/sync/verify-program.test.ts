import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from '../crypto/age-files.ts';
import { errorOf, keysOf, makeWorld, type World } from '../support/cli.ts';
import { placeProgramFiles } from '../support/program-folder.ts';
import { type ProgramInStore, placeStoredProgram } from '../support/stored-program.ts';

interface VerifyJson {
  outcome: string;
  checked: { id: string }[];
  programs: { id: string; store: string; level: string; ok: boolean; problems: string[]; code?: string }[];
}

async function office(env = {}, recipient?: string): Promise<{ world: World; stored: ProgramInStore }> {
  const world = await makeWorld();
  await placeProgramFiles(world.app, '4.0.0.0');
  await world.json(['push', '--all'], { env });
  const stored = await placeStoredProgram([world.store], world.app, {
    at: '2023-07-09T02:00:00Z',
    ...(recipient !== undefined && { recipient }),
  });
  return { world, stored };
}

const proofsOf = async (world: World): Promise<string[]> =>
  (await keysOf(world.store)).filter((key) => key.startsWith('proofs/a1b2c3d4e5f6-'));

test('program folders are checked with all backups, counted apart, and proven once a day', async () => {
  const { world, stored } = await office();
  const present = await world.json<VerifyJson>(['verify']);
  expect(present.checked).toHaveLength(3);
  expect(present.programs).toEqual([
    { id: stored.id, store: world.store, level: 'present', ok: true, problems: [] },
  ]);
  expect(await proofsOf(world)).toEqual([]);
  for (let n = 0; n < 2; n++) {
    const read = await world.json<VerifyJson>(['verify', '--read-data']);
    expect(read.programs).toMatchObject([{ id: stored.id, level: 'data', ok: true }]);
    expect(await proofsOf(world)).toEqual([
      expect.stringMatching(/^proofs\/a1b2c3d4e5f6-data-clean-\d{8}T\d{6}Z\.json$/),
    ]);
  }
  const { stdout } = await world.run(['verify', '--read-data']);
  expect(stdout).toContain('3 backups checked: all there and whole');
  expect(stdout).toContain('1 program backup checked: all there and whole, 1 read in full');
  const shown = (await world.run(['verify', '--lang', 'id'])).stdout;
  expect(shown).toContain('3 cadangan diperiksa: semuanya ada dan lengkap; 1 cadangan program diperiksa');
}, 60_000);

test('one is checked by its id, and a day means backups alone', async () => {
  const { world, stored } = await office();
  const one = await world.json<VerifyJson>(['verify', '--read-data', '--id', stored.id]);
  expect([one.checked, one.programs.map(({ id }) => id)]).toEqual([[], [stored.id]]);
  const day = await world.json<VerifyJson>(['verify', '--date', '2023-07-08']);
  expect([day.checked.length, day.programs]).toEqual([1, []]);
});

const faults: Record<string, [(store: string, stored: ProgramInStore) => Promise<unknown>, boolean]> = {
  'a byte changed': [
    async (store, { archive }) => {
      const bytes = await readFile(join(store, archive));
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      await writeFile(join(store, archive), bytes);
    },
    false,
  ],
  'cut off': [(store, { archive }) => truncate(join(store, archive), 2000), true],
  gone: [(store, { archive }) => rm(join(store, archive)), true],
  'without a whole manifest': [(store, { manifest }) => truncate(join(store, manifest), 100), true],
};

test.each(Object.entries(faults))(
  '%s: exit 13, and where it still is',
  async (_, [harm, isSeenAtOnce]) => {
    const { world, stored } = await office();
    const second = join(world.folder, 'second');
    await cp(world.store, second, { recursive: true });
    await harm(world.store, stored);
    const quick = await world.run(['verify']);
    expect(quick.code).toBe(isSeenAtOnce ? 13 : 0);
    const outcome = await world.run([
      'verify',
      '--read-data',
      '--store',
      world.store,
      '--store',
      second,
      '--json',
    ]);
    expect(outcome.code).toBe(13);
    const document = JSON.parse(outcome.stdout) as VerifyJson;
    expect(document.outcome).toBe('damaged');
    expect(document.programs.map(({ ok }) => ok)).toEqual([false, true]);
    expect(document.checked.length).toBe(6);
    expect(errorOf(outcome).message).toContain(
      `the program folder ${stored.id} in ${world.store} is damaged`,
    );
    expect(errorOf(outcome).message).toContain(`lies whole in ${second}`);
    if (!isSeenAtOnce) expect((await proofsOf(world)).join()).toContain('-data-damaged-');
  },
  60_000,
);

test('an encrypted one without its key is not opened, which says nothing of it', async () => {
  const key = await newKey();
  const { world, stored } = await office({ EFAKTUR_RECIPIENTS: key.recipient }, key.recipient);
  await writeFile(join(world.folder, 'key.txt'), key.fileText);
  await writeFile(join(world.folder, 'other.txt'), (await newKey()).fileText);
  const wrong = await world.run(['verify', '--read-data', '--id', stored.id], {
    env: { EFAKTUR_IDENTITY_FILE: 'other.txt' },
  });
  expect(wrong.code).toBe(12);
  const right = await world.json<VerifyJson>(['verify', '--read-data'], {
    env: { EFAKTUR_IDENTITY_FILE: 'key.txt' },
  });
  expect(right.programs).toMatchObject([{ id: stored.id, level: 'data', ok: true }]);
  expect(await proofsOf(world)).toHaveLength(1);
}, 60_000);

/** What somebody with a key to push can do: a manifest of the same tag, of another time, that names what `change` makes of it. */
async function forge(
  world: World,
  stored: ProgramInStore,
  id: string,
  change: (manifest: { archive: string; needs: { key: string; sha256: string }[] }) => void,
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(world.store, stored.manifest), 'utf8'));
  const time = id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, '$1-$2-$3T$4:$5:$6Z');
  Object.assign(manifest, { id, capturedAt: time });
  change(manifest);
  const folder = join(world.store, time.slice(0, 10));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${id}.app.json`), JSON.stringify(manifest));
}

test('a manifest that names other bytes for a sound archive leaves nothing against it', async () => {
  const { world, stored } = await office();
  const forged = '20230801T010000Z-a1b2c3d4e5f6';
  await forge(world, stored, forged, ({ needs: [need] }) => {
    if (need) need.sha256 = '0'.repeat(64);
  });
  const all = await world.run(['verify', '--read-data', '--json']);
  expect(all.code).toBe(13);
  const { programs } = JSON.parse(all.stdout) as VerifyJson;
  expect(programs.map(({ id, ok }) => [id, ok])).toEqual([
    [stored.id, true],
    [forged, false],
  ]);
  expect((await world.run(['verify', '--read-data', '--id', forged])).code).toBe(13);
  expect(await proofsOf(world)).toEqual([expect.stringContaining('-data-clean-')]);
}, 60_000);

test('what has the tag of a backup proves nothing of it, sound or damaged', async () => {
  const { world, stored } = await office();
  const { backups } = await world.json<{ backups: { id: string }[] }>(['list']);
  const tag = backups[0]?.id.slice(-12) ?? '';
  const archive = `2023-08-01/20230801T010000Z-${tag}.app.tar.zst`;
  await forge(world, stored, `20230801T010000Z-${tag}`, (manifest) => {
    manifest.archive = archive;
    manifest.needs = manifest.needs.map((need) => ({ ...need, key: archive }));
  });
  await cp(join(world.store, stored.archive), join(world.store, archive));
  const sound = await world.json<VerifyJson>(['verify', '--read-data', '--id', `20230801T010000Z-${tag}`]);
  expect(sound.programs).toMatchObject([{ ok: true }]);
  expect((await keysOf(world.store)).filter((key) => key.startsWith('proofs/'))).toEqual([]);
}, 60_000);

test('a store with program folders alone: they are checked, and that no backup is there is told', async () => {
  const { world, stored } = await office();
  const empty = join(world.folder, 'programs-alone');
  for (const key of [stored.archive, stored.manifest])
    await cp(join(world.store, key), join(empty, key), { recursive: true });
  const outcome = await world.run(['verify', '--read-data', '--json', '--store', empty]);
  expect(outcome.code).toBe(4);
  const { checked, programs } = JSON.parse(outcome.stdout) as VerifyJson;
  expect(checked).toEqual([]);
  expect(programs).toMatchObject([{ id: stored.id, level: 'data', ok: true }]);
  expect(errorOf(outcome).message).toContain('no backup, only 1 program backup');
  expect((await keysOf(empty)).filter((key) => key.startsWith('proofs/'))).toHaveLength(1);
  const pulled = await world.run(['pull', '--to', join(world.folder, 'new'), '--store', empty, '--json']);
  expect([pulled.code, errorOf(pulled).message]).toEqual([
    4,
    `there is no backup in ${empty}, only 1 program backup`,
  ]);
  const { stdout } = await world.run(['verify', '--store', empty]);
  expect(stdout).toContain('0 backups checked; 1 program backup checked: all there and whole');
}, 60_000);

test('one that cannot be opened is counted among the program folders', async () => {
  const { world, stored } = await office();
  const path = join(world.store, stored.manifest);
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...manifest, kind: 'program-2' }));
  const outcome = await world.run(['verify']);
  expect(outcome.code).toBe(2);
  expect(outcome.stdout).toContain('3 backups checked: all there and whole; 0 program backups checked');
  expect(outcome.stdout).toContain('1 could NOT BE OPENED');
  expect(outcome.stderr).toContain('1 of 1 program backup could not be opened');
});

test.each([['pull', '--to', 'new'], ['tables'], ['find', 'x']])(
  'its id is no backup to %s, which says what it is',
  async (...command) => {
    const { world, stored } = await office();
    const outcome = await world.run([...command, '--id', stored.id, '--json']);
    expect(outcome.code).toBe(4);
    expect(errorOf(outcome).message).toBe(
      `${stored.id} in ${world.store} is a program backup and holds no databases`,
    );
    expect(errorOf(outcome).hint).toContain(`pull --whole-app --program ${stored.id}`);
  },
);
