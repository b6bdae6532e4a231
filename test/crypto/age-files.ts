import { spawn } from 'node:child_process';
import { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { secret } from '../../src/base/secret.ts';
import { createDecryptor, type Decryptor, type Encryptor } from '../../src/crypto/age.ts';
import { damagedFile } from '../../src/crypto/age-header.ts';
import { openPayload, sealFile } from '../../src/crypto/age-payload.ts';
import { generateIdentity, identityFileText, type KeyPair } from '../../src/crypto/identity-file.ts';

/** Plain sizes around every edge of the format's 64 KiB chunks. */
export const edgeSizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000];

/** Bytes that differ from chunk to chunk, the same at every call. */
export function sampleBytes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at++) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff;
  return bytes;
}

export interface NamedKey extends KeyPair {
  readonly fileText: string;
}

export async function newKey(): Promise<NamedKey> {
  const pair = await generateIdentity();
  const createdAt = new Date('2023-07-08T02:30:00Z');
  return { ...pair, fileText: identityFileText(pair, createdAt, 'Asia/Jakarta').reveal() };
}

export const identityFile = (content: string | Buffer, name = 'key.txt') => ({
  name,
  content: secret(Buffer.from(content)),
});

export const decryptorFor = (...keys: NamedKey[]): Promise<Decryptor> =>
  createDecryptor(keys.map((key, i) => identityFile(key.fileText, `key-${i}.txt`)));

/** Cuts bytes into pieces of the given sizes, over and over. */
export function* piecesOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export const encryptStream = (encryptor: Encryptor): Duplex =>
  Duplex.from(async function* (plain: AsyncGenerator<Buffer>) {
    yield* sealFile(plain, await encryptor.newFile());
  });

export const encrypt = async (encryptor: Encryptor, plain: Buffer, sizes = [100_000]): Promise<Buffer> =>
  buffer(Readable.from(piecesOf(plain, sizes)).compose(encryptStream(encryptor)));

export const decryptStream = (decryptor: Decryptor, name: string): Duplex =>
  Duplex.from(async function* (file: AsyncGenerator<Buffer>) {
    const { start, bytes } = await decryptor.openFile(file, name);
    yield* openPayload(bytes, start, (what) => damagedFile(name, what));
  });

export const decrypt = (decryptor: Decryptor, file: Buffer, sizes = [100_000]): Promise<Buffer> =>
  buffer(Readable.from(piecesOf(file, sizes)).compose(decryptStream(decryptor, 'sample.age')));

export const openInMemory = (decryptor: Decryptor, file: Buffer) =>
  decryptor.openRange({
    name: 'sample.age',
    totalBytes: file.length,
    read: async (offsetBytes, lengthBytes) => file.subarray(offsetBytes, offsetBytes + lengthBytes),
  });

/** Runs a program to its end; a missing one fails with what to install. */
export function run(
  program: string,
  args: readonly string[],
  input: Buffer | string,
  install: string,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
    child.on('error', (cause) => reject(new Error(`these tests need "${program}": ${install}`, { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else
        reject(new Error(`${program} ended with ${code}: ${Buffer.concat([...errors, ...out]).toString()}`));
    });
    // A program that fails early closes its input; its exit code tells then.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

const installAge = 'install age (apt install age, brew install age, scoop install age)';

/** The stock `age` program, without a terminal. */
export const stockAge = (args: readonly string[], input: Buffer | string = ''): Promise<Buffer> =>
  run('age', args, input, installAge);

export const stockKeygen = (args: readonly string[]): Promise<Buffer> =>
  run('age-keygen', args, '', installAge);

/** The stock `age` program on a terminal of its own, where the lines are typed as it asks for its passphrase. */
export const stockAgeTyping = async (args: readonly string[], lines: string): Promise<void> => {
  await run('age', ['--version'], '', installAge);
  const quoted = ['age', ...args].map((arg) => `'${arg}'`).join(' ');
  await run('script', ['-qec', quoted, '/dev/null'], lines, 'install "script" (apt install bsdutils)');
};
