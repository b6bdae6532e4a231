import { appendFile, cp, mkdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openFolderStore } from '../../src/store/folder.ts';
import { openStore } from '../../src/store/open.ts';
import { copyBackups } from '../../src/sync/copy.ts';
import { newKey } from '../crypto/age-files.ts';
import {
  type CopyJson,
  errorOf,
  keysOf,
  type ListJson,
  makeWorld,
  treeOf,
  type World,
} from '../support/cli.ts';
import { keptWorld } from '../support/kept-world.ts';
import { makeBucket } from '../support/minio.ts';
import { dyingStore } from '../support/stored-backups.ts';

/** Two login backups, a differential of the live db and one that found nothing new: four manifests, three archives. */
async function makePushed(folder: string | null, env: Record<string, string> = {}): Promise<World> {
  const world = await makeWorld({}, folder);
  Object.assign(world.env, env);
  await world.json(['push', '--all', '--source', 'backup']);
  await appendFile(join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), 'x');
  await world.json(['push', '--source', 'live']);
  await world.json(['push', '--source', 'live'], { now: new Date(Date.now() + 26 * 3600_000) });
  return world;
}

const keptPushed = keptWorld(makePushed);

async function pushedWorld(): Promise<World & { target: string }> {
  const world = await keptPushed();
  return { ...world, target: join(world.folder, 'copied') };
}

/** What a copy takes with it: everything but proofs, notes of prunes and the notes of copies. */
async function historyIn(store: string): Promise<Record<string, string>> {
  const tree = await treeOf(store);
  return Object.fromEntries(
    Object.entries(tree).filter(([key]) => !/^(proofs|pruned|copied)\/|\/$/.test(key)),
  );
}

test('a store is copied byte for byte, and what comes out of the copy is the same', async () => {
  const world = await pushedWorld();
  await world.json(['verify', '--read-data']);
  const copied = await world.json<CopyJson>(['copy', '--to', world.target]);
  expect(copied.outcome).toBe('copied');
  expect(copied.backups.map((b) => b.outcome)).toEqual(copied.backups.map(() => 'copied'));
  expect(copied.backups.length).toBeGreaterThanOrEqual(3);
  expect(await historyIn(world.target)).toEqual(await historyIn(world.store));
  // Each is sent once, however many backups need it.
  expect(copied.objects).toBe(Object.keys(await historyIn(world.store)).length);
  expect((await keysOf(world.target)).filter((key) => key.startsWith('proofs/'))).toEqual([]);
  for (const { id } of copied.backups) {
    const trees = [];
    for (const store of [world.store, world.target]) {
      const to = join(world.folder, `restored-${trees.length}-${id}`);
      await world.json(['pull', '--id', id, '--to', to, '--store', store]);
      trees.push(await treeOf(join(to, 'db')));
    }
    expect(trees[0]).toEqual(trees[1]);
  }
  const again = await world.json<CopyJson>(['copy', '--to', world.target]);
  expect([again.outcome, again.objects]).toEqual(['unchanged', 0]);
  const compared = await world.json<CopyJson>(['copy', '--to', world.target, '--all']);
  expect([compared.outcome, compared.objects, compared.differing]).toEqual(['unchanged', 0, []]);
});

test('a dry run writes nothing; then only what was missing is sent', async () => {
  const world = await pushedWorld();
  const planned = await world.json<CopyJson>(['copy', '--to', world.target, '--dry-run']);
  expect(planned.outcome).toBe('planned');
  expect(planned.objects).toBeGreaterThan(4);
  const shown = (await world.run(['copy', '--to', world.target, '--dry-run', '--lang', 'id'])).stdout;
  expect(shown).toMatch(/direncanakan .*\n4 cadangan akan disalin dari /s);
  expect(await keysOf(world.target)).toEqual([]);
  const { backups } = await world.json<ListJson>(['list']);
  const differential = backups.find((b) => b.kind === 'differential');
  const one = await world.json<CopyJson>(['copy', '--to', world.target, '--id', differential?.id ?? '']);
  expect(one.backups.map((b) => [b.id, b.outcome])).toEqual([[differential?.id, 'copied']]);
  // It needs its base, which comes along without a manifest of its own.
  await world.json(['verify', '--read-data', '--id', differential?.id ?? '', '--store', world.target]);
  const rest = await world.json<CopyJson>(['copy', '--to', world.target]);
  expect(rest.backups.filter((b) => b.outcome === 'there').map((b) => b.id)).toContain(differential?.id);
  expect(await historyIn(world.target)).toEqual(await historyIn(world.store));
});

test('--since takes a day and later, and what is not there is told', async () => {
  const world = await pushedWorld();
  const { backups } = await world.json<ListJson>(['list']);
  const day = backups.at(-1)?.date ?? '';
  const copied = await world.json<CopyJson>(['copy', '--to', world.target, '--since', day]);
  expect(copied.backups.map((b) => b.id)).toEqual(backups.filter((b) => b.date >= day).map((b) => b.id));
  const none = await world.run(['copy', '--to', world.target, '--since', '2090-01-01', '--json']);
  expect([none.code, errorOf(none).code]).toEqual([4, 'no-such-backup']);
  const empty = await world.run([
    'copy',
    '--from',
    join(world.folder, 'nothing'),
    '--to',
    world.target,
    '--json',
  ]);
  expect(empty.code).toBe(4);
});

test('killed before any change, it goes on, and no manifest was there before what it needs', async () => {
  const world = await pushedWorld();
  const open = (root: string) => openFolderStore({ root, url: root });
  const request = {
    from: open(world.store),
    choice: { by: 'missing' } as const,
    dryRun: false,
    lock: null,
    fullEveryDays: 30,
    program: 'test',
    stateDir: world.stateDir,
    zone: 'Asia/Jakarta',
    now: () => new Date(),
    signal: new AbortController().signal,
    progress: { begin() {}, advance() {} },
  };
  const whole = await historyIn(world.store);
  for (let n = 0; ; n++) {
    const target = join(world.folder, `killed-${n}`);
    const dying = dyingStore(open(target), n);
    const died = await copyBackups({ ...request, to: dying }).then(
      () => false,
      () => true,
    );
    if ((await keysOf(target)).some((key) => /^\d.*\.json$/.test(key)))
      await world.json(['verify', '--read-data', '--store', target]);
    await copyBackups({ ...request, to: open(target) });
    expect(await historyIn(target)).toEqual(whole);
    if (!died) {
      expect(n).toBeGreaterThan(8);
      break;
    }
  }
});

describe('program folders', () => {
  const samples = join(import.meta.dirname, '../fixtures/format-1');
  const [clear, encrypted] = ['20230711T020500Z-a1c2e3f40516', '20230711T020600Z-b7d8e9fa0b1c'];
  /** Made with the program of both. */
  const madeWith = '20230711T020000Z-3f9a1c2e77d0';
  const copy = (world: World, ...args: string[]): Promise<CopyJson> =>
    world.json<CopyJson>(['copy', '--from', samples, '--to', join(world.folder, 'target'), ...args]);
  const programsOf = ({ programs }: CopyJson): string[][] => programs.map((p) => [p.id, p.outcome]);

  test('they come along byte for byte, archive first, and are there afterwards', async () => {
    const world = await makeWorld(null);
    const planned = await copy(world, '--dry-run');
    expect(programsOf(planned)).toEqual([
      [clear, 'planned'],
      [encrypted, 'planned'],
    ]);
    const copied = await copy(world);
    expect(programsOf(copied)).toEqual([
      [clear, 'copied'],
      [encrypted, 'copied'],
    ]);
    // They are counted in nothing that is said of backups.
    expect(copied.backups.map(({ id }) => id)).not.toContain(clear);
    const target = join(world.folder, 'target');
    expect(await historyIn(target)).toEqual(await historyIn(samples));
    // A prune there goes by when the first store had got them.
    const [note = ''] = (await keysOf(target)).filter((key) => key.startsWith('copied/'));
    const { uploaded } = JSON.parse(await readFile(join(target, note), 'utf8')) as { uploaded: object };
    for (const id of [clear, encrypted]) expect(uploaded).toHaveProperty([`2023-07-11/${id}.app.json`]);
    expect((await copy(world)).outcome).toBe('unchanged');
    expect((await copy(world, '--all')).differing).toEqual([]);
    const archive = `2023-07-11/${clear}.app.tar.zst`;
    const bytes = await readFile(join(target, archive));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(join(target, archive), bytes);
    const outcome = await world.run(['copy', '--from', samples, '--to', target, '--all', '--json']);
    expect([outcome.code, (JSON.parse(outcome.stdout) as CopyJson).differing]).toEqual([20, [archive]]);
  });

  test('with a part of the backups come the newest that they were made with, or the one that is named', async () => {
    const world = await makeWorld(null);
    const none = await copy(world, '--id', '20230706T021500Z-9c1d4e0b7a25');
    expect(none.programs).toEqual([]);
    const one = await copy(world, '--id', clear);
    expect([one.backups, programsOf(one)]).toEqual([[], [[clear, 'copied']]]);
    const backup = await copy(world, '--id', madeWith);
    expect(backup.backups.map((b) => [b.id, b.outcome])).toEqual([[madeWith, 'copied']]);
    expect(programsOf(backup)).toEqual([[encrypted, 'copied']]);
    const since = await copy(world, '--since', '2023-07-11');
    expect(programsOf(since)).toEqual([
      [clear, 'there'],
      [encrypted, 'there'],
    ]);
    const later = await world.run(['copy', '--from', samples, '--to', 'target', '--since', '2023-07-12']);
    expect(later.code).toBe(4);
  });

  test('--read-back reads them too', async () => {
    const world = await makeWorld(null);
    const copied = await copy(world, '--id', clear, '--read-back');
    expect(copied.readBack?.map((c) => [c.id, c.ok])).toEqual([[clear, true]]);
    const proofs = (await keysOf(join(world.folder, 'target'))).filter((key) => key.startsWith('proofs/'));
    expect(proofs).toEqual([expect.stringContaining(clear.slice(-12))]);
  });

  test('a damaged one is told, and the rest is copied', async () => {
    const world = await makeWorld(null);
    const source = join(world.folder, 'source');
    await cp(samples, source, { recursive: true });
    await truncate(join(source, `2023-07-11/${clear}.app.tar.zst`), 100);
    const target = join(world.folder, 'target');
    const outcome = await world.run(['copy', '--from', source, '--to', target, '--json']);
    const document = JSON.parse(outcome.stdout) as CopyJson;
    expect([outcome.code, document.backups.every((b) => b.outcome === 'copied')]).toEqual([13, true]);
    expect(programsOf(document)).toEqual([
      [clear, 'failed'],
      [encrypted, 'copied'],
    ]);
    expect((await keysOf(target)).filter((key) => key.includes(clear))).toEqual([]);
  });
});

describe('what does not fit', () => {
  test('other bytes in the target are named and left, the rest is copied', async () => {
    const world = await pushedWorld();
    await world.json(['copy', '--to', world.target]);
    const archive = (await keysOf(world.target)).find((key) => key.endsWith('.tar.zst')) ?? '';
    const manifest = (await keysOf(world.target)).find((key) => /^\d.*\.json$/.test(key)) ?? '';
    for (const [key, args] of [
      [archive, ['--all']],
      [manifest, ['--all']],
    ] as const) {
      const path = join(world.target, key);
      const before = await readFile(path);
      const changed = Buffer.from(before);
      changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
      await writeFile(path, changed);
      const outcome = await world.run(['copy', '--to', world.target, ...args, '--json']);
      const document = JSON.parse(outcome.stdout) as CopyJson;
      expect([outcome.code, errorOf(outcome).code, document.differing]).toEqual([20, 'attention', [key]]);
      expect(await readFile(path)).toEqual(changed);
      await writeFile(path, before);
    }
    await truncate(join(world.target, archive), 100);
    const outcome = await world.run(['copy', '--to', world.target, '--json']);
    expect(outcome.code).toBe(20);
    expect(errorOf(outcome).message).toContain(archive);
  });

  test('--all compares every byte of whatever lies there, however large', async () => {
    const world = await pushedWorld();
    await world.json(['copy', '--to', world.target]);
    const keys = Object.keys(await historyIn(world.target));
    const kinds = [/^README/, /^origin\//, /^index\//, /\.tar\.zst$/, /^\d.*\.json$/];
    for (const kind of kinds) {
      const key = keys.find((one) => kind.test(one)) ?? '';
      const [here, there] = [join(world.store, key), join(world.target, key)];
      const before = await readFile(here);
      // An index of a large database; for the rest what it is.
      const large = kind.source.includes('index') ? Buffer.concat([before, Buffer.alloc(17 << 20)]) : before;
      await writeFile(here, large);
      const changed = Buffer.from(large);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      await writeFile(there, changed);
      const outcome = await world.run(['copy', '--to', world.target, '--all', '--json']);
      expect([outcome.code, errorOf(outcome).code], key).toEqual([20, 'attention']);
      expect(errorOf(outcome).message).toContain(key);
      expect((await readFile(there)).equals(changed)).toBe(true);
      await writeFile(here, before);
      await writeFile(there, before);
    }
    expect((await world.json<CopyJson>(['copy', '--to', world.target, '--all'])).differing).toEqual([]);
  });

  test('a README of other bytes is told, and all backups are copied', async () => {
    const world = await pushedWorld();
    await mkdir(world.target);
    await writeFile(join(world.target, 'README.txt'), 'my own disk\r\n');
    const outcome = await world.run(['copy', '--to', world.target, '--json']);
    const document = JSON.parse(outcome.stdout) as CopyJson;
    expect([outcome.code, document.differing]).toEqual([20, ['README.txt']]);
    expect(document.backups.map((b) => b.outcome)).toEqual(document.backups.map(() => 'copied'));
    expect(await readFile(join(world.target, 'README.txt'), 'utf8')).toBe('my own disk\r\n');
    await world.json(['verify', '--read-data', '--all', '--store', world.target]);
  });

  test('an origin of other bytes and equal length is told, and nothing is copied', async () => {
    const world = await pushedWorld();
    const origin = (await keysOf(world.store)).find((key) => key.startsWith('origin/')) ?? '';
    const text = await readFile(join(world.store, origin), 'utf8');
    await mkdir(join(world.target, 'origin'), { recursive: true });
    await writeFile(join(world.target, origin), text.replace('kasir', 'KASIR'));
    const outcome = await world.run(['copy', '--to', world.target, '--json']);
    expect([outcome.code, errorOf(outcome).message]).toEqual([20, expect.stringContaining(origin)]);
    expect((await keysOf(world.target)).filter((key) => /^(\d|index)/.test(key))).toEqual([]);
  });

  test('a damaged archive is never copied; the backups that do not need it are', async () => {
    const world = await pushedWorld();
    const archives = (await keysOf(world.store)).filter((key) => key.endsWith('.tar.zst'));
    const bad = archives.find((key) => key.endsWith('.diff.tar.zst')) ?? archives.at(-1) ?? '';
    const bytes = await readFile(join(world.store, bad));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(world.store, bad), bytes);
    const outcome = await world.run(['copy', '--to', world.target, '--json']);
    const document = JSON.parse(outcome.stdout) as CopyJson;
    expect([outcome.code, errorOf(outcome).code]).toEqual([13, 'damaged']);
    expect(document.backups.some((b) => b.outcome === 'copied')).toBe(true);
    expect(document.backups.filter((b) => b.outcome === 'failed').map((b) => b.error?.code)).toContain(
      'damaged',
    );
    expect(await keysOf(world.target)).not.toContain(bad);
    expect(document.objects).toBe(Object.keys(await historyIn(world.target)).length);
    await world.json(['verify', '--read-data', '--store', world.target]);
  });

  test('a manifest of a newer version is exit 2, and no copy of it is made', async () => {
    const world = await pushedWorld();
    const manifest = (await keysOf(world.store)).find((key) => /^\d.*\.json$/.test(key)) ?? '';
    const text = await readFile(join(world.store, manifest), 'utf8');
    await writeFile(join(world.store, manifest), text.replace('"format": 1', '"format": 7'));
    const outcome = await world.run(['copy', '--to', world.target, '--json']);
    expect([outcome.code, errorOf(outcome).code]).toEqual([2, 'newer-format']);
    expect(await keysOf(world.target)).not.toContain(manifest);
  });

  test('another history, the same store, no store: exit 2, nothing written', async () => {
    const world = await pushedWorld();
    // Of another PC: two stores that one PC begins within a second have the same origin.
    const other = await makePushed(null, { EFAKTUR_NAME: 'pc-gudang' });
    const before = await treeOf(other.store);
    for (const args of [['--to', other.store], ['--to', world.store], []]) {
      const outcome = await world.run(['copy', ...args, '--json']);
      expect([outcome.code, errorOf(outcome).code], args.join(' ')).toEqual([2, 'usage']);
    }
    expect(await treeOf(other.store)).toEqual(before);
  });

  test('the same store in another spelling, or a place inside it, is no second place', async () => {
    const world = await pushedWorld();
    const link = join(world.folder, 'usb');
    await symlink(world.store, link);
    const before = await treeOf(world.store);
    for (const to of [pathToFileURL(world.store).href, link, `${link}/.`, join(link, 'copy', 'new')]) {
      const outcome = await world.run(['copy', '--to', to, '--json']);
      expect([outcome.code, errorOf(outcome).code], to).toEqual([2, 'usage']);
    }
    expect(await treeOf(world.store)).toEqual(before);
    expect((await world.run(['copy', '--to', `${world.store}-2`])).code).toBe(0);
  });
});

test('--read-back reads what was copied and keeps the proofs there', async () => {
  const world = await pushedWorld();
  const copied = await world.json<CopyJson>(['copy', '--to', world.target, '--read-back']);
  expect(copied.readBack?.map((c) => c.verdict)).toEqual(copied.backups.map(() => 'clean'));
  const tags = new Set(copied.backups.map((b) => b.id.split('-')[1]));
  const proofs = (await keysOf(world.target)).filter((key) => key.startsWith('proofs/'));
  expect(new Set(proofs.map((key) => key.slice(7, 19)))).toEqual(tags);
});

test('--read-back without the key: what was copied is told, and that it could not be read', async () => {
  const key = await newKey();
  const world = await makeWorld();
  const env = { EFAKTUR_RECIPIENTS: key.recipient };
  await world.json(['push', '--source', 'backup'], { env });
  const outcome = await world.run(['copy', '--to', join(world.folder, 'copied'), '--read-back', '--json'], {
    env,
  });
  expect(outcome.code).toBe(12);
  const { outcome: how, backups, readBack } = JSON.parse(outcome.stdout) as CopyJson;
  expect([how, backups.map((b) => b.outcome), readBack]).toEqual(['copied', ['copied'], []]);
});

test('what was copied is not taken for uploads that came late', async () => {
  const world = await pushedWorld();
  await world.json(['copy', '--to', world.target]);
  const notes = (await keysOf(world.target)).filter((key) => key.startsWith('copied/'));
  expect(notes).toHaveLength(1);
  const note = JSON.parse(await readFile(join(world.target, notes[0] ?? ''), 'utf8')) as { uploaded: object };
  const { backups } = await world.json<ListJson>(['list']);
  expect(Object.keys(note.uploaded).sort()).toEqual(backups.map((b) => `${b.date}/${b.id}.json`).sort());
  // A kill before the note: the next run writes it.
  await rm(join(world.target, 'copied'), { recursive: true });
  await world.json(['copy', '--to', world.target]);
  expect((await keysOf(world.target)).filter((key) => key.startsWith('copied/'))).toHaveLength(1);
  await world.json(['copy', '--to', world.target]);
  expect((await keysOf(world.target)).filter((key) => key.startsWith('copied/'))).toHaveLength(1);
});

test('of a copy of a copy the times are those of the first store', async () => {
  const world = await pushedWorld();
  const long = new Date(Date.now() - 90 * 24 * 3600_000);
  const backups = (await world.json<ListJson>(['list'])).backups.map((b) => `${b.date}/${b.id}.json`);
  for (const key of backups) await utimes(join(world.store, key), long, long);
  const second = join(world.folder, 'second');
  await world.json(['copy', '--to', world.target]);
  await world.json(['copy', '--from', world.target, '--to', second]);
  const [note = ''] = (await keysOf(second)).filter((key) => key.startsWith('copied/'));
  const { uploaded } = JSON.parse(await readFile(join(second, note), 'utf8')) as { uploaded: object };
  expect(uploaded).toEqual(Object.fromEntries(backups.map((key) => [key, long.toISOString()])));
});

test('a store that tells whole seconds takes no part of one from the time of the first', async () => {
  const world = await pushedWorld();
  const manifests = (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));
  const at = new Date('2026-03-01T02:00:07.120Z');
  for (const key of manifests) await utimes(join(world.store, key), at, at);
  await world.json(['copy', '--to', world.target]);
  const wholeSecond = new Date('2026-03-01T02:00:07Z');
  for (const key of manifests) await utimes(join(world.target, key), wholeSecond, wholeSecond);
  const second = join(world.folder, 'second');
  await world.json(['copy', '--from', world.target, '--to', second]);
  const [note = ''] = (await keysOf(second)).filter((key) => key.startsWith('copied/'));
  const { uploaded } = JSON.parse(await readFile(join(second, note), 'utf8')) as { uploaded: object };
  expect(uploaded).toEqual(Object.fromEntries(manifests.map((key) => [key, at.toISOString()])));
});

test('what a killed copy left in the target goes with the next copy', async () => {
  const world = await pushedWorld();
  const trap = { call: 'rename', at: 1, path: /\.tar\.zst$/, action: 'SIGKILL' } as const;
  expect((await world.runBuilt(['copy', '--to', world.target], { trap })).signal).toBe('SIGKILL');
  const left = async (): Promise<string[]> =>
    (await keysOf(world.target)).filter((key) => key.includes('.put-'));
  expect(await left()).toHaveLength(1);
  await world.json(['copy', '--to', world.target]);
  expect(await left()).toEqual([]);
  expect(await historyIn(world.target)).toEqual(await historyIn(world.store));
});

test('locks are those set for the target, and last as many whole days when the request arrives', async () => {
  const bucket = await makeBucket({ objectLock: true });
  const world = await pushedWorld();
  const to = `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`;
  const env = { ...bucket.env, EFAKTUR_LOCK_DAYS: '3', EFAKTUR_FULL_EVERY: '2' };
  const begun = Date.now();
  await world.json(['copy', '--to', to], { env });
  const store = await openStore(to, { env, currentFolder: world.folder });
  const day = 24 * 3600_000;
  for await (const { objects } of store.list('')) {
    for (const { key } of objects) {
      const until = (await store.lockOf(key))?.until?.getTime() ?? 0;
      // What a later backup may lean on lasts longer.
      const days = /^\d.*\.json$|^copied/.test(key) ? 3 : 5;
      expect(until - Date.now(), key).toBeGreaterThan(days * day);
      expect(until - begun, key).toBeLessThan((days + 0.1) * day);
    }
  }
  store.close();
});

test('a lock that ends before what needs it is told', async () => {
  const bucket = await makeBucket({ objectLock: true });
  const world = await pushedWorld();
  const to = `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`;
  const { backups } = await world.json<ListJson>(['list']);
  const last = backups.findLast((b) => b.kind === 'differential');
  const locked = (days: string) => ({ ...bucket.env, EFAKTUR_LOCK_DAYS: days, EFAKTUR_FULL_EVERY: '1' });
  for (const { id } of backups.filter((b) => b.kind === 'full'))
    expect(
      (await world.json<CopyJson>(['copy', '--to', to, '--id', id], { env: locked('1') })).warnings,
    ).toEqual([]);
  const long = await world.json<CopyJson>(['copy', '--to', to, '--id', last?.id ?? ''], { env: locked('9') });
  expect(long.backups.map((b) => b.outcome)).toEqual(['copied']);
  expect(long.warnings.map((w) => w.code)).toEqual(['lock-short']);
  const [warning] = long.warnings;
  expect(backups.some((b) => b.kind === 'full' && warning?.message.includes(b.archive ?? 'none'))).toBe(true);
});

test('encrypted backups are copied without a key, from a bucket to a folder to a second bucket', async () => {
  const [first, second] = [await makeBucket(), await makeBucket()];
  const world = await makeWorld();
  const keys = await world.run(['keys', 'new', '--out', join(world.folder, 'key.txt')]);
  const recipient = /age1[0-9a-z]{50,}/.exec(keys.stdout + keys.stderr)?.[0] ?? '';
  const address = (bucket: typeof first): string => `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`;
  const env = { ...first.env, EFAKTUR_STORE: address(first), EFAKTUR_RECIPIENTS: recipient };
  await world.json(['push', '--all'], { env });
  const usb = join(world.folder, 'usb');
  const keyless = { ...env, EFAKTUR_RECIPIENTS: undefined };
  const toUsb = await world.json<CopyJson>(['copy', '--to', usb], { env: keyless });
  const settings = join(world.folder, 'second.env');
  await writeFile(
    settings,
    `EFAKTUR_STORE=${address(second)}\nAWS_ACCESS_KEY_ID=${second.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${second.secretAccessKey}\n`,
    { mode: 0o600 },
  );
  // The environment's keys open nothing here: the file's do.
  const wrong = { ...keyless, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing-at-all' };
  const toBucket = await world.json<CopyJson>(['copy', '--from', usb, '--to-settings', settings], {
    env: wrong,
  });
  expect(toBucket.backups.map((b) => b.id)).toEqual(toUsb.backups.map((b) => b.id));
  const restoring = {
    ...second.env,
    EFAKTUR_STORE: address(second),
    EFAKTUR_IDENTITY_FILE: join(world.folder, 'key.txt'),
  };
  await world.json(['verify', '--read-data'], { env: restoring });
  const to = join(world.folder, 'restored');
  await world.json(['pull', '--to', to, '--date', '2023-07-08'], { env: restoring });
});

test('each store has the whole of its own AWS settings: a profile in files or a program that prints keys', async () => {
  const [first, second] = [await makeBucket(), await makeBucket()];
  const world = await pushedWorld();
  const address = (bucket: typeof first): string => `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`;
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(world.folder, name), text, { mode: 0o600 });
    return join(world.folder, name);
  };
  const keysOfFirst = await write(
    'keys',
    `[kantor]\naws_access_key_id=${first.accessKeyId}\naws_secret_access_key=${first.secretAccessKey}\n`,
  );
  const printed = JSON.stringify({
    Version: 1,
    AccessKeyId: second.accessKeyId,
    SecretAccessKey: second.secretAccessKey,
  });
  const program = await write('printed.json', printed);
  const config = await write('config', `[profile cabang]\ncredential_process = cat ${program}\n`);
  const one = await write(
    'one.env',
    `EFAKTUR_STORE=${address(first)}\nAWS_PROFILE=kantor\nAWS_SHARED_CREDENTIALS_FILE=${keysOfFirst}\n`,
  );
  const two = await write(
    'two.env',
    `EFAKTUR_STORE=${address(second)}\nAWS_PROFILE=cabang\nAWS_CONFIG_FILE=${config}\n`,
  );
  const none = await write('none.env', `EFAKTUR_STORE=${address(second)}\n`);
  // What the command itself runs with opens nothing.
  const env = { AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'nothing-at-all' };
  await world.json(['copy', '--from', world.store, '--to-settings', one], { env });
  const copied = await world.json<CopyJson>(['copy', '--from-settings', one, '--to-settings', two], { env });
  expect(copied.backups.map((b) => b.outcome)).toEqual(copied.backups.map(() => 'copied'));
  // The other way round as well, and by a profile in the address.
  const named = `${address(second)}&profile=cabang`;
  await world.json(['copy', '--from', named, '--from-settings', two, '--to', world.target], { env });
  expect(await historyIn(world.target)).toEqual(await historyIn(world.store));
  // A file without keys takes none of another's, nor of the environment's.
  const wrong = await world.run(['copy', '--from-settings', one, '--to-settings', none, '--json'], {
    env: { ...env, ...second.env },
  });
  expect([wrong.code, errorOf(wrong).message]).toEqual([14, expect.stringContaining(second.bucket)]);
});
