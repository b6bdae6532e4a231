import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeTurn } from '../../src/state/turn.ts';
import { tempFolder } from '../base/temp-folder.ts';

const now = (): Date => new Date();
const turnModule = join(import.meta.dirname, '../../src/state/turn.ts');

/** A process that takes the turn, says `true` or `false`, and keeps it until it is ended. */
function taker(stateDir: string) {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { takeTurn } = await import(${JSON.stringify(turnModule)});
       const turn = await takeTurn(${JSON.stringify(stateDir)}, new Date());
       console.log(turn !== null); setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said = once(child.stdout, 'data').then(([bytes]) => String(bytes).trim() === 'true');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { said, kill };
}

test('one has it, and the next one when that has ended', async () => {
  const stateDir = await tempFolder();
  const first = await takeTurn(stateDir, now());
  expect(await takeTurn(stateDir, now())).toBeNull();
  await first?.end();
  const second = await takeTurn(stateDir, now());
  expect(second).not.toBeNull();
  await second?.end();
  expect(await readdir(join(stateDir, 'turn'))).toEqual([]);
});

test('another process has it until it is killed, and no longer', async () => {
  const stateDir = await tempFolder();
  const other = taker(stateDir);
  expect(await other.said).toBe(true);
  expect(await takeTurn(stateDir, now())).toBeNull();
  await other.kill();
  const turn = await takeTurn(stateDir, now());
  expect(turn).not.toBeNull();
  await turn?.end();
});

test('of several that begin at once exactly one has it', async () => {
  const stateDir = await tempFolder();
  for (let round = 0; round < 3; round++) {
    const takers = Array.from({ length: 5 }, () => taker(stateDir));
    const got = await Promise.all(takers.map(({ said }) => said));
    expect(got.filter(Boolean)).toHaveLength(1);
    for (const one of takers) await one.kill();
  }
});

test('what others left in its folder is in nobody’s way', async () => {
  const stateDir = await tempFolder();
  const folder = join(stateDir, 'turn');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '20260101T000000Z-999999-abcdef-12345678'), '');
  await writeFile(join(folder, 'notes.txt'), '');
  const turn = await takeTurn(stateDir, now());
  expect(turn).not.toBeNull();
  await turn?.end();
  expect(await readdir(folder)).toEqual(['notes.txt']);
});
