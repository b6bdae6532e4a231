import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunJson } from '../support/run-world.ts';
import { windowsPc } from '../support/win/pc.ts';

/** What the Task Scheduler calls: the program without a console, in a folder of the system, with nobody to print to. */

test('the program without a console runs, remembers and logs; a drive that is away is told once', async () => {
  const pc = await windowsPc({ backups: [] });
  const store = pc.on('c', 'usb', 'e-Faktur');
  await mkdir(pc.on('c', 'usb'));
  const options = {
    program: 'efaktur-cloudw.exe',
    env: { EFAKTUR_STORE: pc.named(store) },
  } as const;
  const scheduled = () => pc.run(['run', '--scheduled'], options);
  await sleep(3_000);
  expect((await scheduled()).code).toBe(0);
  const { profiles } = await pc.json<RunJson>(['run'], { env: options.env });
  expect(profiles[0]).toMatchObject({ outcome: 'ok', push: { outcome: 'unchanged', inFull: false } });

  await rename(pc.on('c', 'usb'), pc.on('c', 'away'));
  for (let i = 0; i < 2; i++) expect((await scheduled()).code).toBe(10);
  await rename(pc.on('c', 'away'), pc.on('c', 'usb'));
  expect((await scheduled()).code).toBe(0);
  const log = await readFile(join(pc.folder, 'state', 'log', 'run.log'), 'utf8');
  expect(log.match(/\terror\tstore-unavailable\t(?!still as told)/g)).toHaveLength(1);
  expect(log.match(/\terror\tstore-unavailable\tstill as told/g)).toHaveLength(1);
  expect(log).toMatch(/\tinfo\t-\tthe store is reachable again/);
  const { stdout } = await pc.run(['history']);
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}default: stored the state of /m);
});

test('two that begin at once take turns', async () => {
  const pc = await windowsPc({ backups: [] });
  const both = await Promise.all([0, 1].map(() => pc.run(['run', '--scheduled', '--json'])));
  const outcomes = both.map(({ code, stdout }) => [code, (JSON.parse(stdout) as RunJson).outcome]);
  // Either may be over before the other begins.
  for (const [code, outcome] of outcomes)
    expect([code, outcome]).toEqual([0, expect.stringMatching(/^(ok|skipped)$/)]);
  expect(outcomes.map(([, outcome]) => outcome)).toContain('ok');
});
