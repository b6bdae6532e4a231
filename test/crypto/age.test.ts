import { createCipheriv, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ErrorCode, isEfakturError } from '../../src/base/errors.ts';
import { createEncryptor, type Decryptor, type Encryptor } from '../../src/crypto/age.ts';
import { createHeader } from '../../src/crypto/age-header.ts';
import { nonceBytes, openPayload, payloadKey, sealFile } from '../../src/crypto/age-payload.ts';
import { fleeting } from '../support/fleeting.ts';
import {
  decrypt,
  decryptorFor,
  decryptStream,
  edgeSizes,
  encrypt,
  encryptStream,
  type NamedKey,
  newKey,
  openInMemory,
  piecesOf,
  sampleBytes,
  stockAge,
} from './age-files.ts';

let key: NamedKey;
let otherKey: NamedKey;
let encryptor: Encryptor;
let decryptor: Decryptor;
let wrongDecryptor: Decryptor;

beforeAll(async () => {
  key = await newKey();
  otherKey = await newKey();
  encryptor = await createEncryptor([key.recipient]);
  decryptor = await decryptorFor(key);
  wrongDecryptor = await decryptorFor(otherKey);
});

/** The code of the EfakturError that a promise rejects with; anything else fails the test. */
async function codeOf(outcome: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await outcome;
    return 'none';
  } catch (error) {
    if (isEfakturError(error)) return error.code;
    throw error;
  }
}

const readWhole = async (from: Decryptor, file: Buffer): Promise<Buffer> => {
  const range = await openInMemory(from, file);
  return range.readPlain(0, range.plainBytes);
};

describe('round trips', () => {
  test.each(edgeSizes)('%i bytes, whole and in pieces, with the size foretold', async (sizeBytes) => {
    const plain = sampleBytes(sizeBytes);
    const file = await encrypt(encryptor, plain, [Math.max(1, sizeBytes)]);
    expect(file.length).toBe(encryptor.encryptedSizeBytes(sizeBytes));
    expect((await decrypt(decryptor, file, [file.length])).equals(plain)).toBe(true);
    expect((await decrypt(decryptor, file, [65_536])).equals(plain)).toBe(true);
  });

  test.each([0, 1, 300, 65_537])('%i bytes fed byte by byte', async (sizeBytes) => {
    const plain = sampleBytes(sizeBytes);
    const file = await encrypt(encryptor, plain, [1]);
    expect((await decrypt(decryptor, file, [1])).equals(plain)).toBe(true);
  });

  test('any cut of the input gives the same bytes', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 150_000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300_000 }),
        sizes,
        sizes,
        async (sizeBytes, written, read) => {
          const plain = sampleBytes(sizeBytes);
          const file = await encrypt(encryptor, plain, written);
          expect((await decrypt(decryptor, file, read)).equals(plain)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the memory of the pieces is not kept, either way', async () => {
    const plain = sampleBytes(200_000);
    for (const pieceBytes of [1000, 65_536, 65_552, 150_000]) {
      const file = await encryptor.newFile();
      const sealed = await buffer(Readable.from(sealFile(fleeting(plain, pieceBytes), file)));
      expect((await decrypt(decryptor, sealed)).equals(plain)).toBe(true);
      const start = { offsetBytes: file.start.length, key: file.key };
      const opened = openPayload(fleeting(sealed, pieceBytes), start, (what) => new Error(what.en));
      expect((await buffer(Readable.from(opened))).equals(plain)).toBe(true);
    }
  });

  test('texts, and each file has its own key', async () => {
    for (const text of ['', 'a', '\uFEFFmark', 'Faktur № 010.000-23.00000001 ✓'.repeat(5000)]) {
      const armored = await encryptor.encryptText(text);
      expect(armored).not.toBe(await encryptor.encryptText(text));
      expect(await decryptor.decryptText(armored, 'text')).toBe(text);
    }
  });

  test('ranges give the same as the whole', async () => {
    const files = await Promise.all(
      edgeSizes.map(async (size) => ({
        plain: sampleBytes(size),
        file: await encrypt(encryptor, sampleBytes(size)),
      })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(200_000),
        fc.nat(200_000),
        async ({ plain, file }, a, b) => {
          const from = a % (plain.length + 1);
          const length = b % (plain.length - from + 1);
          const reads: [number, number][] = [];
          const range = await decryptor.openRange({
            name: 'sample.age',
            totalBytes: file.length,
            read: async (offset, bytes) => {
              reads.push([offset, bytes]);
              return file.subarray(offset, offset + bytes);
            },
          });
          const forHeader = reads.length;
          expect((await range.readPlain(from, length)).equals(plain.subarray(from, from + length))).toBe(
            true,
          );
          const span = range.sealedSpan(from, length);
          expect(reads.slice(forHeader)).toEqual(
            span.lengthBytes > 0 ? [[span.offsetBytes, span.lengthBytes]] : [],
          );
          expect(span.lengthBytes).toBeLessThanOrEqual(length + 2 * 65_536 + 4 * 16);
          await expect(range.readPlain(from, plain.length - from + 1)).rejects.toThrow(RangeError);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a header longer than the first read of a range', async () => {
    const keys = await Promise.all(Array.from({ length: 60 }, newKey));
    const many = await createEncryptor(keys.map((k) => k.recipient));
    const file = await encrypt(many, sampleBytes(70_000));
    expect(file.length).toBe(many.encryptedSizeBytes(70_000));
    const last = await decryptorFor(keys.at(-1) as NamedKey);
    expect((await readWhole(last, file)).equals(sampleBytes(70_000))).toBe(true);
  });
});

describe('which key', () => {
  test('the id is of the set of recipients', async () => {
    const both = [key.recipient, otherKey.recipient];
    const id = async (recipients: string[]): Promise<string> => (await createEncryptor(recipients)).keysId;
    expect(await id(both)).toBe(await id([...both].reverse()));
    expect(await id(both)).toBe(await id([...both, key.recipient]));
    expect(await id(both)).not.toBe(await id([key.recipient]));
    expect(encryptor.keysId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('another key is wrong-key everywhere, of ours and of stock age', async () => {
    for (const file of [
      await encrypt(encryptor, sampleBytes(10)),
      await stockAge(['-r', key.recipient], 'x'),
    ]) {
      expect(await codeOf(decrypt(wrongDecryptor, file))).toBe('wrong-key');
      expect(await codeOf(readWhole(wrongDecryptor, file))).toBe('wrong-key');
      expect(await wrongDecryptor.canOpen(file, 'f')).toBe(false);
      expect(await decryptor.canOpen(file, 'f')).toBe(true);
      expect(await (await decryptorFor(otherKey, key)).canOpen(file, 'f')).toBe(true);
    }
    expect(await codeOf(wrongDecryptor.decryptText(await encryptor.encryptText('x'), 'text'))).toBe(
      'wrong-key',
    );
  });

  test.each([
    'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q',
    'age1',
    'AGE1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P',
  ])('%s is refused by name', async (recipient) => {
    await expect(createEncryptor([key.recipient, recipient])).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(recipient),
    });
  });

  test('no recipient, an SSH key, a point of small order, a secret key: refused, and the secret is not repeated', async () => {
    // The all-zero point, for which no secret can be agreed.
    const zeroPoint = 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z';
    for (const recipients of [[], ['ssh-ed25519 AAAA'], [zeroPoint]]) {
      expect(await codeOf(createEncryptor(recipients))).toBe('usage');
    }
    const secretKey = key.identity.reveal();
    const error: unknown = await createEncryptor([secretKey]).catch((e: unknown) => e);
    expect(isEfakturError(error, 'usage')).toBe(true);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secretKey.slice(20, 40));
  });
});

describe('damage', () => {
  const flipped = (file: Buffer, at: number, bit: number): Buffer => {
    const copy = Buffer.from(file);
    copy[at] = (copy[at] ?? 0) ^ bit;
    return copy;
  };

  test('every flipped byte of a file of ours is damaged, never wrong-key', async () => {
    const file = await encrypt(encryptor, sampleBytes(40));
    for (let at = 0; at < file.length; at++) {
      const copy = flipped(file, at, 1 << (at % 8));
      expect([at, await codeOf(decrypt(decryptor, copy))]).toEqual([at, 'damaged']);
      expect([at, await codeOf(readWhole(decryptor, copy))]).toEqual([at, 'damaged']);
    }
  });

  test("every flipped byte of stock age's is damaged; a stanza that no key opens is wrong-key", async () => {
    const file = await stockAge(['-r', key.recipient], sampleBytes(40));
    const stanza = file.indexOf('-> X25519');
    const lastLine = file.indexOf('\n---');
    for (let at = 0; at < file.length; at++) {
      const code = await codeOf(decrypt(decryptor, flipped(file, at, 1 << (at % 8))));
      if (at >= stanza && at < lastLine) expect(['wrong-key', 'damaged']).toContain(code);
      else expect([at, code]).toEqual([at, 'damaged']);
    }
  });

  test('every flipped byte of an armored text is an error, or spaces around it', async () => {
    const armored = Buffer.from(await encryptor.encryptText('Rp345.000'));
    for (let at = 0; at < armored.length; at++) {
      const text = flipped(armored, at, 1 << (at % 7)).toString('latin1');
      const read = await decryptor.decryptText(text, 'text').catch((error: unknown) => error);
      if (at === armored.length - 1 && read === 'Rp345.000') continue;
      expect([at, isEfakturError(read, 'damaged')]).toEqual([at, true]);
    }
  });

  test('cut anywhere, a small file is damaged', async () => {
    const file = await encrypt(encryptor, sampleBytes(40));
    for (let length = 0; length < file.length; length++) {
      expect([length, await codeOf(decrypt(decryptor, file.subarray(0, length)))]).toEqual([
        length,
        'damaged',
      ]);
      expect([length, await codeOf(readWhole(decryptor, file.subarray(0, length)))]).toEqual([
        length,
        'damaged',
      ]);
    }
  });

  test('cut, lengthened or reordered at the chunks, a larger file is damaged', async () => {
    const payloadStart = encryptor.encryptedSizeBytes(0) - 16;
    const sealed = 65_536 + 16;
    for (const size of [131_072, 131_073]) {
      const file = await encrypt(encryptor, sampleBytes(size));
      const chunk = (i: number): Buffer =>
        file.subarray(payloadStart + i * sealed, payloadStart + (i + 1) * sealed);
      const head = file.subarray(0, payloadStart);
      const edges = [0, 1, 2, 3].map((i) => payloadStart + i * sealed);
      const cuts = edges.flatMap((at) => [-17, -16, -1, 0, 1, 15, 16, 17].map((by) => at + by));
      const spoilt = [
        ...cuts.filter((at) => at < file.length).map((at) => file.subarray(0, at)),
        Buffer.concat([file, Buffer.from([0])]),
        Buffer.concat([file, Buffer.alloc(16)]),
        Buffer.concat([file, chunk(1)]),
        Buffer.concat([file, file]),
        Buffer.concat([head, chunk(1), chunk(0), chunk(2)]),
        Buffer.concat([head, chunk(0), chunk(0), chunk(1), chunk(2)]),
        Buffer.concat([head, chunk(1), chunk(2)]),
      ];
      for (const [i, copy] of spoilt.entries()) {
        expect([size, i, await codeOf(decrypt(decryptor, copy))]).toEqual([size, i, 'damaged']);
        expect([size, i, await codeOf(readWhole(decryptor, copy))]).toEqual([size, i, 'damaged']);
      }
    }
  });

  test('an empty chunk after a full one is refused, although it is sealed rightly', async () => {
    const { header, fileKey } = await createHeader([key.recipient]);
    const nonce = randomBytes(nonceBytes);
    const sealed = (chunk: Buffer, chunkNonceHex: string): Buffer => {
      const chunkNonce = Buffer.from(chunkNonceHex, 'hex');
      const cipher = createCipheriv('chacha20-poly1305', payloadKey(fileKey, nonce), chunkNonce, {
        authTagLength: 16,
      });
      return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
    };
    const first = sealed(sampleBytes(65_536), '000000000000000000000000');
    const whole = Buffer.concat([header, nonce, first, sealed(Buffer.from('x'), '000000000000000000000101')]);
    expect((await decrypt(decryptor, whole)).length).toBe(65_537);
    const spoilt = Buffer.concat([header, nonce, first, sealed(Buffer.alloc(0), '000000000000000000000101')]);
    expect(await codeOf(decrypt(decryptor, spoilt))).toBe('damaged');
    expect(await codeOf(readWhole(decryptor, spoilt))).toBe('damaged');
  });

  test('a range away from the damage opens; one that touches it does not', async () => {
    const file = await encrypt(encryptor, sampleBytes(200_000));
    const at = encryptor.encryptedSizeBytes(0) + 65_552 + 5;
    const range = await openInMemory(decryptor, flipped(file, at, 1));
    expect((await range.readPlain(0, 65_536)).equals(sampleBytes(200_000).subarray(0, 65_536))).toBe(true);
    expect((await range.readPlain(131_072, 68_928)).length).toBe(68_928);
    expect(await codeOf(range.readPlain(65_535, 2))).toBe('damaged');
  });

  test('a store that gives fewer bytes than the size it listed', async () => {
    const file = await encrypt(encryptor, sampleBytes(100));
    const short = { name: 'f', totalBytes: file.length, read: async () => file.subarray(0, file.length - 1) };
    expect(await codeOf(decryptor.openRange(short))).toBe('damaged');
  });

  test('what is no age file, and a header without end, which takes no memory', async () => {
    expect(await codeOf(decrypt(decryptor, Buffer.from('PK\u0003\u0004 not age')))).toBe('damaged');
    expect(await codeOf(decryptor.decryptText('not armored', 'text'))).toBe('damaged');
    let given = 0;
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('age-encryption.org/v1\n-> X25519 ');
        for (; given < 4000; given++) yield Buffer.alloc(65_536, 'a');
      })(),
    );
    expect(
      await codeOf(pipeline(endless, decryptStream(decryptor, 'endless'), new PassThrough().resume())),
    ).toBe('damaged');
    expect(given).toBeLessThan(30);
  });

  test('a message names the file and never holds key material', async () => {
    const file = await encrypt(encryptor, sampleBytes(10));
    const error: unknown = await decrypt(decryptor, flipped(file, file.length - 1, 1)).catch(
      (e: unknown) => e,
    );
    expect(isEfakturError(error) && error.message).toContain('sample.age');
    const wrong: unknown = await decrypt(wrongDecryptor, file).catch((e: unknown) => e);
    expect(isEfakturError(wrong) && wrong.hint.en).toContain(otherKey.recipient);
    for (const thing of [error, wrong, decryptor, encryptor, key.identity]) {
      const seen = inspect(thing, { depth: 9, showHidden: true }) + JSON.stringify(thing) + String(thing);
      expect(seen).not.toContain('AGE-SECRET-KEY');
    }
  });
});

describe('as a stream', () => {
  test('a slow reader holds back the source, both ways', async () => {
    const file = await encrypt(encryptor, sampleBytes(2_000_000));
    for (const stream of [encryptStream(encryptor), decryptStream(decryptor, 'f')]) {
      let given = 0;
      const source = Readable.from(
        (function* () {
          for (; given < 25; given++) yield file.subarray(given * 65_536, (given + 1) * 65_536);
        })(),
        { objectMode: false },
      );
      source.pipe(stream);
      await sleep(50);
      expect(given).toBeLessThan(12);
      source.destroy();
      stream.destroy();
    }
  });

  test('left early, or refused, it ends in silence and closes its source', async () => {
    const file = await encrypt(encryptor, sampleBytes(200_000));
    const closed: string[] = [];
    async function* source(name: string): AsyncGenerator<Buffer> {
      try {
        yield* piecesOf(file, [1000]);
      } finally {
        closed.push(name);
      }
    }
    const { start, bytes } = await decryptor.openFile(source('opened'), 'f');
    for await (const _ of openPayload(bytes, start, () => new Error('damaged'))) break;
    let given = 0;
    for await (const _ of sealFile(source('sealed'), await encryptor.newFile())) if (++given === 3) break;
    expect(await codeOf(wrongDecryptor.openFile(source('refused'), 'f'))).toBe('wrong-key');
    expect(closed).toEqual(['opened', 'sealed', 'refused']);
  });
});
