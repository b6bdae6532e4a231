import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { stockAge, stockAgeTyping, stockKeygen } from '../crypto/age-files.ts';
import { errorOf, makeWorld, program, treeOf, type World } from '../support/cli.ts';
import { notePrinted, noteSecret } from '../support/printed.ts';

/** `keys new` and what its file can do. */

const secretKey = /AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}/;

async function newKeys(world: World, ...args: string[]) {
  const outcome = await world.run(['keys', 'new', '--out', 'key.txt', ...args]);
  const content = await readFile(join(world.folder, 'key.txt'), 'utf8');
  await noteSecret(secretKey.exec(content)?.[0] ?? '-');
  return { outcome, content, recipient: /age1[02-9a-z]{58}/.exec(content)?.[0] ?? '' };
}

test('a key file for its owner only, and a recovery sheet with everything on it', async () => {
  const world = await makeWorld(null);
  const { outcome, content, recipient } = await newKeys(world);
  expect([outcome.code, outcome.stderr]).toEqual([0, '']);
  if (process.platform !== 'win32')
    expect((await stat(join(world.folder, 'key.txt'))).mode & 0o777).toBe(0o600);
  expect((await stockKeygen(['-y', join(world.folder, 'key.txt')])).toString().trim()).toBe(recipient);
  for (const part of [recipient, secretKey.exec(content)?.[0], 'RECOVERY SHEET', 'age -d -i key.txt'])
    expect(outcome.stdout).toContain(part);
  expect(outcome.stdout).toContain('Take this file away from the PC that makes backups');
});

/** The block of the secret key as somebody copies it off the sheet. */
const keyBlock = (sheet: string): string =>
  /\/ Secret key[^\n]*\n(.*?)\n\n/s.exec(sheet.replaceAll('\r\n', '\n'))?.[1] ?? '';

test('the key as it stands on the sheet opens backups, with stock age too, and typed in small letters', async () => {
  const world = await makeWorld({ backups: [] });
  const { outcome, recipient } = await newKeys(world);
  await world.json(['push'], { env: { EFAKTUR_RECIPIENTS: recipient } });
  const typed = join(world.folder, 'typed.txt');
  const reading = { EFAKTUR_IDENTITY_FILE: 'typed.txt' };
  await writeFile(typed, keyBlock(outcome.stdout));
  await writeFile(join(world.folder, 'sealed.age'), await stockAge(['-r', recipient], 'halo'));
  expect((await stockAge(['-d', '-i', typed, join(world.folder, 'sealed.age')])).toString()).toBe('halo');
  const key = secretKey.exec(outcome.stdout)?.[0] ?? '';
  const forms = [keyBlock(outcome.stdout), `  ${key}\n`, key.toLowerCase(), `\t${key.toLowerCase()} \r\n`];
  for (const [i, text] of forms.entries()) {
    await writeFile(typed, text);
    await world.json(['pull', '--to', join(world.folder, `x${i}`)], { env: reading });
  }
});

test('a key file is never overwritten', async () => {
  const world = await makeWorld(null);
  const { content } = await newKeys(world);
  const again = await world.run(['keys', 'new', '--out', 'key.txt', '--json']);
  expect([again.code, errorOf(again).code]).toEqual([2, 'usage']);
  expect(await readFile(join(world.folder, 'key.txt'), 'utf8')).toBe(content);
  const nowhere = await world.run(['keys', 'new', '--out', 'no/such/folder/key.txt', '--json']);
  expect([nowhere.code, errorOf(nowhere).code]).toEqual([6, 'target-not-writable']);
});

test('JSON names the file and the public key, never the secret one', async () => {
  const world = await makeWorld(null);
  const { outcome, content, recipient } = await newKeys(world, '--json');
  expect(JSON.parse(outcome.stdout)).toEqual({
    recipient,
    identityFile: join(world.folder, 'key.txt'),
    protected: false,
    warnings: [],
  });
  expect(outcome.stdout).not.toContain(secretKey.exec(content)?.[0]);
  const without = await world.run(['keys', 'new', '--json']);
  expect([without.code, errorOf(without).code]).toEqual([2, 'usage']);
});

test('without --out the key stands on the sheet only', async () => {
  const world = await makeWorld(null);
  const outcome = await world.run(['keys', 'new']);
  expect(outcome.stdout).toMatch(secretKey);
  expect(outcome.stdout).toContain('was not written to a file');
});

test('a passphrase needs a terminal', async () => {
  const world = await makeWorld(null);
  const outcome = await world.run(['keys', 'new', '--out', 'key.txt', '--passphrase', '--json']);
  expect([outcome.code, errorOf(outcome).code]).toEqual([2, 'usage']);
  expect(Object.keys(await treeOf(world.folder))).toEqual(['home/']);
});

/** Runs the built program on a terminal of its own and types each line when it is asked for. */
function onTerminal(
  world: World,
  args: readonly string[],
  lines: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; shown: string }> {
  const command = [process.execPath, program, ...args].map((arg) => `'${arg}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: world.folder,
    env: { ...world.env, TERM: 'dumb', ...env },
  });
  let shown = '';
  let typed = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const asked = shown.match(/: (?=\r?\n|$)/g)?.length ?? 0;
    while (typed < Math.min(asked, lines.length)) child.stdin.write(`${lines[typed++]}\r`);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new Error('install "script" (apt install bsdutils)', { cause })));
    child.on('close', (code) => {
      notePrinted(args, shown);
      resolve({ code, shown: stripVTControlCharacters(shown) });
    });
  });
}

test('a passphrase typed on a terminal protects the file as stock age does', {
  timeout: 90_000,
}, async () => {
  const world = await makeWorld({ backups: [] });
  const passphrase = 'nasi goreng kambing 77';
  await noteSecret(passphrase);
  const different = await onTerminal(
    world,
    ['keys', 'new', '--out', 'key.txt', '--passphrase'],
    [passphrase, 'other'],
  );
  expect(different.code, different.shown).toBe(2);
  const made = await onTerminal(
    world,
    ['keys', 'new', '--out', 'key.txt', '--passphrase'],
    [passphrase, passphrase],
  );
  expect(made.code, made.shown).toBe(0);
  const recipient = /EFAKTUR_RECIPIENTS=(age1[02-9a-z]{58})/.exec(made.shown)?.[1] ?? '';
  const content = await readFile(join(world.folder, 'key.txt'), 'utf8');
  // Neither what was typed nor the key inside is shown; the sheet has the protected form.
  expect(made.shown + different.shown).not.toContain(passphrase);
  expect(made.shown + content).not.toMatch(secretKey);
  expect(content).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);

  expect(made.shown).toMatch(/Without the secret key below and its passphrase nobody/);
  expect(made.shown).toContain('the passphrase is asked for');

  const plain = join(world.folder, 'plain');
  await writeFile(join(world.folder, 'typed.txt'), `${keyBlock(made.shown)}\n`);
  await writeFile(join(world.folder, 'sealed.age'), await stockAge(['-r', recipient], 'halo'));
  await stockAgeTyping(
    ['-d', '-i', join(world.folder, 'typed.txt'), '-o', plain, join(world.folder, 'sealed.age')],
    `${passphrase}\n`,
  );
  expect(await readFile(plain, 'utf8')).toBe('halo');

  await world.json(['push'], { env: { EFAKTUR_RECIPIENTS: recipient } });
  const reading = { EFAKTUR_IDENTITY_FILE: 'key.txt' };
  const unasked = await world.run(['pull', '--to', 'x', '--json'], { env: reading });
  expect([unasked.code, errorOf(unasked).code]).toEqual([12, 'wrong-key']);
  const wrong = await onTerminal(world, ['pull', '--to', 'x'], ['salah'], reading);
  expect(wrong.code, wrong.shown).toBe(12);
  const pulled = await onTerminal(world, ['pull', '--to', 'x'], [passphrase], reading);
  expect(pulled.code, pulled.shown).toBe(0);
  expect(pulled.shown).not.toContain(passphrase);
  expect(await treeOf(join(world.folder, 'x', 'db'))).toEqual(await treeOf(join(world.app, 'db')));
});

test('keys needs to know what to do', async () => {
  for (const args of [['keys'], ['keys', 'nwe'], ['keys', 'new', 'key.txt']]) {
    const outcome = await (await makeWorld(null)).run([...args, '--json']);
    expect([outcome.code, errorOf(outcome).code], args.join(' ')).toEqual([2, 'usage']);
  }
});
