import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ListJson, makeWorld, type PullJson } from '../support/cli.ts';

/** The documents of design.md section 2: fields may be added there, never renamed or dropped. */
const backupFields = {
  id: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/),
  date: '2023-07-08',
  capturedAt: '2023-07-08T09:30:00+07:00',
  kind: 'full',
  storedBytes: expect.any(Number),
  encrypted: false,
  archive: expect.stringMatching(/^2023-07-08\/20230708T023000Z-[0-9a-f]{12}\.tar\.zst$/),
};

test('push', async () => {
  const world = await makeWorld({ live: null });
  const created = await world.json(['push']);
  expect(created).toMatchObject({
    outcome: 'created',
    backups: [
      {
        ...backupFields,
        outcome: 'created',
        stores: [
          {
            store: world.store,
            id: created.backups[0]?.id,
            outcome: 'created',
            uploadedBytes: expect.any(Number),
            requests: expect.any(Number),
          },
        ],
      },
    ],
    warnings: [{ code: 'program-not-stored' }, { code: 'same-disk' }],
  });
  const sent = created.backups[0]?.stores[0];
  expect(sent).not.toHaveProperty('error');
  expect(sent?.uploadedBytes).toBeGreaterThan(created.backups[0]?.storedBytes ?? 0);
  expect(sent?.requests).toBeGreaterThan(2);
  expect(await world.json(['push'])).toMatchObject({
    outcome: 'unchanged',
    backups: [
      { ...backupFields, outcome: 'unchanged', stores: [{ outcome: 'unchanged', uploadedBytes: 0 }] },
    ],
  });
  expect(await world.json(['push', '--full', '--dry-run'])).toMatchObject({
    outcome: 'planned',
    backups: [{ date: '2023-07-08', outcome: 'planned', stores: [{ outcome: 'planned', uploadedBytes: 0 }] }],
  });
});

test('pull', async () => {
  const world = await makeWorld({ live: null });
  const { backups } = await world.json(['push']);
  const to = join(world.folder, 'to');
  const planned = await world.json<PullJson>(['pull', '--to', to, '--dry-run']);
  const restored = await world.json<PullJson>(['pull', '--to', to]);
  const again = await world.json<PullJson>(['pull', '--to', to, '--yes']);
  for (const [document, outcome] of [
    [planned, 'planned'],
    [restored, 'restored'],
    [again, 'restored'],
  ] as const) {
    expect(document).toMatchObject({
      outcome,
      backup: { ...backupFields, id: backups[0]?.id, stores: [world.store] },
      target: to,
      files: restored.files,
      bytes: restored.bytes,
      warnings: [],
    });
  }
  expect([planned.previousDb, restored.previousDb]).toEqual([null, null]);
  expect(again.previousDb).toMatch(/db\.before-restore-/);
});

test('list', async () => {
  const world = await makeWorld({ live: null });
  expect(await world.json<ListJson>(['list'])).toMatchObject({ backups: [], warnings: [] });
  await world.json(['push', '--all']);
  const list = await world.json<ListJson>(['list']);
  expect(list.backups).toHaveLength(2);
  expect(list.backups[1]).toMatchObject({
    ...backupFields,
    // The second of two pushes may be stored as what changed since the first.
    kind: expect.stringMatching(/^(full|differential)$/),
    archive: expect.stringMatching(/^2023-07-08\/20230708T023000Z-[0-9a-f]{12}(\.diff)?\.tar\.zst$/),
    stores: [world.store],
  });
  expect(list.backups[1]).not.toHaveProperty('totalBytes');
  const days = async (...flags: string[]): Promise<string[]> =>
    (await world.json<ListJson>(['list', ...flags])).backups.map((b) => b.date);
  expect(await days('--since', '2023-07-07')).toEqual(['2023-07-08']);
  expect(await days('--until', '2023-07-07')).toEqual(['2023-07-06']);
  expect(await days('--since', '2023-07-06', '--until', '2023-07-08')).toHaveLength(2);
  const long = await world.json<ListJson>(['list', '--long']);
  expect(long.backups[1]).toMatchObject({ source: 'login-backup', databases: ['ETaxInvoice'] });
});

test('capture times are shown in the configured zone', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push']);
  const list = await world.json<ListJson>(['list'], { env: { EFAKTUR_TIMEZONE: 'Asia/Jayapura' } });
  // The day stays that of the folder it was pushed to.
  expect(list.backups[0]).toMatchObject({ capturedAt: '2023-07-08T11:30:00+09:00', date: '2023-07-08' });
});
