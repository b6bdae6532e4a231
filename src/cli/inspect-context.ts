import type { InspectContext } from '../inspect/backup-files.ts';
import type { ObjectStore } from '../store/store.ts';
import type { Invocation } from './command.ts';

/** Stores are opened once, and only when they are needed. */
export function inspectContext(invocation: Invocation): InspectContext {
  const { io, config, progress } = invocation;
  let stores: Promise<ObjectStore[]> | null = null;
  return {
    stores: () => (stores ??= invocation.openStores()),
    decryptor: invocation.decryptor,
    stateDir: config.stateDir,
    zone: config.zone,
    now: io.now,
    signal: io.signal,
    progress,
  };
}
