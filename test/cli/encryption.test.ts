import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadDecryptor } from '../../src/app/keys.ts';
import { readmeKey } from '../../src/catalog/names.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { type NamedKey, newKey, run, stockAge } from '../crypto/age-files.ts';
import {
  errorOf,
  keysOf,
  type ListJson,
  makeWorld,
  type PushJson,
  treeOf,
  type World,
} from '../support/cli.ts';
import { noteSecret } from '../support/printed.ts';

/** Encryption end to end by the command line, beside the stock `age` program. */

interface Office {
  readonly world: World;
  readonly office: NamedKey;
  readonly safe: NamedKey;
  /** Settings to push with, and to restore with. */
  readonly pushing: Record<string, string>;
  readonly reading: Record<string, string>;
  pushes: number;
}

async function makeOffice(): Promise<Office> {
  const world = await makeWorld({ backups: [] });
  const [office, safe] = [await newKey(), await newKey()];
  for (const key of [office, safe]) await noteSecret(key.identity.reveal());
  await writeFile(join(world.folder, 'office.txt'), office.fileText);
  await writeFile(join(world.folder, 'safe.txt'), safe.fileText);
  return {
    world,
    office,
    safe,
    pushing: { EFAKTUR_RECIPIENTS: office.recipient },
    reading: { EFAKTUR_IDENTITY_FILE: 'office.txt' },
    pushes: 0,
  };
}

/** Each push of an office is a minute after the one before: all so few that none is dated ahead of its upload. */
const push = async (office: Office, env = {}, ...args: string[]): Promise<PushJson['backups'][number]> => {
  const { world, pushing } = office;
  const now = new Date(Date.now() + ++office.pushes * 60_000);
  const { backups } = await world.json<PushJson>(['push', ...args], { env: { ...pushing, ...env }, now });
  if (!backups[0]?.archive) throw new Error('nothing was pushed');
  return backups[0];
};

const archiveOf = ({ world }: Office, backup: { archive: string | null }): string =>
  join(world.store, backup.archive ?? '');

const install = 'install zstd and tar';

async function expectPulled(
  { world }: Office,
  env: Record<string, string>,
  ...args: string[]
): Promise<void> {
  const to = join(world.folder, 'to');
  await world.json(['pull', '--to', to, ...args], { env });
  expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));
  await rm(to, { recursive: true });
}

/** Exit code and error code of a command that must fail. */
async function failure(
  world: World,
  args: string[],
  env: Record<string, string>,
): Promise<[number | null, string]> {
  const outcome = await world.run([...args, '--json'], { env });
  return [outcome.code, errorOf(outcome).code];
}

/** As if e-Faktur had worked: the databases are others afterwards. */
async function changeDb({ world }: Office): Promise<void> {
  const path = join(world.app, 'db', 'ETaxInvoice', 'service.properties');
  await writeFile(path, `${await readFile(path, 'latin1')}#${Math.random()}\n`, 'latin1');
  await utimes(path, new Date(), new Date());
}

test('what is stored opens with age, zstd and tar, and says nothing in clear but what SECURITY.md lists', async () => {
  const at = await makeOffice();
  const backup = await push(at);
  expect(backup).toMatchObject({ encrypted: true, archive: expect.stringMatching(/\.tar\.zst\.age$/) });

  const folder = join(at.world.folder, 'by-hand');
  await mkdir(folder);
  const packed = await stockAge(['-d', '-i', join(at.world.folder, 'office.txt'), archiveOf(at, backup)]);
  const tar = await run('zstd', ['-d'], packed, install);
  await run('tar', ['x', '-C', folder], tar, install);
  const byHand = await treeOf(join(folder, 'db'));
  expect(byHand).toEqual(await treeOf(join(at.world.app, 'db')));

  const list = JSON.parse(await readFile(join(folder, 'efaktur-backup.json'), 'utf8'));
  const { contentHash } = list;
  expect(contentHash).toMatch(/^[0-9a-f]{64}$/);
  const keys = await keysOf(at.world.store);
  // README.txt is the same in every store.
  for (const key of keys.filter((key) => key !== readmeKey)) {
    const bytes = await readFile(join(at.world.store, key), 'latin1');
    for (const hidden of [contentHash, 'ETaxInvoice', 'Gerbang', 'schemaFingerprint', 'clean'])
      expect(bytes.includes(hidden), `${key}: ${hidden}`).toBe(false);
  }
  const manifest = JSON.parse(await readFile(join(at.world.store, backup.date, `${backup.id}.json`), 'utf8'));
  expect(Object.keys(manifest)).toEqual([
    ...['format', 'id', 'capturedAt', 'capturedBasis', 'kind', 'source', 'origin', 'program'],
    ...['appProgram', 'archive', 'needs', 'restore', 'private'],
  ]);
  const { id, capturedAt, capturedBasis, kind, source, appProgram } = manifest;
  expect(list).toMatchObject({ id, capturedAt, capturedBasis, kind, source, appProgram });
  const facts = await stockAge(['-d', '-i', join(at.world.folder, 'office.txt')], manifest.private);
  expect(JSON.parse(facts.toString())).toMatchObject({ contentHash, databases: ['ETaxInvoice'] });
});

test('an archive that stock age made is restored', async () => {
  const at = await makeOffice();
  const backup = await push(at);
  const packed = await stockAge(['-d', '-i', join(at.world.folder, 'office.txt'), archiveOf(at, backup)]);
  const theirs = await stockAge(['-r', at.safe.recipient, '-r', at.office.recipient], packed);
  await writeFile(archiveOf(at, backup), theirs);
  const path = join(at.world.store, backup.date, `${backup.id}.json`);
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  manifest.needs[0].size = theirs.length;
  manifest.needs[0].sha256 = createHash('sha256').update(theirs).digest('hex');
  await writeFile(path, JSON.stringify(manifest));
  await expectPulled(at, at.reading);
});

test('full, unchanged and changed states restore; each recipient opens them, and nobody else', async () => {
  const at = await makeOffice();
  const both = { EFAKTUR_RECIPIENTS: `${at.office.recipient}, ${at.safe.recipient}` };
  const swapped = { EFAKTUR_RECIPIENTS: `${at.safe.recipient} ${at.office.recipient}` };
  const first = await push(at, both);
  expect(await push(at, swapped)).toMatchObject({ outcome: 'unchanged' });
  await changeDb(at);
  expect(await push(at, both)).toMatchObject({ outcome: 'created', encrypted: true });
  for (const name of ['office.txt', 'safe.txt']) await expectPulled(at, { EFAKTUR_IDENTITY_FILE: name });
  await at.world.json(['verify', '--read-data'], { env: at.reading });

  // Another set of recipients: whole again, and leaning on nothing that the new key does not open.
  const alone = await push(at, { EFAKTUR_RECIPIENTS: at.safe.recipient });
  expect(alone).toMatchObject({ outcome: 'created', kind: 'full' });
  expect(await push(at, { EFAKTUR_RECIPIENTS: at.safe.recipient })).toMatchObject({ outcome: 'unchanged' });
  expect(await failure(at.world, ['pull', '--to', 'x'], at.reading)).toEqual([12, 'wrong-key']);
  await at.world.json(['pull', '--id', first.id, '--to', join(at.world.folder, 'x')], { env: at.reading });

  const { backups, identities } = await at.world.json<{
    backups: { id: string; opens: boolean | null }[];
    identities: string[];
  }>(['keys', 'show'], { env: at.reading });
  expect(identities).toEqual([at.office.recipient]);
  expect(new Set(backups.filter((b) => b.id.endsWith(alone.id.slice(-12))).map((b) => b.opens))).toEqual(
    new Set([false]),
  );
  expect(backups.find((b) => b.id === first.id)?.opens).toBe(true);
  const shown = await at.world.run(['keys', 'show'], { env: at.reading });
  expect(shown.stdout).toMatch(new RegExp(`${alone.id} .* DOES NOT OPEN`));
});

test('a wrong or missing key is never taken for damage, nor damage for a wrong key', async () => {
  const at = await makeOffice();
  const backup = await push(at);
  const wrong = { EFAKTUR_IDENTITY_FILE: 'safe.txt' };
  const shown = async (): Promise<{ opens: boolean[]; warnings: string[] }> => {
    const { backups, warnings } = await at.world.json<{
      backups: { opens: boolean }[];
      warnings: { code: string }[];
    }>(['keys', 'show'], { env: at.reading });
    return {
      opens: backups.map((b) => b.opens),
      warnings: warnings.map((w) => w.code).filter((code) => code !== 'keys-readable'),
    };
  };
  expect(await shown()).toEqual({ opens: [true], warnings: [] });
  const commands = [
    ['pull', '--to', join(at.world.folder, 'x')],
    ['verify', '--read-data'],
  ];
  for (const args of commands) {
    expect(await failure(at.world, args, wrong), args[0]).toEqual([12, 'wrong-key']);
    expect(await failure(at.world, args, {}), args[0]).toEqual([12, 'wrong-key']);
    expect(await failure(at.world, args, { EFAKTUR_IDENTITY_FILE: 'gone.txt' })).toEqual([12, 'wrong-key']);
  }
  expect((await at.world.json<ListJson>(['list', '--long'])).backups).toHaveLength(1);

  const path = archiveOf(at, backup);
  const sound = await readFile(path);
  const harms: Record<string, (bytes: Buffer) => Buffer> = {
    'a bit in the header': (bytes) => flip(bytes, 60),
    'a bit in the first chunk': (bytes) => flip(bytes, 2000),
    'a bit near the end': (bytes) => flip(bytes, bytes.length - 20),
    'cut off': (bytes) => bytes.subarray(0, bytes.length - 1000),
    'cut in the header': (bytes) => bytes.subarray(0, 100),
    'the wrong file': () => Buffer.from('age-encryption.org/v1\nnot really'),
  };
  for (const [how, harm] of Object.entries(harms)) {
    await writeFile(path, harm(Buffer.from(sound)));
    for (const args of commands) {
      const outcome = await failure(at.world, args, at.reading);
      expect(outcome, `${how}: ${args[0]}`).toEqual([13, 'damaged']);
    }
    if (how.includes('header')) expect(await shown(), how).toEqual({ opens: [false], warnings: ['damaged'] });
  }
  expect(await readdir(at.world.folder)).not.toContain('x/db');
  await writeFile(path, sound);
  // The proofs of damage stay; the archive restores again.
  await expectPulled(at, at.reading);
});

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

test('in clear beside encrypted backups: refused with the local record, without it, and after an exception', async () => {
  const at = await makeOffice();
  const { world } = at;
  await push(at);
  const clear = { EFAKTUR_RECIPIENTS: undefined };
  const refused = async (): Promise<void> => {
    const outcome = await world.run(['push', '--json'], { env: clear });
    expect([outcome.code, errorOf(outcome).code]).toEqual([2, 'usage']);
    expect(errorOf(outcome).hint).toContain('--allow-plaintext');
  };
  await refused();
  await rm(world.stateDir, { recursive: true });
  await refused();
  await world.json(['push', '--allow-plaintext'], { env: clear });
  await refused();
  await push(at);
  await refused();
});

test('in clear beside encrypted backups of another record: refused, whatever this one knows', async () => {
  const at = await makeOffice();
  const { world } = at;
  const pushAt = (minutes: number, env: Record<string, string>, code = 0) =>
    world.run(['push', '--json'], { env, now: new Date(Date.now() + minutes * 60_000) }).then((outcome) => {
      expect(outcome.code, outcome.stderr).toBe(code);
      return outcome;
    });
  const clear = { EFAKTUR_STATE_DIR: join(world.folder, 'state-a') };
  const sealed = { ...at.pushing, EFAKTUR_STATE_DIR: join(world.folder, 'state-b') };
  const refusedAt = async (minutes: number): Promise<void> => {
    expect(errorOf(await pushAt(minutes, clear, 2)).hint).toContain('--allow-plaintext');
  };
  await pushAt(10, clear);
  await pushAt(20, clear);
  await pushAt(30, sealed);
  await refusedAt(40);
  await pruneByHand(world, /\.age$/);
  await pushAt(50, clear);
  // Of a day long before all that was seen in clear: a login backup pushed late.
  await pushAt(-60 * 24 * 60, sealed);
  await refusedAt(60);
});

/** Removes the stored objects whose keys match. */
async function pruneByHand({ store }: World, keys: RegExp): Promise<void> {
  for (const key of await keysOf(store)) if (keys.test(key)) await rm(join(store, key));
}

test('a stray .age object does not stop pushes in clear; an encrypted backup does', async () => {
  const world = await makeWorld();
  const put = async (key: string): Promise<void> => {
    await mkdir(join(world.store, key, '..'), { recursive: true });
    await writeFile(join(world.store, key), 'junk');
  };
  await mkdir(world.store);
  await put('2020-01-01/20200101T000000Z-aaaaaaaaaaaa.tar.zst.age');
  await put('2020-01-01/20200101T000000Z-bbbbbbbbbbbb.diff.tar.zst.age');
  await put('index/cccccccccccc.idx.zst.age');
  await put('notes.age');
  await world.json(['push']);
  await put('index/dddddddddddd.idx.zst.age');
  await put('2030-01-01/20300101T000000Z-eeeeeeeeeeee.tar.zst.age');
  expect((await world.json(['push', '--full'])).outcome).toBe('created');
  const env = { EFAKTUR_RECIPIENTS: (await newKey()).recipient };
  await world.json(['push', '--full'], { env: { ...env, EFAKTUR_STATE_DIR: join(world.folder, 'other') } });
  const refused = await world.run(['push', '--full', '--json']);
  expect(refused.code).toBe(2);
  expect(errorOf(refused).hint).toContain('--allow-plaintext');
});

test('a prefix in clear goes on in clear, and encrypted as soon as keys are set', async () => {
  const at = await makeOffice();
  await at.world.json(['push']);
  await at.world.json(['push', '--full']);
  expect(await push(at)).toMatchObject({ outcome: 'created', encrypted: true });
  await expectPulled(at, at.reading);
});

test('EFAKTUR_IDENTITY_COMMAND prints the key; what a failing one printed is shown nowhere', async () => {
  const at = await makeOffice();
  await push(at);
  const copy = join(at.world.folder, 'office.txt');
  await expectPulled(at, { EFAKTUR_IDENTITY_COMMAND: `cat '${copy}'` });
  for (const command of [`cat '${copy}'; exit 1`, 'exit 0', `cat '${copy}' >&2; exit 3`]) {
    const env = { EFAKTUR_IDENTITY_COMMAND: command };
    expect(await failure(at.world, ['pull', '--to', 'x'], env), command).toEqual([12, 'wrong-key']);
    const { stdout, stderr } = await at.world.run(['pull', '--to', 'x', '-v'], { env });
    expect(stdout + stderr).not.toContain(at.office.identity.reveal());
  }
});

test('EFAKTUR_IDENTITY_COMMAND gets the settings of the file in its environment', async () => {
  const at = await makeOffice();
  await push(at);
  const copy = join(at.world.folder, 'office.txt');
  const before = { ...process.env };
  for (const built of [false, true]) {
    const env = join(at.world.folder, `command-${built}.env`);
    await writeFile(
      env,
      `EFAKTUR_LIMIT_UPLOAD=7MiB\nAWS_PROFILE=kantor\nEFAKTUR_IDENTITY_COMMAND='test "$EFAKTUR_LIMIT_UPLOAD $AWS_PROFILE" = "7MiB kantor" && cat "${copy}"'\n`,
    );
    const args = ['pull', '--settings', env, '--to', join(at.world.folder, `to-${built}`)];
    const { code, stderr } = built ? await at.world.runBuilt(args) : await at.world.run(args);
    expect(code, stderr).toBe(0);
  }
  expect(process.env).toEqual(before);
});

test('EFAKTUR_IDENTITY_COMMAND gets no input, and one that does not end is told from one that fails', async () => {
  const at = await makeOffice();
  await push(at);
  const reading = { EFAKTUR_IDENTITY_COMMAND: `cat && cat '${join(at.world.folder, 'office.txt')}'` };
  const outcome = await at.world.runBuilt(['list', '--long'], { env: reading, timeoutMs: 20_000 });
  expect([outcome.code, outcome.stderr]).toEqual([0, '']);

  const around = {
    ...{ env: { EFAKTUR_IDENTITY_COMMAND: 'sleep 30; true' }, currentFolder: '/', homeFolder: '/' },
    ...{ hostName: 'pc', platform: process.platform, systemZone: 'Asia/Jakarta', systemLocale: 'C' },
  };
  const config = await loadConfig(around, undefined);
  const slow = loadDecryptor(config, '/', async () => null, 1_000);
  await expect(slow).rejects.toMatchObject({
    code: 'wrong-key',
    message: 'EFAKTUR_IDENTITY_COMMAND: the command did not end within 1 second',
  });
});

test('commands that need no key run no EFAKTUR_IDENTITY_COMMAND', async () => {
  const at = await makeOffice();
  const mark = join(at.world.folder, 'was-run');
  const env = { ...at.pushing, EFAKTUR_IDENTITY_COMMAND: `touch '${mark}'; cat` };
  for (const args of [['push'], ['status'], ['doctor'], ['prune']]) {
    const { code } = await at.world.runBuilt(args, { env, timeoutMs: 20_000 });
    expect(code, args[0]).not.toBeNull();
    expect(await stat(mark).catch(() => null), args[0]).toBeNull();
  }
});

test('a secret key in the wrong place is refused without showing it', async () => {
  const at = await makeOffice();
  const outcome = await at.world.run(['push'], { env: { EFAKTUR_RECIPIENTS: at.office.identity.reveal() } });
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain('remove the secret key from this PC');
  expect((outcome.stderr + outcome.stdout).toUpperCase()).not.toContain(at.office.identity.reveal());
  expect(await stat(at.world.store).catch(() => null)).toBeNull();
});

test('the spool holds ciphertext only', async () => {
  const at = await makeOffice();
  const spools: string[] = [];
  const outcome = await at.world.runBuilt(['push'], {
    env: at.pushing,
    trap: { call: 'rename', at: 1, path: /\.tar\.zst/, action: 'SIGKILL' },
  });
  expect(outcome.signal).toBe('SIGKILL');
  for (const name of await keysOf(at.world.stateDir)) {
    const bytes = await readFile(join(at.world.stateDir, name), 'latin1');
    if (/spool/.test(name)) spools.push(bytes.slice(0, 21));
  }
  expect(spools).toEqual(['age-encryption.org/v1']);
});

test('who may write but has no key cannot show one state for another', async () => {
  const at = await makeOffice();
  const first = await push(at);
  await changeDb(at);
  const second = await push(at, {}, '--full');
  const manifestPath = ({ date, id }: typeof first): string => join(at.world.store, date, `${id}.json`);
  const manifestOf = async (backup: typeof first) => JSON.parse(await readFile(manifestPath(backup), 'utf8'));
  const [older, newer] = [await manifestOf(first), await manifestOf(second)];
  const { archive, needs } = older;
  const forged = {
    'the archive of another day': { ...newer, archive, needs },
    'all of another day but its time': { ...older, id: newer.id, capturedAt: newer.capturedAt },
  };
  for (const [how, manifest] of Object.entries(forged)) {
    await writeFile(manifestPath(second), JSON.stringify(manifest));
    for (const args of [
      ['pull', '--to', 'x'],
      ['verify', '--read-data'],
    ])
      expect(await failure(at.world, args, at.reading), `${how}: ${args[0]}`).toEqual([13, 'damaged']);
  }
  await writeFile(manifestPath(second), JSON.stringify(newer));
  await rm(join(at.world.store, 'proofs'), { recursive: true });
  await expectPulled(at, at.reading);
});
