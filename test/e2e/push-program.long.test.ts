import { expect, test } from 'vitest';
import { killedPush } from './push-program-rounds.ts';

test('kill -9 at every change of the disk leaves no program or a whole one, and the next push clears the rest', async () => {
  let [at, stored] = [0, 0];
  for (let isKilled = true; isKilled; ) {
    at++;
    const end = await killedPush({ call: 'change', at, action: 'SIGKILL' }, `change ${at}`);
    isKilled = end.isKilled;
    if (end.isStored) stored++;
  }
  expect(at).toBeGreaterThan(15);
  // Killed after its manifest, too.
  expect(stored).toBeGreaterThan(1);
});
