import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localhostCertificate } from '../support/localhost-certificate.ts';
import { httpsServer, type TestServer } from '../support/servers.ts';

/**
 * What the store of Windows holds is trusted. On Linux Node.js takes for the system's certificates those of SSL_CERT_FILE,
 * which stands in for it, in a process of its own.
 */

let service: TestServer;
const asked: string[] = [];
let folder: string;
let systemFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'efaktur-cloud-system-'));
  systemFile = join(folder, 'system.pem');
  await writeFile(systemFile, localhostCertificate.cert);
  service = await httpsServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/keys') {
      const [AccessKeyId, SecretAccessKey] = ['given', 'given-secret'];
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          AccessKeyId,
          SecretAccessKey,
          Token: 't',
          Expiration: new Date(Date.now() + 3_600_000),
        }),
      );
      return;
    }
    response.setHeader('content-type', 'application/xml');
    response.end(
      '<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated><Contents><Key>one</Key><Size>1</Size></Contents></ListBucketResult>',
    );
  });
});

afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

async function keysOn(platform: string, settings: Record<string, string>, env = {}): Promise<string> {
  asked.length = 0;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(import.meta.dirname, 'list-keys.ts'),
      `s3://bucket?endpoint=${service.endpoint}`,
      platform,
      JSON.stringify(settings),
    ],
    { env: { PATH: process.env.PATH, HOME: folder, SSL_CERT_FILE: systemFile, ...env }, timeout: 60_000 },
  );
  return stdout.trim();
}

const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };

test('on Windows a service is trusted by a certificate of the system, elsewhere not', async () => {
  expect(await keysOn('win32', keys)).toBe('one');
  expect(await keysOn('linux', keys)).toBe('usage');
});

test('beside a file of other certificates', async () => {
  const other = join(folder, 'office.pem');
  await writeFile(other, rootCertificates[0] ?? '');
  expect(await keysOn('win32', { ...keys, AWS_CA_BUNDLE: other })).toBe('one');
});

test('and a file of certificates beside those of the system', async () => {
  const other = join(folder, 'other-system.pem');
  await writeFile(other, rootCertificates[0] ?? '');
  const ours = { ...keys, AWS_CA_BUNDLE: systemFile };
  expect(await keysOn('win32', ours, { SSL_CERT_FILE: other })).toBe('one');
});

test('also where the keys come from', async () => {
  const settings = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.endpoint}/keys` };
  expect(await keysOn('win32', settings)).toBe('one');
  expect(asked[0]).toBe('/keys');
});
