import { EfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { type Secret, secret } from '../base/secret.ts';
import { joined, type Text } from '../base/text.ts';
import { headerLength, openHeader } from './age-header.ts';
import { nonceBytes, opener, payloadKey } from './age-payload.ts';
import { findKeys, mistakeIn, type StrangeLine, sheetTitle } from './identity-text.ts';
import {
  checkPassphrase,
  chooseWords,
  compareWithSheet,
  decryptFirst,
  eachLine,
  emptyPassphrase,
  giveIdentityFile,
  givenKey,
  giveSecretKey,
  hasMistakeOn,
  hasNoKeyOn,
  hasPublicKeyOn,
  holdsNoKey,
  identityFile,
  isSpoilt,
  isTooLarge,
  keyBegins,
  nameIdentityFile,
  needsPassphrase,
  noIdentityFile,
  notByPassphrase,
  opensNotSo,
  otherCopy,
  runInTerminal,
  typeBeginning,
} from './texts.ts';

/**
 * Identity files (secret keys) as age-keygen writes and age reads them: lines of `AGE-SECRET-KEY-1…`, comments and
 * empty lines, here also typed in groups and in small letters, or in a whole recovery sheet; or such a text as an age file
 * under a passphrase. Whatever is wrong with one is `wrong-key`, never
 * `damaged`: the backups are not at fault. No error has a cause here, as the library's messages quote the key.
 */

export interface IdentityFile {
  /** What messages call it, usually its path; null for a key that somebody typed, which is no file. */
  readonly name: string | null;
  readonly content: Secret<Buffer>;
}

export interface KeyPair {
  readonly identity: Secret;
  /** The public key, `age1…`. */
  readonly recipient: string;
}

/** The work factor that stock age uses: 256 MiB of memory and one to two seconds. */
const stockWorkFactor = 18;
const maxFileBytes = 1 << 20;
const armorStart = '-----BEGIN AGE ENCRYPTED FILE-----';
const armorEnd = '-----END AGE ENCRYPTED FILE-----';

const unusable = (name: string | null, is: Text, hint: Text): EfakturError =>
  new EfakturError('wrong-key', name === null ? givenKey(is) : identityFile(name, is), hint);

const noKeyOn = (name: string | null, line: number): EfakturError =>
  unusable(name, hasNoKeyOn(line), eachLine);

function strangeError(name: string | null, { line, likely }: StrangeLine): EfakturError {
  if (likely === 'mistyped-start') return unusable(name, hasMistakeOn(line, keyBegins), typeBeginning);
  if (likely === null) return noKeyOn(name, line);
  return unusable(name, hasPublicKeyOn(line), giveSecretKey);
}

/** A new X25519 key pair from the system's random source. */
export async function generateIdentity(): Promise<KeyPair> {
  const { age } = await import('./age-library.ts');
  const identity = await age.generateX25519Identity();
  return { identity: secret(identity), recipient: await age.identityToRecipient(identity) };
}

/** The text that `age-keygen -o` would write for a key pair, with the time in the given zone. */
export const identityFileText = (pair: KeyPair, createdAt: Date, zone: string): Secret =>
  secret(
    `# created: ${formatInstant(createdAt, zone)}\n# public key: ${pair.recipient}\n${pair.identity.reveal()}\n`,
  );

/**
 * An identity file under a passphrase, ASCII-armored, as `age -p -a` makes it; age takes it as it is with `-i`. Takes
 * seconds and 256 MiB. `usage` when the passphrase is empty.
 */
export async function protectIdentity(
  text: Secret,
  passphrase: Secret,
  workFactor = stockWorkFactor,
): Promise<string> {
  if (passphrase.reveal() === '') {
    throw new EfakturError('usage', emptyPassphrase, chooseWords);
  }
  const { armor, Encrypter } = (await import('./age-library.ts')).age;
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.reveal());
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(text.reveal()));
}

/** Opens a passphrase-protected identity file; null when the content is none. */
async function unprotect(
  { name, content }: IdentityFile,
  askPassphrase: ((name: string | null) => Promise<Secret | null>) | undefined,
): Promise<Buffer | null> {
  const { armor } = (await import('./age-library.ts')).age;
  const spoilt = (): EfakturError => unusable(name, isSpoilt, otherCopy);
  const text = armoredIn(unindented(textOf(content.reveal())));
  const isArmored = text.startsWith(armorStart);
  if (!isArmored && !text.startsWith('age-encryption.org/')) return null;
  let file: Buffer;
  let headerBytes: number | null;
  try {
    file = isArmored ? Buffer.from(armor.decode(text)) : content.reveal();
    headerBytes = headerLength(file, name ?? '');
  } catch {
    throw spoilt();
  }
  if (headerBytes === null) throw spoilt();
  const header = file.subarray(0, headerBytes);
  if (!header.includes('\n-> scrypt ')) {
    throw unusable(name, notByPassphrase, decryptFirst);
  }
  const passphrase = (await askPassphrase?.(name)) ?? null;
  if (passphrase === null) {
    throw unusable(name, needsPassphrase, runInTerminal);
  }
  let fileKey: Buffer | null;
  try {
    fileKey = await openHeader(header, name ?? '', (decrypter) =>
      decrypter.addPassphrase(passphrase.reveal()),
    );
  } catch {
    throw spoilt();
  }
  if (fileKey === null) {
    throw unusable(name, opensNotSo, checkPassphrase);
  }
  const payloadStart = headerBytes + nonceBytes;
  const payload = opener(payloadKey(fileKey, file.subarray(headerBytes, payloadStart)), spoilt);
  return Buffer.concat([...payload.feed(file.subarray(payloadStart)), ...payload.end()]);
}

/** Text as Windows editors and PowerShell's `>` write it: UTF-8 or UTF-16LE, with or without a mark at the start. */
const textOf = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);

/** Somebody may have copied it off a sheet. */
const unindented = (text: string): string => text.trim().replace(/[^\S\n]*\n[^\S\n]*/g, '\n');

/** The armored file within a recovery sheet; any other text as it is. */
function armoredIn(text: string): string {
  if (!text.includes(sheetTitle)) return text;
  const from = text.indexOf(`\n${armorStart}\n`);
  const end = from < 0 ? -1 : text.indexOf(armorEnd, from);
  return end < 0 ? text : text.slice(from + 1, end + armorEnd.length);
}

/** All keys of the files, and their public keys sorted, each once. `wrong-key` as said above, also for no file. */
export async function readIdentities(
  files: readonly IdentityFile[],
  askPassphrase?: (name: string | null) => Promise<Secret | null>,
): Promise<{ recipients: readonly string[]; identities: readonly Secret[] }> {
  if (files.length === 0) {
    throw new EfakturError('wrong-key', noIdentityFile, nameIdentityFile);
  }
  const { identityToRecipient } = (await import('./age-library.ts')).age;
  const found = new Map<string, Secret>();
  for (const file of files) {
    if (file.content.reveal().length > maxFileBytes) {
      throw unusable(file.name, isTooLarge, giveIdentityFile);
    }
    const text = textOf((await unprotect(file, askPassphrase)) ?? file.content.reveal());
    const { keys, strange } = findKeys(text);
    if (strange !== null) throw strangeError(file.name, strange);
    for (const { key, line } of keys) {
      const mistake = mistakeIn(key);
      if (mistake) {
        const hint = joined([...(mistake.where ? [mistake.where] : []), compareWithSheet], ' ');
        throw unusable(file.name, hasMistakeOn(line, mistake.what), hint);
      }
      try {
        found.set(await identityToRecipient(key), secret(key));
      } catch {
        throw noKeyOn(file.name, line);
      }
    }
    if (keys.length === 0) throw unusable(file.name, holdsNoKey, giveIdentityFile);
  }
  return { recipients: [...found.keys()].sort(), identities: [...found.values()] };
}
