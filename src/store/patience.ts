import { EfakturError } from '../base/errors.ts';
import { interrupted } from './store-errors.ts';
import { checkDrive, diskSilent, inStore } from './texts.ts';

/**
 * Waits for a disk or network folder that may never answer: a mount whose server has gone keeps every call for ever, and no
 * call can be taken back. So it is left behind, with whatever comes of it.
 */
export interface Patience {
  /** How long a call may take that only asks. */
  readonly askMs: number;
  /** How long one may take that hands bytes over: a slow stick writes out what the system has gathered. */
  readonly writeMs: number;
}

/** Half as long as a silent connection is waited for: a sleeping disk takes less. */
export const patienceOf = (idleTimeoutMs: number): Patience => ({
  askMs: idleTimeoutMs / 2,
  writeMs: idleTimeoutMs * 10,
});

/** After Ctrl-C a call is given this long to end as it would have. */
const graceMs = 1_000;

/**
 * What a call comes to; `store-unavailable` when it does not answer in time, and soon after an abort what the signal says.
 * `drop` gets what comes too late.
 */
export function answerOf<T>(
  url: string,
  call: Promise<T>,
  limitMs: number,
  signal: AbortSignal | undefined,
  drop: (late: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLeft = false;
    let grace: NodeJS.Timeout | undefined;
    const leave = (reason: EfakturError): void => {
      isLeft = true;
      settle();
      reject(reason);
    };
    const limit = setTimeout(() => leave(noAnswer(url, limitMs)), limitMs);
    const onAbort = (): void => {
      grace = setTimeout(() => signal && leave(interrupted(url, signal)), graceMs);
    };
    const settle = (): void => {
      clearTimeout(limit);
      clearTimeout(grace);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    call.then(
      (value) => {
        if (isLeft) return drop(value);
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}

const noAnswer = (url: string, limitMs: number): EfakturError =>
  new EfakturError('store-unavailable', inStore(url, diskSilent(limitMs)), checkDrive);
