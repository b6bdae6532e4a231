import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { nodeExe } from '../../scripts/windows/node-exe.ts';
import { databaseFiles, type WindowsPc, windowsPc } from '../support/win/pc.ts';
import { wine } from '../support/win/wine.ts';

/** A program that Windows ends in the middle of its work, as the Task Manager does. */

/**
 * Runs in Node.js for Windows, where SIGKILL is TerminateProcess. It ends the program at the first sight of what the moment
 * is known by, and writes how that went.
 */
const killer = `
const fs = require('node:fs');
const [, , app, moment, said, program, ...args] = process.argv;
const child = require('node:child_process').spawn(program, args, { stdio: 'ignore' });
const come = {
  reading: (names) => names.some((name) => name.startsWith('db.restoring-') && fs.readdirSync(app + '\\\\' + name).length > 0),
  between(names) {
    const whole = names.find((name) => name.startsWith('db.restored-'));
    // Windows renames no folder that a program stands in, so that the restore waits there.
    if (whole) process.chdir(app + '\\\\' + whole);
    return !names.includes('db');
  },
}[moment];
let at = null;
child.once('exit', (code, signal) => {
  fs.writeFileSync(said, JSON.stringify({ at, code, signal }));
  process.exit();
});
(function look() {
  const names = fs.readdirSync(app);
  if (come(names)) {
    at = fs.readdirSync(app).includes('db') ? 'db' : 'no db';
    child.kill('SIGKILL');
  } else setImmediate(look);
})();
`;

type Moment = 'reading' | 'between';

/** A restore of 6 July 2023 over the live db, ended at that moment. */
async function pullKilled(pc: WindowsPc, moment: Moment): Promise<unknown> {
  const [node, script, said] = ['node.exe', 'killer.cjs', 'said.json'].map((name) => join(pc.folder, name));
  if (!node || !script || !said) throw new Error('no paths');
  await writeFile(node, await nodeExe(), { mode: 0o755 });
  await writeFile(script, killer);
  const program = join(inject('windowsPrograms'), 'efaktur-cloud.exe');
  const names = [script, pc.app].map(pc.named);
  const pull = ['pull', '--date', '2023-07-06', '--yes'];
  const outcome = await wine(node, [...names, moment, pc.named(said), pc.named(program), ...pull], {
    prefix: inject('winePrefix'),
    env: pc.env,
    cwd: pc.folder,
  });
  expect(existsSync(said), outcome.stderr).toBe(true);
  return JSON.parse(await readFile(said, 'utf8'));
}

test.each<[string, Moment, string, 'old' | 'new']>([
  ['while it writes', 'reading', 'db', 'old'],
  ['between the old db and the new one', 'between', 'no db', 'new'],
])('a restore ended %s is settled by the next command', async (_, moment, at, expected) => {
  const pc = await windowsPc();
  await pc.json(['push', '--source', 'backup', '--all']);
  const aside = join(pc.folder, 'kembali');
  await pc.json(['pull', '--date', '2023-07-06', '--to', pc.named(aside)]);
  const db = { old: await databaseFiles(join(pc.app, 'db')), new: await databaseFiles(join(aside, 'db')) };
  expect(db.new).not.toEqual(db.old);

  expect(await pullKilled(pc, moment)).toEqual({ at, code: null, signal: 'SIGKILL' });
  expect((await readdir(pc.app)).filter((name) => /^db\.restor/.test(name))).not.toEqual([]);
  await pc.json(['push', '--source', 'live']);
  expect(await databaseFiles(join(pc.app, 'db'))).toEqual(db[expected]);
  expect((await readdir(pc.app)).filter((name) => /^db\.(restor|listed|discard)/.test(name))).toEqual([]);
  const kept = (await readdir(pc.app)).filter((name) => name.startsWith('db.before-restore-'));
  for (const name of kept) expect(await databaseFiles(join(pc.app, name))).toEqual(db.old);
  expect(kept).toHaveLength(expected === 'new' ? 1 : 0);
});
