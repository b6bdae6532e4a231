import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { EfakturError, systemCode } from './errors.ts';
import { compactUtc, parseCompactUtc } from './local-time.ts';
import { isProcessAlive, processMark } from './process-alive.ts';
import { cannotShowLife, tryAgainOrRestart } from './texts.ts';

/**
 * A sign of life that ends with its process, however that ends, and lies in no folder: what names a run listens on a pipe or
 * socket of that name. Numbers of processes are given out again, and only Linux tells when the one that has it now began. The
 * name holds no user: what an administrator restores must live for the accountant's next push, too.
 */

/** Ends of names: `T-PID`, the second in which the run began and its process. */
const runName = (stamp: string, pid: number): string => `${stamp}-${pid}`;

const placeOf = (run: string): string => {
  const name = `efaktur-cloud-${run}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // Linux has names for sockets that lie nowhere and go with their process.
  return process.platform === 'linux' ? `\0${name}` : `/tmp/${name}.sock`;
};

const held = new Set<string>();

/**
 * Names a run of this process, which lives for all who ask ({@link isRunAlive}) until the process ends. `target-not-writable`
 * where others could not see that it lives.
 */
export async function beginRun(at: Date): Promise<string> {
  const run = runName(compactUtc(at), process.pid);
  if (held.has(run)) return run;
  held.add(run);
  const server = createServer((asking) => {
    asking.on('error', () => {});
    asking.destroy();
  });
  // The process does not go on for its sake.
  server.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(placeOf(run), resolve);
    });
    server.on('error', () => {});
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    // Where somebody has that name, it answers; on Linux the system tells of the process as well.
    if (code === 'EADDRINUSE' || process.platform === 'linux') return run;
    held.delete(run);
    throw new EfakturError('target-not-writable', cannotShowLife(code), tryAgainOrRestart, error);
  }
  return run;
}

/** A name that no other run has or had: `T-PID-RANDOM-MARK`. */
export const claimName = (run: string): string => `${run}-${randomBytes(3).toString('hex')}-${processMark()}`;

/** The run that such a name is of; null for any other name. */
export function runOfClaim(name: string): RunOfName | null {
  const [stamp = '', pid = '', , mark = null] = name.split('-');
  const startedAt = parseCompactUtc(stamp);
  return startedAt && /^\d+$/.test(pid) ? { stamp, startedAt, pid: Number(pid), mark } : null;
}

/**
 * Whether the process that made a name at `stamp` (compact UTC, `startedAt` as an instant) still runs. `mark` is what the name
 * holds of it beside its number (`processMark`), if anything.
 */
export async function isRunAlive(
  { stamp, startedAt, pid, mark = null }: RunOfName,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const isThere = isProcessAlive(pid, startedAt, mark);
  if (pid === process.pid) return isThere;
  // On Linux that is certain but for a clock that was set meanwhile.
  if (platform === 'linux')
    return isThere || (mark === null && (await answers(placeOf(runName(stamp, pid)))));
  return isThere && (await answers(placeOf(runName(stamp, pid))));
}

export interface RunOfName {
  readonly stamp: string;
  readonly startedAt: Date;
  readonly pid: number;
  readonly mark?: string | null;
}

/** Only that nobody listens is a no: who may not ask, or gets no answer, must take it for alive. */
function answers(place: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = connect(place);
    const end = (isAlive: boolean): void => {
      asking.destroy();
      resolve(isAlive);
    };
    asking.setTimeout(5_000, () => end(true));
    asking.once('connect', () => end(true));
    asking.once('error', (error) => end(!['ENOENT', 'ECONNREFUSED'].includes(systemCode(error) ?? '')));
  });
}
