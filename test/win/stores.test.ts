import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { newKey } from '../crypto/age-files.ts';
import type { ListJson, PullJson, PushJson } from '../support/cli.ts';
import { placeDatabase } from '../support/derby.ts';
import { localhostCertificate } from '../support/localhost-certificate.ts';
import { makeBucket } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';
import { trustInWindows } from '../support/win/certificates.ts';
import { databaseFiles, type PcRun, type WindowsPc, windowsPc } from '../support/win/pc.ts';

/** From an e-Faktur on a Windows PC to a store and back, on each kind of store and under names that are hard on Windows. */

/** Pushes, lists, verifies and restores beside the e-Faktur folder; what comes back is what was there, byte for byte. */
async function goesAndComesBack(pc: WindowsPc, options: PcRun = {}): Promise<PullJson> {
  const pushed = await pc.json<PushJson>(['push', '--source', 'live'], options);
  expect(pushed).toMatchObject({ outcome: 'created', backups: [{ outcome: 'created' }] });
  const { backups } = await pc.json<ListJson>(['list'], options);
  expect(backups.map(({ id }) => id)).toEqual(pushed.backups.map(({ id }) => id));
  expect(await pc.json(['verify', '--read-data'], options)).toMatchObject({ outcome: 'ok' });
  const to = join(pc.folder, 'kembali');
  const pulled = await pc.json<PullJson>(['pull', '--to', pc.named(to)], options);
  expect(pulled).toMatchObject({ outcome: 'restored', verdict: 'clean' });
  const [there, back] = [await databaseFiles(join(pc.app, 'db')), await databaseFiles(join(to, 'db'))];
  expect(Object.keys(there).length).toBeGreaterThan(50);
  expect(back).toEqual(there);
  return pulled;
}

const places: Record<string, (pc: WindowsPc) => string> = {
  'a folder on C:': (pc) => pc.named(pc.on('c', 'Cadangan e-Faktur')),
  'a folder on D:, told as a file address': (pc) =>
    `file:///${pc.named(pc.on('d', 'store')).replaceAll('\\', '/')}`,
  'a folder of a server': (pc) => pc.named(pc.on('share', 'store')),
};

test.each(Object.keys(places))('a store in %s', async (place) => {
  const pc = await windowsPc();
  const store = places[place]?.(pc) ?? '';
  await goesAndComesBack(pc, { env: { EFAKTUR_STORE: store } });
});

test('a restore over the live db keeps the old one beside it', async () => {
  const pc = await windowsPc();
  await pc.json(['push', '--source', 'backup', '--all']);
  const before = await databaseFiles(join(pc.app, 'db'));
  const pulled = await pc.json<PullJson>(['pull', '--date', '2023-07-06', '--yes']);
  expect(await databaseFiles(join(pc.app, 'db'))).not.toEqual(before);
  const kept = (await readdir(pc.app)).filter((name) => name.startsWith('db.'));
  expect(kept).toEqual([expect.stringMatching(/^db\.before-restore-/)]);
  expect(pulled.previousDb).toBe(`${pc.named(pc.app)}\\${kept[0]}`);
  expect(await databaseFiles(join(pc.app, kept[0] ?? ''))).toEqual(before);
});

test('names with accents and of other scripts', async () => {
  const pc = await windowsPc({}, 'Café 税务 Ñandú');
  await goesAndComesBack(pc);
});

test('paths longer than 260 characters', async () => {
  const pc = await windowsPc(null, `${'p'.repeat(110)}`);
  const deep = join(pc.folder, 'q'.repeat(110));
  const app = join(deep, 'e-Faktur yang lama sekali');
  await mkdir(deep);
  const database = join(app, 'db', 'ETaxInvoice');
  await placeDatabase(database, { invoices: 20 });
  await writeFile(join(app, 'ETaxInvoiceMain.exe'), 'not the real one');
  expect(pc.named(join(database, 'seg0', 'c10.dat')).length).toBeGreaterThan(260);
  await goesAndComesBack(
    { ...pc, app },
    {
      env: { EFAKTUR_APP_DIR: pc.named(app), EFAKTUR_STORE: pc.named(join(deep, 'store')) },
    },
  );
});

test('a bucket, with an encrypted backup: only its key opens it', async () => {
  const pc = await windowsPc();
  const bucket = await makeBucket();
  const [key, other] = [await newKey(), await newKey()];
  for (const { identity } of [key, other]) await noteSecret(identity.reveal());
  await writeFile(join(pc.folder, 'kunci.txt'), key.fileText);
  await writeFile(join(pc.folder, 'lain.txt'), other.fileText);
  const env = {
    ...bucket.env,
    EFAKTUR_STORE: bucket.url,
    EFAKTUR_RECIPIENTS: key.recipient,
    EFAKTUR_IDENTITY_FILE: pc.named(join(pc.folder, 'kunci.txt')),
  };
  const { backup } = await goesAndComesBack(pc, { env });
  expect(backup.encrypted).toBe(true);
  const wrong = await pc.run(['pull', '--to', pc.named(join(pc.folder, 'lain')), '--json'], {
    env: { ...env, EFAKTUR_IDENTITY_FILE: pc.named(join(pc.folder, 'lain.txt')) },
  });
  expect(wrong.code, wrong.stderr).toBe(exitCodes['wrong-key']);
});

/** The settings of a bucket behind https, whose certificate nobody knows. */
async function bucketBehindHttps(): Promise<Record<string, string>> {
  const bucket = await makeBucket();
  const behind = new URL(bucket.endpoint);
  const server = createServer(localhostCertificate, (socket) => {
    const onward = connect(Number(behind.port), behind.hostname);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { ...bucket.env, EFAKTUR_STORE: `s3://${bucket.bucket}?endpoint=https://127.0.0.1:${port}` };
}

async function isUntrusted(pc: WindowsPc, env: Record<string, string>): Promise<void> {
  const untrusted = await pc.run(['list', '--json'], { env });
  expect(untrusted.code, untrusted.stderr).toBe(exitCodes.usage);
  expect(untrusted.stderr).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
}

test('a bucket behind https with a certificate of its own, named by AWS_CA_BUNDLE', async () => {
  const pc = await windowsPc();
  const env = await bucketBehindHttps();
  await isUntrusted(pc, env);
  const caFile = join(pc.folder, 'ca.pem');
  await writeFile(caFile, localhostCertificate.cert);
  await goesAndComesBack(pc, { env: { ...env, AWS_CA_BUNDLE: pc.named(caFile) } });
});

test('a bucket behind https with a certificate that the user has put into the store of Windows', async () => {
  const pc = await windowsPc();
  const env = await bucketBehindHttps();
  await isUntrusted(pc, env);
  onTestFinished(await trustInWindows(localhostCertificate.cert));
  await goesAndComesBack(pc, { env });
});

test('96 MB go through the threads of the program and come back', async () => {
  const pc = await windowsPc({ live: null, backups: [] });
  await placeDatabase(join(pc.app, 'db', 'ETaxInvoice'), { sizeMb: 96, images: true });
  const { bytes } = await goesAndComesBack(pc);
  expect(bytes).toBeGreaterThan(90e6);
  // What comes after a thread could be lost: the spool and the staging are gone.
  expect(await readdir(join(pc.folder, 'state', 'jobs')).catch(() => [])).toEqual([]);
  expect((await readdir(join(pc.folder, 'kembali'))).filter((name) => name.startsWith('db.'))).toEqual([]);
});
