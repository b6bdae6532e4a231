import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLog } from '../../src/round/log.ts';
import { keysOf, type ListJson, makeWorld } from '../support/cli.ts';

/** Whatever step of its own files a run is killed at. */

const recordIn = async (stateDir: string): Promise<string | null> =>
  readFile(join(stateDir, 'runs.json'), 'utf8').catch(() => null);

test('a run that is killed leaves its record whole or as it was, and the next one goes on', async () => {
  const world = await makeWorld({ backups: [] });
  let last = await recordIn(world.stateDir);
  let killed = 0;
  for (let at = 1; ; at++) {
    const { signal, code, stderr } = await world.runBuilt(['run', '--scheduled'], {
      trap: {
        call: 'any',
        at,
        path: /state.(runs\.json|turn|log|\.\d)/,
        action: 'SIGKILL',
        after: at % 2 === 0,
      },
    });
    const record = await recordIn(world.stateDir);
    if (record !== null) expect(JSON.parse(record).format, `after step ${at}`).toBe(1);
    else expect(last, `after step ${at}`).toBeNull();
    last = record;
    if (signal === null) {
      expect(code, stderr).toBe(0);
      break;
    }
    killed++;
    const next = await world.runBuilt(['run', '--json']);
    expect(next.code, next.stderr).toBe(0);
    expect(JSON.parse(next.stdout).profiles[0]).toMatchObject({ profile: 'default', outcome: 'ok' });
    last = await recordIn(world.stateDir);
  }
  expect(killed).toBeGreaterThan(5);
  const { backups } = await world.json<ListJson>(['list']);
  expect(backups.length).toBeGreaterThan(0);
  expect((await keysOf(world.stateDir)).filter((key) => /turn\/|\.tmp$/.test(key))).toEqual([]);
  for (const { at, text } of await readLog(world.stateDir))
    expect(`${at} ${text}`).toMatch(/^\d{4}-\d\d-\d\dT\S+ \S/);
});
