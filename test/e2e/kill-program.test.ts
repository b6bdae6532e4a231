import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, treeOf, type World } from '../support/cli.ts';
import { placeProgramFiles } from '../support/program-folder.ts';
import { placeStoredProgram } from '../support/stored-program.ts';

/** kill -9 while a whole e-Faktur folder is made: there is nothing or all of it, and the next command clears up. */

async function office(): Promise<World> {
  const world = await makeWorld({ backups: [] });
  await placeProgramFiles(world.app, '4.0.0.0');
  await world.json(['push', '--source', 'live']);
  await placeStoredProgram([world.store], world.app, { at: '2023-07-09T02:00:00Z' });
  return world;
}

test.each(['a folder that is not there', 'an empty folder'])(
  'into %s, killed before each rename, removal and new folder beside it',
  async (name) => {
    const world = await office();
    const whole = Object.fromEntries(
      Object.entries(await treeOf(world.app)).filter(([path]) => !/^(backup|log)(\/|$)/.test(path)),
    );
    let kills = 0;
    const outcomes = new Set<string>();
    for (let at = 1; ; at++) {
      const target = join(world.folder, `pc baru ${at}`);
      if (name === 'an empty folder') await mkdir(target);
      // What lies deeper is extracted, file after file alike.
      const path = /(pc baru \d+|\.(restoring|restored|listed|discard)-[\w-]+(\/app|\/db|\/app\/[^/]+)?)$/;
      const outcome = await world.runBuilt(['pull', '--whole-app', '--to', target], {
        trap: { call: 'any', at, path, action: 'SIGKILL' },
      });
      const what = `step ${at}: ${outcome.stderr}`;
      const before = await treeOf(target).catch(() => ({}));
      const canStart = Object.keys(before).includes('ETaxInvoiceMain.exe');
      // The next command, here one that fails for another reason.
      await world.run(['pull', '--whole-app', '--to', target, '--id', '20000101T000000Z-000000000000']);
      const after = await treeOf(target).catch(() => ({}));
      expect(
        (await readdir(world.folder)).filter((found) => /\.(restor|list|discard)/.test(found)),
        what,
      ).toEqual([]);
      const isWhole = Object.keys(after).some((path) => path !== '');
      expect(after, what).toEqual(isWhole ? whole : expect.anything());
      if (canStart) expect(isWhole, what).toBe(true);
      outcomes.add(`${isWhole}`);
      if (outcome.signal !== 'SIGKILL') {
        expect([outcome.code, isWhole], what).toEqual([0, true]);
        break;
      }
      kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(name === 'an empty folder' ? 12 : 5);
    expect(outcomes.size).toBe(2);
  },
  300_000,
);

test('a second one into the same folder says so while the first is running', async () => {
  const world = await office();
  let pid = 0;
  const target = join(world.folder, 'baru');
  await new Promise<void>((resolve) => {
    const running = world.runBuilt(['pull', '--whole-app', '--to', target], {
      trap: { call: 'rename', at: 1, path: /restoring/, action: 'hang' },
      onStart: (started) => {
        pid = started;
      },
      onStderr: (text) => {
        if (text.includes('trap:')) resolve();
      },
    });
    running.then(() => resolve());
  });
  const second = await world.run(['pull', '--whole-app', '--to', target]);
  process.kill(pid, 'SIGKILL');
  expect(second.code).toBe(11);
}, 60_000);
