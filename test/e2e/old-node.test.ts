import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, program } from '../support/cli.ts';

/** What somebody sees whose Node.js, or whose copy of the program, is not what the program needs. */

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const start = (node: string, args: string[], env: Record<string, string> = {}): Promise<Ended> =>
  promisify(execFile)(node, args, { env: { PATH: process.env.PATH ?? '', ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => error,
  );

/** Every Node.js on this machine that is older than the program needs. */
async function oldNodes(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set((process.env.PATH ?? '').split(delimiter))) {
    const node = join(folder, 'node');
    const { code, stdout } = await start(node, ['--version']);
    const [, major = '99', minor = '0'] = /^v(\d+)\.(\d+)/.exec(stdout) ?? [];
    if (code === 0 && (Number(major) < 22 || (major === '22' && Number(minor) < 15))) found.push(node);
  }
  return found;
}

const refusal = (version: string): RegExp =>
  new RegExp(
    `^Error usage: efaktur-cloud memerlukan Node\\.js 22\\.15 .* ini ${version} \\(/.*\\)\nSolusi: Pasang .*\n` +
      `Error usage: efaktur-cloud needs Node\\.js 22\\.15 or newer, and this is ${version} \\(/.*\\)\nSolution: Install `,
  );

test('an older Node.js is told in the first line, in both languages, with exit 2', async () => {
  const folder = await tempFolder();
  for (const version of ['0.12.18', '12.22.12', '18.20.8', '20.20.2', '22.14.0']) {
    const pretend = join(folder, `pretend-${version}.cjs`);
    await writeFile(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
    const ended = await start(process.execPath, ['--require', pretend, '--', program, 'list']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(refusal(version.replaceAll('.', '\\.')));
    expect(ended.stderr.trim().split('\n')).toHaveLength(4);
    const json = await start(process.execPath, ['--require', pretend, '--', program, 'list', '--json']);
    expect(errorOf({ ...json, signal: null })).toMatchObject({ code: 'usage', hint: expect.any(String) });
  }
  for (const node of await oldNodes())
    expect(await start(node, ['--', program, 'list'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(refusal('[0-9.]+')),
    });
});

test('the first file is one that any Node.js can read', async () => {
  const text = (await readFile(program, 'utf8')).replace(/^#!.*\n/, '');
  // As a script, which is what a Node.js without ES modules takes it for; nothing newer than ECMAScript 5 in it.
  expect(() => new Function('require', text)).not.toThrow();
  expect(text).not.toMatch(/\b(const|let|class|import|export|async|await)\b|=>|`|\?\.|\?\?|\.\.\./);
  expect(text.split('\n').every((line) => line.length < 250)).toBe(true);
});

test('a program that is not whole says so, without its source', async () => {
  const copy = join(await tempFolder(), 'dist');
  await cp(dirname(program), copy, { recursive: true });
  const main = join(copy, 'program', 'main.mjs');
  const source = await readFile(main, 'utf8');
  const started = (): Promise<Ended> =>
    start(process.execPath, ['--', join(copy, 'efaktur-cloud.js'), 'list']);
  for (const spoilt of [source.slice(0, source.length / 2), `null.x = 1;\n${source}`, null]) {
    if (spoilt === null) await rm(main);
    else await writeFile(main, spoilt);
    const { code, stderr } = await started();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error bug: efaktur-cloud tidak dapat dimuat: .*\nSolusi: .*\nError bug: efaktur-cloud cannot be loaded: /,
    );
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(600);
    expect(stderr).not.toContain('import{');
  }
});

test('an error that nobody waits for is told as a bug, with a stack and no source', async () => {
  const world = await makeWorld();
  const thrower = join(world.folder, 'thrower.mjs');
  for (const what of ['null.field;', 'Promise.reject(new TypeError("late"));']) {
    await writeFile(thrower, `setTimeout(() => { ${what} }, 0); // the source of this line`);
    const { code, stderr } = await start(
      process.execPath,
      ['--import', thrower, '--', program, 'push'],
      world.env,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error bug: this is a bug in efaktur-cloud: TypeError: .*\n {4}at /);
    expect(stderr).toContain('Please report it');
    expect(stderr).not.toContain('the source of this line');
  }
});
