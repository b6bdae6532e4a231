// Loaded with `node --import`: acts at the n-th call of a function of node:fs/promises, so that a test can kill the
// program at an exact step, or let the system refuse it, and the program itself has no hooks. KILL_AT is the JSON of a
// `Trap` (cli.ts).
import { appendFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { call, at, path, action, after, errno } = JSON.parse(process.env.KILL_AT ?? '{}');
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
/** Of an open file; `handle.sync` and so on. */
const handleChanging = ['write', 'writeFile', 'appendFile', 'truncate', 'sync', 'datasync', 'utimes'];
const pattern = path === undefined ? null : new RegExp(path);
let seen = 0;

const never = () => new Promise(() => setInterval(() => {}, 60_000));

function refusal(name) {
  return Object.assign(new Error(`${errno}: on purpose, ${name}`), { code: errno, syscall: name });
}

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

/** Whether a call opens a file for writing. */
const opensForWriting = (args) => typeof args[1] === 'string' && /[wa+]/.test(args[1]);

function trap(holder, name, shown, isCounted = () => true) {
  const original = holder[name];
  holder[name] = async function (...args) {
    const paths = args.filter((arg) => typeof arg === 'string');
    const isOther = pattern !== null && !paths.some((one) => pattern.test(one));
    if (isOther || !isCounted(args)) return original.apply(this, args);
    seen++;
    // What is written stands among the arguments, too: a line a call, whatever it says.
    if (trace !== undefined)
      appendFileSync(trace, `${seen} ${shown} ${JSON.stringify(paths).slice(0, 300)}\n`);
    if (at !== 0 && seen !== at) return original.apply(this, args);
    if (action === 'fail') {
      process.stderr.write(`trap: ${shown} ${errno}\n`);
      throw refusal(shown);
    }
    if (!after) await act();
    const result = await original.apply(this, args);
    if (after) await act();
    return result;
  };
}

const handle = await fs.open(import.meta.filename, 'r');
const handles = Object.getPrototypeOf(handle);
await handle.close();
if (call === 'change') {
  // Everything that changes the disk, in files and in folders.
  for (const name of changing) trap(fs, name, name);
  trap(fs, 'open', 'open', opensForWriting);
  trap(fs, 'utimes', 'utimes');
  for (const name of handleChanging) trap(handles, name, `handle.${name}`);
} else if (call.startsWith('handle.')) trap(handles, call.slice(7), call);
else for (const name of call === 'any' ? changing : [call]) trap(fs, name, name);
syncBuiltinESMExports();
