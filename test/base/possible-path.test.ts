import { expect, test } from 'vitest';
import { asTargetError } from '../../src/base/atomic-file.ts';
import { asSourceError } from '../../src/base/file-set.ts';
import { expandPath, expandStoreAddress } from '../../src/base/path-variables.ts';
import { verbatim } from '../../src/base/text.ts';
import { checkDisk } from '../../src/base/texts.ts';
import { FolderDisk } from '../../src/store/folder-disk.ts';
import { openStore } from '../../src/store/open.ts';

const on = (platform: NodeJS.Platform) => ({ env: {}, homeFolder: 'C:\\Users\\kasir', platform });
const where = verbatim('--to');

test('a quote that a \\ before it took into the path is told, and nothing of what it swallowed', () => {
  const swallowed = 'D:\\Backup" --json --yes';
  for (const expand of [expandPath, expandStoreAddress])
    expect(() => expand(swallowed, where, on('win32'))).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: '--to: behind D:\\Backup stands ", which no path has',
        hint: expect.objectContaining({
          en: expect.stringContaining('without a \\ before the closing quote'),
        }),
      }),
    );
});

test.each(['D:\\a<b', 'D:\\a>b', 'a|b', '\\\\nas\\x?', 'D:\\*.zip', 'D:\\a\r', '~\\x\u0007'])(
  'on Windows %j is refused',
  (path) => {
    expect(() => expandPath(path, where, on('win32'))).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);

test.each([
  'D:\\Backup\\',
  '\\\\?\\D:\\x',
  '\\\\.\\D:\\x',
  '\\\\?\\UNC\\nas\\x',
  'E:',
  "D:\\a'b & c (1)!",
  '-',
])('on Windows %j is a path', (path) => {
  expect(expandPath(path, where, on('win32'))).toBe(path);
});

test('an address of a kind that is none is told as that', () => {
  const address = 'https://host/bucket?x';
  expect(expandStoreAddress(address, where, on('win32'))).toBe(address);
});

test('elsewhere only control characters are refused', () => {
  expect(expandPath('/srv/a"<>|?*b', where, on('linux'))).toBe('/srv/a"<>|?*b');
  expect(() => expandPath('/srv/a\r', where, on('linux'))).toThrow('\\u000d');
});

test('an address of a file says it as well', async () => {
  const settings = { env: {}, currentFolder: 'C:\\', platform: 'win32' } as const;
  await expect(openStore('file:///D:/a%3Fb', settings)).rejects.toMatchObject({ code: 'usage' });
});

test('what the system calls an impossible name is a usage error; of an open file it is not', () => {
  const of = (more: object): Error => Object.assign(new Error('EINVAL'), { code: 'EINVAL', ...more });
  const named = of({ syscall: 'mkdir', path: 'D:\\a' });
  const disk = new FolderDisk('/srv', '/srv', 1000);
  const usage = { code: 'usage', message: expect.stringContaining('such a name') };
  expect(asTargetError(named, verbatim('D:\\a'))).toMatchObject(usage);
  expect(asSourceError(named, 'D:\\a', checkDisk)).toMatchObject(usage);
  expect(disk.translate(named, verbatim('a'))).toMatchObject(usage);
  const read = of({ syscall: 'read' });
  expect(asTargetError(read, verbatim('D:\\a'))).toMatchObject({ code: 'target-not-writable' });
  expect(asSourceError(read, 'D:\\a', checkDisk)).toMatchObject({ code: 'source-unusable' });
  expect(disk.translate(read, verbatim('a'))).toMatchObject({ code: 'store-unavailable' });
});
