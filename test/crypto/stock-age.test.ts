import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secret } from '../../src/base/secret.ts';
import { createDecryptor, createEncryptor } from '../../src/crypto/age.ts';
import { protectIdentity } from '../../src/crypto/identity-file.ts';
import {
  decrypt,
  decryptorFor,
  edgeSizes,
  encrypt,
  identityFile,
  type NamedKey,
  newKey,
  openInMemory,
  sampleBytes,
  stockAge,
  stockAgeTyping,
  stockKeygen,
} from './age-files.ts';

/** What we write the stock `age` program opens, and the reverse. */

let folder: string;
let office: NamedKey;
let safe: NamedKey;
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stock-age-'));
  office = await newKey();
  safe = await newKey();
  await writeFile(inFolder('office.txt'), office.fileText);
  await writeFile(inFolder('safe.txt'), safe.fileText);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(edgeSizes)('%i plain bytes', (sizeBytes) => {
  test('age opens ours, for each of several recipients', async () => {
    const plain = sampleBytes(sizeBytes);
    const file = await encrypt(await createEncryptor([office.recipient, safe.recipient]), plain);
    await writeFile(inFolder(`ours-${sizeBytes}.age`), file);
    for (const key of ['office.txt', 'safe.txt']) {
      const opened = await stockAge(['-d', '-i', inFolder(key), inFolder(`ours-${sizeBytes}.age`)]);
      expect(opened.equals(plain)).toBe(true);
    }
  });

  test("we open age's, in order and by range", async () => {
    const plain = sampleBytes(sizeBytes);
    const file = await stockAge(['-r', office.recipient, '-r', safe.recipient], plain);
    for (const key of [office, safe]) {
      const decryptor = await decryptorFor(key);
      expect((await decrypt(decryptor, file)).equals(plain)).toBe(true);
      const range = await openInMemory(decryptor, file);
      expect(range.plainBytes).toBe(sizeBytes);
      expect((await range.readPlain(0, sizeBytes)).equals(plain)).toBe(true);
    }
  });
});

test('armored texts, both ways', async () => {
  const text = '{"pembeli":"Gerbang Semesta","jumlah":"Rp345.000 – ✓"}';
  const ours = await (await createEncryptor([office.recipient])).encryptText(text);
  expect((await stockAge(['-d', '-i', inFolder('office.txt')], ours)).toString()).toBe(text);
  const theirs = await stockAge(['-a', '-r', office.recipient], text);
  expect(await (await decryptorFor(office)).decryptText(theirs.toString(), 'text')).toBe(text);
});

test('an identity file of age-keygen is read, and ours has its form', async () => {
  const theirs = (await stockKeygen([])).toString();
  const publicKey = /^# public key: (age1\w+)$/m.exec(theirs)?.[1];
  const decryptor = await createDecryptor([identityFile(theirs)]);
  expect(decryptor.recipients).toEqual([publicKey]);
  const form =
    /^# created: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)\n# public key: age1[a-z0-9]{58}\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$/;
  expect(theirs).toMatch(form);
  expect(office.fileText).toMatch(form);
  expect(office.fileText.startsWith('# created: 2023-07-08T09:30:00+07:00\n# public key: age1')).toBe(true);
  expect((await stockKeygen(['-y', inFolder('office.txt')])).toString().trim()).toBe(office.recipient);
});

test('age takes our passphrase-protected identity file', async () => {
  const plain = sampleBytes(1000);
  await writeFile(inFolder('small.age'), await encrypt(await createEncryptor([office.recipient]), plain));
  const locked = await protectIdentity(secret(office.fileText), secret('empat kata acak'), 12);
  await writeFile(inFolder('locked.txt'), locked);
  const args = ['-d', '-i', inFolder('locked.txt'), '-o', inFolder('small.out'), inFolder('small.age')];
  await stockAgeTyping(args, 'empat kata acak\n');
  expect((await readFile(inFolder('small.out'))).equals(plain)).toBe(true);
});

test.each([
  ['binary', []],
  ['armored', ['-a']],
])("we take age's passphrase-protected identity file, %s", { timeout: 60_000 }, async (form, flags) => {
  const locked = inFolder(`stock-locked-${form}`);
  const typed = 'empat kata acak\nempat kata acak\n';
  await stockAgeTyping(['-p', ...flags, '-o', locked, inFolder('office.txt')], typed);
  const asked: (string | null)[] = [];
  const decryptor = await createDecryptor([identityFile(await readFile(locked), 'locked')], async (name) => {
    asked.push(name);
    return secret('empat kata acak');
  });
  expect(asked).toEqual(['locked']);
  expect(decryptor.recipients).toEqual([office.recipient]);
});
