import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorld } from '../support/cli.ts';
import { expectNoneOrWhole, expectPushedOn, expectSettled, killedPull, restorable } from './kill-rounds.ts';

describe('kill -9 during a restore of 8 July over the db of 6 July', () => {
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
      await expectSettled(world, at % 2 === 0 ? 'push' : 'pull', `step ${at}`);
    }
  });

  test('into a folder without db: afterwards there is none, or the whole one', async () => {
    for (let at = 1; ; at++) {
      const world = await restorable();
      await rm(join(world.app, 'db'), { recursive: true });
      if (!(await killedPull(world, { call: 'rename', at, path: /\/db/, action: 'SIGKILL' }))) {
        expect(at).toBeGreaterThan(2);
        return;
      }
      await expectNoneOrWhole(world);
    }
  });
});

describe('kill -9 during a push', () => {
  test('at each step: nothing or a whole backup is listed, and the next push leaves one that restores', async () => {
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
      afterManifest += await expectPushedOn(world);
    }
  });
});
