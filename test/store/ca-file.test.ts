import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCaFile } from '../../src/store/ca-file.ts';
import { localhostCertificate } from '../support/localhost-certificate.ts';

const pem = localhostCertificate.cert;
const der = new X509Certificate(pem).raw;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'efaktur-cloud-ca-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(bytes: Buffer | string): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.cer`);
  await writeFile(path, bytes);
  return path;
}

const utf16 = Buffer.from(`\ufeff${pem}`, 'utf16le');

test.each<[string, Buffer | string, number]>([
  ['PEM', pem, 1],
  ['PEM with CRLF and words around it', `Office CA\r\n${pem.replaceAll('\n', '\r\n')}`, 1],
  ['several in one file', pem + pem, 2],
  ['DER', der, 1],
  ['UTF-16 as Notepad writes it', utf16, 1],
  ['UTF-16 without a mark', Buffer.from(pem, 'utf16le'), 1],
  ['UTF-16 with the other order of bytes', Buffer.from(utf16).swap16(), 1],
  ['UTF-8 with a mark', `\ufeff${pem}`, 1],
])('%s is taken', async (_, bytes, count) => {
  const taken = await readCaFile(await fileOf(bytes));
  const certificates = taken.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  expect(certificates.map((one) => new X509Certificate(one).fingerprint256)).toEqual(
    Array.from({ length: count }, () => new X509Certificate(pem).fingerprint256),
  );
});

/** The same certificate, by `openssl crl2pkcs7 -nocrl -certfile FILE`. */
const p7b = `-----BEGIN PKCS7-----
MIIB3QYJKoZIhvcNAQcCoIIBzjCCAcoCAQExADALBgkqhkiG9w0BBwGgggGyMIIB
rjCCAVOgAwIBAgIUOGXAMwp/SNvgtOY7koNQT54WL6YwCgYIKoZIzj0EAwIwHTEb
MBkGA1UEAwwSZWZha3R1ci1jbG91ZCB0ZXN0MCAXDTI2MTEyMjE0MzE0NFoYDzIx
MjYxMDI5MTQzMTQ0WjAdMRswGQYDVQQDDBJlZmFrdHVyLWNsb3VkIHRlc3QwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAAR5/Yyi4eH2SuZx5BTKGIofiLUKpHJmd866
cI8u86utW8XlRJygNRMYWfgoB7hyJG1hEV7TkM7Ztp3xr90Lyg/Wo28wbTAdBgNV
HQ4EFgQU3DUElyZvp193aO77OrMMVLFMSjswHwYDVR0jBBgwFoAU3DUElyZvp193
aO77OrMMVLFMSjswGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB
/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAL3Eb0Dm/ox0AJhSJXIufteACeeY
wZl2AFCUhunzNHQQAiEAt38tlsoWQpA6muF2lQpKcWMsGKBwrNFgOKz+AQ/mz/8x
AA==
-----END PKCS7-----
`;
const p7bBytes = Buffer.from(p7b.replace(/-----[^-]+-----/g, ''), 'base64');

test.each<[string, Buffer | string, string]>([
  ['an empty file', '', 'is empty'],
  ['p7b in Base64', p7b, 'PKCS #7'],
  ['p7b in binary', p7bBytes, 'PKCS #7'],
  ['a key alone', localhostCertificate.key, 'holds no certificate'],
  ['a web page', '<html>Please log in</html>', 'holds no certificate'],
  ['a damaged certificate', pem.replace('MIIB', 'MIIC'), 'number 1'],
  ['half of a certificate', der.subarray(0, 200), 'holds no certificate'],
])('%s is told as what it is', async (_, bytes, mentioned) => {
  const path = await fileOf(bytes);
  await expect(readCaFile(path)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(mentioned),
  });
  await expect(readCaFile(path)).rejects.toThrow(path);
});
