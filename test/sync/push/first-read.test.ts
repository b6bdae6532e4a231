import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { readDbFolder } from '../../../src/efaktur/live-db.ts';
import { emptyRecord } from '../../../src/state/record.ts';
import { openFolderStore } from '../../../src/store/folder.ts';
import { beginEarlyRead, type EarlyReadRequest, firstRead } from '../../../src/sync/push/first-read.ts';
import { findCandidates } from '../../../src/sync/push/sources.ts';
import { noise } from '../../archive/sample-set.ts';
import { goldens, placeGolden } from '../../support/golden.ts';

/** A first read that began early is the one that the push would have made, or none. */

let appFolder = '';
let database = '';

beforeAll(async () => {
  appFolder = await mkdtemp(join(tmpdir(), 'efaktur-early-'));
  const sample = (await goldens()).find(({ name, version }) => name === 'clean' && version === '10.12.1.1');
  if (!sample) throw new Error('there is no clean sample');
  await placeGolden(sample, join(appFolder, 'db'));
  const [name = ''] = await readdir(join(appFolder, 'db'));
  database = join(appFolder, 'db', name);
  await writeFile(join(database, 'seg0', 'extra.bin'), noise(33 << 20));
  return () => rm(appFolder, { recursive: true, force: true });
});

async function request(more: Partial<EarlyReadRequest> = {}): Promise<EarlyReadRequest> {
  const scratch = await mkdtemp(join(tmpdir(), 'efaktur-early-state-'));
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  return {
    appFolder,
    source: { type: 'auto' },
    all: false,
    full: false,
    stores: [openFolderStore({ root: join(scratch, 'store'), url: 'a store' })],
    stateDir: join(scratch, 'state'),
    keysId: null,
    lock: null,
    fullEveryDays: 30,
    zone: 'Asia/Jakarta',
    now: () => new Date('2023-07-08T02:30:00Z'),
    signal: new AbortController().signal,
    progress: { begin: () => {}, advance: () => {} },
    ...more,
  };
}

async function begun(of: EarlyReadRequest) {
  const early = await beginEarlyRead(of);
  onTestFinished(async () => early?.close());
  const { states } = await findCandidates({ ...of, choice: of.source });
  const [candidate] = states;
  if (!early || !candidate) throw new Error('nothing was begun');
  const stores = [{ record: emptyRecord('a store'), mayLeanOn: () => true }];
  return { early, candidate, stores, set: await readDbFolder(join(appFolder, 'db')) };
}

test('what was read early is what the push reads, and is given once', async () => {
  const of = await request();
  const { early, candidate, set, stores } = await begun(of);
  const first = await early.take(candidate, set, stores);
  const plain = await firstRead(candidate, set, stores, of);
  expect(first?.read.contentHash).toBe(plain.read.contentHash);
  expect(first?.read.judged).toEqual(plain.read.judged);
  expect(first?.ageMs()).toBeGreaterThan(0);
  expect(await early.take(candidate, set, stores)).toBeNull();
});

test('files that look otherwise by now are read anew', async () => {
  const { early, candidate, stores } = await begun(await request());
  await appendFile(join(database, 'seg0', 'extra.bin'), 'x');
  expect(await early.take(candidate, await readDbFolder(join(appFolder, 'db')), stores)).toBeNull();
});

test('another candidate, or another record of the store, is read anew', async () => {
  const of = await request();
  const one = await begun(of);
  const login = { ...one.candidate, capturedAt: new Date(0), kind: 'login-backup' as const };
  expect(await one.early.take(login, one.set, one.stores)).toBeNull();
  const two = await begun(of);
  expect(await two.early.take(two.candidate, two.set, [])).toBeNull();
});

test('one that is stopped ends soon', async () => {
  const stop = new AbortController();
  const { early, candidate, set, stores } = await begun(await request({ signal: stop.signal }));
  const taken = early.take(candidate, set, stores);
  stop.abort(new Error('enough'));
  await expect(taken).rejects.toThrow('enough');
});

test.each([
  ['every login backup', { all: true }],
  ['login backups only', { source: { type: 'backup' } as const }],
  ['a path', { source: { type: 'path', path: '/x', captured: null } as const }],
  ['no e-Faktur folder', { appFolder: null }],
  ['a folder without a database', { appFolder: tmpdir() }],
])('nothing is read early of %s', async (_, more) => {
  expect(await beginEarlyRead(await request(more))).toBeNull();
});

test('nothing is read early of a small database', async () => {
  const small = await mkdtemp(join(tmpdir(), 'efaktur-early-small-'));
  onTestFinished(() => rm(small, { recursive: true, force: true }));
  const sample = (await goldens()).find(({ name }) => name === 'clean');
  if (!sample) throw new Error('there is no clean sample');
  await mkdir(small, { recursive: true });
  await placeGolden(sample, join(small, 'db'));
  expect(await beginEarlyRead(await request({ appFolder: small }))).toBeNull();
});
