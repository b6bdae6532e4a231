import { afterAll, beforeAll, onTestFinished, test } from 'vitest';
import { type Derby, startDerby } from '../support/derby.ts';
import { idleRounds, killRounds, writerRounds } from './hot-rounds.ts';

const start = async (): Promise<Derby> => {
  const derby = await startDerby();
  onTestFinished(() => derby.kill());
  return derby;
};

let checker: Derby;
beforeAll(async () => {
  checker = await startDerby();
});
afterAll(() => checker?.close());

test('open and idle, twice: stored as hot, all committed rows in it', async () => {
  await idleRounds(2, await start(), checker);
});

test('a program writes all the time, two pushes: each stores a sound copy', async () => {
  await writerRounds(2, await start(), checker);
});

test('the program is killed while a push reads, and while it copies: what is stored is sound', async () => {
  await killRounds(['while it reads', 'while it copies'], start, checker);
});
