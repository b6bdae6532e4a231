import { expect, test } from 'vitest';
import { killedAt, office } from './kill-program-rounds.ts';

test.each(['a folder that is not there', 'an empty folder'])(
  'into %s, killed before each rename, removal and new folder beside it',
  async (name) => {
    const world = await office();
    const isThere = name === 'an empty folder';
    const outcomes = new Set<boolean>();
    let kills = 0;
    for (let isKilled = true; isKilled; ) {
      const end = await killedAt(world, kills + 1, isThere);
      outcomes.add(end.isWhole);
      isKilled = end.isKilled;
      if (isKilled) kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(isThere ? 12 : 5);
    expect(outcomes.size).toBe(2);
  },
);
