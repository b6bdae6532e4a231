import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import type { CallOptions, IdleClock } from './store.ts';
import { interrupted } from './store-errors.ts';
import { checkNetwork, noAnswer, noByteMoved } from './texts.ts';

export const defaultIdleTimeoutMs = 60_000;

/**
 * One running operation of a store behind a network: it stops when its signal does, or when no byte moved for the idle
 * time. A byte moves when it is received or handed to the kernel; on Linux also when the kernel got rid of it, because
 * a send buffer of megabytes takes minutes on a slow uplink.
 */
export interface Operation {
  /** Aborted for any cause, with the error to throw as its reason. */
  readonly signal: AbortSignal;
  /** Aborted by silence only, for requests that must not be cut by the user because they leave something behind. */
  readonly silence: AbortSignal;
  /** Counts as movement whenever it is asked: a reader that has not asked for more is no fault of the store. */
  readonly excuses: Set<() => boolean>;
  readonly sockets: Set<Socket>;
  /** What its last request tries to reach, for messages: `HOST:PORT`; null before the first. */
  tried: Text | null;
  moved(): void;
  /** Ends the operation from inside; `reason` becomes what its caller gets. */
  stop(reason: Error): void;
  /** The outcome of `work`, or the reason as soon as the operation stops, whether or not `work` notices. */
  orStopped<T>(work: Promise<T>): Promise<T>;
  /** Must be called when the operation is over. */
  end(): void;
}

/** Begins to watch an operation. The clock is the caller's when it brings one, so that repeated tries share it. */
export function watchOperation(url: string, idleTimeoutMs: number, options: CallOptions): Operation {
  const clock: IdleClock = options.idle ?? { movedAtMs: performance.now() };
  const whole = new AbortController();
  const silent = new AbortController();
  const excuses = new Set<() => boolean>();
  const sockets = new Set<Socket>();
  let queuedBefore: number | null = null;

  const stop = (reason: Error): void => whole.abort(reason);
  const onUserAbort = (): void => {
    if (options.signal) stop(interrupted(url, options.signal));
  };
  if (options.signal?.aborted) onUserAbort();
  options.signal?.addEventListener('abort', onUserAbort, { once: true });

  const tickMs = Math.min(1000, Math.max(20, idleTimeoutMs / 20));
  const timer = setInterval(() => {
    const silentMs = performance.now() - clock.movedAtMs;
    if (silentMs < idleTimeoutMs / 4) {
      queuedBefore = null;
      return;
    }
    const queued = queuedBytes(sockets);
    const drained = queued !== null && queuedBefore !== null && queued !== queuedBefore;
    queuedBefore = queued;
    if (drained || [...excuses].some((excuse) => excuse())) clock.movedAtMs = performance.now();
    else if (silentMs >= idleTimeoutMs) {
      const reason = new EfakturError(
        'store-unavailable',
        { what: noAnswer(url), because: noByteMoved(silentMs, operation.tried) },
        checkNetwork,
      );
      silent.abort(reason);
      stop(reason);
    }
  }, tickMs);

  const operation: Operation = {
    tried: null,
    signal: whole.signal,
    silence: silent.signal,
    excuses,
    sockets,
    moved: () => {
      clock.movedAtMs = performance.now();
    },
    stop,
    orStopped: (work) =>
      new Promise((resolve, reject) => {
        const onStop = (): void => reject(whole.signal.reason);
        if (whole.signal.aborted) onStop();
        whole.signal.addEventListener('abort', onStop, { once: true });
        work.then(resolve, reject).finally(() => whole.signal.removeEventListener('abort', onStop));
      }),
    end: () => {
      clearInterval(timer);
      options.signal?.removeEventListener('abort', onUserAbort);
    },
  };
  return operation;
}

/**
 * The bytes that lie in the send queues of these sockets, sent or not but unacknowledged; null where the system does not
 * tell. Column `tx_queue` of /proc/net/tcp, see proc_pid_net(5); addresses and sizes are hexadecimal.
 */
function queuedBytes(sockets: ReadonlySet<Socket>): number | null {
  if (process.platform !== 'linux') return null;
  const ours = new Set([...sockets].map(({ localPort, remotePort }) => `${localPort}-${remotePort}`));
  let total = 0;
  for (const table of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    let text: string;
    try {
      text = readFileSync(table, 'latin1');
    } catch {
      continue; // Without IPv6 there is no second table; without /proc nothing is known.
    }
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
      const port = (address: string): number =>
        Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
      if (ours.has(`${port(local)}-${port(remote)}`)) total += Number.parseInt(queues, 16) || 0;
    }
  }
  return total;
}
