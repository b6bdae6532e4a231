import { copyFile, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openFolderStore } from '../../src/store/folder.ts';
import { verify } from '../../src/sync/verify.ts';
import { newKey } from '../crypto/age-files.ts';
import { errorOf, type ListJson, makeWorld, type PushJson, treeOf, type World } from '../support/cli.ts';
import { type DerbyVersion, derbyJar, javaTool } from '../support/derby-tools.ts';
import { setTimes } from '../support/efaktur-folder.ts';
import {
  archivesIn,
  golden,
  goldenWorld,
  manifestsIn,
  placeLive,
  proofsIn,
  zipGolden,
} from './golden-world.ts';

const live = ['push', '--source', 'live'];
const readData = ['verify', '--read-data'];
const day = (n: number, hour = '10'): { now: Date } => ({
  now: new Date(Date.parse(`2024-03-0${n}T${hour}:00:00+07:00`)),
});

interface VerifyJson {
  outcome: 'ok' | 'damaged';
  checked: { id: string; store: string; level: string; ok: boolean; verdict?: string; problems: string[] }[];
}
interface Listed {
  backups: (ListJson['backups'][number] & { lastProven: string | null })[];
}

/** Flips a byte in the middle: the length stays. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Three backups, each with an archive of its own, oldest first. */
async function threeBackups(
  stores: string[] = [],
): Promise<{ world: World; ids: string[]; env: Record<string, string> }> {
  const world = await makeWorld({ live: null });
  await zipGolden(golden('clean'), join(world.app, 'backup', '2023-07-10 08.00.zip'));
  const env = { EFAKTUR_STORE: [world.store, ...stores.map((name) => join(world.folder, name))].join(';') };
  const pushed = await world.json<PushJson>(['push', '--all'], { env });
  const ids = pushed.backups.map((b) => b.id);
  expect(ids).toHaveLength(3);
  return { world, ids, env };
}

const archiveOf = async (store: string, id: string): Promise<string> =>
  join(store, (await archivesIn(store)).find((key) => key.includes(id.split('-')[1] ?? '?')) ?? '');
const manifestOf = async (store: string, id: string): Promise<string> =>
  join(store, (await manifestsIn(store)).find((key) => key.includes(id)) ?? '');

test('a README.txt that is gone or says something else is told', async () => {
  const { world } = await threeBackups();
  const readme = join(world.store, 'README.txt');
  const told = async (): Promise<string[]> =>
    (await world.json<{ warnings: { code: string }[] }>(['verify'])).warnings.map(({ code }) => code);
  expect(await told()).toEqual([]);
  const text = await readFile(readme);
  for (const other of [
    Buffer.concat([text, Buffer.from('x')]),
    text.subarray(1),
    Buffer.from(text).fill(32, 9, 10),
  ]) {
    await writeFile(readme, other);
    expect(await told()).toEqual(['readme-changed']);
  }
  await rm(readme);
  expect(await told()).toEqual(['readme-missing']);
});

test('present: all there and whole, without a proof or a changed byte', async () => {
  const { world, ids } = await threeBackups();
  const before = await treeOf(world.store, true);
  const document = await world.json<VerifyJson>(['verify']);
  expect(document.outcome).toBe('ok');
  expect(document.checked).toEqual(
    ids.map((id) => ({ id, store: world.store, level: 'present', ok: true, problems: [] })),
  );
  expect(await treeOf(world.store, true)).toEqual(before);
  expect((await world.run(['verify'])).stdout).toContain('3 backups checked: all there and whole');
});

/** What a listing and the manifests show. */
const harms: Record<string, (store: string, ids: string[]) => Promise<void>> = {
  'a missing archive': async (store, [, id = '']) => rm(await archiveOf(store, id)),
  'a shortened archive': async (store, [, id = '']) => {
    const path = await archiveOf(store, id);
    await truncate(path, (await stat(path)).size - 1);
  },
  'a broken manifest': async (store, [, id = '']) => writeFile(await manifestOf(store, id), '{"format": 1'),
  'the manifest of another backup': async (store, [first = '', id = '']) =>
    copyFile(await manifestOf(store, first), await manifestOf(store, id)),
};

test('present: what is lost is exit 13, named with what still has it', async () => {
  for (const [what, harm] of Object.entries(harms)) {
    const { world, ids, env } = await threeBackups(['second']);
    const second = join(world.folder, 'second');
    const [first = '', id = '', last = ''] = ids;
    await harm(world.store, ids);
    const alone = await world.run(['verify', '--json']);
    expect(alone.code, what).toBe(13);
    const document = JSON.parse(alone.stdout) as VerifyJson;
    expect(document.outcome, what).toBe('damaged');
    expect(
      document.checked.map((c) => [c.id, c.ok]),
      what,
    ).toEqual([
      [first, true],
      [id, false],
      [last, true],
    ]);
    const error = errorOf(alone);
    expect(error.code, what).toBe('damaged');
    expect(error.message, what).toContain(`the backup ${id} in ${world.store} is damaged`);
    expect(error.message, what).toContain(`${first} (${world.store})`);
    expect(error.message, what).toContain(`${last} (${world.store})`);

    const both = await world.run(['verify', '--json'], { env });
    expect(both.code, what).toBe(13);
    expect(errorOf(both).message, what).toContain(`the same backup lies in ${second}`);
    const [only] = (JSON.parse(both.stdout) as VerifyJson).checked.filter((c) => !c.ok);
    expect(only, what).toMatchObject({ id, store: world.store });

    // Lost in both: the second store is no comfort any more.
    await harm(second, ids);
    const lost = await world.run(['verify', '--json'], { env });
    expect(errorOf(lost).message, what).not.toContain('the same backup lies in');
    // The one beside it alone is whole.
    expect((await world.run(['verify', '--id', first])).code, what).toBe(0);
  }
});

test('an archive that two backups name: neither is offered as a sound copy of the other', async () => {
  const world = await goldenWorld('clean');
  const first = await world.json(live, day(1));
  const second = await world.json(live, day(2));
  expect(second.outcome).toBe('unchanged');
  await rm(await archiveOf(world.store, first.backups[0]?.id ?? ''));
  const outcome = await world.run(['verify', '--id', first.backups[0]?.id ?? '', '--json']);
  expect(outcome.code).toBe(13);
  expect(errorOf(outcome).message).not.toContain(second.backups[0]?.id);
  expect(errorOf(outcome).message).toContain('no other backup is known');
});

test('a differential whose base has gone is lost with it', async () => {
  const world = await goldenWorld('clean');
  const first = await world.json(live, day(1));
  await writeFile(join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), 'lain');
  const second = await world.json(live, day(2));
  expect(second.backups[0]?.kind).toBe('differential');
  await rm(await archiveOf(world.store, first.backups[0]?.id ?? ''));
  const outcome = await world.run(['verify', '--json']);
  expect(outcome.code).toBe(13);
  expect((JSON.parse(outcome.stdout) as VerifyJson).checked.map((c) => c.ok)).toEqual([false, false]);
  expect(errorOf(outcome).message).toContain('1 more is damaged too');
});

test('--read-data finds a flipped byte that no listing shows; the other store still has it', async () => {
  const { world, ids, env } = await threeBackups(['second']);
  const [, id = ''] = ids;
  await flip(await archiveOf(world.store, id));
  expect((await world.run(['verify'], { env })).code).toBe(0);
  const outcome = await world.run([...readData, '--json'], { env, ...day(1) });
  expect(outcome.code).toBe(13);
  const document = JSON.parse(outcome.stdout) as VerifyJson;
  expect(document.checked).toHaveLength(6);
  expect(document.checked.filter((c) => !c.ok)).toEqual([
    {
      id,
      store: world.store,
      level: 'data',
      ok: false,
      verdict: 'damaged',
      problems: [expect.stringContaining('.tar.zst')],
    },
  ]);
  expect(document.checked.filter((c) => c.ok).every((c) => c.verdict === 'clean' && c.level === 'data')).toBe(
    true,
  );
  expect(errorOf(outcome).message).toContain(`the same backup lies in ${join(world.folder, 'second')}`);
  const tag = id.split('-')[1];
  const proof = `proofs/${tag}-data-damaged-20240301T030000Z.json`;
  expect(await proofsIn(world.store)).toContain(proof);
  // What is stored is English text, as documents are.
  expect(JSON.parse(await readFile(join(world.store, proof), 'utf8'))).toMatchObject({
    problems: [expect.stringContaining('.tar.zst')],
  });
  expect(await proofsIn(join(world.folder, 'second'))).toContain(
    `proofs/${tag}-data-clean-20240301T030000Z.json`,
  );
});

test('what is wrong with a database is shown in the reader’s language, and proofs and JSON hold its English', async () => {
  const world = await makeWorld({ backups: [] });
  await rm(join(world.app, 'db', 'ETaxInvoice', 'service.properties'));
  await world.json([...live, '--force-damaged']);
  const shown = await world.run([...readData, '--verbose', '--lang', 'id'], day(1));
  expect(shown.code).toBe(13);
  expect(shown.stderr + shown.stdout).toContain('File yang menjadikan folder ini sebuah database tidak ada.');
  const english = ['ETaxInvoice/service.properties: The file that makes this folder a database is missing.'];
  const [proof = ''] = (await proofsIn(world.store)).filter((key) => key.includes('-damaged-'));
  expect(JSON.parse(await readFile(join(world.store, proof), 'utf8'))).toMatchObject({ problems: english });
  const told = await world.run([...readData, '--json', '--lang', 'id'], day(2));
  expect((JSON.parse(told.stdout) as VerifyJson).checked[0]?.problems).toEqual(english);
});

test('a proof is written once a day for each archive, and list and status show the last', async () => {
  const { world, ids } = await threeBackups();
  await world.json(readData, day(1, '09'));
  const proofs = await treeOf(join(world.store, 'proofs'), true);
  expect(Object.keys(proofs).sort()).toEqual(
    ids.map((id) => `${id.split('-')[1]}-data-clean-20240301T020000Z.json`).sort(),
  );
  const [name = ''] = Object.keys(proofs);
  expect(JSON.parse(await readFile(join(world.store, 'proofs', name), 'utf8'))).toMatchObject({
    format: 1,
    tag: name.slice(0, 12),
    level: 'data',
    result: 'clean',
    at: '2024-03-01T02:00:00.000Z',
    problems: [],
  });
  // A name already listed is not written again.
  await world.json(readData, day(1, '22'));
  expect(await treeOf(join(world.store, 'proofs'), true)).toEqual(proofs);
  await world.json([...readData, '--id', ids[0] ?? ''], day(2));
  expect(await proofsIn(world.store)).toHaveLength(4);
  const listed = await world.json<Listed>(['list', '--long']);
  expect(listed.backups.map((b) => b.lastProven)).toEqual(['2024-03-02', '2024-03-01', '2024-03-01']);
  expect((await world.run(['list', '--long'])).stdout).toContain('2024-03-02');
  const status = JSON.parse((await world.run(['status', '--json'], day(2))).stdout);
  expect(status.stores[0]).toMatchObject({
    lastProven: '2024-03-02',
    newestProven: { id: ids[2], provenOn: '2024-03-01' },
  });
});

test('--read-data=n/t: the parts read every archive exactly once', async () => {
  const { world, ids } = await threeBackups();
  for (const t of [2, 3]) {
    await rm(join(world.store, 'proofs'), { recursive: true, force: true });
    const read: string[] = [];
    for (let n = 1; n <= t; n++) {
      const before = await proofsIn(world.store);
      const document = await world.json<VerifyJson>(['verify', `--read-data=${n}/${t}`]);
      expect(document.checked).toHaveLength(3);
      const mine = document.checked.filter((c) => c.level === 'data').map((c) => c.id);
      expect(await proofsIn(world.store)).toHaveLength(before.length + mine.length);
      read.push(...mine);
    }
    expect(read.sort()).toEqual([...ids].sort());
  }
  for (const bad of ['0/3', '4/3', '1/0', 'x', '1/3/5'])
    expect((await world.run(['verify', `--read-data=${bad}`])).code, bad).toBe(2);
});

test('backups that share an archive share one read and one proof', async () => {
  const world = await goldenWorld('clean');
  for (const n of [1, 2, 3]) await world.json(live, day(n));
  expect(await manifestsIn(world.store)).toHaveLength(3);
  const folder = openFolderStore({ root: world.store, url: world.store });
  const gets: string[] = [];
  const store: typeof folder = {
    ...folder,
    get: (key, options) => {
      gets.push(key);
      return folder.get(key, options);
    },
  };
  const { document } = await verify({
    stores: [store],
    wanted: null,
    level: 'data',
    parts: null,
    engine: null,
    decryptor: null,
    lock: null,
    stateDir: world.stateDir,
    program: 'test',
    zone: 'Asia/Jakarta',
    now: () => day(3).now,
    signal: new AbortController().signal,
    progress: { begin: () => {}, advance: () => {} },
  });
  expect(document.checked.map((c) => [c.level, c.verdict])).toEqual([
    ['data', 'clean'],
    ['data', 'clean'],
    ['data', 'clean'],
  ]);
  expect(gets.filter((key) => key.includes('.tar.zst'))).toHaveLength(1);
  expect(await proofsIn(world.store)).toHaveLength(1);
});

test('encrypted: what is there can be seen without a key, what is in it cannot', async () => {
  const world = await goldenWorld('clean');
  const key = await newKey();
  await writeFile(join(world.folder, 'id.txt'), key.fileText);
  const env = { EFAKTUR_RECIPIENTS: key.recipient };
  await world.json(live, { env });
  expect((await world.run(['verify'], { env })).code).toBe(0);
  expect((await world.run(readData, { env })).code).toBe(12);
  expect(await proofsIn(world.store)).toEqual([]);
  const opened = { env: { ...env, EFAKTUR_IDENTITY_FILE: 'id.txt' } };
  expect((await world.json<VerifyJson>(readData, opened)).checked).toMatchObject([
    { level: 'data', verdict: 'clean' },
  ]);
});

test('after a change of keys the backups that the new key opens are proven, the others are named', async () => {
  const world = await goldenWorld('clean');
  const [before, after] = [await newKey(), await newKey()];
  await writeFile(join(world.folder, 'new.txt'), after.fileText, { mode: 0o600 });
  await writeFile(join(world.folder, 'both.txt'), `${before.fileText}\n${after.fileText}`, { mode: 0o600 });
  const ids: string[] = [];
  for (const [n, key] of [before, after].entries()) {
    const pushed = await world.json(live, { env: { EFAKTUR_RECIPIENTS: key.recipient }, ...day(n + 1) });
    ids.push(pushed.backups[0]?.id ?? '');
  }
  const [old = '', fresh = ''] = ids;
  const env = { EFAKTUR_IDENTITY_FILE: 'new.txt' };
  for (const args of [['verify'], readData]) {
    const outcome = await world.run([...args, '--json'], { env, ...day(3) });
    expect(outcome.code).toBe(12);
    const document = JSON.parse(outcome.stdout) as VerifyJson;
    expect(document).toMatchObject({
      outcome: 'ok',
      checked: [
        { id: old, level: 'present', ok: false, code: 'wrong-key' },
        { id: fresh, ok: true },
      ],
    });
    expect(document.checked[0]?.problems.join()).toContain('the given key does not open');
    expect(errorOf(outcome)).toMatchObject({ code: 'wrong-key', message: expect.stringContaining(old) });
  }
  expect(await proofsIn(world.store)).toEqual([
    `proofs/${fresh.slice(-12)}-data-clean-20240303T030000Z.json`,
  ]);
  expect((await world.run(readData, { env, ...day(3) })).stdout).toContain('1 could NOT BE OPENED');

  const listed = await world.json<Listed & { warnings: { code: string }[] }>(['list', '--long'], { env });
  expect(listed.warnings.map((w) => w.code)).toEqual(['wrong-key']);
  expect(listed.backups.map((b) => b.lastProven)).toEqual([null, '2024-03-03']);

  const both = { env: { EFAKTUR_IDENTITY_FILE: 'both.txt' } };
  expect((await world.json<VerifyJson>(readData, both)).checked.map((c) => c.ok)).toEqual([true, true]);
  await flip(await archiveOf(world.store, fresh));
  const damaged = await world.run([...readData, '--json'], { env, ...day(4) });
  expect(damaged.code).toBe(13);
  expect(errorOf(damaged).message).toContain('no other backup is known');
  expect(errorOf(damaged).message).not.toMatch(/more (is|are) damaged/);
});

test('a proof of damage makes the next push send all again, in full', async () => {
  for (const isChanged of [false, true]) {
    const world = await goldenWorld('clean');
    const first = await world.json(live, day(1));
    await flip(await archiveOf(world.store, first.backups[0]?.id ?? ''));
    expect((await world.run(readData, day(1))).code).toBe(13);
    if (isChanged) {
      const readme = join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt');
      await writeFile(readme, 'lain');
    }
    const again = await world.json(live, day(2));
    expect(again, `changed: ${isChanged}`).toMatchObject({ outcome: 'created', backups: [{ kind: 'full' }] });
    const id = again.backups[0]?.id ?? '';
    expect((await world.json<VerifyJson>([...readData, '--id', id], day(2))).outcome).toBe('ok');
    // What was found damaged is not proven, the new one is.
    expect((await world.json<Listed>(['list', '--long'])).backups.map((b) => b.lastProven)).toEqual([
      null,
      '2024-03-02',
    ]);
    expect((await world.json(live, day(3))).outcome).toBe('unchanged');
  }
});

/** How to call the engine of one Derby version. */
async function engine(version: DerbyVersion): Promise<{ args: string[]; env: Record<string, string> }> {
  return {
    args: ['verify', '--engine', '--derby-jar', await derbyJar(version)],
    env: { JAVA_HOME: dirname(dirname(javaTool('java'))) },
  };
}

test('--engine: sound in real Derby is a proof, the live db is not touched and no scratch copy stays', async () => {
  const { args, env } = await engine('10.14.2.0');
  const world = await goldenWorld('clean', { version: '10.10.2.0' });
  await setTimes(join(world.app, 'db'), day(1).now);
  const pushed = await world.json(live, day(1));
  const before = await treeOf(world.app, true);
  const document = await world.json<VerifyJson>(args, { env, ...day(2) });
  expect(document.checked).toMatchObject([{ level: 'engine', ok: true, verdict: 'clean', problems: [] }]);
  const tag = pushed.backups[0]?.id.split('-')[1];
  expect(await proofsIn(world.store)).toEqual([`proofs/${tag}-engine-clean-20240302T030000Z.json`]);
  expect(await treeOf(world.app, true)).toEqual(before);
  expect(Object.keys(await treeOf(join(world.stateDir, 'jobs')))).toEqual([]);
  expect((await world.json<Listed>(['list', '--long'])).backups[0]?.lastProven).toBe('2024-03-02');
});

test('--engine proves what was not closed, and finds the torn copy that its bytes do not show', async () => {
  const { args, env } = await engine('10.14.2.0');
  const world = await makeWorld({ live: null, backups: [] });
  const backups = { '2024-03-01 08.00.zip': 'killed', '2024-03-02 08.00.zip': 'torn-copy' };
  for (const [name, sample] of Object.entries(backups)) {
    const path = join(world.app, 'backup', name);
    await zipGolden(golden(sample), path);
    await utimes(path, day(3).now, day(3).now);
  }
  const pushed = await world.json(['push', '--all', '--source', 'backup'], day(3));
  const [killed = '', torn = ''] = pushed.backups.map((b) => b.id);
  const byBytes = await world.json<VerifyJson>(readData, day(3));
  expect(byBytes.checked.map((c) => c.verdict)).toEqual(['needs-recovery', 'needs-recovery']);
  expect((await world.json<Listed>(['list', '--long'])).backups.map((b) => b.lastProven)).toEqual([
    null,
    null,
  ]);

  const outcome = await world.run([...args, '--json'], { env, ...day(4) });
  expect(outcome.code).toBe(13);
  expect(JSON.parse(outcome.stdout).checked).toMatchObject([
    { id: killed, level: 'engine', ok: true, verdict: 'clean' },
    { id: torn, level: 'engine', ok: false, verdict: 'damaged' },
  ]);
  expect(errorOf(outcome).message).toMatch(/FAKTUR_(DETAIL|KELUARAN)/);
  expect(errorOf(outcome).message).toContain(killed);
  expect((await world.json<Listed>(['list', '--long'])).backups.map((b) => b.lastProven)).toEqual([
    '2024-03-04',
    null,
  ]);
});

test('--engine with a Derby older than the backup, or none, is exit 2 and proves nothing', async () => {
  const { args, env } = await engine('10.10.2.0');
  const world = await goldenWorld('clean', { version: '10.14.2.0' });
  await world.json(live);
  const outcome = await world.run([...args, '--json'], { env });
  expect(outcome.code).toBe(2);
  expect(errorOf(outcome)).toMatchObject({ code: 'usage', hint: expect.stringContaining('--derby-jar') });
  const none = await world.run(['verify', '--engine', '--derby-jar', join(world.folder, 'tidak-ada.jar')], {
    env,
  });
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('tidak-ada.jar');
  expect((await world.run([...args, '--read-data'], { env })).code).toBe(2);
  expect(await proofsIn(world.store)).toEqual([]);
});

test('what was stored as damaged is not counted as proven by --engine either', async () => {
  const { args, env } = await engine('10.14.2.0');
  const world = await goldenWorld('clean');
  // Derby boots without a word when log files are missing, and rows are gone.
  await placeLive(world, golden('log-first-missing'));
  await world.json([...live, '--force-damaged']);
  const outcome = await world.run([...args, '--json'], { env });
  expect(outcome.code).toBe(13);
  expect((JSON.parse(outcome.stdout) as VerifyJson).checked).toMatchObject([
    { level: 'engine', verdict: 'damaged' },
  ]);
});
