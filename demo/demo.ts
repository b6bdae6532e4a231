import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';

/**
 * The whole story on a sample: an e-Faktur folder with the login backups of 6 and 8 July 2023 is pushed and listed; the
 * invoice of 8 July is found in the one and not in the other, and both days are restored. `EFAKTUR_STORE` names another
 * store than a folder; the demo then uses a prefix of its own in it.
 */
const program = join(import.meta.dirname, '..', 'dist', 'efaktur-cloud.js');
const work = await mkdtemp(join(tmpdir(), 'efaktur-demo-'));
const invoice = ['Gerbang Semesta', '345000'];

const demoPrefix = `efaktur-demo-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
const given = process.env.EFAKTUR_STORE;
const [address = '', query] = (given ?? '').split('?');
const store = given
  ? `${address.replace(/\/$/, '')}/${demoPrefix}${query === undefined ? '' : `?${query}`}`
  : join(work, 'store');

const env: NodeJS.ProcessEnv = {
  EFAKTUR_STORE: store,
  EFAKTUR_STATE_DIR: join(work, 'state'),
  EFAKTUR_TIMEZONE: 'Asia/Jakarta',
  EFAKTUR_NAME: 'demo',
};
for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('EFAKTUR_')) env[name] = value;

const quoted = (word: string): string => (/[ "]/.test(word) ? `'${word}'` : word);

/** Runs a command, shows what it says, and wants it to end with that exit code. */
function run(args: readonly string[], expectedCode = 0): void {
  console.log(`\n$ efaktur-cloud ${args.map(quoted).join(' ').replaceAll(work, '…')}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: work,
    env,
    encoding: 'utf8',
  });
  console.log(`${stdout}${stderr}`.trimEnd().replaceAll(work, '…'));
  if (status !== 0) console.log(`(exit code ${status})`);
  if (status !== expectedCode)
    throw new Error(`the command ended with exit code ${status}, not ${expectedCode}`);
}

try {
  const app = await makeEfakturFolder(join(work, 'e-Faktur'));
  console.log('A sample e-Faktur folder with the login backups of 6 and 8 July 2023 was made.');
  run(['push', '--app', app, '--source', 'backup', '--all']);
  run(['list']);
  run(['find', ...invoice, '--date', '2023-07-08']);
  run(['find', ...invoice, '--date', '2023-07-06'], 5);
  run(['diff', '2023-07-06', '2023-07-08', '--rows']);
  run(['pull', '--date', '2023-07-06', '--to', join(work, 'restored-6-july')]);
  // One line of several words: all of them in one row.
  const expected = `"${invoice[0]}" ${invoice[1]}`;
  run(['pull', '--date', '2023-07-08', '--to', join(work, 'restored-8-july'), '--expect', expected]);
} finally {
  await rm(work, { recursive: true, force: true });
}
