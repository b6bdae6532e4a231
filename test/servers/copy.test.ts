import { createHash, randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { readObject } from '../../src/store/small-object.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { type CopyJson, type ListJson, makeWorld, type Outcome, treeOf, type World } from '../support/cli.ts';
import { type KillingProxy, killingProxy } from '../support/killing-proxy.ts';
import { s3Env, s3Service } from '../support/minio.ts';
import { startVersitygw } from '../support/other-servers.ts';
import { noteSecret } from '../support/printed.ts';
import type { S3Service, StartedService } from '../support/server-binary.ts';

/**
 * The built program copies from bucket to bucket to disk to bucket, each store with keys of its own; and is killed before
 * every single change that it makes in the target.
 *
 * What lies there after a change is what lies there before the next one, but where changes overlap: so the kills after a
 * change, and those on the second service, are every third of them.
 */

let gateway: StartedService;
let minio: S3Service;

beforeAll(async () => {
  minio = await s3Service();
  gateway = await startVersitygw();
  await noteSecret(gateway.service.secretAccessKey);
});

afterAll(() => gateway?.stop());

/** A store, its settings file, and how to look into it from here. */
interface Place {
  readonly settings: string;
  readonly env: Readonly<Record<string, string>>;
  readonly store: ObjectStore;
}

async function makeBucketIn({ endpoint, region, ...credentials }: S3Service): Promise<string> {
  const bucket = `copy-${randomBytes(6).toString('hex')}`;
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return bucket;
}

async function place(world: World, url: string, service: S3Service | null): Promise<Place> {
  const env = { EFAKTUR_STORE: url, ...(service && s3Env(service)) };
  const settings = join(world.folder, `${randomBytes(4).toString('hex')}.env`);
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(settings, lines.join(''), { mode: 0o600 });
  return { settings, env, store: await openStore(url, { env, currentFolder: world.folder }) };
}

/** SHA-256 of all that a copy takes along. */
async function historyIn(store: ObjectStore): Promise<Record<string, string>> {
  const history: [string, string][] = [];
  for await (const { objects } of store.list('')) {
    for (const { key } of objects) {
      if (/^(proofs|pruned|copied|doctor)\//.test(key)) continue;
      const bytes = await readObject(store, key, 64 << 20);
      history.push([
        key,
        createHash('sha256')
          .update(bytes ?? '')
          .digest('hex'),
      ]);
    }
  }
  return Object.fromEntries(history);
}

/** A full of several parts, a state that was there already and a differential, pushed to MinIO. */
async function pushed(): Promise<{ world: World; first: Place }> {
  const world = await makeWorld({ backups: [] });
  const first = await place(
    world,
    `s3://${await makeBucketIn(minio)}/PT Maju?endpoint=${minio.endpoint}`,
    minio,
  );
  const notes = join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt');
  // More than one part, which no compression makes smaller.
  await appendFile(notes, randomBytes(11 << 20));
  for (const more of ['', '', 'x']) {
    await appendFile(notes, more);
    await world.json(['push', '--source', 'live'], { env: first.env });
  }
  const { backups } = await world.json<ListJson>(['list'], { env: first.env });
  expect(backups.map(({ kind }) => kind)).toEqual(['full', 'full', 'differential']);
  return { world, first };
}

type When = 'before' | 'after';

/** Where to kill: before each of the changes, or before and after every third of them; and always at the last. */
function killsAt(changes: number, every: 1 | 3): { readonly at: number; readonly when: When }[] {
  const third = (at: number): boolean => at % 3 === 1 || at === changes;
  const all = Array.from({ length: changes }, (_, index) => index + 1);
  return [
    ...all.filter((at) => every === 1 || third(at)).map((at) => ({ at, when: 'before' as const })),
    ...all.filter(third).map((at) => ({ at, when: 'after' as const })),
  ];
}

const args = (from: Place, to: Place): string[] => [
  ...['copy', '--from-settings', from.settings, '--to-settings', to.settings],
];

async function copied(world: World, from: Place, to: Place, more: string[] = []): Promise<CopyJson> {
  const outcome = await world.runBuilt([...args(from, to), ...more, '--json'], { timeoutMs: 200_000 });
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
  return JSON.parse(outcome.stdout) as CopyJson;
}

/** What every kill must leave behind, and what the next run makes of it. */
async function goesOn(
  world: World,
  from: Place,
  to: Place,
  what: string,
  whole: { readonly history: Record<string, string>; readonly objects: number },
): Promise<void> {
  const there = await historyIn(to.store);
  expect(whole.history, what).toMatchObject(there);
  const { backups } = await world.json<ListJson>(['list'], { env: to.env });
  // What is listed is whole, although more was to come.
  if (backups.length > 0) await world.json(['verify', '--read-data', '--all'], { env: to.env });
  const again = await world.json<CopyJson>(args(from, to));
  // It goes on: nothing that is there is sent again.
  const noted = again.objects + Object.keys(there).length;
  expect(noted, what).toBe(whole.objects);
  expect(await historyIn(to.store), what).toEqual(whole.history);
  expect(await to.store.unfinishedUploads(''), what).toEqual([]);
  expect((await world.json<CopyJson>(args(from, to))).outcome, what).toBe('unchanged');
}

test('MinIO to versitygw to a folder to MinIO, and the last is still the first', {
  timeout: 600_000,
}, async () => {
  const { world, first } = await pushed();
  const { service } = gateway;
  const second = await place(
    world,
    `s3://${await makeBucketIn(service)}/b?endpoint=${service.endpoint}`,
    service,
  );
  const usb = await place(world, join(world.folder, 'usb'), null);
  const last = await place(world, `s3://${await makeBucketIn(minio)}?endpoint=${minio.endpoint}`, minio);
  const history = await historyIn(first.store);
  for (const [from, to] of [
    [first, second],
    [second, usb],
    [usb, last],
  ] as const) {
    const { backups, readBack } = await copied(world, from, to, ['--read-back']);
    expect(backups.map(({ outcome }) => outcome)).toEqual(['copied', 'copied', 'copied']);
    expect(readBack?.map(({ verdict }) => verdict)).toEqual(['clean', 'clean', 'clean']);
    expect(await historyIn(to.store)).toEqual(history);
    expect(await copied(world, from, to, ['--all'])).toMatchObject({ outcome: 'unchanged', differing: [] });
  }
  // When the very first store had got them goes along.
  const uploads = await Promise.all([second, usb, last].map(({ store }) => uploadsIn(store)));
  expect(uploads[1]).toEqual(uploads[0]);
  expect(uploads[2]).toEqual(uploads[0]);
  const to = join(world.folder, 'restored');
  await world.json(['pull', '--to', to], { env: last.env });
  expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
});

async function uploadsIn(store: ObjectStore): Promise<unknown> {
  for await (const { objects } of store.list('copied/')) {
    const [note] = objects;
    if (note) return JSON.parse(String(await readObject(store, note.key, 1 << 20))).uploaded;
  }
  return null;
}

test.each([
  ['versitygw', 'every change', 1],
  ['MinIO', 'every third change', 3],
] as const)(
  'to %s: killed at %s, it goes on, and nothing half is listed',
  { timeout: 900_000 },
  async (name, _, every) => {
    const { world, first } = await pushed();
    const service = name === 'MinIO' ? minio : gateway.service;
    const proxy: KillingProxy = await killingProxy(service.endpoint);
    const bucket = await makeBucketIn(service);
    const targetAt = (prefix: string) =>
      place(world, `s3://${bucket}/${prefix}?endpoint=${proxy.endpoint}`, service);
    const run = (to: Place): Promise<Outcome> =>
      world.runBuilt([...args(first, to), '--json'], { onStart: proxy.aim, timeoutMs: 200_000 });
    proxy.arm(0, 'before');
    const uncut = await targetAt('uncut');
    const { objects } = JSON.parse((await run(uncut)).stdout) as CopyJson;
    const changes = proxy.changes();
    // Three manifests, two archives (one in parts) with their indexes, README, origin, and the note.
    expect(changes).toBeGreaterThanOrEqual(12);
    const whole = { history: await historyIn(first.store), objects };
    expect(await historyIn(uncut.store)).toEqual(whole.history);
    for (const { at, when } of killsAt(changes, every)) {
      const what = `${when} change ${at} of ${changes}`;
      const to = await targetAt(`${when}-${at}`);
      proxy.arm(at, when);
      expect((await run(to)).signal, what).toBe('SIGKILL');
      proxy.arm(0, 'before');
      await goesOn(world, first, to, what, whole);
    }
  },
);

test('to a folder: killed before every change of a name, and after every third', {
  timeout: 900_000,
}, async () => {
  const { world, first } = await pushed();
  const uncut = await place(world, join(world.folder, 'uncut'), null);
  const { objects } = await copied(world, first, uncut);
  const whole = { history: await historyIn(first.store), objects };
  for (const after of [false, true]) {
    for (let at = 1; ; at += after ? 3 : 1) {
      const what = `${after ? 'after' : 'before'} change ${at}`;
      const to = await place(world, join(world.folder, `${after}-${at}`), null);
      const outcome = await world.runBuilt(args(first, to), {
        trap: { call: 'any', at, after, action: 'SIGKILL' },
        timeoutMs: 200_000,
      });
      if (outcome.signal === 'SIGKILL') await goesOn(world, first, to, what, whole);
      else {
        expect(outcome.code, outcome.stderr).toBe(0);
        expect(at).toBeGreaterThan(20);
        break;
      }
    }
  }
});
