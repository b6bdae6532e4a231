/**
 * The time that a page has: what does not answer in it is told as silent, and nothing waits for it. A disk that has gone, or a
 * service behind a dead line, keeps a call for minutes.
 */
export interface Patience {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** What a call comes to; null when it does not answer in time. */
  within<T>(call: Promise<T>): Promise<T | null>;
  /** Lets nothing wait any more. */
  end(): void;
}

export function beginPatience(limitMs: number, stop: AbortSignal): Patience {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), limitMs);
  const signal = AbortSignal.any([over.signal, stop]);
  const late = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  return {
    signal,
    limitMs,
    within(call) {
      // It may fail when nobody looks any more.
      call.catch(() => {});
      return Promise.race([call, late]);
    },
    end() {
      clearTimeout(timer);
      over.abort();
    },
  };
}
