import { onTestFinished, test } from 'vitest';
import { type Derby, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { idleRounds, killRounds, writerRounds } from '../sync/hot-rounds.ts';

/** Ten pushes each while real Derby has the live db open: every stored copy boots and passes SYSCS_CHECK_TABLE. */

const rounds = 10;
const versions: DerbyVersion[] = ['10.10.2.0', '10.12.1.1', '10.14.2.0'];

const start = async (version: DerbyVersion = '10.12.1.1'): Promise<Derby> => {
  const derby = await startDerby({ version });
  onTestFinished(() => derby.kill());
  return derby;
};

test.each(versions)('Derby %s: a program writes all the time', async (version) => {
  await writerRounds(rounds, await start(version), await start(version));
});

test.each(versions)('Derby %s: open and idle over uncheckpointed commits', async (version) => {
  await idleRounds(rounds, await start(version), await start(version));
});

test('the program is killed in the middle of a push', async () => {
  const moments = Array.from({ length: rounds / 2 }, () => ['while it reads', 'while it copies'] as const);
  await killRounds(moments.flat(), () => start(), await start());
});
