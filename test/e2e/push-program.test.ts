import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { errorOf, keysOf, makeWorld, type Trap, type World } from '../support/cli.ts';
import { peFile } from '../support/pe-file.ts';

async function makeOffice(): Promise<World> {
  const world = await makeWorld({ live: null, backups: [] });
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), peFile('4.0.0.0'));
  await mkdir(join(world.app, 'java/lib'), { recursive: true });
  await writeFile(join(world.app, 'java/lib/rt.jar'), Buffer.alloc(2 << 20, 'rt'));
  return world;
}

const push = (world: World, trap?: Trap) =>
  world.runBuilt(['push', '--whole-app', '--json'], trap ? { trap } : {});

const isDay = (key: string): boolean => key.startsWith('2');

test('kill -9 at every change of the disk leaves no program or a whole one, and the next push clears the rest', async () => {
  let isLast = false;
  let whole = 0;
  for (let at = 1; !isLast; at++) {
    const world = await makeOffice();
    const outcome = await push(world, { call: 'change', at, action: 'SIGKILL' });
    isLast = outcome.signal !== 'SIGKILL';
    const what = `change ${at}`;
    const left = (await keysOf(world.store)).filter(isDay);
    const manifest = left.find((key) => /^[^.]+\.app\.json$/.test(key));
    if (manifest !== undefined) {
      whole++;
      expect(left, what).toContain(manifest.replace('.json', '.tar.zst'));
    }
    const next = await world.run(['push', '--whole-app', '--json']);
    expect(next.code, `${what}: ${next.stderr}`).toBe(0);
    const keys = await keysOf(world.store);
    expect(
      keys.filter((key) => !isDay(key)).every((key) => /^(README\.txt|origin\/\S+)$/.test(key)),
      what,
    ).toBe(true);
    const manifests = keys.filter((key) => key.endsWith('.app.json'));
    expect(manifests.length, what).toBeGreaterThan(0);
    for (const one of manifests) expect(keys, what).toContain(one.replace('.json', '.tar.zst'));
    expect(await readdir(join(world.stateDir, 'jobs')), what).toEqual([]);
    if (isLast) expect(at).toBeGreaterThan(15);
  }
  // Killed after its manifest, too.
  expect(whole).toBeGreaterThan(1);
});

test.each([
  ['EBUSY', 'source-unusable'],
  ['EACCES', 'source-unusable'],
  ['ENOENT', 'source-changed'],
] as const)('a folder that cannot be looked into (%s) is named', async (errno, code) => {
  const world = await makeOffice();
  const trap = { call: 'readdir', at: 0, path: /java\/lib$/, action: 'fail', errno } as const;
  const outcome = await push(world, trap);
  expect(outcome.code).toBe(exitCodes[code]);
  expect(errorOf(outcome).message).toContain(join('java', 'lib'));
  expect((await keysOf(world.store)).filter(isDay)).toEqual([]);
});
