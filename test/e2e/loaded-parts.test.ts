import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { makeWorld, type World } from '../support/cli.ts';

/*
 * What the built program loads for a command: each part costs every start of it, and an S3 client alone a quarter of a
 * second. One `import` at the top of a file, where it had stood where it is used, is enough to change that.
 */

const hook = pathToFileURL(join(import.meta.dirname, '../support/loaded-modules.mjs'));

/** What the program is bundled of. */
const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
  devDependencies: Readonly<Record<string, string>>;
};

/** Packages that every command loads. */
const always = ['dotenv', 'yargs'];

/** Parts of the program that only some commands need, by the names of their files below `src/`. */
const parts: Readonly<Record<string, RegExp>> = {
  archives: /^archive\/archive\.ts$/,
  engine: /^derby\/engine/,
  judge: /^derby\/judge\.ts$/,
  rows: /^derby\/rows\.ts$/,
  s3: /^store\/s3(?!-traits\.ts$)/,
  workbooks: /^inspect\/.*workbook/,
  'write zips': /^base\/zip-writer\.ts$/,
  'read zips': /^efaktur\/zip-source\.ts$/,
};

/** Direct packages and parts that the sources of loaded bundles are of, sorted; the map of a bundle names these. */
async function loadedBy(
  world: World,
  args: readonly string[],
  code: number,
): Promise<{ readonly packages: string; readonly parts: string }> {
  const list = join(world.folder, 'loaded.txt');
  await writeFile(list, '');
  const env = { NODE_OPTIONS: `--import=${hook}`, LOADED_MODULES: list };
  const outcome = await world.runBuilt(args, { env });
  expect(outcome.code, `${args.join(' ')}: ${outcome.stderr}`).toBe(code);
  const noted = (await readFile(list, 'utf8')).split('\n');
  const urls = new Set(noted.filter((url) => url.endsWith('.mjs') && url !== hook.href));
  const packages = new Set<string>();
  const loadedParts = new Set<string>();
  for (const url of urls) {
    const map = JSON.parse(await readFile(`${fileURLToPath(url)}.map`, 'utf8')) as { sources: string[] };
    for (const source of map.sources) {
      const { pathname } = new URL(source, url);
      const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(pathname)?.[1];
      if (name !== undefined && name in devDependencies && !always.includes(name)) packages.add(name);
      const own = name === undefined ? /.*\/src\/(.+)/.exec(pathname)?.[1] : undefined;
      for (const [part, files] of Object.entries(parts))
        if (own !== undefined && files.test(own)) loadedParts.add(part);
    }
  }
  return { packages: [...packages].sort().join(' '), parts: [...loadedParts].sort().join(', ') };
}

test('over a folder a command loads these packages and parts alone, and nothing of S3', async () => {
  const world = await makeWorld({ live: 'seed-8-july' });
  const zip = 'e-Faktur/backup/ETaxInvoice_20230708_093000.zip';
  /** In this order: the second has something to read. */
  const commands: readonly (readonly [command: string, packages: string, parts: string])[] = [
    ['push --source live', 'p-retry tar', 'archives, judge'],
    ['--help', '', ''],
    ['push --help', '', ''],
    ['list', 'p-map p-retry', ''],
    ['list --programs', 'p-map p-retry', ''],
    ['status', 'p-retry', ''],
    ['doctor', 'p-map p-retry', ''],
    ['keys show', '@scure/base p-retry', ''],
    ['keys new --out key.txt', '@scure/base age-encryption p-retry', ''],
    ['prune', 'p-map p-retry', ''],
    ['verify', 'p-retry tar', 'archives, judge'],
    ['tables', 'p-retry tar', 'archives, judge, rows'],
    [`tables --local ${zip}`, 'tar yauzl', 'archives, judge, read zips, rows'],
    ['show FAKTUR_KELUARAN', 'p-retry tar', 'archives, judge, rows'],
    [
      'show FAKTUR_KELUARAN --xlsx=a.xlsx',
      'p-retry tar yazl',
      'archives, judge, rows, workbooks, write zips',
    ],
    ['pull --to new', 'p-retry tar', 'archives, judge, rows'],
    ['init --yes --unencrypted --schedule off', '@scure/base p-map p-retry tar', 'archives, judge, rows'],
    ['export --to out', 'p-retry tar yazl', 'archives, judge, write zips'],
  ];
  const seen: [string, string, string][] = [];
  for (const [command] of commands) {
    const code = command === 'status' ? exitCodes.attention : 0;
    const { packages, parts } = await loadedBy(world, command.split(' '), code);
    seen.push([command, packages, parts]);
  }
  expect(seen).toEqual(commands);
});

test('over a bucket a command loads the S3 client', async () => {
  const server = createServer((_, response) => response.writeHead(403).end());
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = await makeWorld(null);
  const store = `s3://bucket/books?endpoint=${endpoint}&region=x`;
  const { packages, parts } = await loadedBy(world, ['list', '--store', store], exitCodes['access-denied']);
  expect(packages.split(' ')).toContain('@aws-sdk/client-s3');
  expect(parts).toBe('s3');
});

/** A fifth more than before it set itself up and ran by itself; what a single command loads is held above. */
const maxProgramBytes = 2_900_000;

test('the program is no larger than it may be', async () => {
  const files = (await readdir('dist', { recursive: true })).filter((name) => /\.[cm]?js$/.test(name));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join('dist', name))).size));
  const sum = sizes.reduce((all, size) => all + size, 0);
  expect(sum).toBeGreaterThan(maxProgramBytes / 2);
  expect(sum).toBeLessThanOrEqual(maxProgramBytes);
});
