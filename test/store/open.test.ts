import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { addressBeside, openStore, parseStoreUrl, storePlace } from '../../src/store/open.ts';
import { bodyOf, listed } from './contract.ts';

const nothing = { endpoint: null, region: null, profile: null, style: null, storageClass: null };

describe('what is an S3 address', () => {
  test.each([
    ['s3://bucket', { bucket: 'bucket', prefix: '' }],
    ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
    ['S3://bucket/a/b/', { bucket: 'bucket', prefix: 'a/b' }],
    [
      's3://my.bucket-1/PT Maju?region=ap-southeast-3',
      { bucket: 'my.bucket-1', prefix: 'PT Maju', region: 'ap-southeast-3' },
    ],
    ['s3://bucket/a%20b', { bucket: 'bucket', prefix: 'a%20b' }],
    [
      's3://bucket?endpoint=https://s3.example.com/',
      { bucket: 'bucket', prefix: '', endpoint: 'https://s3.example.com' },
    ],
    [
      's3://bucket/p?endpoint=http%3A%2F%2F10.0.0.1%3A9000&style=path',
      { bucket: 'bucket', prefix: 'p', endpoint: 'http://10.0.0.1:9000', style: 'path' },
    ],
    [
      's3://bucket?profile=office&style=virtual&storage-class=STANDARD_IA',
      { bucket: 'bucket', prefix: '', profile: 'office', style: 'virtual', storageClass: 'STANDARD_IA' },
    ],
  ])('%s', (text, expected) => {
    expect(parseStoreUrl(text, 'linux')).toEqual({ kind: 's3', ...nothing, ...expected });
    expect(parseStoreUrl(text, 'win32')).toEqual({ kind: 's3', ...nothing, ...expected });
  });

  test.each([
    ['s3:bucket', 'begins with s3://'],
    ['s3://', 'name of a bucket'],
    ['s3://a', 'name of a bucket'],
    ['s3://bucket/a/../b', '..'],
    ['s3://bucket/a#b', '#'],
    ['s3://bucket?endpoit=https://x', 'endpoit'],
    ['s3://bucket?region=', 'region='],
    ['s3://bucket?region=a&region=b', 'twice'],
    ['s3://bucket?style=fancy', 'style='],
    ['s3://bucket?endpoint=localhost:9000', 'endpoint='],
    ['s3://bucket?endpoint=https://h?x=1', 'endpoint='],
    ['', 'empty'],
    ['gs://bucket', 'gs://'],
    ['https://bucket.s3.amazonaws.com', 'https://'],
  ])('%s is refused', (text, mentioned) => {
    expect(() => parseStoreUrl(text, 'linux')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(mentioned) }),
    );
  });

  test('a mistyped query name proposes the nearest one', () => {
    expect(() => parseStoreUrl('s3://bucket?storageclass=X', 'linux')).toThrow(
      expect.objectContaining({
        hint: expect.objectContaining({ en: expect.stringContaining('storage-class') }),
      }),
    );
  });

  test.each([
    's3://AKIAUSER:hunter2pass@bucket/x',
    's3://hunter2pass@bucket',
    's3://bucket?endpoint=https://user:hunter2pass@host',
    's3://bucket?endpoint=hunter2pass',
    's3://bucket?secret=hunter2pass',
  ])('%s is refused without showing the secret', (text) => {
    let thrown: unknown;
    try {
      parseStoreUrl(text, 'linux');
    } catch (error) {
      thrown = error;
    }
    if (!isEfakturError(thrown, 'usage')) throw new Error('it was not refused');
    expect(thrown.message + JSON.stringify([thrown.text, thrown.hint])).not.toContain('hunter2');
  });

  test('any text gives an address or a usage error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `s3://${rest}`),
          fc.string().map((rest) => `file://${rest}`),
        ),
        (text) => {
          try {
            const address = parseStoreUrl(text, 'linux');
            const isS3 = /^s3:/i.test(text);
            expect(address.kind).toBe(isS3 ? 's3' : 'folder');
            expect(address.kind === 's3' ? address.bucket : address.path).not.toBe('');
          } catch (error) {
            if (!isEfakturError(error, 'usage')) throw error;
            expect(error.hint.en).not.toBe('');
          }
        },
      ),
    );
  });
});

describe('what is a folder', () => {
  test.each<[string, NodeJS.Platform, string]>([
    ['C:\\Backups', 'linux', 'C:\\Backups'],
    ['C:\\Backups', 'win32', 'C:\\Backups'],
    ['c:/backups', 'win32', 'c:/backups'],
    ['D:', 'win32', 'D:'],
    ['\\\\server\\share\\e-Faktur', 'linux', '\\\\server\\share\\e-Faktur'],
    ['\\\\server\\share', 'win32', '\\\\server\\share'],
    ['/srv/backups', 'linux', '/srv/backups'],
    ['backups', 'linux', 'backups'],
    ['./a:b', 'linux', './a:b'],
    ['file:///srv/My%20Backups', 'linux', '/srv/My Backups'],
    ['file:///srv/My Backups', 'linux', '/srv/My Backups'],
    ['file://localhost/srv', 'linux', '/srv'],
    ['file:///C:/Backups', 'win32', 'C:\\Backups'],
    ['file://server/share/x', 'win32', '\\\\server\\share\\x'],
  ])('%s on %s', (text, platform, path) => {
    expect(parseStoreUrl(text, platform)).toEqual({ kind: 'folder', path });
  });

  test.each(['file:/srv', 'file://server/share', 'file:///srv?x=1', 'file:///srv#x', 'file:///a%2Fb'])(
    '%s is refused',
    (text) => {
      expect(() => parseStoreUrl(text, 'linux')).toThrow(expect.objectContaining({ code: 'usage' }));
    },
  );

  test('a relative one is below the current folder, and its label is the whole path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'efaktur-cloud-open-'));
    try {
      const store = await openStore('backups', { env: {}, currentFolder: folder });
      await store.put('k', bodyOf(Buffer.from('x')));
      expect(store.url).toBe(join(folder, 'backups'));
      const same = await openStore(`file://${folder}/backups`, { env: {}, currentFolder: '/' });
      expect(await listed(same)).toMatchObject([{ key: 'k' }]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a name beside an address', () => {
  test.each<[string, NodeJS.Platform, string | null]>([
    ['s3://bucket', 'linux', null],
    ['s3://bucket/', 'linux', null],
    ['s3://bucket?style=path', 'linux', null],
    ['s3://bucket/pc', 'linux', 's3://bucket/pc2'],
    ['s3://bucket/pc2', 'linux', 's3://bucket/pc2-2'],
    [
      's3://bucket/kantor/pc?endpoint=http://host:9000/&region=x',
      'linux',
      's3://bucket/kantor/pc2?endpoint=http://host:9000/&region=x',
    ],
    ['file:///srv/My%20Backups/', 'linux', 'file:///srv/pc2'],
    ['file:///D:/Backup/pc', 'win32', 'file:///D:/Backup/pc2'],
    ['file:///D:/', 'win32', null],
    ['/srv/what?', 'linux', '/srv/pc2'],
    ['/srv', 'linux', '/pc2'],
    ['/', 'linux', null],
    ['D:\\Backup\\', 'win32', 'D:\\pc2'],
    ['D:\\Backup\\pc', 'win32', 'D:\\Backup\\pc2'],
    ['D:/Backup', 'win32', 'D:/pc2'],
    ['D:\\', 'win32', null],
    ['\\\\server\\share', 'win32', null],
    ['\\\\server\\share\\pc', 'win32', '\\\\server\\share\\pc2'],
  ])('%s on %s', (url, platform, expected) => {
    expect(addressBeside(url, 'pc2')).toBe(expected);
    if (expected === null) return;
    const [own, beside] = [url, expected].map((text) => parseStoreUrl(text, platform));
    if (own?.kind !== 's3' || beside?.kind !== 's3') return;
    expect({ ...beside, prefix: own.prefix }).toEqual(own);
    expect(`${beside.prefix}/`.startsWith(`${own.prefix}/`)).toBe(false);
  });
});

describe('settings', () => {
  const currentFolder = '/';

  test.each([
    [{ AWS_ENDPOINT_URL: 'localhost:9000' }, 'AWS_ENDPOINT_URL'],
    [{ HTTPS_PROXY: 'ftp://proxy' }, 'HTTPS_PROXY'],
    [{ HTTP_PROXY: 'http://user:hunter2 pass@:x' }, 'HTTP_PROXY'],
    [{ AWS_CA_BUNDLE: '/no/such/file.pem' }, '/no/such/file.pem'],
    [{ AWS_REGION: 'id_jkt' }, 'AWS_REGION is "id_jkt"'],
    [{ AWS_REGION: ' ' }, 'AWS_REGION is " "'],
    [{ AWS_DEFAULT_REGION: 'a/b' }, 'AWS_DEFAULT_REGION is "a/b"'],
    [{ AWS_REGION: 'us-east-1\r' }, 'AWS_REGION is "us-east-1\\u000d"'],
    [{ AWS_ACCESS_KEY_ID: 'AKIAhunter2\r' }, 'AWS_ACCESS_KEY_ID has a line break'],
    [{ AWS_SECRET_ACCESS_KEY: 'hunter2\nhunter2' }, 'AWS_SECRET_ACCESS_KEY has a line break'],
    [{ AWS_SESSION_TOKEN: ' hunter2' }, 'AWS_SESSION_TOKEN has a blank'],
    [{ AWS_SECRET_ACCESS_KEY: '\u201chunter2\u201d' }, 'AWS_SECRET_ACCESS_KEY has a character'],
  ])('%o is refused', async (env, mentioned) => {
    const opening = openStore('s3://bucket', { env, currentFolder });
    const error = await opening.catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(mentioned) });
    expect(error.message).not.toContain('hunter2');
  });

  test.each(['s3://bucket?region=id_jkt', 's3://bucket?region=%20', 's3://bucket?region=-a'])(
    '%s is refused, and the region named',
    async (url) => {
      const env = { AWS_REGION: 'us-east-1' };
      await expect(openStore(url, { env, currentFolder })).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('cannot be a region'),
      });
    },
  );

  test('only the region that counts is looked at, and a folder has none', async () => {
    const env = { AWS_REGION: 'ap-southeast-3', AWS_DEFAULT_REGION: 'id_jkt' };
    const bucket = await openStore('s3://bucket', { env, currentFolder });
    expect(bucket.url).toBe('s3://bucket');
    bucket.close();
    const folder = await openStore('/srv', { env: { AWS_REGION: 'id_jkt' }, currentFolder });
    expect(folder.url).toBe('/srv');
    folder.close();
  });
});

describe('the place that an address leads to', () => {
  const currentFolder = tmpdir();
  const place = (url: string, env = {}, platform: NodeJS.Platform = 'linux') =>
    storePlace(url, { env, currentFolder, platform });

  test.each([
    [
      's3://bucket/pc?endpoint=https://s3.example.com',
      's3://bucket/pc/',
      { AWS_ENDPOINT_URL_S3: 'https://s3.example.com/' },
    ],
    ['s3://bucket/pc', 's3://bucket//pc?region=ap-southeast-3', {}],
    [
      's3://bucket/pc?endpoint=https://sgp1.digitaloceanspaces.com',
      's3://bucket/pc?endpoint=https://bucket.sgp1.digitaloceanspaces.com',
      {},
    ],
    ['/srv/backup', 'file:///srv/backup/', {}],
    ['/srv/backup', '/srv/./other/../backup', {}],
  ])('%s is %s', async (one, other, env) => {
    expect(await place(one)).toBe(await place(other, env));
  });

  test('one address is another place at another service', async () => {
    const at = (endpoint: string) => place('s3://bucket/pc', { AWS_ENDPOINT_URL_S3: endpoint });
    expect(await at('https://one.example.com')).not.toBe(await at('https://two.example.com'));
    expect(await place('s3://bucket/pc?profile=one')).not.toBe(await place('s3://bucket/pc?profile=two'));
  });

  test.each([
    ['D:\\Backup', 'd:/backup/'],
    ['D:\\Backup', '\\\\?\\D:\\x\\..\\BACKUP.'],
    ['E:\\', 'e:/'],
  ])('on Windows %s is %s', async (one, other) => {
    expect(await place(one, {}, 'win32')).toBe(await place(other, {}, 'win32'));
  });

  test('what lies inside a place begins with it', async () => {
    expect((await place('s3://bucket/pc/copy')).startsWith(`${await place('s3://bucket/pc')}/`)).toBe(true);
    expect((await place('s3://bucket/pc')).startsWith(`${await place('s3://bucket')}/`)).toBe(true);
    const [inside, outside] = [
      await place('D:\\Backup\\pc', {}, 'win32'),
      await place('d:/backup', {}, 'win32'),
    ];
    expect(inside.startsWith(`${outside}/`)).toBe(true);
  });
});
