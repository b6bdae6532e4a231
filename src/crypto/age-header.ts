import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Decrypter } from 'age-encryption';
import { damaged, type EfakturError } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { beginsNotAsAge, headerChanged, headerEndless, headerNotValid, otherBackupOrStore } from './texts.ts';

/**
 * The header of an age file: who can open it, and the file key wrapped for each. `age-encryption` wraps and unwraps;
 * it is loaded at the first use, as loading takes 0.1 s. Format: age-encryption.org/v1, "Header".
 *
 * A header of ours ends in one more stanza, `-> efaktur-cloud/header-sha256`, whose body is the SHA-256 of all header
 * bytes before it. Readers of the format ignore stanzas they do not know. It needs no key, so a header that was
 * damaged is told from one made for other keys; the header's MAC can be checked only by who has the key already.
 */

const versionLine = 'age-encryption.org/v1\n';
const checkStanza = '-> efaktur-cloud/header-sha256\n';
const checkBytes = checkStanza.length + 44;

/** Longer headers are refused, so that hostile input takes no memory: room for two thousand recipients. */
export const maxHeaderBytes = 256 * 1024;

export const damagedFile = (name: string, what: Text, cause?: unknown): EfakturError =>
  damaged(verbatim(name), what, otherBackupOrStore, cause);

const unpaddedBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/**
 * A new file key and the header that wraps it for all recipients. Throws what the library throws on a bad recipient;
 * its messages quote the text given.
 */
export async function createHeader(
  recipients: readonly string[],
): Promise<{ header: Buffer; fileKey: Buffer }> {
  const { Encrypter } = (await import('./age-library.ts')).age;
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  // The library makes headers only with whole files. So it seals an empty file, and a recipient that adds no stanza
  // takes down the file key; the payload is dropped, as ours has its own nonce and so its own key.
  let fileKey = Buffer.alloc(0);
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = Buffer.from(key);
      return [];
    },
  });
  const emptyFile = Buffer.from(await encrypter.encrypt(new Uint8Array()));
  const stanzas = emptyFile.subarray(0, emptyFile.indexOf('\n---') + 1);
  const check = createHash('sha256').update(stanzas).digest();
  const unsigned = Buffer.concat([stanzas, Buffer.from(`${checkStanza}${unpaddedBase64(check)}\n---`)]);
  const macKey = Buffer.from(hkdfSync('sha256', fileKey, '', 'header', 32));
  const mac = createHmac('sha256', macKey).update(unsigned).digest();
  return { header: Buffer.concat([unsigned, Buffer.from(` ${unpaddedBase64(mac)}\n`)]), fileKey };
}

/**
 * Length of the header that these bytes of a file begin with; null while more bytes are needed. `damaged` when no age
 * file begins so. No line of a header but the last begins with `---`.
 */
export function headerLength(start: Buffer, name: string): number | null {
  const known = Math.min(start.length, versionLine.length);
  if (start.toString('latin1', 0, known) !== versionLine.slice(0, known)) {
    throw damagedFile(name, beginsNotAsAge);
  }
  const lastLine = start.indexOf('\n---');
  const end = lastLine < 0 ? -1 : start.indexOf('\n', lastLine + 1);
  if ((end < 0 ? start.length : end) >= maxHeaderBytes) throw damagedFile(name, headerEndless);
  return end < 0 ? null : end + 1;
}

/** Throws `damaged` when the header carries our check and differs from it. */
function checkHeader(header: Buffer, name: string): void {
  const checkedBytes = header.indexOf('\n---') + 1 - checkBytes;
  if (
    checkedBytes < 0 ||
    header.toString('latin1', checkedBytes, checkedBytes + checkStanza.length) !== checkStanza
  )
    return;
  const stated = header.toString('latin1', checkedBytes + checkStanza.length, checkedBytes + checkBytes - 1);
  const check = createHash('sha256').update(header.subarray(0, checkedBytes)).digest();
  if (stated !== unpaddedBase64(check)) throw damagedFile(name, headerChanged);
}

/**
 * The file key of one whole header, or null when none of the keys that `addKeys` adds opens it. `damaged` when the
 * header is malformed, differs from its check, or from its MAC.
 */
export async function openHeader(
  header: Buffer,
  name: string,
  addKeys: (decrypter: Decrypter) => void,
): Promise<Buffer | null> {
  checkHeader(header, name);
  const { Decrypter } = (await import('./age-library.ts')).age;
  const decrypter = new Decrypter();
  addKeys(decrypter);
  // Identities are asked one after the other until one opens a stanza. That the last, which opens none, was asked
  // tells "no key fits" from all other failures without reading the library's messages.
  let noneFits = false;
  decrypter.addIdentity({
    unwrapFileKey() {
      noneFits = true;
      return null;
    },
  });
  try {
    return Buffer.from(await decrypter.decryptHeader(header));
  } catch (error) {
    if (noneFits) return null;
    throw damagedFile(name, headerNotValid, error);
  }
}
