import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { packArchive } from '../src/archive/archive.ts';
import { digestsOf } from '../src/archive/block-index.ts';
import { planDifferential } from '../src/archive/differential.ts';
import { contentHash, dataHash } from '../src/archive/file-list.ts';
import { encodeManifest, type PrivateFacts, parseManifest } from '../src/catalog/manifest.ts';
import { parseBackupId, readmeKey } from '../src/catalog/names.ts';
import { prefixReadme } from '../src/catalog/prefix-readme-texts.ts';
import { encodeProgramManifest } from '../src/catalog/program-manifest.ts';
import { stockRestoreLine } from '../src/catalog/stock-tools.ts';
import { createEncryptor } from '../src/crypto/age.ts';
import { sealFile } from '../src/crypto/age-payload.ts';
import {
  expected as format1,
  keys as format1Keys,
  program as format1Program,
  programKeys as format1ProgramKeys,
  sampleKey,
  second as secondDatabase,
} from '../test/archive/format-1-samples.ts';
import { collect, listOf, setOf, sha256 } from '../test/archive/sample-set.ts';
import { type CheckResult, type Derby, startDerby } from '../test/support/derby.ts';
import {
  containerOf,
  type FixtureMaker,
  makeClean,
  makeDropped,
  makeKilled,
  makeKilledAfterCheckpoints,
  makeLongColumns,
  makeMovedRows,
  makeReopened,
  makeTornCopy,
} from '../test/support/derby-fixtures.ts';
import { type DerbyVersion, derbyVersions } from '../test/support/derby-tools.ts';
import { seeds } from '../test/support/efaktur-folder.ts';
import { type Edit, type Golden, goldenFolder, goldens, placeGolden } from '../test/support/golden.ts';

// Writes the stored samples that are not there yet. They are read for ever: what exists is never written again, and
// whoever needs another sample adds one. Run by hand: node scripts/make-fixtures.ts

const format1Root = join(import.meta.dirname, '../test/fixtures/format-1');
const scratch = await mkdtemp(join(tmpdir(), 'make-fixtures-'));
try {
  await makeSeeds();
  await makeFormat1();
  await makeFormat1Programs();
  const entries = existsSync(join(goldenFolder, 'index.json')) ? await goldens() : [];
  for (const version of derbyVersions) {
    if (version !== '10.8.3.0') await makeGoldens(version, entries);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Two states of one database, a login backup each. */
async function makeSeeds(): Promise<void> {
  const [first, second] = [seeds['seed-6-july'], seeds['seed-8-july']];
  if (existsSync(first.path) && existsSync(second.path)) return;
  await mkdir(dirname(first.path), { recursive: true });
  const app = join(scratch, 'seed');
  const database = join(app, 'db', 'ETaxInvoice');
  await mkdir(join(app, 'db'), { recursive: true });
  const derby = await startDerby({ version: '10.12.1.1' });
  try {
    await derby.create(database, { invoices: 40, seed: 2023, firstDay: '2023-04-03', lastDay: '2023-07-06' });
    await anonymise(database);
    await derby.zip(app, first.path, { time: first.time });
    await derby.addInvoice(database, { date: '2023-07-08', customer: 'Gerbang Semesta', dpp: '345000' });
    await derby.shutdown(database);
    await anonymise(database);
    await derby.zip(app, second.path, { time: second.time });
  } finally {
    await derby.close();
  }
}

/** Leaves no path of this machine in service.properties, whose comments Derby does not read, and keeps an empty tmp. */
async function anonymise(database: string): Promise<void> {
  await mkdir(join(database, 'tmp'), { recursive: true });
  const path = join(database, 'service.properties');
  const text = await readFile(path, 'latin1');
  await writeFile(
    path,
    text.replace(/^#.*[\\/]ETaxInvoice(?=\r?$)/m, '#C:\\e-Faktur\\db\\ETaxInvoice'),
    'latin1',
  );
}

async function placeSample(key: string, bytes: Buffer): Promise<void> {
  await mkdir(join(format1Root, dirname(key)), { recursive: true });
  await writeFile(join(format1Root, key), bytes);
}

/** The program folders of the stored prefix, and a backup that was made with one. */
async function makeFormat1Programs(): Promise<void> {
  const { files, emptyFolders, facts: app } = format1Program;
  const samples = files.map(([path, bytes, mtimeMs]) => ({ path, bytes, mtimeMs }));
  const appProgram = sha256(format1Program.main);
  const before = `${format1Keys['9 July']}.json`;
  const unchanged = parseManifest(await readFile(join(format1Root, before)), before);
  const encryptor = await createEncryptor([await identityToRecipient(sampleKey)]);
  for (const [kind, at] of Object.entries(format1ProgramKeys)) {
    const archive = `${at}.app.tar.zst${kind === 'encrypted' ? '.age' : ''}`;
    if (existsSync(join(format1Root, archive))) continue;
    const id = at.slice('2023-07-11/'.length);
    const capturedAt = parseBackupId(id)?.capturedAt ?? new Date(Number.NaN);
    const facts = {
      ...(kind === 'encrypted' && { id }),
      contentHash: contentHash(listOf(samples).files),
      files: files.length,
      totalBytes: files.reduce((sum, [, bytes]) => sum + bytes.length, 0),
      ...app,
      leftOut: { database: 1, 'private-key': 1 },
    };
    const written = { id, kind: 'program', program: unchanged.program, appProgram } as const;
    const list = {
      ...listOf(samples, emptyFolders),
      facts: { ...written, capturedAt: `${capturedAt.toISOString().slice(0, 19)}Z`, ...facts },
    };
    const packed = packArchive(list, setOf(samples, emptyFolders));
    const bytes = await collect(kind === 'encrypted' ? sealFile(packed, await encryptor.newFile()) : packed);
    const manifest = encodeProgramManifest({
      ...written,
      capturedAt,
      origin: unchanged.origin,
      archive,
      needs: [{ key: archive, sizeBytes: bytes.length, sha256: sha256(bytes) }],
      restore: stockRestoreLine(archive),
      private: kind === 'encrypted' ? await encryptor.encryptText(JSON.stringify(facts)) : facts,
    });
    await placeSample(archive, bytes);
    await placeSample(`${at}.app.json`, manifest);
  }
  const key = `${format1Keys['11 July']}.json`;
  if (existsSync(join(format1Root, key))) return;
  const again = encodeManifest({
    ...unchanged,
    id: key.slice('2023-07-11/'.length, -'.json'.length),
    capturedAt: new Date('2023-07-11T02:00:00Z'),
    appProgram,
    private: { ...(unchanged.private as PrivateFacts), app },
  });
  await placeSample(key, again);
}

/** README.txt and the differential of the stored prefix; its other samples came before, and are read for ever. */
async function makeFormat1(): Promise<void> {
  const root = format1Root;
  const archive = `${format1Keys['10 July']}.diff.tar.zst`;
  if (!existsSync(join(root, readmeKey))) await writeFile(join(root, readmeKey), prefixReadme);
  if (existsSync(join(root, archive))) return;
  const base = parseManifest(
    await readFile(join(root, `${format1Keys['8 July']}.json`)),
    `${format1Keys['8 July']}.json`,
  );
  const { files, emptyFolders } = format1['10 July'];
  const samples = files.map(([path, bytes, mtimeMs]) => ({ path, bytes, mtimeMs }));
  const compared = listOf(samples).files.map((file, i) => ({
    ...file,
    digests: digestsOf(files[i]?.[1] ?? Buffer.alloc(0)),
  }));
  const before = new Map(
    format1['8 July'].files.map(([path, bytes, mtimeMs]) => {
      const old = { path, sizeBytes: bytes.length, mtimeMs, sha256: sha256(bytes) };
      return [path, { ...old, digests: digestsOf(bytes) }];
    }),
  );
  const plan = planDifferential(before, compared);
  const id = format1Keys['10 July'].slice('2023-07-10/'.length);
  const facts = {
    contentHash: contentHash(compared),
    dataHash: dataHash(compared),
    files: files.length,
    totalBytes: files.reduce((sum, [, bytes]) => sum + bytes.length, 0),
    databases: ['ETaxInvoice', secondDatabase],
  };
  const written = { id, kind: 'differential', source: 'cold', program: base.program } as const;
  const capturedAt = new Date('2023-07-10T03:01:00Z');
  const listed = { ...written, capturedAt: '2023-07-10T03:01:00Z', capturedBasis: 'read', ...facts };
  const list = { files: plan.files, emptyFolders, facts: { ...listed, base: base.archive } };
  const bytes = await collect(packArchive(list, setOf(samples, emptyFolders)));
  const manifest = encodeManifest({
    ...written,
    capturedAt,
    capturedBasis: 'read',
    origin: base.origin,
    archive,
    needs: [...base.needs, { key: archive, sizeBytes: bytes.length, sha256: sha256(bytes) }],
    restore: stockRestoreLine(archive, base.archive),
    private: facts,
  });
  await placeSample(archive, bytes);
  await placeSample(`${format1Keys['10 July']}.json`, manifest);
}

type Plan = Pick<Golden, 'name' | 'about' | 'truth'>;

async function makeGoldens(version: DerbyVersion, entries: Golden[]): Promise<void> {
  const made: readonly (Plan & { make: FixtureMaker })[] = [
    { name: 'clean', about: 'cleanly shut down', truth: 'clean', make: makeClean },
    {
      name: 'reopened',
      about: 'opened and closed again without a change',
      truth: 'clean',
      make: makeReopened,
    },
    {
      name: 'moved-rows',
      about: 'rows moved and deleted, columns added',
      truth: 'clean',
      make: makeMovedRows,
    },
    {
      name: 'long-columns',
      about: 'CLOB and BLOB over many 32 KiB pages',
      truth: 'clean',
      make: makeLongColumns,
    },
    { name: 'killed', about: 'SIGKILL while writing, no checkpoint', truth: 'recovery', make: makeKilled },
    {
      name: 'killed-after-checkpoints',
      about: 'SIGKILL while writing and taking checkpoints',
      truth: 'recovery',
      make: makeKilledAfterCheckpoints,
    },
    {
      name: 'dropped',
      about: 'SIGKILL after DROP TABLE and DROP INDEX: d*.dat',
      truth: 'recovery',
      make: makeDropped,
    },
    {
      name: 'torn-copy',
      about: 'copied slowly while it was written to',
      truth: 'damaged',
      make: makeTornCopy,
    },
  ];
  const derby = await startDerby({ version });
  try {
    for (const plan of made) {
      if (has(entries, version, plan.name)) continue;
      const folder = join(scratch, version, plan.name);
      await mkdir(folder, { recursive: true });
      await plan.make(join(folder, 'ETaxInvoice'), version);
      for (const left of await readdir(folder)) {
        if (left !== 'ETaxInvoice') await rm(join(folder, left), { recursive: true });
      }
      await anonymise(join(folder, 'ETaxInvoice'));
      await mkdir(join(goldenFolder, version), { recursive: true });
      await derby.zip(folder, join(goldenFolder, version, `${plan.name}.zip`), {
        time: seeds['seed-8-july'].time,
      });
      await addEntry(derby, entries, { ...plan, from: null, edits: [] });
    }
    for (const plan of await plannedEdits(derby, entries)) {
      if (!has(entries, version, plan.name)) await addEntry(derby, entries, plan);
    }
  } finally {
    await derby.close();
  }
}

function has(entries: readonly Golden[], version: DerbyVersion, name: string): boolean {
  return entries.some((entry) => entry.version === version && entry.name === name);
}

/** Asks Derby what it thinks of the sample and writes it into the index. */
async function addEntry(
  derby: Derby,
  entries: Golden[],
  plan: Plan & Pick<Golden, 'from' | 'edits'>,
): Promise<void> {
  const { name, about, truth, from, edits } = plan;
  const folder = await mkdtemp(join(scratch, 'asked-'));
  const entry: Golden = {
    version: derby.version,
    name,
    about,
    truth,
    from,
    edits,
    attributes: '',
    derby: {},
  };
  await placeGolden(entry, folder);
  const said: Record<string, CheckResult> = {};
  for (const database of (await readdir(folder)).sort()) {
    const result = await derby.checkCopy(join(folder, database));
    said[database] = { ...result, tables: result.tables.filter((table) => !table.system || !table.ok) };
  }
  entries.push({ ...entry, derby: said });
  await writeFile(
    join(goldenFolder, 'index.json'),
    `[\n${entries.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`,
  );
}

/** The samples that are another one with a few bytes or files changed. */
async function plannedEdits(
  derby: Derby,
  entries: readonly Golden[],
): Promise<(Plan & Pick<Golden, 'from' | 'edits'>)[]> {
  const place = async (name: string): Promise<string> => {
    const golden = entries.find((entry) => entry.version === derby.version && entry.name === name);
    if (golden === undefined) throw new Error(`no golden ${name} of ${derby.version}`);
    return join(await placeGolden(golden, await mkdtemp(join(scratch, 'base-'))), 'ETaxInvoice');
  };
  const clean = await place('clean');
  const heap = await containerOf(derby, clean, 'FAKTUR_KELUARAN');
  const detail = await containerOf(derby, clean, 'FAKTUR_DETAIL');
  const history = await containerOf(derby, clean, 'RIWAYAT');
  const index = await containerOf(derby, clean, 'IX_FK_NOMOR');
  const at = (file: string): string => `ETaxInvoice/${file}`;
  const cleanLogs = (await readdir(join(clean, 'log'))).filter((file) => /^log\d+\.dat$/.test(file));
  // The checkpoint is in the first of them, and recovery needs them all.
  const killedLogs = (await readdir(join(await place('killed'), 'log')))
    .filter((file) => /^log\d+\.dat$/.test(file))
    .sort((a, b) => Number(a.slice(3, -4)) - Number(b.slice(3, -4)));
  const [firstLog, middleLog, lastLog] = [killedLogs[0], killedLogs[1], killedLogs.at(-1)];
  if (!firstLog || !middleLog || !lastLog || killedLogs.length < 3)
    throw new Error('too few log files in killed');
  const text = (value: string): string => Buffer.from(value).toString('base64');
  const removed = (files: readonly string[]): Edit[] =>
    files.map((file) => ({ edit: 'remove', file: at(file) }));
  const damaged = (name: string, about: string, edits: readonly Edit[], from = 'clean') =>
    ({ name, about, truth: 'damaged', from, edits }) as const;
  if (history.preallocatedPages <= history.usedPages)
    throw new Error(`${history.file} has no preallocated pages`);
  return [
    damaged('page-flipped', 'one bit of a row page', [
      { edit: 'flip', file: at(heap.file), offset: heap.pageBytes + 700 },
    ]),
    damaged('index-flipped', 'one bit of an index page', [
      { edit: 'flip', file: at(index.file), offset: index.pageBytes + 300 },
    ]),
    damaged('header-flipped', 'one bit of the container header', [
      { edit: 'flip', file: at(heap.file), offset: 160 },
    ]),
    damaged('page-zeroed', 'a row page all zero', [
      { edit: 'zero', file: at(detail.file), offset: 2 * detail.pageBytes, length: detail.pageBytes },
    ]),
    damaged('cut-preallocated', 'cut by a page in preallocated pages, which Derby does not notice', [
      { edit: 'cut', file: at(history.file), sizeBytes: history.sizeBytes - history.pageBytes },
    ]),
    damaged('cut-rows', 'cut inside pages with rows', [
      { edit: 'cut', file: at(detail.file), sizeBytes: 2 * detail.pageBytes },
    ]),
    damaged('cut-mid-page', 'cut in the middle of a page', [
      { edit: 'cut', file: at(detail.file), sizeBytes: detail.sizeBytes - 1000 },
    ]),
    damaged('container-missing', 'an index file missing', removed([index.file])),
    damaged(
      'log-missing',
      'all log files missing of a clean database; Derby silently makes a new one',
      removed(cleanLogs.map((file) => `log/${file}`)),
    ),
    damaged(
      'log-first-missing',
      'the log file of the last checkpoint missing, recovery needs it',
      removed([`log/${firstLog}`]),
      'killed',
    ),
    damaged(
      'log-middle-missing',
      'a log file in the middle missing, recovery needs it',
      removed([`log/${middleLog}`]),
      'killed',
    ),
    damaged(
      'log-last-missing',
      'the last log file missing: the newest rows are lost',
      removed([`log/${lastLog}`]),
      'killed',
    ),
    damaged(
      'log-ctrls-missing',
      'log.ctrl and its mirror missing',
      removed(['log/log.ctrl', 'log/logmirror.ctrl']),
    ),
    {
      name: 'log-ctrl-flipped',
      about: 'one bit of log.ctrl; its mirror is good and Derby uses it',
      truth: 'clean',
      from: 'clean',
      edits: [{ edit: 'flip', file: at('log/log.ctrl'), offset: 11 }],
    },
    {
      name: 'stale-lock',
      about: 'lock files and a temp file that a crash left',
      truth: 'clean',
      from: 'clean',
      edits: [
        { edit: 'write', file: at('db.lck'), base64: text('\0$0a1b2c3d-0189-3c5e-8f00-000000000000') },
        { edit: 'write', file: at('dbex.lck'), base64: text('\0\0\0\0') },
        { edit: 'write', file: at('tmp/T1688783400000.tmp'), base64: text('left behind') },
      ],
    },
    {
      name: 'several',
      about: 'three databases, one for each NPWP',
      truth: 'clean',
      from: 'clean',
      edits: ['NPWP_000000000000001', 'NPWP 000000000000002'].map((to) => ({
        edit: 'copy',
        file: 'ETaxInvoice',
        to,
      })),
    },
  ];
}
