import { homedir, hostname } from 'node:os';
import { EfakturError, exitCodes } from './base/errors.ts';
import { outputError } from './base/output.ts';
import type { Io } from './cli/context.ts';
import { localeOf } from './cli/language.ts';
import { mannerByWords, runCommandLine } from './cli/run.ts';
import { runAgain, stoppedBy } from './cli/texts.ts';
import { sayFailure } from './cli/voice.ts';
import { leaveNow, leaveSoon, said } from './leave.ts';

declare const EFAKTUR_CLOUD_VERSION: string;

// A report that Node.js writes at a crash, if somebody asked for it, would hold the keys of the environment.
process.report.excludeEnv = true;

/** What an interrupted command may take to clean up. */
const cleanUpMs = 10_000;

const stop = new AbortController();
function stopBy(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) {
    // A second Ctrl-C must always work. A window that closes says so more than once, which is no impatience.
    if (signal === 'SIGINT') leaveNow(exitCodes.interrupted);
    return;
  }
  const interrupted = new EfakturError('interrupted', stoppedBy(signal), runAgain);
  stop.abort(interrupted);
  // And so must the first, whatever does not answer.
  setTimeout(() => {
    sayFailure(io, interrupted, manner);
    leaveNow(exitCodes.interrupted);
  }, cleanUpMs).unref();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopBy(signal));
// A reader that goes away (`| head`) is no error of ours; a full disk is told when the work is done.
let unsaid: unknown = null;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') unsaid ??= outputError(error);
});
// Without a place for complaints the work goes on, and the exit code tells.
process.stderr.on('error', () => {});

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  around: {
    env: process.env,
    currentFolder: process.cwd(),
    homeFolder: homedir(),
    hostName: hostname(),
    platform: process.platform,
    systemLocale: localeOf(process.env, () => navigator.language),
    // Asked only where it counts: the first use of Intl takes 25 ms.
    get systemZone() {
      return Intl.DateTimeFormat().resolvedOptions().timeZone;
    },
  },
  now: () => new Date(),
  signal: stop.signal,
  version: EFAKTUR_CLOUD_VERSION,
};
const argv = process.argv.slice(2);
/** How it speaks of what no command waits for, too; the settings may tell more. */
let manner = mannerByWords(argv, io);
// What nobody waits for: Node.js would print the line of the bundle that threw it, all of it.
process.on('uncaughtException', (error) => {
  if (isTerminalGone(error)) stopBy('SIGHUP');
  else leaveNow(sayFailure(io, error, manner));
});

/** A window that was closed while it was asked something: Node.js tells it by what it does to the terminal. */
const isTerminalGone = ({ code, syscall }: NodeJS.ErrnoException): boolean =>
  code === 'EIO' && (syscall === 'setRawMode' || syscall === 'read');

void main();

async function main(): Promise<void> {
  let code = await runCommandLine(argv, io, {
    speaks: (known) => {
      manner = known;
    },
  });
  await said([process.stdout, process.stderr]);
  if (code === 0 && unsaid !== null) {
    code = sayFailure(io, unsaid, manner);
    await said([process.stderr]);
  }
  process.exitCode = code;
  leaveSoon(code);
}
