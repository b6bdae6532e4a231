import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * Runs test/soak/model.test.ts for so many minutes: random pushes, pulls, prunes, verifies, faults and kills beside a model
 * of what must be there. The seed is printed; the same one makes the same choices again.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new Error('write --minutes N and --seed N, or leave them out');
const vitest = spawn(
  'npx',
  ['vitest', 'run', '--config', 'vitest.soak.config.ts', 'test/soak/model.test.ts'],
  { stdio: 'inherit', env: { ...process.env, SOAK_MINUTES: `${minutes}`, SOAK_SEED: `${seed}` } },
);
vitest.once('close', (code) => {
  process.exitCode = code ?? 1;
});
