import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { shellOptions, windowsProgram } from '../../src/base/system-programs.ts';

afterEach(() => vi.unstubAllEnvs());

test('a program of Windows is named by its full path, whatever the environment says', () => {
  vi.stubEnv('SystemRoot', 'D:\\Windows');
  expect(windowsProgram('tasklist.exe')).toBe('D:\\Windows\\System32\\tasklist.exe');
  for (const wrong of ['', 'Windows', '.', '\\Windows', 'C:']) {
    vi.stubEnv('SystemRoot', wrong);
    expect(windowsProgram('cmd.exe')).toBe('C:\\Windows\\System32\\cmd.exe');
  }
});

test('a command of the user finds no program in the current folder by its bare name', () => {
  vi.stubEnv('SystemRoot', 'C:\\Windows');
  expect(shellOptions({ PATH: 'C:\\x' }, 'win32')).toEqual({
    env: { PATH: 'C:\\x', NoDefaultCurrentDirectoryInExePath: '1' },
    windowsHide: true,
    shell: 'C:\\Windows\\System32\\cmd.exe',
  });
  expect(shellOptions({ PATH: '/x' }, 'linux')).toEqual({ env: { PATH: '/x' }, windowsHide: true });
});

/** A call that starts a program, with what it is given, up to the end of its options. */
const starts = /\b(?:spawn|spawnSync|execFile|execFileSync|exec|execSync|fork)\)?\(([^;]*?)\)(?:\.catch|;)/gs;

test('whatever the program starts, it starts without a window and not by a bare name', async () => {
  const found: string[] = [];
  const src = join(import.meta.dirname, '../../src');
  for (const name of await readdir(src, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const file = join(src, name);
    const text = await readFile(file, 'utf8');
    if (!text.includes("from 'node:child_process'")) continue;
    for (const [call, given = ''] of text.matchAll(starts)) {
      found.push(call);
      expect(given, file).toMatch(/windowsHide: true|shellOptions\(|^'\//);
      expect(given, file).not.toMatch(/^\s*['"`][^'"`/\\]+['"`]/);
    }
  }
  expect(found.length).toBeGreaterThanOrEqual(4);
});
