import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  keysOf,
  type ListJson,
  makeWorld,
  type PushJson,
  type Trap,
  treeOf,
  type World,
} from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

type Tree = Record<string, string>;
let july6: Tree;
let july8: Tree;

beforeAll(async () => {
  const read = async (seed: keyof typeof seeds): Promise<Tree> => {
    const folder = await mkdtemp(join(tmpdir(), 'efaktur-seed-'));
    await unzip(seeds[seed].path, folder);
    const tree = await treeOf(join(folder, 'db'));
    await rm(folder, { recursive: true });
    return tree;
  };
  [july6, july8] = [await read('seed-6-july'), await read('seed-8-july')];
});

const staging = async (app: string): Promise<string[]> =>
  (await readdir(app)).filter((name) => /^db\.(?!before-restore-)/.test(name));

/** Every key of a store is one of the format's; temp files of a put are none. */
async function expectNoDebris(world: World): Promise<void> {
  for (const key of await keysOf(world.store))
    expect(key).toMatch(
      /^(README\.txt|origin\/\S+\.json|index\/\S+|proofs\/\S+|\d{4}-\d\d-\d\d\/\S+\.(json|tar\.zst))$/,
    );
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
  for (const name of await keysOf(world.stateDir))
    expect(name).toMatch(/^(stores\/[0-9a-f]+\.json|indexes\/[0-9a-f]{12}\.idx\.zst)$/);
}

describe('kill -9 during a restore of 8 July over the db of 6 July', () => {
  async function restorable(): Promise<World> {
    const world = await makeWorld({ live: 'seed-6-july' });
    await world.json(['push', '--source', 'backup']);
    return world;
  }

  /** Kills a pull at that step; false when the pull ended before it. */
  async function killedPull(world: World, trap: Trap): Promise<boolean> {
    const outcome = await world.runBuilt(['pull', '--yes'], { trap });
    if (outcome.signal === 'SIGKILL') return true;
    expect(outcome).toMatchObject({ code: 0, signal: null });
    return false;
  }

  test('at each step: the next command finds the old db or the new one, whole', async () => {
    // Every step that touches the names beside db, and the renames of db itself; after one is before the next.
    const step = { call: 'any', path: /\/db(\.[a-z-]+-\w+(-\d+)?)?$/, action: 'SIGKILL' } as const;
    let isLast = false;
    for (let at = 1; !isLast; at++) {
      let world = await restorable();
      if (!(await killedPull(world, { ...step, at }))) {
        isLast = true;
        expect(at).toBeGreaterThanOrEqual(5);
        world = await restorable();
        expect(await killedPull(world, { ...step, at: at - 1, after: true })).toBe(true);
      }
      const what = `step ${at}`;
      if (at % 2 === 0) {
        const next = await world.json<PushJson>(['push', '--source', 'live']);
        expect(next.backups, what).toHaveLength(1);
      } else {
        // It settles the folder first, and then finds no such backup.
        expect((await world.run(['pull', '--id', '20000101T000000Z-000000000000'])).code).toBe(4);
      }
      expect(await staging(world.app), what).toEqual([]);
      const now = await treeOf(join(world.app, 'db'));
      const kept = (await readdir(world.app)).find((name) => name.startsWith('db.before-restore-'));
      if (kept === undefined) expect(now, what).toEqual(july6);
      else {
        expect(now, what).toEqual(july8);
        expect(await treeOf(join(world.app, kept)), what).toEqual(july6);
      }
    }
  });

  test('into a folder without db: afterwards there is none, or the whole one', async () => {
    for (let at = 1; ; at++) {
      const world = await restorable();
      await rm(join(world.app, 'db'), { recursive: true });
      const trap = { call: 'rename', at, path: /\/db/, action: 'SIGKILL' } as const;
      if (!(await killedPull(world, trap))) {
        expect(at).toBeGreaterThan(2);
        return;
      }
      await world.run(['push', '--source', 'backup']);
      expect(await staging(world.app)).toEqual([]);
      const db = await treeOf(join(world.app, 'db'));
      expect([{}, july8]).toContainEqual(db);
    }
  });

  test('killed while what is left of a failed restore is deleted', async () => {
    const world = await restorable();
    const archive = (await keysOf(world.store)).find((key) => key.endsWith('.tar.zst')) ?? '';
    await cp(seeds['seed-6-july'].path, join(world.store, archive));
    const outcome = await world.runBuilt(['pull', '--yes'], {
      trap: { call: 'rm', at: 1, path: /db\.discard-/, action: 'SIGKILL' },
    });
    expect(outcome.signal).toBe('SIGKILL');
    expect(await staging(world.app)).toHaveLength(1);
    await world.json(['push', '--source', 'live']);
    expect(await staging(world.app)).toEqual([]);
    expect(await treeOf(join(world.app, 'db'))).toEqual(july6);
  });

  test('a dry run settles nothing', async () => {
    const world = await restorable();
    await killedPull(world, { call: 'rename', at: 3, path: /\/db/, action: 'SIGKILL' });
    const before = await treeOf(world.app, true);
    await world.run(['push', '--dry-run', '--source', 'backup']);
    await world.run(['pull', '--dry-run']);
    expect(await treeOf(world.app, true)).toEqual(before);
  });

  test('while a restore is running, a second one and a push say so with exit 11', async () => {
    const world = await restorable();
    let pid = 0;
    let ended: Promise<unknown> = Promise.resolve();
    await new Promise<void>((resolve) => {
      ended = world.runBuilt(['pull', '--yes'], {
        trap: { call: 'rename', at: 2, path: /\/db/, action: 'hang' },
        onStart: (started) => {
          pid = started;
        },
        onStderr: (text) => {
          if (text.includes('trap:')) resolve();
        },
      });
    });
    try {
      for (const args of [['pull', '--yes'], ['push'], ['push', '--source', 'live']]) {
        const outcome = await world.run(args);
        expect(outcome.code, args.join(' ')).toBe(11);
        expect(outcome.stderr).toContain(String(pid));
      }
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await ended;
    expect((await world.run(['pull', '--yes'])).code).toBe(0);
    expect(await treeOf(join(world.app, 'db'))).toEqual(july8);
  });
});

describe('kill -9 during a push', () => {
  async function restoresFrom(world: World, id: string): Promise<Tree> {
    const to = join(world.folder, `to-${id}`);
    await rm(to, { recursive: true, force: true });
    await world.json(['pull', '--id', id, '--to', to]);
    return treeOf(join(to, 'db'));
  }

  test('at each step: nothing or a whole backup is listed, and the next push leaves one that restores', {
    timeout: 300_000,
  }, async () => {
    let afterManifest = 0;
    for (let at = 1; ; at++) {
      const world = await makeWorld({ live: null });
      const outcome = await world.runBuilt(['push'], { trap: { call: 'any', at, action: 'SIGKILL' } });
      if (outcome.signal !== 'SIGKILL') {
        expect(outcome.code).toBe(0);
        expect(at).toBeGreaterThan(6);
        // Only the steps after the manifest (the record, the spool's removal) leave a backup behind.
        expect(afterManifest).toBeLessThan(at / 2);
        return;
      }
      const listed = (await world.json<ListJson>(['list'])).backups;
      expect(listed.length).toBeLessThanOrEqual(1);
      for (const { id } of listed) expect(await restoresFrom(world, id)).toEqual(july8);
      if (listed.length > 0) afterManifest++;
      await world.json(['push']);
      const backups = (await world.json<ListJson>(['list'])).backups;
      // With the manifest written and the record not, the state is sent once more under a tag of its own.
      expect(backups.length).toBeGreaterThanOrEqual(1);
      expect(backups.length).toBeLessThanOrEqual(1 + listed.length);
      for (const { id } of backups) expect(await restoresFrom(world, id)).toEqual(july8);
      await expectNoDebris(world);
      expect((await world.json(['push'])).outcome).toBe('unchanged');
    }
  });

  test('between archive and manifest: one backup after the next push, and it restores', async () => {
    const world = await makeWorld({ live: null });
    const outcome = await world.runBuilt(['push'], {
      trap: { call: 'any', at: 1, after: true, path: /2023-07-08\/\S+\.tar\.zst$/, action: 'SIGKILL' },
    });
    expect(outcome.signal).toBe('SIGKILL');
    expect((await keysOf(world.store)).some((key) => key.endsWith('.tar.zst'))).toBe(true);
    const before = await world.json<ListJson>(['list']);
    expect(before.backups).toEqual([]);
    await world.json(['push']);
    const { backups } = await world.json<ListJson>(['list']);
    expect(backups).toHaveLength(1);
    expect(await restoresFrom(world, backups[0]?.id ?? '')).toEqual(july8);
    await expectNoDebris(world);
  });

  test('during the spool: it is gone after the next push', async () => {
    const world = await makeWorld({ live: null });
    const outcome = await world.runBuilt(['push'], {
      trap: { call: 'open', at: 1, after: true, path: /\.spool/, action: 'SIGKILL' },
    });
    expect(outcome.signal).toBe('SIGKILL');
    expect((await keysOf(world.stateDir)).some((name) => name.includes('spool'))).toBe(true);
    await world.json(['push']);
    await expectNoDebris(world);
  });

  test('what a push that still runs has in its state folder is left alone', async () => {
    const world = await makeWorld({ live: null });
    let [pid, ended]: [number, Promise<unknown>] = [0, Promise.resolve()];
    await new Promise<void>((resolve) => {
      ended = world.runBuilt(['push'], {
        trap: { call: 'open', at: 1, after: true, path: /\.spool/, action: 'hang' },
        onStart: (started) => {
          pid = started;
        },
        onStderr: (text) => {
          if (text.includes('trap:')) resolve();
        },
      });
    });
    await world.json(['push']);
    expect(await readdir(join(world.stateDir, 'jobs'))).toHaveLength(1);
    process.kill(pid, 'SIGKILL');
    await ended;
    await world.json(['push']);
    await expectNoDebris(world);
  });
});

test('kill -9 of a job whose number another process has now: it counts as gone', async () => {
  const world = await makeWorld({ live: null });
  // Process 1 is alive, and began before this job did: whoever wrote the name is still there for all one can tell.
  const [old, current] = ['20000101T000000Z-1-aaaaaa', '20990101T000000Z-1-bbbbbb'];
  for (const name of [old, current]) await mkdir(join(world.stateDir, 'jobs', name), { recursive: true });
  await world.json(['push']);
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([current]);
});

test('what a killed push left and cannot be removed is a warning each time, and no push fails at it', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const job = join(world.stateDir, 'jobs', '20000101T000000Z-1-aaaaaa');
  await mkdir(job, { recursive: true });
  const upload = {
    store: world.store,
    key: '2023-07-08/x.json',
    uploadId: '2023-07-08/.put-1-aaaaaaaaaaaa.tmp',
  };
  await writeFile(join(job, 'uploads.jsonl'), `${JSON.stringify(upload)}\n`);
  // A folder of that name is nothing that removing a file removes.
  const inTheWay = join(world.store, '2023-07-08', '.put-1-aaaaaaaaaaaa.tmp');
  await mkdir(inTheWay);
  for (let round = 0; round < 2; round++)
    expect((await world.json(['push', '--full'])).warnings.map((w) => w.code)).toEqual([
      'upload-left',
      'same-disk',
    ]);
  await rm(inTheWay, { recursive: true });
  expect((await world.json(['push'])).warnings).toMatchObject([{ code: 'same-disk' }]);
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
});
