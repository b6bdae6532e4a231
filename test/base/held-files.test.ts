import { writeFile as writePlain } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, expect, test, vi } from 'vitest';
import { readDiskFile } from '../../src/base/file-set.ts';
import { whileHeldInLine } from '../../src/base/held-files.ts';
import { makeFolder } from '../../src/base/new-folder.ts';
import { readDbFolder } from '../../src/efaktur/live-db.ts';
import { describeBackup } from '../../src/efaktur/login-backups.ts';
import { beginJob, deadJobs } from '../../src/state/job.ts';
import { emptyRecord } from '../../src/state/record.ts';
import { readRecord, writeRecord } from '../../src/state/record-file.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { bodyOf, listed, readAll } from '../store/contract.ts';
import { tempFolder } from './temp-folder.ts';

/** What a virus scanner holds: how often each path is refused from now on, and with which code. */
const held = vi.hoisted(() => ({ times: 0, code: 'EBUSY', below: '' }));

vi.mock('node:fs/promises', async (original) => {
  const whole = await original<typeof import('node:fs/promises')>();
  const refusing =
    <A extends [unknown, ...unknown[]], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (held.times > 0 && held.below !== '' && String(args[0]).startsWith(held.below)) {
        held.times--;
        throw Object.assign(new Error(held.code), { code: held.code, syscall: 'open' });
      }
      return call(...args);
    };
  return {
    ...whole,
    open: refusing(whole.open),
    readFile: refusing(whole.readFile as (path: unknown) => Promise<unknown>),
    readdir: refusing(whole.readdir as (path: unknown) => Promise<unknown>),
    stat: refusing(whole.stat as (path: unknown) => Promise<unknown>),
  };
});

vi.mock('node:fs', async (original) => {
  const whole = await original<typeof import('node:fs')>();
  const { promisify } = await import('node:util');
  const plain = promisify(whole.open);
  return {
    ...whole,
    open(path: string, flags: string, mode: number, done: (error: unknown, file?: number) => void) {
      if (held.times > 0 && held.below !== '' && path.startsWith(held.below)) {
        held.times--;
        done(Object.assign(new Error(held.code), { code: held.code }));
        return;
      }
      plain(path, flags, mode).then((file) => done(null, file), done);
    },
  };
});

let folder: string;

beforeEach(async () => {
  held.times = 0;
  folder = await tempFolder();
});

function hold(below: string, times: number, code = 'EBUSY'): void {
  Object.assign(held, { below, times, code });
}

const forever = Number.POSITIVE_INFINITY;

test.each(['EBUSY', 'EPERM'])('the local record waits for a scanner that holds it (%s)', async (code) => {
  const record = { ...emptyRecord('/srv/store'), holdsEncrypted: true as const };
  await writeRecord(folder, record);
  hold(folder, 2, code);
  expect(await readRecord(folder, '/srv/store')).toEqual(record);
  expect(held.times).toBe(0);
});

test('a record that stays held is told as that', async () => {
  await writeRecord(folder, emptyRecord('/srv/store'));
  hold(folder, forever);
  await expect(readRecord(folder, '/srv/store')).rejects.toMatchObject({
    code: 'target-not-writable',
    message: expect.stringContaining('another program, such as a virus scanner, has it to itself (EBUSY)'),
  });
});

test('so does what a killed run noted', async () => {
  const job = await beginJob(folder, new Date('2026-01-02T03:04:05Z'));
  await job.noteUpload({ store: 's', key: 'k', uploadId: null });
  hold(join(folder, 'jobs'), 2);
  expect(await deadJobs(folder)).toEqual([]);
  await job.end();
});

test('a folder store waits, in its listing and its files, and tells what stays held', async () => {
  const root = join(folder, 'store');
  const store = openFolderStore({ root, url: root });
  await store.put('2023-07-08/a', bodyOf(Buffer.from('bytes')));
  hold(root, 3);
  expect((await listed(store, '')).map(({ key }) => key)).toEqual(['2023-07-08/a']);
  hold(root, 3, 'EPERM');
  expect(String(await readAll(store, '2023-07-08/a'))).toBe('bytes');
  hold(root, 2);
  expect(await store.unfinishedUploads('')).toEqual([]);
  hold(root, forever);
  const said = { code: 'store-unavailable', message: expect.stringContaining('virus scanner') };
  await expect(listed(store, '')).rejects.toMatchObject(said);
  await expect(store.get('2023-07-08/a')).rejects.toMatchObject(said);
});

test('the source waits, and tells what stays held', async () => {
  const db = join(folder, 'db');
  await makeFolder(join(db, 'ETaxInvoice', 'seg0'), 0o700);
  const file = join(db, 'ETaxInvoice', 'seg0', 'c10.dat');
  await writePlain(file, 'rows');
  hold(db, 3);
  expect((await readDbFolder(db)).files.map(({ path }) => path)).toEqual(['ETaxInvoice/seg0/c10.dat']);
  hold(file, 2);
  expect(await text(readDiskFile(file, 4))).toBe('rows');
  hold(db, forever);
  await expect(readDbFolder(db)).rejects.toMatchObject({
    code: 'source-unusable',
    message: expect.stringContaining('virus scanner'),
  });
});

test('a thread waits as well, and for nothing else', () => {
  const refused = ['EBUSY', 'EPERM'];
  const step = (): string => {
    const code = refused.pop();
    if (code === undefined) return 'read';
    throw Object.assign(new Error(code), { code });
  };
  expect(whileHeldInLine(step)).toBe('read');
  refused.push('ENOENT');
  expect(() => whileHeldInLine(step)).toThrow('ENOENT');
});

test('a login backup that is held for a moment is seen as what it is', async () => {
  const path = join(folder, 'backup-without-ending');
  await writePlain(path, Buffer.from('504b030400000000', 'hex'));
  hold(path, 3);
  expect(await describeBackup(path, 'Asia/Jakarta')).toMatchObject({ type: 'zip' });
});
