import { X509Certificate } from 'node:crypto';
import { expect, inject } from 'vitest';
import { wine } from './wine.ts';

/** The certificates that a user of Windows trusts. */

const store = 'HKCU\\Software\\Microsoft\\SystemCertificates\\Root\\Certificates';

/** What a certificate is among the properties of a stored one (CERT_CERT_PROP_ID of wincrypt.h). */
const certificateItself = 32;

/**
 * Puts a certificate among the roots that the user trusts, as `certutil -user -addstore Root` does, which Wine has not. Resolves
 * with what takes it away again.
 */
export async function trustInWindows(pem: string): Promise<() => Promise<void>> {
  const certificate = new X509Certificate(pem);
  const key = `${store}\\${certificate.fingerprint.replaceAll(':', '')}`;
  // Each property: what it is, always 1, how long it is, and its bytes.
  const header = Buffer.alloc(12);
  header.writeUInt32LE(certificateItself, 0);
  header.writeUInt32LE(1, 4);
  header.writeUInt32LE(certificate.raw.length, 8);
  const blob = Buffer.concat([header, certificate.raw]).toString('hex');
  const reg = async (...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await wine('reg', args, { prefix: inject('winePrefix') });
    expect(code, stdout + stderr).toBe(0);
  };
  await reg('add', key, '/v', 'Blob', '/t', 'REG_BINARY', '/d', blob, '/f');
  return () => reg('delete', key, '/f');
}
