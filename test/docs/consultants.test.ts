import { access, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { type Outcome, program } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { blocksOf, guide } from '../support/guides.ts';
import { makeBucket } from '../support/minio.ts';
import { type OwnSystem, ownSystem } from '../support/own-system.ts';
import { peFile } from '../support/pe-file.ts';
import { webhookServer } from '../support/webhook-server.ts';

/** docs/CONSULTANTS.md is done from its first line to its last, as it stands, by the built program, on one bucket with locks. */

const taxpayers = ['cv-jaya', 'pt-maju', 'toko-abadi', 'ud-sentosa'];

/** A PC of the office: a home folder with the command in it. */
async function makePc(folder: string, name: string): Promise<string> {
  const home = join(folder, name);
  const bin = join(home, '.local/bin');
  await mkdir(bin, { recursive: true });
  const command = `#!/bin/sh\nexec "${process.execPath}" -- "${program}" "$@"\n`;
  await writeFile(join(bin, 'efaktur-cloud'), command, { mode: 0o755 });
  return home;
}

const shownIn = (language: string, text: string): string => {
  const found = blocksOf(guide('docs/CONSULTANTS')).filter((one) => one.language === language);
  const [block, ...more] = found.filter((one) => one.text.includes(text));
  if (!block || more.length > 0) throw new Error(`${text} stands in ${more.length + 1} blocks`);
  return block.text;
};

test('forty folders are set up, watched, handed over and moved as the document says', {
  timeout: 300_000,
}, async () => {
  const folder = await tempFolder();
  const bucket = await makeBucket({ objectLock: true });
  const phones = await webhookServer();
  phones.answer = { body: '{"ok":true,"result":{}}' };
  const system: OwnSystem = await ownSystem(folder, { systemd: false });
  const office = await makePc(folder, 'office');
  for (const name of taxpayers) {
    const app = await makeEfakturFolder(join(office, 'PKP', name));
    for (const exe of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
      await writeFile(join(app, `${exe}.exe`), peFile('4.0.0.0', exe));
  }
  const usb = join(folder, 'usb');
  await mkdir(usb);

  const left = new Set(
    blocksOf(guide('docs/CONSULTANTS'))
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text),
  );
  /** What stands in the block with that text, done in the home folder of a PC. */
  const done = async (text: string, home: string, expectedCode = 0): Promise<Outcome> => {
    const block = shownIn('sh', text);
    left.delete(block);
    const script = block.replaceAll('my-bucket', bucket.bucket).replaceAll('/media/usb', usb);
    const ended = await system.run('sh', ['-ec', `cd ~\n${script}`], {
      env: {
        HOME: home,
        LANG: 'C',
        TZ: 'Asia/Jakarta',
        PATH: `${join(home, '.local/bin')}:/usr/bin:/bin:/usr/sbin:/sbin`,
      },
    });
    expect(ended.code, `${script}\n${ended.stdout}${ended.stderr}`).toBe(expectedCode);
    return ended;
  };
  const settingsOf = (home: string, name: string): string =>
    join(home, '.config/efaktur-cloud', `${name}.env`);
  const addTo = async (path: string, lines: string): Promise<void> =>
    writeFile(path, `${await readFile(path, 'utf8').catch(() => '')}${lines}`, { mode: 0o600 });

  // The profiles, and what they share.
  await done('basename', office);
  const common = shownIn('ini', 'EFAKTUR_LOCK_DAYS')
    .replace('https://s3.example.com', bucket.endpoint)
    .replace('AWS_ACCESS_KEY_ID=...', `AWS_ACCESS_KEY_ID=${bucket.accessKeyId}`)
    .replace('AWS_SECRET_ACCESS_KEY=...', `AWS_SECRET_ACCESS_KEY=${bucket.secretAccessKey}`)
    .replace('EFAKTUR_LANG=id', 'EFAKTUR_LANG=en');
  await addTo(settingsOf(office, 'common'), common);
  for (const name of taxpayers) expect((await stat(settingsOf(office, name))).mode & 0o777).toBe(0o600);
  const profiles = await done('efaktur-cloud profiles', office);
  for (const name of taxpayers) expect(profiles.stdout).toContain(name);

  // A key for one taxpayer, and that of the office for all.
  await done('keys new', office);
  const publicKey = async (path: string): Promise<string> =>
    /age1[0-9a-z]{58}/.exec(await readFile(path, 'utf8'))?.[0] ?? '';
  const officeKey = join(folder, 'office-key.txt');
  await system.run('sh', ['-ec', `efaktur-cloud keys new --out ${officeKey} > ${folder}/office-sheet.txt`], {
    env: { HOME: office, PATH: `${join(office, '.local/bin')}:/usr/bin:/bin` },
  });
  expect(await readFile(join(office, 'pt-maju.html'), 'utf8')).toContain(`s3://${bucket.bucket}/pt-maju`);
  const keys = [await publicKey(join(office, 'pt-maju.txt')), await publicKey(officeKey)];
  expect(new Set(keys)).toHaveLength(2);
  const recipients = shownIn('ini', 'EFAKTUR_RECIPIENTS').replace('age1... age1...', keys.join(' '));
  await addTo(settingsOf(office, 'pt-maju'), recipients);
  for (const name of taxpayers.filter((one) => one !== 'pt-maju'))
    await addTo(settingsOf(office, name), `EFAKTUR_RECIPIENTS=${keys[1]}\n`);

  // Rights.
  await done('fleet-policy.json', office);
  const policy = async (name: string): Promise<string> =>
    readFile(join(office, `${name}-policy.json`), 'utf8');
  expect(await policy('push')).toContain(`arn:aws:s3:::${bucket.bucket}/*`);
  expect(await policy('pt-maju')).toContain(`arn:aws:s3:::${bucket.bucket}/pt-maju/`);
  expect(await policy('fleet')).not.toContain('PutObject');

  // Messages, then the first runs.
  const messages = shownIn('ini', 'EFAKTUR_PING_URL').replace('https://hc-ping.com', phones.url);
  await addTo(settingsOf(office, 'common'), `${messages}EFAKTUR_NOTIFY_URL=${phones.url}\n`);
  const tried = await done('notify --test', office);
  expect(phones.received).toHaveLength(2);
  expect(tried.stdout).toContain('profil-');
  const first = await done('schedule install', office);
  expect(first.stdout).toContain('12:00');
  const sent = phones.received.slice(2).map(({ path }) => path);
  expect(sent.filter((path) => path.startsWith('/bot'))).toHaveLength(1);
  expect(sent.filter((path) => path.startsWith('/0000'))).toHaveLength(2);
  for (const { body } of phones.received)
    for (const name of [...taxpayers, bucket.bucket, office]) expect(body).not.toContain(name);

  // One look at all.
  await done('--metrics', office);
  const metrics = await readFile(join(office, 'efaktur.prom'), 'utf8');
  for (const name of taxpayers) expect(metrics).toContain(`"${name}`);

  // Another PC proves it.
  const owner = await makePc(folder, 'owner');
  await cp(join(office, '.config'), join(owner, '.config'), { recursive: true });
  await addTo(settingsOf(owner, 'common'), `EFAKTUR_IDENTITY_FILE=${officeKey}\n`);
  const proof = await done('verify --read-data', owner);
  expect(proof.stdout.match(/ 3 verified/g)).toHaveLength(2);

  // Old ones go, of which there are none.
  await done('efaktur-cloud prune --profile', owner);

  // An auditor comes.
  await addTo(settingsOf(office, 'common'), `EFAKTUR_IDENTITY_FILE=${officeKey}\n`);
  await done('copy --profile', office);
  expect(await readdir(join(usb, 'pt-maju'))).toContain('README.txt');
  expect((await readdir(office)).some((name) => name.startsWith('Backup_Efaktur_08Juli2023'))).toBe(true);

  // A new PC: what was in the old folder comes back.
  await done('push --whole-app', office);
  const before = join(office, 'PKP', 'pt-maju');
  await rename(before, join(folder, 'gone'));
  await done('push --profile pt-maju --moved', office);
  await access(join(before, 'ETaxInvoiceMain.exe'));
  await access(join(before, 'db', 'ETaxInvoice', 'service.properties'));
  expect([...left]).toEqual([]);
  await rm(usb, { recursive: true });
});
