import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { type Secret, secret } from '../base/secret.ts';
import { type Text, verbatim } from '../base/text.ts';
import {
  giveBucketKeys,
  keysFileNotRead,
  keysFileUnclear,
  noBucketKeysIn,
  severalKeysIn,
  takeLastingKey,
  takeOneKey,
  temporaryKeysIn,
} from './texts.ts';

/** The two keys of a bucket. */
export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
}

/**
 * Reads the two keys of a bucket as providers hand them out: a CSV with a line of headings, `NAME=value` or `NAME: value` lines
 * with or without a `[section]` (the AWS files), a JSON object, or the access key ID and the secret key on two lines. `usage`
 * where the file cannot be read or does not hold one such pair; nothing of what it holds is shown.
 */
export async function readKeysFile(path: string, currentFolder: string): Promise<BucketKeys> {
  try {
    const bytes = await whileHeld(() => readFile(resolve(currentFolder, path)));
    return parseKeys(textOf(bytes), verbatim(path));
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw new EfakturError('usage', keysFileNotRead(path, code), giveBucketKeys, error);
  }
}

/** Windows editors and PowerShell's `>` write UTF-16 as well. */
const textOf = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);

/** What providers call the two, without anything but letters: Amazon, MinIO, Wasabi, Alibaba, Tencent, Backblaze, Google. */
const idNames = [
  'accesskeyid',
  'awsaccesskeyid',
  'accesskey',
  'accessid',
  'keyid',
  'secretid',
  'applicationkeyid',
  'awsaccesskey',
];
const secretNames = [
  'secretaccesskey',
  'awssecretaccesskey',
  'secretkey',
  'accesskeysecret',
  'awssecretkey',
  'secret',
  'applicationkey',
];
const tokenNames = ['sessiontoken', 'awssessiontoken', 'securitytoken'];

type Named = readonly (readonly [name: string, value: string])[];

/** The same of a text; `where` is what messages call it. */
export function parseKeys(text: string, where: Text): BucketKeys {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line));
  const sections = lines.filter((line) => /^\[.*\]$/.test(line)).length;
  if (sections > 1) throw new EfakturError('usage', severalKeysIn(where), takeOneKey);
  const plain = lines.filter((line) => !/^\[.*\]$/.test(line));
  const found = fromJson(text) ?? fromCsv(plain, where) ?? fromNames(plain);
  const keys = found === null ? twoLines(plain) : pairOf(found, where);
  if (keys === null)
    throw new EfakturError(
      'usage',
      lines.length === 0 ? noBucketKeysIn(where) : keysFileUnclear(where),
      giveBucketKeys,
    );
  return keys;
}

const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value.trim())?.[2]?.trim() ?? value.trim();

function pairOf(named: Named, where: Text): BucketKeys | null {
  const valueOfAny = (names: readonly string[]): string | undefined =>
    named.find(([name, value]) => names.includes(letters(name)) && value !== '')?.[1];
  if (valueOfAny(tokenNames) !== undefined)
    throw new EfakturError('usage', temporaryKeysIn(where), takeLastingKey);
  return pair(valueOfAny(idNames), valueOfAny(secretNames));
}

/** Neither has a blank in it anywhere. */
const pair = (id: string | undefined, key: string | undefined): BucketKeys | null =>
  id !== undefined && key !== undefined && /^[\x21-\x7e]+$/.test(id) && /^[\x21-\x7e]+$/.test(key)
    ? { accessKeyId: id, secretAccessKey: secret(key) }
    : null;

function fromJson(text: string): Named | null {
  if (!text.trimStart().startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  // `aws iam create-access-key` puts the pair one level down.
  const inner = 'AccessKey' in value && typeof value.AccessKey === 'object' ? (value.AccessKey ?? {}) : value;
  return Object.entries(inner).flatMap(([name, one]) =>
    typeof one === 'string' ? [[name, one] as const] : [],
  );
}

function fromCsv(lines: readonly string[], where: Text): Named | null {
  const [first = '', second, ...more] = lines;
  const separator = [',', ';', '\t'].find((one) => first.includes(one));
  if (separator === undefined || second === undefined) return null;
  const cells = (line: string): string[] => line.split(separator).map(unquoted);
  const names = cells(first);
  if (!names.some((name) => secretNames.includes(letters(name)))) return null;
  if (more.length > 0) throw new EfakturError('usage', severalKeysIn(where), takeOneKey);
  const values = cells(second);
  return names.map((name, i) => [name, values[i] ?? ''] as const);
}

function fromNames(lines: readonly string[]): Named | null {
  const named = lines.map((line) => /^(?:export\s+|set\s+)?([A-Za-z][\w .-]*?)\s*[=:]\s*(.*)$/.exec(line));
  if (named.length === 0 || named.some((match) => match === null)) return null;
  return named.map((match) => [match?.[1] ?? '', unquoted(match?.[2] ?? '')] as const);
}

const twoLines = (lines: readonly string[]): BucketKeys | null =>
  lines.length === 2 ? pair(lines[0], lines[1]) : null;
