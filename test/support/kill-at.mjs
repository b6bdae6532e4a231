// Loaded with `node --import`: acts at the n-th call of a function of node:fs/promises, so that a test can kill the
// program at an exact step and the program itself has no hooks. KILL_AT is the JSON of a `Trap` (cli.ts).
import { appendFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { call, at, path, action, after } = JSON.parse(process.env.KILL_AT ?? '{}');
const trace = process.env.KILL_TRACE;
const changing = [
  'rename',
  'rm',
  'rmdir',
  'mkdir',
  'unlink',
  'link',
  'copyFile',
  'writeFile',
  'appendFile',
  'truncate',
];
const pattern = path === undefined ? null : new RegExp(path);
let seen = 0;

const never = () => new Promise(() => setInterval(() => {}, 60_000));

async function act() {
  process.stderr.write(`trap: ${call} ${at}\n`);
  if (action === 'hang') await never();
  else if (action === 'slow') await new Promise((resolve) => setTimeout(resolve, 500));
  else {
    process.kill(process.pid, action);
    // A killed process must not get as far as the call; an interrupted one hears of it before it goes on.
    if (action === 'SIGKILL') await never();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

for (const name of call === 'any' ? changing : [call]) {
  const original = fs[name];
  fs[name] = async (...args) => {
    const paths = args.filter((arg) => typeof arg === 'string');
    if (pattern !== null && !paths.some((one) => pattern.test(one))) return original(...args);
    seen++;
    if (trace !== undefined) appendFileSync(trace, `${seen} ${name} ${paths.join(' ')}\n`);
    if (seen !== at) return original(...args);
    if (!after) await act();
    const result = await original(...args);
    if (after) await act();
    return result;
  };
}
syncBuiltinESMExports();
