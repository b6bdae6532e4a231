import { expect, test } from 'vitest';
import { proposeName } from '../../src/setup/profile-name.ts';

const windows = { platform: 'win32', homeFolder: 'C:\\Users\\budi' } as const;
const linux = { platform: 'linux', homeFolder: '/home/budi' } as const;

test.each([
  ['D:\\PKP\\PT Maju Jaya\\e-Faktur', windows, 'pt-maju-jaya'],
  ['D:\\e-Faktur CV Sentosa', windows, 'e-faktur-cv-sentosa'],
  ['C:\\Program Files\\Direktorat Jenderal Pajak\\e-Faktur', windows, 'e-faktur'],
  ['C:\\Users\\budi\\Documents\\eFaktur-Windows-64bit', windows, 'e-faktur'],
  ['C:\\Users\\budi\\e-Faktur', windows, 'e-faktur'],
  ['D:\\', windows, 'e-faktur'],
  ['/home/budi/e-Faktur', linux, 'e-faktur'],
  ['/srv/klien/cv-abadi/efaktur', linux, 'cv-abadi'],
  ['/srv/common/efaktur', linux, 'e-faktur'],
] as const)('%s', (folder, around, name) => {
  expect(proposeName(folder, [], around)).toBe(name);
});

test('a name that is taken gets a number', () => {
  expect(proposeName('/home/budi/e-Faktur', ['e-faktur', 'e-faktur-2'], linux)).toBe('e-faktur-3');
});
