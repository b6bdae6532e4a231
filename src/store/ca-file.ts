import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import type { Text } from '../base/text.ts';
import * as texts from './address-texts.ts';

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** OID 1.2.840.113549.1.7.2 (signedData, RFC 5652): what a .p7b file begins with, after its length. */
const signedData = Buffer.from('06092a864886f70d010702', 'hex');

/**
 * The certificates of the file that `AWS_CA_BUNDLE` names, as PEM. PEM in UTF-8 or UTF-16 and a single certificate in binary
 * form (DER) are taken; for anything else `usage` says what it is, as a file that holds no certificate would trust nobody
 * without a word.
 */
export async function readCaFile(path: string): Promise<string> {
  const bytes = await whileHeld(() => readFile(path)).catch((cause) => {
    const code = systemCode(cause);
    if (code === null) throw cause;
    throw refused(texts.cannotBeOpened(code), texts.checkCaBundle, cause);
  });
  const text = textOf(bytes);
  const certificates = text.match(pem);
  if (certificates) {
    for (const [at, certificate] of certificates.entries()) {
      if (!parsed(certificate)) throw refused(texts.holdsNoneAt(at + 1), texts.exportAsBase64);
    }
    return `${certificates.join('\n')}\n`;
  }
  const single = parsed(bytes);
  if (single) return single.toString();
  if (bytes.length === 0) throw refused(texts.emptyFile, texts.getAnew);
  if (/-----BEGIN PKCS7-----/.test(text) || bytes.subarray(0, 32).includes(signedData))
    throw refused(texts.isPkcs7, texts.convertPkcs7);
  throw refused(texts.holdsNone, texts.exportAsBase64);

  function refused(what: Text, hint: Text, cause?: unknown): EfakturError {
    return new EfakturError('usage', texts.caFile(path, what), hint, cause);
  }
}

function parsed(bytes: Buffer | string): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}

/** Notepad and PowerShell write UTF-16, the latter big-endian where asked to, each with a mark in front or without. */
function textOf(bytes: Buffer): string {
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0 && bytes[1] !== 0))
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || bytes[1] === 0) return bytes.toString('utf16le');
  return bytes.toString('utf8');
}
