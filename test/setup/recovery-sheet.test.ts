import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import decodeQR from 'qr/decode.js';
import { expect, test } from 'vitest';
import { stockAge } from '../crypto/age-files.ts';
import { errorOf, makeWorld, type World } from '../support/cli.ts';
import { noteSecret } from '../support/printed.ts';

/** The paper that restores: what stands on it, and what may be made of it. */

const secretKey = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/m;
const address = 's3://my-bucket/pc-kasir?endpoint=https://s3.example.com:9000&region=id-jkt-1';

async function newSheet(world: World, ...args: string[]): Promise<{ text: string; key: string }> {
  const { code, stdout, stderr } = await world.run(['keys', 'new', ...args], {
    env: { EFAKTUR_STORE: undefined },
  });
  expect([code, stderr]).toEqual([0, '']);
  const key = secretKey.exec(stdout)?.[0] ?? '';
  if (key !== '') await noteSecret(key);
  return { text: stdout, key };
}

test('it names the stores, their hosts and the tools, in both languages; without a store there is room to write', async () => {
  const world = await makeWorld(null);
  const { text } = await newSheet(world, '--store', address, '--store', '/mnt/nas/efaktur');
  for (const part of [
    `  ${address}\n  host: s3.example.com:9000, region id-jkt-1\n`,
    '  /mnt/nas/efaktur\n',
    'NAME.tar.zst.age\n    zstd -d full.tar.zst -o full.tar\n    tar xf full.tar\n',
    '    python3 differential/restore.py full\n',
    'https://github.com/FiloSottile/age/releases',
    'https://github.com/facebook/zstd/releases',
    'efaktur-cloud 9.9.9',
    'Tanpa kunci rahasia di bawah ini',
    'cb64198951a2ba68df8c1b890ff3bc24ea873f7da6c25aead1d84b190bd19410',
    '3036b1c8ee9ecff2024b1a0587de199b94022b55ca01b5d42919638aeb013f8d',
  ])
    expect(text).toContain(part);
  expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  const empty = await newSheet(world);
  expect(empty.text).toMatch(/Alamat \/ Address: _{20}/);
  const named = await world.run(['keys', 'new'], {
    env: { EFAKTUR_STORE: 's3://my-bucket', AWS_ENDPOINT_URL_S3: 'https://is3.example.id' },
  });
  expect(named.stdout).toContain('  s3://my-bucket\n  host: is3.example.id\n');
});

/** What a camera sees of the page: its QR code in black and white. */
function pictureOf(page: string): { width: number; height: number; data: Uint8Array } {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(page)?.[1]);
  const scale = 5;
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of page.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let row = 0; row < scale; row++)
      for (let column = 0; column < scale; column++) {
        const at = ((Number(y) * scale + row) * width + Number(x) * scale + column) * 4;
        data.fill(0, at, at + 3);
      }
  return { width, height: width, data };
}

test('the page to print has the key as a QR code, needs nothing from outside and is for its owner only', async () => {
  const world = await makeWorld(null);
  const { text } = await newSheet(world, '--store', address, '--out', 'key.txt', '--sheet', 'sheet.html');
  const path = join(world.folder, 'sheet.html');
  const page = await readFile(path, 'utf8');
  const key = secretKey.exec(await readFile(join(world.folder, 'key.txt'), 'utf8'))?.[0] ?? '-';
  await noteSecret(key);
  expect(decodeQR(pictureOf(page))).toBe(key);
  expect(page).toContain(`\n${key}\n`);
  expect(page).toContain('host: s3.example.com:9000');
  expect(page).toMatch(/^[\x20-\x7e\n]+$/);
  expect(page.replace(/<pre>.*<\/pre>/s, '').replace('http://www.w3.org/2000/svg', '')).not.toMatch(
    /https?:|src=|href=/,
  );
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(text).not.toContain(key);
  const again = await world.run(['keys', 'new', '--out', 'other.txt', '--sheet', 'sheet.html', '--json']);
  expect([again.code, errorOf(again).hint]).toEqual([2, 'Choose another name with --sheet.']);
  // No key that is on no sheet.
  await expect(stat(join(world.folder, 'other.txt'))).rejects.toThrow('ENOENT');
});

test('a whole sheet is an identity file: as it was saved, by PowerShell, as a page, and what was typed off it', async () => {
  const world = await makeWorld({ backups: [] });
  const { text, key } = await newSheet(world, '--store', address);
  const recipient = /EFAKTUR_RECIPIENTS=(age1\S+)/.exec(text)?.[1] ?? '';
  await world.json(['push'], { env: { EFAKTUR_RECIPIENTS: recipient } });
  const groups = /to be typed:\n((?: {2}[A-Z0-9 -]+\n)+)/.exec(text)?.[1] ?? '';
  expect(groups.trim().split('\n')).toHaveLength(4);
  expect(groups.replace(/\s/g, '')).toBe(key);
  const crlf = text.replaceAll('\n', '\r\n');
  const forms: Record<string, Buffer | string> = {
    'as printed': text,
    'with CRLF': crlf,
    'as PowerShell 5 saves it': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(crlf, 'utf16le')]),
    'as Notepad saves it': `\ufeff${crlf}`,
    'the groups': groups,
    'the groups in small letters': groups.toLowerCase(),
    'groups with dashes': `${key.slice(0, 16)} ${(key.slice(16).match(/.{1,4}/g) ?? []).join('-')}`,
    'dashes as Word writes them': key.replaceAll('-', '\u2013'),
    'one word a line': groups.trim().replaceAll(/\s+/g, '\n'),
    'only the groups of the sheet': text.replace(`\n${key}\n`, '\n'),
  };
  for (const [what, content] of Object.entries(forms)) {
    await writeFile(join(world.folder, 'sheet.txt'), content, { mode: 0o600 });
    const { identities } = await world.json<{ identities: string[] }>(['keys', 'show'], {
      env: { EFAKTUR_IDENTITY_FILE: 'sheet.txt' },
    });
    expect(identities, what).toEqual([recipient]);
  }
  const page = await world.json<{ recipient: string }>(['keys', 'new', '--sheet', 'page.html']);
  const { identities } = await world.json<{ identities: string[] }>(['keys', 'show'], {
    env: { EFAKTUR_IDENTITY_FILE: 'page.html' },
  });
  expect(identities).toEqual([page.recipient]);
});

test('a typing mistake is told as one, with the group it is in, and never with the key', async () => {
  const world = await makeWorld(null);
  const { text, key } = await newSheet(world);
  const told = async (content: string) => {
    await writeFile(join(world.folder, 'typed.txt'), content, { mode: 0o600 });
    const outcome = await world.run(['keys', 'show', '--json'], {
      env: { EFAKTUR_IDENTITY_FILE: 'typed.txt' },
    });
    expect(outcome.stdout + outcome.stderr).not.toContain(key.slice(20, 40));
    return { exit: outcome.code, ...errorOf(outcome) };
  };
  const alphabet = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';
  for (const at of [16, 17, 40, 71, 73]) {
    const other = alphabet[(alphabet.indexOf(key.charAt(at)) + 7) % 32] ?? '';
    const wrong = `${key.slice(0, at)}${other}${key.slice(at + 1)}`;
    const outcome = await told(wrong.toLowerCase());
    expect(outcome).toMatchObject({ exit: 12, code: 'wrong-key' });
    expect(outcome.message).toContain('has on line 1 a typing mistake: the checksum does not fit');
    expect(outcome.hint).toContain(`Look at group ${Math.floor((at - 16) / 4) + 1} of the 15 groups of 4.`);
  }
  const swapAt = [...key].findIndex((letter, i) => i > 20 && letter !== key[i + 1]);
  const swapped = `${key.slice(0, swapAt)}${key[swapAt + 1]}${key[swapAt]}${key.slice(swapAt + 2)}`;
  expect((await told(swapped)).hint).toContain(`group ${Math.floor((swapAt - 16) / 4) + 1} of`);
  expect((await told(`${key.slice(0, 30)}O${key.slice(31)}`)).message).toContain('no key has the letter "O"');
  expect((await told(key.slice(0, -3))).message).toContain(
    '55 letters stand after "KEY-1" where a key has 58',
  );
  expect((await told(`${key}Q`)).message).toContain('59 letters');
  const twice = [...key].map((letter, i) => (i === 20 || i === 50 ? (letter === 'Q' ? 'P' : 'Q') : letter));
  if (twice.join('') !== key) {
    const outcome = await told(twice.join(''));
    expect(outcome.message).toContain('a typing mistake: the checksum does not fit');
  }
  // The beginning is typed as well.
  for (const start of [
    'AGE-SECRET-KEY-l',
    'AGE-SECRET-KEY-I',
    'AGE-SECRET-KEY-',
    'AGE-SECRFT-KEY-1',
    'aqe secret key 1',
  ]) {
    const outcome = await told(start + key.slice(16));
    expect(outcome, start).toMatchObject({ exit: 12, code: 'wrong-key' });
    expect(outcome.message, start).toContain(
      'on line 1 a typing mistake: a key begins with AGE-SECRET-KEY-1',
    );
  }
  const publicKey = text.match(/age1[a-z0-9]{58}/)?.[0] ?? '';
  expect((await told(publicKey)).message).toContain('has a public key on line 1, which opens nothing');
  expect((await told('password')).message).toContain('has no age secret key on line 1');
  // On a sheet, too, where the other form of the key is right.
  const flipped = key.endsWith('Q') ? 'P' : 'Q';
  const sheet = text.replace(`\n${key}\n`, `\n${key.slice(0, -1)}${flipped}\n`);
  expect((await told(sheet)).message).toMatch(/has on line \d\d a typing mistake/);
});

test('a sheet of a key under a passphrase holds it as stock age takes it, and is an identity file all the same', async () => {
  const { protectIdentity, readIdentities, generateIdentity, identityFileText } = await import(
    '../../src/crypto/identity-file.ts'
  );
  const { recoverySheet, recoverySheetPage } = await import('../../src/setup/recovery-sheet.ts');
  const { secret } = await import('../../src/base/secret.ts');
  const pair = await generateIdentity();
  const plain = identityFileText(pair, new Date('2023-07-08T02:30:00Z'), 'Asia/Jakarta');
  const identity = await protectIdentity(plain, secret('nasi goreng'), 10);
  const facts = {
    ...{ recipient: pair.recipient, identity, isProtected: true, stores: [] },
    ...{ day: '2023-07-08', pcName: 'KASIR', program: 'efaktur-cloud 1' },
  };
  for (const text of [
    recoverySheet(facts),
    recoverySheet(facts).replaceAll('\n', '\r\n'),
    await recoverySheetPage(facts),
  ]) {
    expect(text).not.toContain(pair.identity.reveal());
    const file = { name: 'sheet.txt', content: secret(Buffer.from(text)) };
    const { recipients } = await readIdentities([file], async () => secret('nasi goreng'));
    expect(recipients).toEqual([pair.recipient]);
  }
  expect(decodeQR(pictureOf(await recoverySheetPage(facts)))).toBe(identity.trimEnd());
  expect(await stockAge(['-r', pair.recipient], 'x')).toBeInstanceOf(Buffer);
});
