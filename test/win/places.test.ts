import { execFile } from 'node:child_process';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import type { ListJson, PushJson } from '../support/cli.ts';
import { windowsPc } from '../support/win/pc.ts';
import { wine } from '../support/win/wine.ts';

/** How Windows names places, and whom it trusts. */

test('the top of a drive is a store, and nothing else that lies there is touched', async () => {
  const pc = await windowsPc();
  const drive = pc.on('c', 'usb');
  const foreign = ['System Volume Information', '$RECYCLE.BIN', 'Foto 2023'];
  for (const name of foreign) await mkdir(join(drive, name), { recursive: true });
  await writeFile(join(drive, 'pagefile.sys'), 'x');
  await symlink(drive, join(inject('winePrefix'), 'dosdevices', 'u:'));
  const env = { EFAKTUR_STORE: 'U:\\' };
  await pc.json<PushJson>(['push', '--source', 'live'], { env });
  expect((await pc.json<ListJson>(['list'], { env: { EFAKTUR_STORE: 'u:/' } })).backups).toHaveLength(1);
  expect(await pc.json(['verify', '--read-data'], { env })).toMatchObject({ outcome: 'ok' });
  await pc.json(['doctor'], { env });
  const names = await readdir(drive);
  expect(names).toEqual(expect.arrayContaining([...foreign, 'pagefile.sys', 'README.txt', 'origin']));
  for (const name of foreign) expect(await readdir(join(drive, name))).toEqual([]);
});

test('a folder in several spellings is one store with one record', async () => {
  const pc = await windowsPc();
  const store = pc.named(join(pc.folder, 'Cadangan'));
  const other = `${store.replaceAll('\\', '/').toLowerCase()}/`;
  await pc.json<PushJson>(['push', '--source', 'live', '--store', store]);
  const again = await pc.json<PushJson>([
    ...['push', '--source', 'live', '--store', other],
    ...['--store', `${store}\\..\\CADANGAN\\`],
  ]);
  expect(again.backups.map(({ stores }) => stores.map(({ store: url }) => url))).toEqual([[other]]);
  expect(await readdir(join(pc.folder, 'state', 'stores'))).toHaveLength(1);
  const same = await pc.run(['copy', '--from', store, '--to', other, '--json']);
  expect(same.code, same.stderr).toBe(exitCodes.usage);
});

test('a quote that a backslash took into the path is told', async () => {
  const pc = await windowsPc(null);
  const { code, stderr } = await pc.run(['list', '--store', 'D:\\Backup" --json']);
  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain('without a \\ before the closing quote');
});

test('a certificate in the store of Windows is trusted without a setting', async () => {
  const pc = await windowsPc(null);
  const [keyFile, certFile] = [join(pc.folder, 'key.pem'), join(pc.folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=office ${randomBytes(4).toString('hex')}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  const cert = await readFile(certFile, 'utf8');
  const server = createServer({ key: await readFile(keyFile), cert }, (_, response) => {
    response.setHeader('content-type', 'application/xml');
    response.end('<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const env = {
    ...{ AWS_ACCESS_KEY_ID: 'kunci', AWS_SECRET_ACCESS_KEY: 'rahasia' },
    EFAKTUR_STORE: `s3://bucket?endpoint=https://127.0.0.1:${port}`,
  };
  expect((await pc.run(['list', '--json'], { env })).code).toBe(exitCodes.usage);
  await trustInWindows(cert, join(pc.folder, 'office.reg'), pc.named(join(pc.folder, 'office.reg')));
  expect((await pc.json<ListJson>(['list'], { env })).backups).toEqual([]);
});

/** Puts a certificate among the user's trusted roots: its properties 3 (SHA-1) and 32 (the certificate), see wincrypt.h. */
async function trustInWindows(cert: string, file: string, named: string): Promise<void> {
  const der = new X509Certificate(cert).raw;
  const sha1 = createHash('sha1').update(der).digest();
  const property = (id: number, bytes: Buffer): Buffer => {
    const head = Buffer.alloc(12);
    for (const [i, value] of [id, 1, bytes.length].entries()) head.writeUInt32LE(value, 4 * i);
    return Buffer.concat([head, bytes]);
  };
  const blob = Buffer.concat([property(3, sha1), property(32, der)]);
  const key = `HKEY_CURRENT_USER\\Software\\Microsoft\\SystemCertificates\\Root\\Certificates\\${sha1.toString('hex').toUpperCase()}`;
  const bytes = [...blob].map((byte) => byte.toString(16).padStart(2, '0')).join(',');
  await writeFile(file, `Windows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n"Blob"=hex:${bytes}\r\n`);
  await wine('regedit', ['/S', named], { prefix: inject('winePrefix') });
}
