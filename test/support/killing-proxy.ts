import { kill } from 'node:process';
import { changingProxy } from './changing-proxy.ts';

/** Stands before an S3 service and kills a process at the n-th request (from 1) that changes something there. */
export interface KillingProxy {
  readonly endpoint: string;
  /** Changes asked for since the last `arm`. */
  changes(): number;
  /** `before` the service hears of the change, or `after` it has carried it out; 0 kills at none. */
  arm(at: number, when: 'before' | 'after'): void;
  /** Whom to kill. */
  aim(pid: number): void;
}

export async function killingProxy(endpoint: string): Promise<KillingProxy> {
  let [at, changes, pid] = [0, 0, 0];
  let when: 'before' | 'after' = 'before';
  // The bytes of a large part come while others are under way: the one that was counted is the one to act at.
  const counted = new WeakMap<object, number>();
  const hit = (request: object, now: typeof when): boolean => {
    if (counted.get(request) !== at || when !== now) return false;
    kill(pid, 'SIGKILL');
    return true;
  };
  const { endpoint: own } = await changingProxy(endpoint, {
    instead(request) {
      if (request.method === 'PUT' || request.method === 'POST') counted.set(request, ++changes);
      return hit(request, 'before') ? 'cut' : null;
    },
    answer: (request, answer) => (hit(request, 'after') ? 'cut' : answer),
  });
  return {
    endpoint: own,
    changes: () => changes,
    arm(number, side) {
      [at, changes, when] = [number, 0, side];
    },
    aim(target) {
      pid = target;
    },
  };
}
