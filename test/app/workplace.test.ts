import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkplace, type Workplace } from '../../src/app/workplace.ts';
import { secret } from '../../src/base/secret.ts';
import { generateIdentity, identityFileText, protectIdentity } from '../../src/crypto/identity-file.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { list } from '../../src/sync/list.ts';
import { pull } from '../../src/sync/pull.ts';
import { push } from '../../src/sync/push.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { inEnglish } from '../support/english.ts';

interface Office {
  readonly folder: string;
  readonly recipient: string;
  readonly asked: string[];
  readonly workplace: Workplace;
}

/** A taxpayer's e-Faktur, store and key, all named in one settings file. */
async function openOffice({ more = '', isProtected = false } = {}): Promise<Office> {
  const folder = await tempFolder();
  const app = join(folder, 'e-Faktur');
  await mkdir(app);
  await makeEfakturFolder(app, {});
  const now = (): Date => new Date();
  const pair = await generateIdentity();
  const plain = identityFileText(pair, now(), 'Asia/Jakarta');
  await writeFile(
    join(folder, 'key.txt'),
    isProtected ? await protectIdentity(plain, secret('empat kata acak')) : plain.reveal(),
  );
  await chmod(join(folder, 'key.txt'), 0o600);
  const lines = {
    EFAKTUR_APP_DIR: app,
    EFAKTUR_STORE: join(folder, 'store'),
    EFAKTUR_STATE_DIR: join(folder, 'state'),
    EFAKTUR_RECIPIENTS: pair.recipient,
    EFAKTUR_IDENTITY_FILE: join(folder, 'key.txt'),
    EFAKTUR_TIMEZONE: 'Asia/Jakarta',
  };
  const file = join(folder, 'office.env');
  await writeFile(
    file,
    `${Object.entries(lines)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')}\n${more}`,
  );
  const around = {
    ...{ env: {}, currentFolder: folder, homeFolder: folder },
    ...{ hostName: 'pc', platform: process.platform, systemZone: 'Asia/Jakarta', systemLocale: 'C' },
  };
  const asked: string[] = [];
  const workplace = await openWorkplace(await loadConfig(around, file), {
    around,
    version: '1.2.3',
    now,
    signal: new AbortController().signal,
    progress: { begin: () => {}, advance: () => {} },
    askSecret: async (question) => {
      asked.push(inEnglish(question));
      return 'empat kata acak';
    },
  });
  return { folder, recipient: pair.recipient, asked, workplace };
}

async function pushAll({ workplace }: Office) {
  const { document, failure } = await push({
    ...(await workplace.pushingContext()),
    appFolder: await workplace.appFolder(),
    source: { type: 'live' },
    all: false,
    full: false,
    dryRun: false,
    forceDamaged: false,
    proposesProgram: false,
    moved: false,
    newStore: false,
    allowPlaintext: false,
  });
  expect(failure).toBeNull();
  return document;
}

async function pullNewest({ workplace, folder }: Office) {
  return pull({
    ...(await workplace.readingContext()),
    wanted: { by: 'newest' },
    target: join(folder, 'restored'),
    dryRun: false,
    otherVersion: false,
    forceDamaged: false,
    confirmReplace: async () => false,
  });
}

test('two taxpayers in one process push, list and pull, each with its own store, key and settings', {
  timeout: 120_000,
}, async () => {
  const before = { ...process.env };
  const offices = [
    await openOffice({ more: 'AWS_REGION=ap-southeast-3\n', isProtected: true }),
    await openOffice({ more: 'AWS_REGION=us-west-2\n' }),
  ];
  const pushed = await Promise.all(offices.map(pushAll));
  // A push needs public keys only.
  for (const { asked } of offices) expect(asked).toEqual([]);
  const listed = await Promise.all(
    offices.map(async ({ workplace: { context, stores } }) =>
      list({
        ...context,
        stores: await stores(),
        decryptor: null,
        since: null,
        until: null,
        long: false,
      }),
    ),
  );
  expect(listed.map(({ document }) => document.backups.map(({ id }) => id))).toEqual(
    pushed.map(({ backups }) => backups.map(({ stores: [first] }) => first?.id)),
  );
  const pulled = await Promise.all(offices.map(pullNewest));
  for (const [i, office] of offices.entries()) {
    const { folder, workplace, asked } = office;
    expect(pulled[i]).toMatchObject({ outcome: 'restored', store: (await workplace.stores())[0]?.url });
    const file = join('db', 'ETaxInvoice', 'service.properties');
    expect(await readFile(join(folder, 'restored', file))).toEqual(
      await readFile(join(folder, 'e-Faktur', file)),
    );
    // Asked at the first use, and not again.
    await workplace.readingContext();
    expect(asked).toEqual(i === 0 ? [`Passphrase of ${join(folder, 'key.txt')}: `] : []);
    expect((await workplace.decryptor())?.recipients).toEqual([office.recipient]);
    workplace.close();
  }
  expect(process.env).toEqual(before);
});

test('the key of one taxpayer opens nothing of another', { timeout: 120_000 }, async () => {
  const [one, other] = [await openOffice(), await openOffice()];
  await pushAll(one);
  const request = await one.workplace.readingContext();
  const decryptor = await other.workplace.decryptor();
  const pulling = pull({
    ...request,
    decryptor,
    wanted: { by: 'newest' },
    target: join(one.folder, 'restored'),
    dryRun: false,
    otherVersion: false,
    forceDamaged: false,
    confirmReplace: async () => false,
  });
  await expect(pulling).rejects.toMatchObject({ code: 'wrong-key' });
});

test('one folder named in two ways is one store', async () => {
  const folder = await tempFolder();
  const around = {
    ...{ env: {}, currentFolder: folder, homeFolder: folder },
    ...{ hostName: 'pc', platform: process.platform, systemZone: 'Asia/Jakarta', systemLocale: 'C' },
  };
  await writeFile(join(folder, 'office.env'), `EFAKTUR_STATE_DIR=${join(folder, 'state')}`);
  const workplace = await openWorkplace(await loadConfig(around, join(folder, 'office.env')), {
    around,
    version: '1.2.3',
    now: () => new Date(),
    signal: new AbortController().signal,
    progress: { begin: () => {}, advance: () => {} },
    stores: ['usb', `${folder}/./usb/`, join(folder, 'other')],
    askSecret: async () => null,
  });
  const urls = (await workplace.stores()).map(({ url }) => url);
  workplace.close();
  expect(urls).toEqual([join(folder, 'usb'), join(folder, 'other')]);
});

test('a key that could not be had is tried again, and a store is opened when it is wanted', async () => {
  const { workplace, folder } = await openOffice();
  const key = await readFile(join(folder, 'key.txt'));
  await writeFile(join(folder, 'key.txt'), 'no key');
  await expect(workplace.decryptor()).rejects.toMatchObject({ code: 'wrong-key' });
  await writeFile(join(folder, 'key.txt'), key);
  expect(await workplace.decryptor()).not.toBeNull();
  expect(await stat(join(folder, 'store')).catch(() => null)).toBeNull();
});
