import { expect, test } from 'vitest';
import { windowsFolders } from '../../src/efaktur/windows-folders.ts';

/** As `reg query` prints them, of a PC with two fixed disks, a card reader and a DVD drive. */
const mounted = [
  '',
  'HKEY_LOCAL_MACHINE\\SYSTEM\\MountedDevices',
  `    \\??\\Volume{5f1b}    REG_BINARY    ${'5C003F00'.repeat(8)}`,
  '    \\DosDevices\\C:    REG_BINARY    444D494F3A49443A8F0C2A6E2E1F4B4D9C3B0D6B2F7A1E55',
  '    \\DosDevices\\H:    REG_BINARY    1A2B3C4D0000100000000000',
  `    \\DosDevices\\E:    REG_BINARY    ${'5F003F003F005F005500530042005300'.repeat(4)}`,
  `    \\DosDevices\\F:    REG_BINARY    ${'5C003F003F005C004300640052006F00'.repeat(4)}`,
  '',
].join('\r\n');

const moved = [
  '',
  'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders',
  '    Desktop    REG_EXPAND_SZ    %OneDrive%\\Desktop',
  '    Personal    REG_SZ    H:\\Dokumen Kantor',
  '    {374DE290-123F-4565-9164-39C4925E467B}    REG_EXPAND_SZ    %USERPROFILE%\\Downloads',
  '    My Music    REG_EXPAND_SZ    %USERPROFILE%\\Music',
  '',
].join('\r\n');

test('fixed drives are told from others, and folders are found where they were moved to', async () => {
  const env = { USERPROFILE: 'C:\\Users\\kasir', OneDrive: 'C:\\Users\\kasir\\OneDrive' };
  const found = await windowsFolders(env, async (key) => (key.includes('MountedDevices') ? mounted : moved));
  expect(found.drives).toEqual(['C', 'H']);
  expect(found.personal).toEqual([
    'C:\\Users\\kasir\\OneDrive\\Desktop',
    'H:\\Dokumen Kantor',
    'C:\\Users\\kasir\\Downloads',
    'C:\\Users\\kasir\\OneDrive\\Documents',
    'C:\\Users\\kasir\\OneDrive\\Dokumen',
  ]);
});

test('without an answer of the registry there is what the environment tells', async () => {
  const env = { OneDriveCommercial: 'D:\\OneDrive - PT Maju' };
  const found = await windowsFolders(env, async () => '');
  expect(found.drives).toEqual([]);
  expect(found.personal).toContain('D:\\OneDrive - PT Maju\\Desktop');
});
