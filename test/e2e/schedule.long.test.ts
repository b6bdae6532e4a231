import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ScheduleState } from '../../src/schedule/schedule.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { fileThere, ownSystem } from '../support/own-system.ts';
import { scheduledPc, soon, userSystemd } from '../support/scheduled-pc.ts';

test('an own timer of systemd begins by itself at its time', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const home = join(folder, 'home');
  const env = await userSystemd(system, home);
  const { json, noted } = await scheduledPc(system, folder, env);
  // What spreads the starts of many PCs, and is looked at elsewhere, would make this a test of ten minutes.
  const dropIn = join(home, '.config', 'systemd', 'user', 'efaktur-cloud.timer.d');
  await mkdir(dropIn, { recursive: true });
  await writeFile(join(dropIn, 'now.conf'), '[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n');
  await json(0, 'install', '--at', soon());
  expect(JSON.parse(await fileThere(noted, 100_000))).toMatchObject({ words: ['run', '--scheduled'] });
  const state = await json<ScheduleState>(0, 'status');
  expect(Date.now() - Date.parse(state.lastTriggeredAt ?? '')).toBeLessThan(100_000);
  expect(state).toMatchObject({ lastResult: 0, problems: [] });
});
