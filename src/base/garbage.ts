import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Streams leave their buffers behind outside of V8's heap, where V8 lets 64 MB of them gather in each thread before it
 * walks the whole heap. Looking through the young objects alone, which such buffers belong to, takes about a
 * millisecond and frees them at once.
 */
export interface GarbageCollector {
  /** To be told of every buffer that was used up. */
  usedUp(bytes: number): void;
}

const betweenBytes = 4 << 20;
let collect: ((options: { type: 'minor' }) => void) | null = null;

export function garbageCollector(): GarbageCollector {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as NonNullable<typeof collect>;
  }
  let gathered = 0;
  return {
    usedUp(bytes) {
      gathered += bytes;
      if (gathered < betweenBytes) return;
      gathered = 0;
      collect?.({ type: 'minor' });
    },
  };
}
