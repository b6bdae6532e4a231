import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { EfakturError } from '../../src/base/errors.ts';
import { secret } from '../../src/base/secret.ts';
import { createDecryptor } from '../../src/crypto/age.ts';
import { protectIdentity, readIdentities } from '../../src/crypto/identity-file.ts';
import { identityFile, type NamedKey, newKey } from './age-files.ts';

let one: NamedKey;
let two: NamedKey;
/** Light work factor: what is tested here is the form, the stock one is tried against stock age. */
const workFactor = 10;

beforeAll(async () => {
  one = await newKey();
  two = await newKey();
});

const keysIn = async (
  content: string | Buffer,
  passphrase: string | null = null,
): Promise<readonly string[]> =>
  (
    await createDecryptor([identityFile(content)], async () =>
      passphrase === null ? null : secret(passphrase),
    )
  ).recipients;

describe('reading', () => {
  test('several keys, comments, empty lines, CRLF, in one file and in several', async () => {
    const both = [one.recipient, two.recipient].sort();
    expect(await keysIn(`${one.fileText}\n${two.fileText}`)).toEqual(both);
    expect(await keysIn(`${one.fileText}# twice\n${one.fileText}`)).toEqual([one.recipient]);
    expect(await keysIn(`\r\n${one.fileText.replaceAll('\n', '\r\n')}`)).toEqual([one.recipient]);
    expect(await keysIn(one.identity.reveal())).toEqual([one.recipient]);
    expect(await keysIn(`  ${one.identity.reveal()}\n`)).toEqual([one.recipient]);
    expect(await keysIn(one.identity.reveal().toLowerCase())).toEqual([one.recipient]);
    const files = [identityFile(one.fileText, 'a'), identityFile(two.fileText, 'b')];
    expect((await createDecryptor(files)).recipients).toEqual(both);
  });

  test('texts as Windows saves them', async () => {
    expect(await keysIn(Buffer.from(`\uFEFF${one.fileText}`, 'utf8'))).toEqual([one.recipient]);
    expect(await keysIn(Buffer.from(`\uFEFF${one.fileText}`, 'utf16le'))).toEqual([one.recipient]);
  });

  test('under a passphrase, armored and binary', async () => {
    const armored = await protectIdentity(secret(one.fileText), secret('kopi tubruk'), workFactor);
    expect(await keysIn(armored, 'kopi tubruk')).toEqual([one.recipient]);
    expect(await keysIn(armored.replaceAll('\n', '\r\n'), 'kopi tubruk')).toEqual([one.recipient]);
    // As it is copied off a sheet, or saved by Windows.
    expect(await keysIn(armored.replace(/^/gm, '  '), 'kopi tubruk')).toEqual([one.recipient]);
    expect(await keysIn(armored.replace(/$/gm, ' '), 'kopi tubruk')).toEqual([one.recipient]);
    expect(await keysIn(Buffer.from(`\uFEFF${armored}`, 'utf16le'), 'kopi tubruk')).toEqual([one.recipient]);
    const binary = Buffer.from(armored.split('\n').slice(1, -2).join(''), 'base64');
    expect(await keysIn(binary, 'kopi tubruk')).toEqual([one.recipient]);
  });

  test('no passphrase is asked for where none is needed', async () => {
    const asked = createDecryptor([identityFile(one.fileText)], () => Promise.reject(new Error('asked')));
    expect((await asked).recipients).toEqual([one.recipient]);
  });
});

describe('refusing', () => {
  const refusal = async (
    content: string | Buffer,
    passphrase: string | null = null,
  ): Promise<EfakturError> => {
    const error: unknown = await keysIn(content, passphrase).catch((e: unknown) => e);
    if (!(error instanceof EfakturError)) throw new Error('not refused as it should be', { cause: error });
    return error;
  };

  test('wrong keys are named by line and never repeated', async () => {
    const key = one.identity.reveal();
    const mistyped = `${key.slice(0, -1)}${key.endsWith('Q') ? 'P' : 'Q'}`;
    for (const line of [
      mistyped,
      key.slice(0, 50),
      mistyped.toLowerCase(),
      `AGE-PLUGIN-X${key}`,
      `x${key}`,
    ]) {
      const error = await refusal(`# comment\n${two.identity.reveal()}\n${line}\n`);
      expect(error.code).toBe('wrong-key');
      expect(error.message).toContain('key.txt');
      expect(error.message).toContain('line 3');
      expect(inspect(error, { depth: 9, showHidden: true }).toUpperCase()).not.toContain(key.slice(20, 45));
      expect(error.cause).toBeUndefined();
    }
  });

  test('a key that was typed is called no file', async () => {
    const key = one.identity.reveal();
    const mistyped = `${key.slice(0, -1)}${key.endsWith('Q') ? 'P' : 'Q'}`;
    const error = await readIdentities([{ name: null, content: secret(Buffer.from(mistyped)) }]).catch(
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof EfakturError)) throw error;
    expect(error.what.en).toMatch(/^the secret key that was given has on line 1 a typing mistake/);
    expect(error.what.id).toMatch(/^kunci rahasia yang diberikan berisi salah ketik di baris 1/);
  });

  test('empty files, huge files, no file', async () => {
    for (const content of ['', '# public key: age1\n', Buffer.alloc((1 << 20) + 1)]) {
      expect((await refusal(content)).code).toBe('wrong-key');
    }
    await expect(createDecryptor([])).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('a wrong, missing or unasked passphrase, and any flipped byte', async () => {
    const armored = await protectIdentity(secret(one.fileText), secret('kopi tubruk'), workFactor);
    expect((await refusal(armored, 'kopi')).code).toBe('wrong-key');
    expect((await refusal(armored, null)).code).toBe('wrong-key');
    await expect(createDecryptor([identityFile(armored)])).rejects.toMatchObject({ code: 'wrong-key' });
    const binary = Buffer.from(armored.split('\n').slice(1, -2).join(''), 'base64');
    for (let at = 0; at < binary.length; at++) {
      const spoilt = Buffer.from(binary);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      const error = await refusal(spoilt, 'kopi tubruk');
      expect([at, error.code, error.cause]).toEqual([at, 'wrong-key', undefined]);
    }
    expect((await refusal(binary.subarray(0, 100), 'kopi tubruk')).code).toBe('wrong-key');
  });

  test('an identity file encrypted for a key, and an empty passphrase', async () => {
    const { createEncryptor } = await import('../../src/crypto/age.ts');
    const forKey = await (await createEncryptor([two.recipient])).encryptText(one.fileText);
    expect((await refusal(forKey, 'x')).message).toContain('not with a passphrase');
    await expect(protectIdentity(secret(one.fileText), secret(''))).rejects.toMatchObject({ code: 'usage' });
  });
});
