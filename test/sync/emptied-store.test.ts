import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StatusDocument } from '../../src/sync/status.ts';
import { newKey } from '../crypto/age-files.ts';
import {
  errorOf,
  keysOf,
  type ListJson,
  makeWorld,
  type PullJson,
  type WarningJson,
  type World,
} from '../support/cli.ts';
import { seedBackups } from '../support/efaktur-folder.ts';
import { noteSecret } from '../support/printed.ts';
import { goldenWorld } from './golden-world.ts';

/** What a store no longer shows must never read as if all were well. */

const days = ['2023-07-06', '2023-07-08'];

/** Two backups, and a newer one that goes with its manifest from the store. */
async function withoutNewest(): Promise<{ world: World; id: string; gone: string }> {
  const world = await makeWorld({ live: null, backups: seedBackups });
  await world.json(['push', '--all']);
  await world.json(['verify', '--read-data']);
  const manifests = (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));
  expect(manifests.map((key) => key.slice(0, 10))).toEqual(days);
  const gone = manifests.at(-1) ?? '';
  await rm(join(world.store, gone));
  return { world, gone, id: /\/(.*)\.json/.exec(gone)?.[1] ?? '' };
}

const missing = ({ warnings }: { warnings: readonly WarningJson[] }): string[] =>
  warnings.filter(({ code }) => code === 'newest-missing').map(({ message }) => message);

test('verify of a store without backups is exit 4, whatever it should check', async () => {
  const world = await makeWorld();
  for (const how of [[], ['--read-data'], ['--read-data=1/7'], ['--all']]) {
    const outcome = await world.run(['verify', ...how, '--json']);
    expect([outcome.code, outcome.stdout]).toEqual([4, '']);
    expect(errorOf(outcome)).toMatchObject({
      code: 'no-such-backup',
      message: expect.stringContaining('nothing to check'),
    });
  }
  await world.json(['push']);
  await world.json(['verify']);
  for (const key of await keysOf(world.store)) await rm(join(world.store, key));
  expect((await world.run(['verify'])).code).toBe(4);
});

test('of several stores the one that was emptied decides the exit code, and the other is checked', async () => {
  const world = await makeWorld();
  const other = join(world.folder, 'other');
  const env = { EFAKTUR_STORE: `${world.store};${other}` };
  await world.json(['push'], { env });
  for (const key of await keysOf(world.store)) await rm(join(world.store, key));
  const document = await world.json<{ checked: { store: string; ok: boolean }[] }>(['verify'], {
    env,
    code: 4,
  });
  expect(document.checked).toMatchObject([{ store: other, ok: true }]);
});

test('a store that lacks the newest backup which this PC pushed: every command that reads says so', async () => {
  const { world, id } = await withoutNewest();
  const told = expect.stringContaining(id);
  const to = join(world.folder, 'to');
  const reading: [string, ...string[]][] = [
    ['list'],
    ['pull', '--to', to],
    ['pull', '--to', join(world.folder, 'new'), '--dry-run'],
    ['export', '--to', join(world.folder, 'exported')],
    ['tables'],
    ['export-tables', '--to', join(world.folder, 'tables')],
    ['keys', 'show'],
    ['copy', '--to', join(world.folder, 'planned'), '--dry-run'],
    ['copy', '--to', join(world.folder, 'copied')],
    ['prune-local'],
  ];
  for (const command of reading) {
    const document = await world.json<{ warnings: WarningJson[] }>(command);
    expect(missing(document), command.join(' ')).toEqual([told]);
  }
  const verified = await world.json<{ warnings: WarningJson[] }>(['verify', '--read-data'], { code: 20 });
  expect(missing(verified)).toEqual([told]);
  const status = await world.run(['status', '--json']);
  expect(status.code).toBe(20);
  const { attention } = JSON.parse(status.stdout) as StatusDocument;
  expect(attention.filter(({ code }) => code === 'newest-missing')).toMatchObject([{ message: told }]);
  // What is not known to be whole is not pruned by.
  const before = await keysOf(world.store);
  const pruned = await world.run(['prune', '--keep-last', '1', '--yes', '--json']);
  expect([pruned.code, errorOf(pruned).message]).toEqual([10, told]);
  expect(await keysOf(world.store)).toEqual(before);
});

test('where nothing is left, the error tells what this PC pushed there', async () => {
  const world = await makeWorld({ live: null, backups: seedBackups });
  await world.json(['push', '--all']);
  const id = (await world.json<ListJson>(['list'])).backups.at(-1)?.id ?? '';
  const manifests = (await keysOf(world.store)).filter((key) => /^2.*\.json$/.test(key));
  for (const key of manifests) await rm(join(world.store, key));
  const to = join(world.folder, 'to');
  const reading = [
    ['verify'],
    ['verify', '--date', '2023-07-08'],
    ['pull', '--to', to],
    ['pull', '--to', to, '--date', '2023-07-06'],
    ['pull', '--to', to, '--id', id],
    ['export', '--to', to],
    ['tables'],
    ['copy', '--to', to],
    ['copy', '--to', to, '--since', '2023-07-08'],
  ];
  for (const command of reading) {
    const outcome = await world.run([...command, '--json']);
    expect([command, outcome.code, outcome.stdout]).toEqual([command, 4, '']);
    expect(errorOf(outcome)).toMatchObject({
      code: 'no-such-backup',
      message: expect.stringContaining(`does not list the newest backup that this PC pushed to it, ${id}`),
      hint: expect.stringContaining('Somebody deleted it'),
    });
  }
});

test('a store whose origin alone has gone is not said to hold nothing', async () => {
  const world = await makeWorld({ live: null, backups: seedBackups });
  await world.json(['push', '--all']);
  await rm(join(world.store, 'origin'), { recursive: true });
  const refused = await world.run(['push', '--all', '--json']);
  expect([refused.code, errorOf(refused).message]).toEqual([10, expect.stringContaining('whose it is')]);
  await world.json(['push', '--all', '--new-store']);
  await world.json(['push', '--all']);
  await world.json(['verify', '--read-data']);
});

test('a part of the listing tells it, too, unless something newer came since', async () => {
  const { world, id, gone } = await withoutNewest();
  const [first] = days;
  const older = await world.json<PullJson>(['pull', '--date', first ?? '', '--to', join(world.folder, 'a')]);
  expect(missing(older)).toEqual([]);
  const asked = await world.run(['pull', '--date', gone.slice(0, 10), '--to', join(world.folder, 'b')]);
  expect(asked.code).toBe(4);
  const latest = await world.json<PullJson>([
    'pull',
    '--as-of',
    '2030-01-01',
    '--to',
    join(world.folder, 'c'),
  ]);
  expect(missing(latest)).toEqual([expect.stringContaining(id)]);
});

test('a record that another version wrote keeps nobody from restoring', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  for (const key of await keysOf(join(world.stateDir, 'stores')))
    await writeFile(join(world.stateDir, 'stores', key), '{"format":99}');
  const pulled = await world.json<{ outcome: string }>(['pull', '--to', join(world.folder, 'to')]);
  expect(pulled.outcome).toBe('restored');
});

test('a restore that is only planned needs the key as the real one does', async () => {
  const world = await goldenWorld('clean');
  const key = await newKey();
  await noteSecret(key.identity.reveal());
  await world.json(['push', '--source', 'live'], { env: { EFAKTUR_RECIPIENTS: key.recipient } });
  const to = join(world.folder, 'to');
  const planned = await world.run(['pull', '--dry-run', '--to', to, '--json']);
  expect([planned.code, planned.stdout]).toEqual([12, '']);
  expect(errorOf(planned)).toMatchObject({ code: 'wrong-key' });
});
