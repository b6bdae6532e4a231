import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keysOf, type ListJson, makeWorld, treeOf } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import {
  expectNoDebris,
  expectNoneOrWhole,
  expectPushedOn,
  expectSettled,
  july6,
  july8,
  killedPull,
  restorable,
  staging,
} from './kill-rounds.ts';

describe('kill -9 during a restore of 8 July over the db of 6 July', () => {
  // Each step of it is killed in the longer run.
  test.each([
    ['before', 'push'],
    ['after', 'pull'],
  ] as const)(
    '%s the old db moves away: the next command, a %s, finds the old one or the new one, whole',
    async (when, next) => {
      const world = await restorable();
      const trap = {
        call: 'rename',
        at: 1,
        path: /\/db$/,
        action: 'SIGKILL',
        after: when === 'after',
      } as const;
      expect(await killedPull(world, trap)).toBe(true);
      await expectSettled(world, next, when);
    },
  );

  test('into a folder without db, before its last name: afterwards there is none, or the whole one', async () => {
    const world = await restorable();
    await rm(join(world.app, 'db'), { recursive: true });
    expect(await killedPull(world, { call: 'rename', at: 1, path: /\/db$/, action: 'SIGKILL' })).toBe(true);
    await expectNoneOrWhole(world);
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
  // Each step of it is killed in the longer run.
  test('between archive and manifest: one backup after the next push, and it restores', async () => {
    const world = await makeWorld({ live: null });
    const outcome = await world.runBuilt(['push'], {
      trap: { call: 'any', at: 1, after: true, path: /2023-07-08\/\S+\.tar\.zst$/, action: 'SIGKILL' },
    });
    expect(outcome.signal).toBe('SIGKILL');
    expect((await keysOf(world.store)).some((key) => key.endsWith('.tar.zst'))).toBe(true);
    expect(await expectPushedOn(world)).toBe(0);
    expect((await world.json<ListJson>(['list'])).backups).toHaveLength(1);
  });

  test('between manifest and record: the backup that it left restores, and so does that of the next push', async () => {
    const world = await makeWorld({ live: null });
    const outcome = await world.runBuilt(['push'], {
      trap: { call: 'any', at: 1, after: true, path: /2023-07-08\/\S+\.json$/, action: 'SIGKILL' },
    });
    expect(outcome.signal).toBe('SIGKILL');
    expect(await expectPushedOn(world)).toBe(1);
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
