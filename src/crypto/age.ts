import { createHash, randomBytes } from 'node:crypto';
import { EfakturError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { type Text, verbatim } from '../base/text.ts';
import { createHeader, damagedFile, headerLength, maxHeaderBytes, openHeader } from './age-header.ts';
import {
  type NewAgeFile,
  nonceBytes,
  type PayloadStart,
  payloadKey,
  sealBytes,
  sealedBytes,
} from './age-payload.ts';
import { type FileKeyOf, openRange, type PlainRange, type SealedRange } from './age-range.ts';
import { type IdentityFile, readIdentities } from './identity-file.ts';
import {
  cutInHeader,
  giveFittingKey,
  giveRecipient,
  noKeyOpens,
  noRecipient,
  noTextInside,
  notArmored,
  notRecipient,
  numberedRecipient,
  recipientForm,
  thatIsSecret,
} from './texts.ts';

/**
 * Bytes <-> the age format (age-encryption.org/v1), to be opened by any age tool. Making needs public keys only.
 *
 * Opening tells two failures apart: `wrong-key`, the file is for other keys; `damaged`, everything else, and nothing
 * that was changed is ever given out. One case is undecidable: a stanza was damaged in a file not made here, so that no
 * key opens it. That is `wrong-key`; in files made here the header's own check finds it (see age-header.ts).
 */

/** Seals for a fixed set of recipients. Holds no secret. */
export interface Encryptor {
  /** Same set of recipients, same id: 32 hex digits of a SHA-256 over the sorted recipients. */
  readonly keysId: string;
  /** Sorted, each once. */
  readonly recipients: readonly string[];
  /** A new file, for `sealFile`. */
  newFile(): Promise<NewAgeFile>;
  /** A new file in ASCII armor. */
  encryptText(text: string): Promise<string>;
  /** Exact length of the age file of so many plain bytes. */
  encryptedSizeBytes(plainBytes: number): number;
}

/** `openPayload` gives the plain bytes of it, in any thread. */
export interface OpenedFile {
  readonly start: PayloadStart;
  readonly bytes: AsyncGenerator<Buffer>;
}

/** Opens what was sealed for any of its keys. `name` is what messages call the file. */
export interface Decryptor {
  /** The public keys of its identities, sorted. */
  readonly recipients: readonly string[];
  /** Reads the header of an age file: what opens its payload, and all of the file's bytes, the header too. */
  openFile(file: AsyncGenerator<Buffer>, name: string): Promise<OpenedFile>;
  /** An ASCII-armored text; nothing is returned unless all of it is sound. */
  decryptText(armored: string, name: string): Promise<string>;
  openRange(file: SealedRange): Promise<PlainRange>;
  /** Whether one of the keys fits, from a file's first bytes (the whole header; {@link maxHeaderBytes} always suffice). */
  canOpen(start: Buffer, name: string): Promise<boolean>;
}

/** See {@link Encryptor.keysId}; whether they are recipients at all shows when they are used. */
export const keysIdOf = (recipients: readonly string[]): string =>
  createHash('sha256')
    .update([...new Set(recipients)].sort().join('\n'))
    .digest('hex')
    .slice(0, 32);

/** What may be shown of a recipient that is not one: somebody may have pasted a secret key. */
const shown = (recipient: string, index: number): Text =>
  /^age1[a-z0-9]*$/i.test(recipient)
    ? verbatim(`"${recipient.length > 70 ? `${recipient.slice(0, 20)}…` : recipient}"`)
    : numberedRecipient(index + 1);

/**
 * Checks the recipients (`age1…`, X25519) and seals for all of them; `usage` names the one that is none. Post-quantum,
 * hardware and SSH recipients are refused: not every age tool opens what is sealed for them.
 */
export async function createEncryptor(recipients: readonly string[]): Promise<Encryptor> {
  if (recipients.length === 0) {
    throw new EfakturError('usage', noRecipient, giveRecipient);
  }
  for (const [index, recipient] of recipients.entries()) {
    try {
      if (!/^age1[02-9a-z]{58}$/.test(recipient)) throw new TypeError('not an X25519 recipient');
      await createHeader([recipient]);
    } catch {
      throw new EfakturError(
        'usage',
        notRecipient(shown(recipient, index)),
        /^age-secret-key-/i.test(recipient) ? thatIsSecret : recipientForm,
      );
    }
  }
  const sorted = [...new Set(recipients)].sort();
  const headerBytes = (await createHeader(sorted)).header.length;
  const newFile = async (): Promise<NewAgeFile> => {
    const { header, fileKey } = await createHeader(sorted);
    const nonce = randomBytes(nonceBytes);
    return { start: Buffer.concat([header, nonce]), key: payloadKey(fileKey, nonce) };
  };
  return {
    keysId: keysIdOf(sorted),
    recipients: sorted,
    encryptedSizeBytes: (plainBytes) => headerBytes + nonceBytes + sealedBytes(plainBytes),
    newFile,
    async encryptText(text) {
      const { armor } = (await import('./age-library.ts')).age;
      return armor.encode(await sealBytes(Buffer.from(text), await newFile()));
    },
  };
}

/**
 * Reads identity files as age-keygen writes them, also passphrase-protected ones; `askPassphrase` is called only for
 * these, with the file's name. `wrong-key` when a file holds no usable key or its passphrase is wrong or missing.
 */
export async function createDecryptor(
  identityFiles: readonly IdentityFile[],
  askPassphrase?: (name: string | null) => Promise<Secret | null>,
): Promise<Decryptor> {
  const { recipients, identities } = await readIdentities(identityFiles, askPassphrase);
  const findFileKey = (header: Buffer, name: string): Promise<Buffer | null> =>
    openHeader(header, name, (decrypter) => {
      for (const identity of identities) decrypter.addIdentity(identity.reveal());
    });
  const fileKeyOf: FileKeyOf = async (header, name) => {
    const fileKey = await findFileKey(header, name);
    if (fileKey !== null) return fileKey;
    throw new EfakturError('wrong-key', noKeyOpens(identities.length, name), giveFittingKey(recipients));
  };

  return {
    recipients,
    openFile: (file, name) => openFile(file, name, fileKeyOf),
    openRange: (file) => openRange(file, fileKeyOf),
    decryptText: (armored, name) => decryptText(armored, name, fileKeyOf),
    async canOpen(start, name) {
      const headerBytes = headerLength(start, name);
      if (headerBytes === null) throw damagedFile(name, cutInHeader);
      return (await findFileKey(start.subarray(0, headerBytes), name)) !== null;
    },
  };
}

async function openFile(
  file: AsyncGenerator<Buffer>,
  name: string,
  fileKeyOf: FileKeyOf,
): Promise<OpenedFile> {
  let start: Buffer = Buffer.alloc(0);
  let headerBytes: number | null = null;
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield start;
      yield* file;
    } finally {
      await file.return(undefined);
    }
  }
  try {
    while (headerBytes === null || start.length < headerBytes + nonceBytes) {
      const next = await file.next();
      if (next.done) throw damagedFile(name, cutInHeader);
      start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
      headerBytes = headerLength(start, name);
    }
    const offsetBytes = headerBytes + nonceBytes;
    const fileKey = await fileKeyOf(start.subarray(0, headerBytes), name);
    const key = payloadKey(fileKey, start.subarray(headerBytes, offsetBytes));
    return { start: { offsetBytes, key }, bytes: whole() };
  } catch (error) {
    await file.return(undefined);
    throw error;
  }
}

async function decryptText(armored: string, name: string, fileKeyOf: FileKeyOf): Promise<string> {
  const { armor } = (await import('./age-library.ts')).age;
  let file: Buffer;
  try {
    file = Buffer.from(armor.decode(armored));
  } catch (error) {
    throw damagedFile(name, notArmored, error);
  }
  const range = await openRange(
    {
      name,
      totalBytes: file.length,
      read: async (offsetBytes, lengthBytes) => file.subarray(offsetBytes, offsetBytes + lengthBytes),
    },
    fileKeyOf,
  );
  const plain = await range.readPlain(0, range.plainBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch (error) {
    throw damagedFile(name, noTextInside, error);
  }
}

export { maxHeaderBytes };
