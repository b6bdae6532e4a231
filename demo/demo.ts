import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';

/**
 * The whole story on a sample: an e-Faktur folder with the login backups of 6 and 8 July 2023 is pushed, listed and
 * restored for both days. `EFAKTUR_STORE` names another store than a folder; the demo then uses a prefix of its own in it.
 */
const program = join(import.meta.dirname, '..', 'dist', 'efaktur-cloud.js');
const work = await mkdtemp(join(tmpdir(), 'efaktur-demo-'));
const wanted = 'Gerbang Semesta';

const demoPrefix = `efaktur-demo-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
const given = process.env.EFAKTUR_STORE;
const [address = '', query] = (given ?? '').split('?');
const store = given ? `${address.replace(/\/$/, '')}/${demoPrefix}${query === undefined ? '' : `?${query}`}` : join(work, 'store');

const env: NodeJS.ProcessEnv = { EFAKTUR_STORE: store, EFAKTUR_STATE_DIR: join(work, 'state'), EFAKTUR_TIMEZONE: 'Asia/Jakarta', EFAKTUR_NAME: 'demo' };
for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('EFAKTUR_')) env[name] = value;

function run(...args: string[]): void {
  console.log(`\n$ efaktur-cloud ${args.join(' ').replaceAll(work, '…')}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: work, env, encoding: 'utf8' });
  console.log(`${stdout}${stderr}`.trimEnd().replaceAll(work, '…'));
  if (status !== 0) throw new Error(`the command ended with exit code ${status}`);
}

async function fileHashes(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hashes.set(relative(folder, path), createHash('sha256').update(await readFile(path)).digest('hex'));
  }
  return hashes;
}

async function filesWith(text: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of (await fileHashes(folder)).keys()) {
    if ((await readFile(join(folder, path))).includes(text)) found.push(path);
  }
  return found;
}

try {
  const app = await makeEfakturFolder(join(work, 'e-Faktur'));
  console.log('A sample e-Faktur folder with the login backups of 6 and 8 July 2023 was made.');
  run('push', '--app', app, '--source', 'backup', '--all');
  run('list');
  const [early, late] = [join(work, 'restored-6-july'), join(work, 'restored-8-july')];
  run('pull', '--date', '2023-07-06', '--to', early);
  run('pull', '--date', '2023-07-08', '--to', late);

  const [before, after] = [await fileHashes(early), await fileHashes(late)];
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();
  console.log(`\n${differing.length} of ${after.size} files differ between the two restored folders:`);
  for (const path of differing) console.log(`  ${path}`);
  for (const [day, folder] of [['6 July 2023', early], ['8 July 2023', late]] as const) {
    const found = await filesWith(wanted, folder);
    console.log(`"${wanted}" in the db of ${day}: ${found.length > 0 ? `found in ${found.join(', ')}` : 'not there'}`);
  }
  if ((await filesWith(wanted, early)).length > 0 || (await filesWith(wanted, late)).length === 0) {
    throw new Error(`"${wanted}" is not where it must be`);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
