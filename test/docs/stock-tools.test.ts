import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { systemCode } from '../../src/base/errors.ts';
import { stockCommands, unpackDifferential } from '../../src/catalog/stock-tools.ts';
import { keysOf, makeWorld, treeOf, type World } from '../support/cli.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import { allGuides } from '../support/guides.ts';

/** What a stranger does in ten years who has the bucket, its texts, the stock tools and nothing else. */

const run = promisify(execFile);
const packages: Record<string, string> = { age: 'age', zstd: 'zstd', mcs: 'mono-mcs', mono: 'mono-runtime' };

async function stock(tool: string, args: readonly string[], cwd: string): Promise<void> {
  await run(tool, args, { cwd }).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new Error(`This test needs the program "${tool}": install ${packages[tool] ?? tool}.`);
  });
}

beforeAll(async () => {
  for (const tool of ['zstd', 'age', 'tar', 'python3', 'mcs', 'mono']) await stock(tool, ['--version'], '.');
});

/** A store with a full and a differential, the states that they are of, and who pulled them. */
interface Stored {
  readonly world: World;
  readonly states: Record<'full' | 'differential', Awaited<ReturnType<typeof treeOf>>>;
  /** The secret key; null in clear. */
  readonly keyFile: string | null;
}

async function storeBoth(derby: Derby, encrypted: boolean): Promise<Stored> {
  const world = await makeWorld({ backups: [] });
  const database = join(world.app, 'db', 'ETaxInvoice');
  const keyFile = encrypted ? join(world.folder, 'secret.txt') : null;
  const env: Record<string, string> = {};
  if (keyFile !== null) {
    const made = await world.json<{ recipient: string }>(['keys', 'new', '--out', keyFile]);
    env.EFAKTUR_RECIPIENTS = made.recipient;
  }
  const db = join(world.app, 'db');
  await world.json(['push', '--source', 'live'], { env });
  const full = await treeOf(db);
  await derby.addInvoice(database, { date: '2023-07-10', customer: 'Gerbang Semesta', dpp: '345000' });
  await derby.shutdown(database);
  // Derby leaves it out when it is empty; a restore always has it.
  await mkdir(join(database, 'tmp'), { recursive: true });
  const { backups } = await world.json(['push', '--source', 'live'], { env });
  expect(backups[0]).toMatchObject({ kind: 'differential', encrypted });
  return { world, states: { full, differential: await treeOf(db) }, keyFile };
}

interface Found {
  readonly readme: string;
  readonly manifest: { readonly needs: { key: string; sha256: string }[]; readonly restore: string };
}

/** From the listing: README.txt, and the manifest of the backup with an archive of that ending. */
async function found({ world }: Stored, ending: string): Promise<Found> {
  const keys = await keysOf(world.store);
  const readme = await readFile(join(world.store, keys.find((key) => !key.includes('/')) ?? ''), 'latin1');
  const archive = keys.find((key) => key.replace(/^[^.]*/, '') === ending) ?? '';
  const manifest = await readFile(join(world.store, archive.replace(ending, '.json')), 'utf8');
  return { readme, manifest: JSON.parse(manifest) };
}

/** Step 2 of README.txt, and the key of step 3: the files under "needs" in one new folder, each with its SHA-256. */
async function download({ world, keyFile }: Stored, { manifest }: Found, name: string): Promise<string> {
  const folder = join(world.folder, name);
  await mkdir(folder);
  for (const { key, sha256 } of manifest.needs) {
    const target = join(folder, key.replace(/.*\//, ''));
    await copyFile(join(world.store, key), target);
    expect(
      createHash('sha256')
        .update(await readFile(target))
        .digest('hex'),
    ).toBe(sha256);
  }
  if (keyFile !== null) await copyFile(keyFile, join(folder, 'key.txt'));
  return folder;
}

/** The commands of one of the chapters A to D of README.txt, with the real names; one of the two last ones of a differential. */
function chapter({ readme, manifest }: Found, letter: string, system: 'Windows' | 'Linux'): string[] {
  const text = new RegExp(`\\r\\n${letter}\\.  .*?(?=\\r\\n[A-Z]\\.  |$)`, 's').exec(readme)?.[0] ?? '';
  const other = system === 'Windows' ? 'Linux' : 'Windows';
  const mine = text.replace(new RegExp(`^ {2}${other}.*?(?=^ {2}\\S|(?![\\s\\S]))`, 'ms'), '');
  const names = manifest.needs.map(({ key }) => key.replace(/.*\//, '').replace(/\..*/, ''));
  return [...mine.matchAll(/^ {4}(\S.*)\r$/gm)].map(([, line = '']) =>
    line.replaceAll('NAME', names.at(-1) ?? '').replaceAll('FULL', names[0] ?? ''),
  );
}

/** Runs lines one by one; the line for PowerShell as far as that goes without Windows: by the C# in its script. */
async function follow(lines: readonly string[], folder: string): Promise<void> {
  for (const line of lines) {
    if (line.startsWith('powershell ')) {
      expect(line).toBe(String.raw`powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full`);
      await runScriptOfPowerShell(folder);
    } else {
      // The Command Prompt and PowerShell 5 must do the same with it.
      expect(line).toMatch(/^[\w./ -]+$/);
      await stock('sh', ['-c', line], folder);
    }
  }
}

async function runScriptOfPowerShell(folder: string): Promise<void> {
  const script = await readFile(join(folder, 'differential', 'restore.ps1'), 'latin1');
  const [, source = ''] = /\r\nAdd-Type -TypeDefinition @'\r\n(.*?)\r\n'@\r\n/s.exec(script) ?? [];
  const main =
    'class P { static int Main(string[] a) { string p = EfakturDifferential.Restore(a[0], a[1], a[2]); System.Console.Write(p); return p == null ? 0 : 1; } }';
  const build = join(folder, '..', 'compiled');
  await mkdir(build, { recursive: true });
  await writeFile(join(build, 'restore.cs'), source + main);
  // That of .NET Framework, which Windows PowerShell 5 compiles with; the warnings would be errors there, too.
  await stock('mcs', ['-langversion:5', '-warnaserror', 'restore.cs'], build);
  await stock(
    'mono',
    [join(build, 'restore.exe'), 'differential', join(folder, 'full'), join(folder, 'db')],
    folder,
  );
}

/** What is in the folder is the whole state, and Derby finds every table of it sound. */
async function isWhole(
  folder: string,
  derby: Derby,
  state: Awaited<ReturnType<typeof treeOf>>,
  invoices: number,
): Promise<void> {
  expect(await treeOf(join(folder, 'db'))).toEqual(state);
  expect((await derby.checkCopy(join(folder, 'db', 'ETaxInvoice'))).ok).toBe(true);
  const { rows } = await derby.query(
    join(folder, 'db', 'ETaxInvoice'),
    "SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN WHERE NAMA_LAWAN = 'Gerbang Semesta'",
  );
  expect(rows[0]?.[0]).toBe(invoices);
  await derby.shutdown(join(folder, 'db', 'ETaxInvoice'));
}

const formatMd = async (): Promise<string> =>
  readFile(join(import.meta.dirname, '../../docs/FORMAT.md'), 'utf8');

describe.each([
  ['in clear', ''],
  ['encrypted', '.age'],
])('%s', (_, suffix) => {
  test('what README.txt, the manifest and the documents say restores a full and a differential', {
    timeout: 180_000,
  }, async () => {
    const derby = await startDerby();
    try {
      const stored = await storeBoth(derby, suffix !== '');
      const { states } = stored;
      const invoicesBefore = 1;

      const full = await found(stored, `.tar.zst${suffix}`);
      const byReadme = await download(stored, full, 'full-by-readme');
      await follow(chapter(full, suffix === '' ? 'A' : 'B', 'Linux'), byReadme);
      await isWhole(byReadme, derby, states.full, invoicesBefore);

      const differential = await found(stored, `.diff.tar.zst${suffix}`);
      for (const system of ['Windows', 'Linux'] as const) {
        const lines = chapter(differential, suffix === '' ? 'C' : 'D', system);
        expect(lines.at(-1)).toContain(system === 'Windows' ? 'powershell' : 'python3');
        const folder = await download(stored, differential, `differential-by-readme-${system}`);
        await follow(lines.slice(0, -1), folder);
        // Without the last step there is nothing that could be taken for the database.
        expect(Object.keys(await treeOf(folder)).filter((path) => /^db(\/|$)/.test(path))).toEqual([]);
        await follow(lines.slice(-1), folder);
        await isWhole(folder, derby, states.differential, invoicesBefore + 1);
      }

      for (const [name, about] of Object.entries({ full, differential })) {
        const folder = await download(stored, about, `${name}-by-manifest`);
        await stock('sh', ['-c', about.manifest.restore], folder);
        expect(await treeOf(join(folder, 'db'))).toEqual(states[name as keyof typeof states]);
      }
    } finally {
      await derby.close();
    }
  });

  test('the documents for users and FORMAT.md show these commands', async () => {
    const [base, diff] = [
      '20230706T021500Z-9c1d4e0b7a25.tar.zst',
      '20230708T023000Z-3f9a1c2e77d0.diff.tar.zst',
    ].map((name) => `${name}${suffix}`) as [string, string];
    const block = (lines: readonly string[]): string => `\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`;
    const windows = String.raw`powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full`;
    for (const text of [allGuides('en'), await formatMd()]) {
      expect(text).toContain(block(stockCommands(base)));
      expect(text).toContain(block([windows]));
    }
    expect(await formatMd()).toContain(block(stockCommands(diff, base)));
    if (suffix === '') expect(allGuides('en')).toContain(block(stockCommands(diff, base)));
    expect(stockCommands(diff, base).slice(0, -1)).toEqual(unpackDifferential(diff, base));
  });
});

/** A differential of the frozen samples beside its full, unpacked. */
async function unpacked(): Promise<string> {
  const world = await makeWorld(null);
  const samples = join(import.meta.dirname, '../fixtures/format-1');
  const folder = join(world.folder, 'by-hand');
  await mkdir(join(folder, 'full'), { recursive: true });
  const archives = [
    ['full', '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst'],
    ['.', '2023-07-10/20230710T030100Z-5b0c7d9e1f26.diff.tar.zst'],
  ];
  for (const [to = '', archive = ''] of archives) {
    await stock('zstd', ['-dq', join(samples, archive), '-o', join(folder, 'x.tar')], folder);
    await stock('tar', ['xf', 'x.tar', '-C', to], folder);
    await rm(join(folder, 'x.tar'));
  }
  return folder;
}

const scripts = {
  'restore.py': (folder: string) => stock('python3', ['differential/restore.py', 'full'], folder),
  'restore.ps1': runScriptOfPowerShell,
};

describe.each(Object.entries(scripts))('%s', (_, restore) => {
  const database = 'ETaxInvoice';
  const faults: Record<string, (folder: string) => Promise<unknown>> = {
    'the full is another one': async (folder) =>
      writeFile(join(folder, 'full', 'db', database, 'service.properties'), '#\n'),
    'a file of the full is missing': async (folder) =>
      rm(join(folder, 'full', 'db', database, 'service.properties')),
    'the full was not unpacked': async (folder) => rm(join(folder, 'full'), { recursive: true }),
    'a file of its own is missing': async (folder) =>
      rm(join(folder, 'differential', 'files', database, 'seg0', 'c40.dat')),
    'blocks are cut': async (folder) =>
      writeFile(join(folder, 'differential', 'blocks', database, 'seg0', 'c10.dat'), 'x'),
    'a byte has changed': async (folder) => {
      const path = join(folder, 'differential', 'blocks', database, 'seg0', 'c10.dat');
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
      await writeFile(path, bytes);
    },
    'the list names a path outside': async (folder) => {
      const path = join(folder, 'differential', 'efaktur-backup.json');
      const list = await readFile(path, 'utf8');
      await writeFile(path, list.replace(`"${database}/service.properties"`, '"../../outside"'));
    },
    'the list is cut': async (folder) => {
      const path = join(folder, 'differential', 'efaktur-backup.json');
      await writeFile(path, (await readFile(path)).subarray(0, 700));
    },
    'a db is there already': async (folder) => mkdir(join(folder, 'db')),
  };

  test.each(Object.entries(faults))('makes no db when %s', { timeout: 60_000 }, async (__, spoil) => {
    const folder = await unpacked();
    await spoil(folder);
    const before = await treeOf(join(folder, 'db'));
    await expect(restore(folder)).rejects.toThrow();
    expect(await treeOf(join(folder, 'db'))).toEqual(before);
  });

  test('a list of more than 10 MB, and names that are not ASCII', { timeout: 120_000 }, async () => {
    const folder = await unpacked();
    const path = join(folder, 'differential', 'efaktur-backup.json');
    const list = JSON.parse(await readFile(path, 'utf8')) as { files: object[]; more?: unknown };
    const text = 'Faktur "Ünïcode — 税" \\ \u2028 \u0001\n';
    const empty = createHash('sha256').digest('hex');
    for (let i = 0; i < 60; i++) {
      const file = `${database}/Ünïcode — 税 ${i}.dat`;
      list.files.push({ path: file, size: 0, mtime: '2023-07-10T03:00:07.125Z', sha256: empty });
      await writeFile(join(folder, 'differential', 'files', file), '');
    }
    list.more = Array.from({ length: 150_000 }, (__, i) => ({ text, i: -1.5e3 + i, yes: true, no: null }));
    await writeFile(path, JSON.stringify(list));
    expect((await readFile(path)).length).toBeGreaterThan(10e6);
    await restore(folder);
    const made = Object.keys(await treeOf(join(folder, 'db', database)));
    expect(made.filter((name) => name.startsWith('Ünïcode'))).toHaveLength(60);
  });
});
