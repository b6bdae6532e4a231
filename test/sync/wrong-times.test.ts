import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StatusDocument } from '../../src/sync/status.ts';
import {
  type BackupJson,
  keysOf,
  type ListJson,
  makeWorld,
  type PullJson,
  type PushJson,
  type World,
} from '../support/cli.ts';
import { makeBucket } from '../support/minio.ts';

/** Backups that name times that cannot be: the clock of a PC that ran ahead, or somebody who lies. */

const hourMs = 3600_000;
const dayMs = 24 * hourMs;
const begin = Math.floor(Date.now() / 1000) * 1000;
const ago = (days: number): Date => new Date(begin - days * dayMs);

type Listed = BackupJson & { uploadedAt: string | null };

const codesOf = ({ warnings }: { warnings: readonly { code: string }[] }): string[] =>
  warnings.map(({ code }) => code).filter((code) => code !== 'stub-db');

/** Pushes by a PC whose clock shows `now`, into a folder whose files then get the time `uploaded`. */
async function pushAt(world: World, now: Date, uploaded: Date): Promise<string> {
  const before = new Set(await keysOf(world.store).catch(() => []));
  const { backups } = await world.json<PushJson>(['push', '--full'], { now });
  for (const key of await keysOf(world.store))
    if (!before.has(key)) await utimes(join(world.store, key), uploaded, uploaded);
  return backups[0]?.id ?? '';
}

const attentionOf = ({ attention }: StatusDocument): string[] =>
  attention.map(({ code }) => code).filter((code) => code !== 'unproven');

const statusOf = async (world: World, now = new Date()): Promise<StatusDocument> => {
  const { stdout } = await world.run(['status', '--json', '--max-unproven', '99999'], { now });
  return JSON.parse(stdout);
};

const newestPulled = async (world: World, to: string, args: readonly string[] = []) =>
  world.json<PullJson>(['pull', '--to', join(world.folder, to), ...args]);

test('a backup dated 2032 counts as of its upload: in list, status, pull and JSON', async () => {
  const world = await makeWorld({ backups: [] });
  const first = await pushAt(world, ago(9), ago(9));
  const future = await pushAt(world, new Date('2032-02-03T09:00:00+07:00'), ago(7));

  const listed = await world.json<{ backups: Listed[] } & ListJson>(['list']);
  expect(listed.backups.map((b) => b.id)).toEqual([first, future]);
  expect(listed.backups[1]).toMatchObject({ date: '2032-02-03', capturedAt: '2032-02-03T09:00:00+07:00' });
  expect(new Date(listed.backups[1]?.uploadedAt ?? 0)).toEqual(ago(7));
  expect(codesOf(listed)).toEqual(['dated-ahead']);
  const { stdout } = await world.run(['list']);
  expect(stdout).toMatch(/CAPTURED +UPLOADED/);
  expect(stdout).toMatch(/2032-02-03 09:00 +20\d\d-\d\d-\d\d \d\d:\d\d /);

  // Seven days old, and not "in 2032".
  const status = await statusOf(world);
  expect(status.stores[0]?.newest).toMatchObject({ id: future, ageHours: 168 });
  expect(attentionOf(status)).toEqual(['old-backup']);
  expect(codesOf(status)).toEqual(['dated-ahead']);
  expect((await world.run(['status'])).stdout).toMatch(/newest backup: 2032-02-03 09:00, uploaded 20/);

  // What is pushed after it is the newest, and the other is had by the names it goes by.
  const last = await pushAt(world, ago(1), ago(1));
  expect((await newestPulled(world, 'newest')).backup.id).toBe(last);
  for (const args of [
    ['--date', '2032-02-03'],
    ['--id', future],
  ]) {
    const pulled = await newestPulled(world, args.join(''), args);
    expect(pulled.backup).toMatchObject({ id: future, capturedAt: '2032-02-03T09:00:00+07:00' });
    expect(codesOf(pulled)).toContain('dated-ahead');
  }
  expect(attentionOf(await statusOf(world))).toEqual([]);
});

test('of a clock two days ahead, which a folder store shares, nothing is silenced', async () => {
  const world = await makeWorld({ backups: [] });
  const first = await pushAt(world, ago(9), ago(9));
  const ahead = await pushAt(world, ago(-2), ago(-2));
  const status = await statusOf(world);
  expect(status.stores[0]?.newest).toMatchObject({ id: first, ageHours: 216 });
  expect(attentionOf(status)).toEqual(['old-backup']);
  expect(codesOf(status)).toEqual(['after-now']);
  expect(status.local?.liveNotStored).toBe(false);

  const pulled = await newestPulled(world, 'newest');
  expect([pulled.backup.id, codesOf(pulled)]).toEqual([first, ['after-now']]);
  expect((await newestPulled(world, 'ahead', ['--id', ahead])).backup.id).toBe(ahead);
  expect((await newestPulled(world, 'day', ['--as-of', '2099-01-01'])).backup.id).toBe(ahead);
  // Two days later it is an ordinary one.
  const later = await statusOf(world, ago(-3));
  expect([later.stores[0]?.newest?.id, codesOf(later)]).toEqual([ahead, []]);
});

test('where all backups lie after now, the clock of this PC is wrong: it is said, and the newest is restored', async () => {
  const world = await makeWorld({ backups: [] });
  await pushAt(world, ago(9), ago(9));
  const last = await pushAt(world, ago(8), ago(8));
  const now = new Date('2020-01-01T00:00:00Z');
  const status = await statusOf(world, now);
  expect(status.stores[0]?.newest).toMatchObject({ id: last, ageHours: 0 });
  expect(attentionOf(status)).toContain('clock-off');
  const outcome = await world.run(['pull', '--to', join(world.folder, 'to'), '--json'], { now });
  const pulled = JSON.parse(outcome.stdout) as PullJson;
  expect([outcome.code, pulled.backup.id, codesOf(pulled)]).toEqual([0, last, ['clock-off']]);
  expect(await readdir(join(world.folder, 'to', 'db'))).toEqual(['ETaxInvoice']);
});

test('a file server whose clock is behind makes nothing look unstored that this PC stored', async () => {
  const live = ago(10);
  const world = await makeWorld({ backups: [], liveTime: live });
  // Captured ten minutes after the last change; by the server's clock that was before it.
  await pushAt(world, new Date(live.getTime() + 600_000), new Date(live.getTime() - 1_200_000));
  expect((await statusOf(world)).local?.liveNotStored).toBe(false);
});

test('"now" is the time of a store that has one', async () => {
  const { url } = await makeBucket();
  const world = await makeWorld({ backups: [] });
  const env = { EFAKTUR_STORE: url };
  const { backups } = await world.json<PushJson>(['push'], { env });
  for (const now of [new Date('2020-01-01T00:00:00Z'), new Date('2040-01-01T00:00:00Z')]) {
    const { stdout } = await world.run(['status', '--json', '--max-unproven', '99999'], { env, now });
    const status = JSON.parse(stdout) as StatusDocument;
    expect(status.stores[0]?.newest?.id).toBe(backups[0]?.id);
    expect(status.stores[0]?.newest?.ageHours).toBeLessThan(1);
    expect(attentionOf(status)).not.toContain('old-backup');
  }
});
