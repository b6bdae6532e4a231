import { pushedToNotes } from '../app/store-notes.ts';
import type { Workplace } from '../app/workplace.ts';
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { ordinaryPush, type PushDocument, push } from '../sync/push.ts';
import { refuseTaken } from '../sync/taken-stores.ts';
import { type VerifyDocument, verify } from '../sync/verify.ts';

/**
 * How far a first backup was read back: `data`: every byte, and found sound; `present`: it is there in full, but nobody here has the key
 * that opens it; `none`: this key may not read.
 */
export type ProofDepth = 'data' | 'present' | 'none';

export interface FirstBackup {
  readonly backup: PushDocument['backups'][number];
  /** Of the store in which least could be seen. */
  readonly depth: ProofDepth;
  /** The checked copies; empty where none could be read. */
  readonly checked: VerifyDocument['checked'];
  readonly warnings: readonly Warning[];
  /** What is wrong though something was stored. */
  readonly failure: EfakturError | null;
}

/** See {@link refuseTaken}. */
export async function refuseTakenStores(workplace: Workplace, moved: boolean): Promise<void> {
  const appFolder = await workplace.appFolder();
  const encryptor = await workplace.encryptor();
  await refuseTaken({ ...(await workplace.pushingContext()), appFolder, encryptor, moved });
}

/** Backs the e-Faktur folder of a workplace up to all its stores. Throws as `push` does where nothing could be stored. */
export async function makeFirstBackup(
  workplace: Workplace,
  moved: boolean,
): Promise<{ readonly document: PushDocument; readonly failure: EfakturError | null }> {
  const appFolder = await workplace.appFolder();
  const context = await workplace.pushingContext();
  const { document, failure } = await push({
    ...context,
    ...ordinaryPush,
    appFolder,
    proposesProgram: false,
    moved,
  });
  const notes = await pushedToNotes(appFolder, context, workplace);
  return { document: { ...document, warnings: [...document.warnings, ...notes] }, failure };
}

/**
 * Reads the newest of what was just stored back from every store that took it, with the secret keys of the workplace; without one,
 * looks that all of it is there. What is damaged is `failure`.
 */
export async function proveFirstBackup(
  workplace: Workplace,
  pushed: PushDocument,
): Promise<Pick<FirstBackup, 'depth' | 'checked' | 'warnings' | 'failure'>> {
  const reading = await workplace.readingContext();
  const hasKey = reading.decryptor !== null || (await workplace.keysId()) === null;
  const checked: VerifyDocument['checked'][number][] = [];
  const warnings: Warning[] = [];
  let depth: ProofDepth = hasKey ? 'data' : 'present';
  let failure: EfakturError | null = null;
  for (const store of reading.stores) {
    const stored = pushed.backups[0]?.stores.find((one) => one.store === store.url);
    const id = stored?.outcome === 'failed' ? null : (stored?.id ?? null);
    if (id === null) continue;
    try {
      const { document, failure: found } = await verify({
        ...reading,
        stores: [store],
        wanted: { by: 'id', id },
        level: hasKey ? 'data' : 'present',
        parts: null,
        engine: null,
        lock: workplace.config.lock,
      });
      checked.push(...document.checked);
      warnings.push(...document.warnings);
      if (found && found.code !== 'attention') failure ??= found;
    } catch (error) {
      // A key that may only add is a good one to have here; somebody else proves what it stored.
      if (!isEfakturError(error, 'access-denied')) throw error;
      depth = 'none';
    }
  }
  return { depth, checked, warnings, failure };
}
