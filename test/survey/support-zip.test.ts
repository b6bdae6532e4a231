import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import { openLog } from '../../src/round/log.ts';
import { emptyRunRecord, type ProfileRecord, writeRunRecord } from '../../src/state/run-record.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, runHere } from '../support/cli.ts';
import { makeEfakturFolder, seedBackups } from '../support/efaktur-folder.ts';

/** Each entry by its name, and the bytes of the zip itself: its names and comments. */
async function entriesOf(path: string): Promise<Map<string, string>> {
  const zip = await openPromise(path, { lazyEntries: true });
  const entries = new Map([['the zip itself', await readFile(path, 'latin1')]]);
  for await (const entry of zip.eachEntry())
    entries.set(entry.fileName, await text(await zip.openReadStreamPromise(entry)));
  return entries;
}

/** A word as it might have been written down: in other letters, encoded, or in its middle of an encoded whole. */
function* formsOf(given: string): Generator<string> {
  for (const word of new Set([given, given.toLowerCase(), given.toUpperCase()])) yield* encodedForms(word);
}

function* encodedForms(word: string): Generator<string> {
  yield word.toLowerCase();
  yield encodeURIComponent(word).toLowerCase();
  yield JSON.stringify(word).slice(1, -1).toLowerCase();
  yield Buffer.from(word).toString('hex');
  // What the neighbours of a word in a whole may change of its base64 is cut off.
  for (let before = 0; before < 3; before++) {
    const encoded = Buffer.from('x'.repeat(before) + word).toString('base64');
    const sure = encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + word.length) * 8) / 6));
    yield sure.toLowerCase();
    yield sure.replaceAll('+', '-').replaceAll('/', '_').toLowerCase();
  }
}

const found = (words: readonly string[], content: string): string[] => {
  const lower = content.toLowerCase();
  return words.filter((word) => [...formsOf(word)].some((form) => lower.includes(form)));
};

test('a word is found in each form', () => {
  const word = 'PT Maju Jaya & Co';
  for (const whole of [word, `a${word}b`, `/path/${word.toLowerCase()}/x`]) {
    expect(found([word], whole)).toEqual([word]);
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(found([word], Buffer.from(whole).toString(encoding)), encoding).toEqual([word]);
    expect(found([word], encodeURIComponent(whole))).toEqual([word]);
  }
  expect(found([word], 'PT Mundur')).toEqual([]);
});

const letters = (n: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijkmnpqrstuvwxyz'), minLength: n, maxLength: n });
const digits = (n: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: n, maxLength: n });
const mixed = (n: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'),
    minLength: n,
    maxLength: n,
  });

/** All that is somebody's own on a PC. */
const ownings = fc.record({
  npwp: digits(15),
  taxpayer: letters(9),
  otherTaxpayer: letters(9),
  host: letters(8),
  user: letters(8),
  bucket: letters(10),
  prefix: letters(8),
  endpoint: letters(9),
  share: letters(8),
  accessKey: mixed(20),
  secretKey: mixed(12),
  sessionToken: mixed(24),
  pingId: mixed(16),
  notifyToken: mixed(18),
  notifyTo: digits(12),
  notifyHeader: mixed(14),
  notifyBody: letters(11),
  notifyName: letters(10),
  command: mixed(13),
  keyFile: letters(9),
  proxyPassword: mixed(12),
  backupNote: letters(9),
});

test('the zip holds nothing of anybody: no secret, name, tax number, path, address or row', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(ownings, async (own) => {
      // The tests wait for a service that is not there; what they find is in one of the zips.
      const withTests = runs++ === 0 ? [] : ['--page'];
      const world = await makeWorld(null);
      const home = join(world.folder, own.user);
      const config = join(home, '.config', 'efaktur-cloud');
      const app = join(world.folder, `e-Faktur ${own.taxpayer} ${own.npwp}`);
      await makeEfakturFolder(app, {
        live: 'seed-8-july',
        backups: seedBackups.map((backup) => ({ ...backup, name: `${own.backupNote} ${backup.name}` })),
      });
      const stateDir = join(home, '.local', 'state', 'efaktur-cloud');
      const folderStore = join(world.folder, own.share, own.taxpayer);
      await mkdir(folderStore, { recursive: true });
      await mkdir(config, { recursive: true });
      const settings = [
        `EFAKTUR_APP_DIR=${app}`,
        `EFAKTUR_STORE=${folderStore};s3://${own.bucket}/${own.prefix}/${own.npwp}?endpoint=http://${own.endpoint}.invalid`,
        `EFAKTUR_NAME=${own.taxpayer}`,
        `EFAKTUR_IDENTITY_FILE=${join(home, `${own.keyFile}.txt`)}`,
        `EFAKTUR_NOTIFY_PRESET=fonnte`,
        `EFAKTUR_NOTIFY_TOKEN=${own.notifyToken}`,
        `EFAKTUR_NOTIFY_TO=${own.notifyTo}`,
        `EFAKTUR_NOTIFY_NAME=${own.notifyName}`,
        `EFAKTUR_PING_URL=https://ping.${own.endpoint}.invalid/${own.pingId}`,
        `AWS_ACCESS_KEY_ID=${own.accessKey}`,
        `AWS_SECRET_ACCESS_KEY=${own.secretKey}`,
        `AWS_SESSION_TOKEN=${own.sessionToken}`,
        `EFAKTUR_LOCK_DAYS=90`,
      ];
      const other = [
        `EFAKTUR_STORE=s3://${own.bucket}?profile=${own.user}`,
        `EFAKTUR_IDENTITY_COMMAND=pass show ${own.command}`,
        `EFAKTUR_NOTIFY_URL=https://${own.endpoint}.invalid/hook`,
        `EFAKTUR_NOTIFY_HEADERS=Authorization: Bearer ${own.notifyHeader}`,
        `EFAKTUR_NOTIFY_BODY={"text":"${own.notifyBody} {status}"}`,
        `HTTPS_PROXY=http://${own.user}:${own.proxyPassword}@${own.endpoint}.invalid:3128`,
      ];
      const profile = `${own.taxpayer} ${own.npwp}`;
      await writeFile(join(config, `${profile}.env`), settings.join('\n'));
      await writeFile(join(config, `${own.otherTaxpayer}.env`), other.join('\n'));
      await writeFile(
        join(config, `${own.notifyBody}.env`),
        `EFAKTUR_${own.taxpayer.toUpperCase()}=${own.secretKey}\n`,
      );
      const ran: ProfileRecord = {
        ...{
          number: 4,
          lastRunAt: '2026-03-01T05:00:00Z',
          outcome: 'failed',
          code: 'access-denied',
          exitCode: 14,
        },
        ...{ since: '2026-03-01T05:00:00Z', lastPushOkAt: null, lastVerifyOkAt: null, lastPruneOkAt: null },
        ...{
          verified: {},
          newestBackupAt: null,
          appFolder: app,
          stores: [folderStore],
          seen: null,
          told: [],
        },
        ...{ pruneTriedOn: null, standing: { verify: null, prune: null } },
      };
      await writeRunRecord(stateDir, { ...emptyRunRecord, profiles: { [profile]: ran } });
      const log = openLog({
        stateDir,
        zone: 'Asia/Jakarta',
        now: () => new Date(),
        redact: (said) => said,
        rotates: false,
      });
      await log.write({
        profile,
        kind: 'error',
        code: 'access-denied',
        text: `${folderStore}: ${own.secretKey} Gerbang Semesta`,
      });
      await log.write({ profile: own.host, kind: 'note', code: own.prefix, text: app });
      const zip = join(world.folder, 'bantuan.zip');
      const outcome = await runHere(['doctor', '--bundle', zip, '--json', ...withTests], {
        env: { PATH: process.env.PATH ?? '', HOME: home, AWS_PROFILE: own.user, COMPUTERNAME: own.host },
        cwd: home,
      });
      expect(outcome.code).not.toBe(1);
      const words = [
        ...Object.values(own),
        'Gerbang Semesta',
        '345000',
        'PC Kasir 1',
        'ETaxInvoice',
        world.folder,
      ];
      const { page } = JSON.parse(outcome.stdout) as { page: unknown };
      // The page is for the user, and has what must not be in the zip: so the search can find it.
      expect(found(words, JSON.stringify(page))).toEqual(
        expect.arrayContaining([
          own.npwp,
          own.taxpayer,
          own.otherTaxpayer,
          own.bucket,
          own.endpoint,
          own.share,
        ]),
      );
      const entries = await entriesOf(zip);
      expect([...entries.keys()]).toEqual(['the zip itself', 'README.txt', 'page.json', 'log.json']);
      for (const [name, content] of entries) expect(found(words, content), name).toEqual([]);
      expect(JSON.parse(entries.get('log.json') ?? '')).toMatchObject([
        { profile: 'profil-4', kind: 'error', code: 'access-denied' },
        { kind: 'note', code: 'other' },
      ]);
    }),
    { numRuns: 5 },
  );
});

test('a helper sees versions, what is set where, what answers, what was tried and what is to do', async () => {
  const world = await makeWorld();
  const zip = join(world.folder, 'help.zip');
  const env = { EFAKTUR_LOCK_DAYS: '90', EFAKTUR_NOTIFY_PRESET: 'ntfy', EFAKTUR_NOTIFY_TO: 'topik' };
  const { code, stdout } = await world.run(['doctor', '--bundle', zip], { env });
  expect(stdout).toContain(zip);
  const entries = await entriesOf(zip);
  const page = JSON.parse(entries.get('page.json') ?? '');
  expect(page).toMatchObject({
    format: 1,
    program: { version: '9.9.9', node: process.version, isExecutable: false },
    system: { platform: process.platform, arch: process.arch, zone: 'Asia/Jakarta' },
    schedule: { isInstalled: false },
  });
  expect(page.profiles).toHaveLength(1);
  expect(page.profiles[0]).toMatchObject({
    profile: null,
    error: null,
    app: { isFound: true, databases: 1, loginBackups: 2, isOpen: false },
    stores: [{ store: 'store-1', kind: 'folder', answer: 'not-there' }],
  });
  expect(page.profiles[0].settings).toContainEqual({
    name: 'EFAKTUR_LOCK_DAYS',
    from: 'environment',
    value: '90',
  });
  expect(page.profiles[0].settings).toContainEqual({
    name: 'EFAKTUR_STORE',
    from: 'environment',
    value: null,
  });
  expect(page.tests).toContainEqual({ store: 'store-1', step: 'put', result: 'ok', missingRight: null });
  expect(page.toDo).toContainEqual({ profile: null, code: 'no-backup' });
  expect(entries.get('README.txt')).toMatch(/^Untuk orang yang membantu/);
  expect(entries.get('README.txt')).toContain('For whoever helps');
  expect(code).toBe(20);
});

test('a zip goes over nothing, among no files of e-Faktur, and into a place that is there', async () => {
  const world = await makeWorld();
  const there = join(world.folder, 'there.zip');
  await writeFile(there, 'mine');
  const refused = await world.run(['doctor', '--page', '--bundle', there, '--json']);
  expect([refused.code, errorOf(refused).message]).toEqual([2, `${there} is there already`]);
  expect(await readFile(there, 'utf8')).toBe('mine');
  expect((await world.run(['doctor', '--page', '--bundle', join(world.app, 'db', 'x.zip')])).code).toBe(2);
  expect(
    (await world.run(['doctor', '--page', '--bundle', join(await tempFolder(), 'no', 'x.zip')])).code,
  ).toBe(6);
});
