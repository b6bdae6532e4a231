// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are what is written in paths

import { expect, test } from 'vitest';
import { expandPath, expandStoreAddress, type PathVariables } from '../../src/base/path-variables.ts';
import { verbatim } from '../../src/base/text.ts';
import { codeOf } from './failures.ts';

const linux: PathVariables = {
  env: { DATA: '/mnt/data', EMPTY: '', Temp: '/t' },
  homeFolder: '/home/kasir',
  platform: 'linux',
};
const windows: PathVariables = {
  env: { UserProfile: 'C:\\Users\\kasir', 'ProgramFiles(x86)': 'C:\\P86', TEMP: 'C:\\T' },
  homeFolder: 'C:\\Users\\kasir',
  platform: 'win32',
};

test.each([
  ['~', '/home/kasir'],
  ['~/x', '/home/kasir/x'],
  ['$HOME/x', '/home/kasir/x'],
  ['${HOME}/x', '/home/kasir/x'],
  ['%USERPROFILE%/x', '/home/kasir/x'],
  ['%USERPROFILE%\\a\\b', '/home/kasir/a/b'],
  ['$DATA', '/mnt/data'],
  ['/a/$DATA/b', '/a//mnt/data/b'],
  ['pc-${DATA}', 'pc-/mnt/data'],
  ['/mnt/nas/backup', '/mnt/nas/backup'],
  ['./~x', './~x'],
  ['a~b/~', 'a~b/~'],
  ['100% done/50%-60%', '100% done/50%-60%'],
  ['price$', 'price$'],
])('on Linux %s is %s', (text, expected) => {
  expect(expandPath(text, verbatim('--to'), linux)).toBe(expected);
});

test.each([
  ['~\\x', 'C:\\Users\\kasir\\x'],
  ['%userprofile%\\x', 'C:\\Users\\kasir\\x'],
  ['%ProgramFiles(x86)%\\x', 'C:\\P86\\x'],
  ['$env:USERPROFILE\\x', 'C:\\Users\\kasir\\x'],
  ['$HOME\\x', 'C:\\Users\\kasir\\x'],
  ['D:\\a$temp\\b', 'D:\\a$temp\\b'],
  ['\\\\nas\\users$\\b', '\\\\nas\\users$\\b'],
  ['\\\\nas\\C$', '\\\\nas\\C$'],
])('on Windows %s is %s', (text, expected) => {
  expect(expandPath(text, verbatim('--to'), windows)).toBe(expected);
});

test.each(['~kasir/x', '~x', '$NOWHERE/x', '%NOWHERE%\\x', '${EMPTY}/x', '/a/$TEMP/b', '${env:NO}/b'])(
  '%s is refused, with the flag that names it',
  async (text) => {
    expect(await codeOf((async () => expandPath(text, verbatim('--to'), linux))())).toBe('usage');
    expect(() => expandPath(text, verbatim('--to'), linux)).toThrow(/^--to: /);
  },
);

test('in addresses nothing is expanded, and nothing taken as it is', () => {
  const expand = (text: string): string => expandStoreAddress(text, verbatim('--store'), linux);
  for (const same of [
    's3://bucket/pc-kasir?endpoint=https%3A%2F%2Fhost&region=x',
    's3://bucket/a%20b%C3%A9',
    'file:///mnt/caf%C3%A9',
    'file:///mnt/~/x',
  ])
    expect(expand(same)).toBe(same);
  expect(expand('~/store')).toBe('/home/kasir/store');
  expect(expandStoreAddress('C:\\%TEMP%', verbatim('--store'), windows)).toBe('C:\\C:\\T');
  for (const refused of [
    's3://bucket/%COMPUTERNAME%',
    's3://b/${HOME}',
    's3://b/$HOME',
    'file:///$HOME/x',
    'file://~/x',
    'file:///~/x',
  ])
    expect(() => expand(refused), refused).toThrow(/is not expanded/);
});
