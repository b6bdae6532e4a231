import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { syncDirectory, syncFile } from '../../src/base/atomic-file.ts';
import { byUtf8 } from '../../src/base/file-set.ts';
import { isDayFolder, isOwnFile, isOwnFolder } from '../../src/catalog/names.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { checkSpace } from '../../src/sync/restore/free-space.ts';
import { bodyOf, listed, readAll } from './contract.ts';

/** What a folder has beyond the contract. */

let parent: string;
let root: string;
let store: ObjectStore;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'efaktur-cloud-folder-'));
  root = join(parent, 'store');
  store = openFolderStore({ root, url: root });
});

afterEach(() => rm(parent, { recursive: true, force: true }));

test.each([
  '..',
  '../x',
  'a/../../x',
  '/etc/x',
  'a//b',
  'a\\b',
  'a\0b',
  '',
  'a/',
  'C:x',
  'nul',
  'a/.put-1-ab.tmp',
])('the key %j is refused everywhere', async (key) => {
  const refused = { code: 'usage' };
  await expect(store.put(key, bodyOf(Buffer.from('x')))).rejects.toMatchObject(refused);
  await expect(store.get(key)).rejects.toMatchObject(refused);
  await expect(store.delete(key)).rejects.toMatchObject(refused);
  expect(await readdir(parent)).toEqual([]);
});

test('discarding touches only temp files of the key', async () => {
  await store.put('d/k', bodyOf(Buffer.from('x')));
  await writeFile(join(parent, '.put-1-ab.tmp'), '');
  for (const id of [
    'd/k',
    '../.put-1-ab.tmp',
    'd/../../.put-1-ab.tmp',
    '.put-1-ab.tmp',
    'd/x/.put-1-ab.tmp',
    '',
  ]) {
    await expect(store.discardUpload('d/k', id)).rejects.toMatchObject({ code: 'usage' });
  }
  await store.discardUpload('d/k', 'd/.put-1-ab.tmp');
  expect(await readdir(parent)).toContain('.put-1-ab.tmp');
  expect(await listed(store)).toHaveLength(1);
});

test('what killed puts left is listed and goes, and nothing else', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const at = new Date('2024-05-06T07:08:09Z');
  const temp = async (folder: string, pid: number | undefined): Promise<string> => {
    const key = `${folder}.put-${pid}-ab.tmp`;
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, key), 'half');
    await utimes(join(root, key), at, at);
    return key;
  };
  const own = openFolderStore({ root, url: root, isOwnFolder, isPassingFolder: isDayFolder });
  await own.put('2024-05-06/k', bodyOf(Buffer.from('x')));
  const left = [
    await temp('', child.pid),
    await temp('2024-05-06/', child.pid),
    await temp('2024-05-07/', child.pid),
  ];
  // The number of this process on an older file is another one's.
  left.push(await temp('proofs/', process.pid));
  await temp('Foto/', child.pid);
  const living = `2024-05-06/.put-${process.pid}-cd.tmp`;
  await writeFile(join(root, living), 'half');
  await mkdir(join(root, '2024-05-08'));
  await mkdir(join(root, 'Kosong'));

  const found = await own.unfinishedUploads('');
  expect(found.map(({ key, kind }) => [key, kind]).sort()).toEqual(
    [...left.map((key) => [key, 'file']), ['2024-05-08/', 'folder']].sort(),
  );
  expect(found.find(({ key }) => key === left[0])?.begunAt).toEqual(at);
  // Something came into it since it was listed.
  await own.put('2024-05-08/k', bodyOf(Buffer.from('x')));
  for (const { key, uploadId } of found) await own.discardUpload(key, uploadId);
  expect(await own.unfinishedUploads('')).toEqual([]);
  expect((await readdir(root)).sort()).toEqual(['2024-05-06', '2024-05-08', 'Foto', 'Kosong', 'proofs']);
  expect(await readdir(join(root, '2024-05-06'))).toContain(living.split('/')[1]);
  expect(await listed(own)).toHaveLength(2);
});

test('a day folder goes with the last thing in it, the root and other folders stay', async () => {
  const own = openFolderStore({ root, url: root, isOwnFolder, isPassingFolder: isDayFolder });
  await own.put('2024-05-06/k', bodyOf(Buffer.from('x')));
  await own.put('2024-05-06/l', bodyOf(Buffer.from('x')));
  await own.put('Foto/k', bodyOf(Buffer.from('x')));
  await own.put('pruned/k', bodyOf(Buffer.from('x')));
  await own.delete('2024-05-06/k');
  expect(await readdir(root)).toContain('2024-05-06');
  await own.delete('2024-05-06/l');
  await own.delete('Foto/k');
  await own.delete('pruned/k');
  expect((await readdir(root)).sort()).toEqual(['Foto', 'pruned']);
});

test('puts and deletions in one folder at once: each put is stored', async () => {
  const shared = openFolderStore({ root, url: root, isPassingFolder: () => true });
  const body = bodyOf(Buffer.from('x'));
  const round = async (worker: number): Promise<void> => {
    for (let n = 0; n < 150; n++) {
      await shared.put(`d/${worker}`, body);
      await shared.delete(`d/${worker}`);
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(round));
  expect(await readdir(root)).toEqual([]);
});

test('a drive that is not connected is neither empty nor made up', async () => {
  const gone = openFolderStore({ root: join(parent, 'not-mounted', 'store'), url: 'drive' });
  const unavailable = { code: 'store-unavailable' };
  await expect(listed(gone)).rejects.toMatchObject(unavailable);
  await expect(gone.get('k')).rejects.toMatchObject(unavailable);
  await expect(gone.put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject(unavailable);
  expect(await readdir(parent)).toEqual([]);
});

test('a root that is a file is a usage error', async () => {
  await writeFile(root, 'a file');
  await expect(listed(store)).rejects.toMatchObject({ code: 'usage' });
  await expect(store.put('k', bodyOf(Buffer.from('x')))).rejects.toMatchObject({ code: 'usage' });
});

test('a folder is no object', async () => {
  await store.put('d/k', bodyOf(Buffer.from('x')));
  expect(await store.get('d')).toBeNull();
  expect(await store.get('d/k/x')).toBeNull();
  expect((await listed(store)).map(({ key }) => key)).toEqual(['d/k']);
});

test('what the disk never said is no fault of the disk', async () => {
  // No bytes, but with a length: Node.js refuses to write it.
  const wrong = { length: 3 } as unknown as Buffer;
  const body = {
    sizeBytes: 3,
    isGrowing: false,
    async *open() {
      yield wrong;
    },
  };
  await expect(store.put('k', body)).rejects.toMatchObject({
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_TYPE',
  });
  expect(await listed(store)).toEqual([]);
});

test('deleting what is a folder deletes nothing', async () => {
  await store.put('d/k', bodyOf(Buffer.from('x')));
  await store.delete('d');
  await store.delete('d/k/x');
  expect((await listed(store)).map(({ key }) => key)).toEqual(['d/k']);
});

test('temp files of dead processes are not listed', async () => {
  await store.put('d/k', bodyOf(Buffer.from('x')));
  await writeFile(join(root, 'd', '.put-99999-0123456789ab.tmp'), 'half');
  expect((await listed(store)).map(({ key }) => key)).toEqual(['d/k']);
});

test.runIf(process.platform !== 'win32')('a put that the disk has no room for leaves nothing', async () => {
  const script = fileURLToPath(new URL('put-in-folder.ts', import.meta.url));
  const put = (limit: string) =>
    promisify(execFile)('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, script, root]);
  expect((await put('')).stdout).toBe('stored');
  await store.delete('d/k');
  // A limit on the size of files is the disk's refusal that can be had everywhere: EFBIG.
  expect((await put('ulimit -f 100;')).stdout).toBe('target-not-writable');
  expect(await readdir(join(root, 'd'))).toEqual([]);
});

test.runIf(process.platform === 'linux')('a place where nobody may write', async () => {
  const denied = openFolderStore({ root: '/sys/efaktur-cloud-test', url: 'sys' });
  const error = await denied.put('k', bodyOf(Buffer.from('x'))).catch((thrown) => thrown);
  // EACCES or EPERM, or EROFS in a container.
  expect(['access-denied', 'target-not-writable']).toContain(error.code);
});

test('any tree is listed in the order of whole keys, after any key, below any prefix', async () => {
  const part = fc.constantFrom('a', 'b', 'a-', 'a0', 'a b', 'é', '日', '😀', '～');
  const tree = fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
    maxLength: 12,
    selector: (parts) => parts.join('/'),
  });
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.string({ unit: part.map((p) => p), maxLength: 2 }),
      fc.array(part, { maxLength: 3 }),
      async (keys, prefix, after) => {
        await rm(root, { recursive: true, force: true });
        // A file cannot have files below it.
        const names = keys.map((parts) => parts.join('/'));
        const files = names.filter((name) => !names.some((other) => other.startsWith(`${name}/`)));
        for (const name of files) {
          await mkdir(join(root, name, '..'), { recursive: true });
          await writeFile(join(root, name), '');
        }
        const startAfter = after.join('/');
        const expected = files
          .filter((name) => name.startsWith(prefix) && byUtf8(name, startAfter) > 0)
          .sort(byUtf8);
        expect((await listed(store, prefix, { startAfter })).map(({ key }) => key)).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('links are followed, to files and to folders; those that lead nowhere are nothing', async () => {
  const elsewhere = join(parent, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'x.json'), 'linked');
  await store.put('2023-07-08/own', bodyOf(Buffer.from('own')));
  await symlink(join(elsewhere, 'x.json'), join(root, '2023-07-08', 'linked'));
  await symlink(elsewhere, join(root, '2023-07-09'));
  await symlink(join(elsewhere, 'gone'), join(root, '2023-07-08', 'dead'));
  await symlink('round', join(root, '2023-07-08', 'round'));
  const objects = await listed(store, '');
  expect(objects.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
    ['2023-07-08/linked', 6],
    ['2023-07-08/own', 3],
    ['2023-07-09/x.json', 6],
  ]);
  expect(String(await readAll(store, '2023-07-08/linked'))).toBe('linked');
  expect(await store.get('2023-07-08/dead')).toBeNull();
});

test('what is no file is neither listed nor waited for', async () => {
  await mkdir(join(root, '2023-07-08'), { recursive: true });
  await promisify(execFile)('mkfifo', [join(root, '2023-07-08', 'pipe')]);
  expect(await listed(store, '')).toEqual([]);
  expect(await store.get('2023-07-08/pipe')).toBeNull();
});

test('only folders of the format are entered: no deep, foreign or circular ones', async () => {
  const ours = openFolderStore({ root, url: root, isOwnFolder });
  const kept = [
    '2023-07-08/a.json',
    'README.txt',
    'copied/c',
    'doctor/d',
    'index/i',
    'origin/o',
    'proofs/p',
    'pruned/q',
  ];
  for (const key of [
    ...kept,
    '2023-07-08/@eaDir/x',
    '2023-13-40/x',
    'System Volume Information/x',
    'node_modules/a/b',
  ])
    await store.put(key, bodyOf(Buffer.from('x')));
  await symlink(root, join(root, 'node_modules', 'round'));
  expect((await listed(ours, '')).map(({ key }) => key)).toEqual([...kept].sort(byUtf8));
});

test('at the top of a drive nothing foreign is looked at', async () => {
  const ours = openFolderStore({ root, url: root, isOwnFolder, isOwnFile, isPassingFolder: isDayFolder });
  const kept = ['2023-07-08/a.json', 'README.txt', 'origin/o'];
  for (const key of [...kept, 'pagefile.sys', 'DumpStack.log.tmp'])
    await ours.put(key, bodyOf(Buffer.from('x')));
  // Even a look at such a link is refused, as one at a folder of Windows is.
  const refused = 'x'.repeat(300);
  for (const name of ['System Volume Information', '$RECYCLE.BIN', 'hiberfil.sys', 'found.000'])
    await symlink(refused, join(root, name));
  expect((await listed(ours, '')).map(({ key }) => key)).toEqual([...kept].sort(byUtf8));
  expect(await ours.unfinishedUploads('')).toEqual([]);
});

test('what the medium cannot sync is counted, and no error', async () => {
  // Linux has no fsync for these.
  const handle = await open('/dev/null', 'r+');
  expect(await syncFile(handle)).toBe(false);
  await handle.close();
  expect(await syncDirectory('/proc/self')).toBe(false);
  expect(await syncDirectory(parent)).toBe(true);
  await store.put('k', bodyOf(Buffer.from('x')));
  expect(store.traffic.unsynced).toBe(0);
});

test('a disk that does not tell its size is not full', async () => {
  await checkSpace('/proc', 1e15);
  await expect(checkSpace(parent, 1e15)).rejects.toMatchObject({ code: 'target-not-writable' });
});
