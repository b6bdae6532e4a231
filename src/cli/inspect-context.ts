import type { InspectContext } from '../inspect/backup-files.ts';
import type { ObjectStore } from '../store/store.ts';
import { type Invocation, verbContext } from './command.ts';

/** Stores are opened once, and only when they are needed. */
export function inspectContext(invocation: Invocation): InspectContext {
  let stores: Promise<ObjectStore[]> | null = null;
  return {
    stores: () => (stores ??= invocation.openStores()),
    decryptor: invocation.decryptor,
    ...verbContext(invocation),
  };
}
