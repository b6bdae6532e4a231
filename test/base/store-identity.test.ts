import { expect, test } from 'vitest';
import { storeIdentity } from '../../src/base/store-identity.ts';

const groups: readonly (readonly [NodeJS.Platform, readonly string[]])[] = [
  [
    'win32',
    [
      'D:\\Backup',
      'd:/backup',
      'D:\\Backup\\',
      'D:\\\\Backup//',
      'd:\\x\\..\\.\\BACKUP',
      'D:\\Backup. ',
      '\\\\?\\D:\\Backup',
      '//./d:/backup/',
      'file:///D:/Backup/',
    ],
  ],
  ['win32', ['E:\\', 'e:/', 'E:', '\\\\?\\E:\\', 'file:///e:/']],
  [
    'win32',
    [
      '\\\\NAS\\Kantor\\e-Faktur',
      '//nas/kantor/E-FAKTUR/',
      '\\\\?\\UNC\\nas\\kantor\\e-faktur',
      'file://nas/Kantor/e-Faktur',
    ],
  ],
  ['win32', ['D:\\Backup\\pc']],
  ['win32', ['C:\\Backup']],
  ['win32', ['\\\\nas\\kantor']],
  ['linux', ['/srv/Backup', '/srv/Backup/', '//srv/./x/../Backup', 'file:///srv/Backup/']],
  ['linux', ['/srv/backup']],
  ['linux', ['/srv/Backup\\']],
  ['linux', ['/']],
  ['linux', ['s3://bucket/pc', 's3://bucket/pc/', 'S3://bucket/pc?region=x', 's3://bucket//pc?style=path']],
  ['linux', ['s3://bucket/PC']],
  ['linux', ['s3://bucket', 's3://bucket/']],
  [
    'linux',
    ['s3://bucket/pc?endpoint=https://a.example', 's3://bucket/pc?endpoint=https%3A%2F%2Fa.example%2F'],
  ],
  ['linux', ['s3://bucket/pc?endpoint=https://b.example']],
  ['linux', ['s3://bucket/pc?profile=office']],
];

test.each(groups)('on %s all of %j are one store', (platform, urls) => {
  expect(new Set(urls.map((url) => storeIdentity(url, platform))).size).toBe(1);
});

test('and no other', () => {
  for (const platform of ['win32', 'linux']) {
    const of = groups.filter(([on]) => on === platform);
    const all = new Set(of.map(([, [url = '']]) => storeIdentity(url, platform as NodeJS.Platform)));
    expect(all.size).toBe(of.length);
  }
});
