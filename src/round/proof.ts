import type { Workplace } from '../app/workplace.ts';
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type VerifyDocument, verify } from '../sync/verify.ts';
import type { RanVerify } from './document.ts';
import { judgedAgainAfterDays, partsOfAll } from './parts.ts';
import { keyMayNotRead, noSecretKey, proveElsewhere } from './texts.ts';

/** The proof of some parts of what is stored, as far as the keys at hand go. */

export interface Proof {
  /** Null where nothing could be looked at. */
  readonly verify: RanVerify | null;
  readonly failure: EfakturError | null;
  readonly warnings: readonly Warning[];
}

/**
 * Verifies these parts (from 1) of all that is stored, and the newest where no young proof is: reads every byte of them where a key may read and open it, else looks
 * whether it is there. `isKeyLocked` tells whether a passphrase was wanted and nobody was there to give it. That a key can do no more is a note and no failure: the PC that pushes often has none that could.
 */
export async function proofOf(
  workplace: Workplace,
  parts: readonly number[],
  isKeyLocked: () => boolean,
): Promise<Proof> {
  const { config } = workplace;
  const isKeySet =
    config.setting('EFAKTUR_IDENTITY_FILE') !== null || config.setting('EFAKTUR_IDENTITY_COMMAND') !== null;
  const stores = await workplace.stores();
  const warnings: Warning[] = [];
  const note = (message: Warning['message']): void =>
    void warnings.push({ code: 'proof-elsewhere', message, hint: proveElsewhere });
  let decryptor: Awaited<ReturnType<Workplace['decryptor']>> = null;
  try {
    decryptor = await workplace.decryptor();
  } catch (error) {
    // A key under a passphrase is for whoever restores; one that is lost or wrong must be told.
    if (!isEfakturError(error, 'wrong-key')) throw error;
    if (!isKeyLocked()) return { verify: null, failure: error, warnings };
  }
  const isOpen = decryptor !== null || (await workplace.keysId()) === null;
  if (!isOpen) note(noSecretKey);
  try {
    const level = isOpen ? 'data' : 'present';
    const { document, failure } = await verify({
      ...workplace.context,
      stores,
      decryptor,
      wanted: null,
      level,
      parts: { which: parts, of: partsOfAll, alone: true, judgedAgainAfterDays, provesNewest: true },
      engine: null,
      lock: config.lock,
    });
    warnings.push(...document.warnings);
    const soft = failure && softly(failure, isKeySet);
    if (soft) note(soft);
    return { verify: ranOf(document, parts, level), failure: soft ? null : failure, warnings };
  } catch (error) {
    if (!isEfakturError(error) || error.code === 'interrupted') throw error;
    const soft = softly(error, isKeySet);
    if (soft) note(soft);
    return { verify: null, failure: soft ? null : error, warnings };
  }
}

/** What only says that this is not the place for the proof. */
function softly(error: EfakturError, isKeySet: boolean): Warning['message'] | null {
  if (error.code === 'access-denied') return keyMayNotRead;
  return error.code === 'wrong-key' && !isKeySet ? noSecretKey : null;
}

const ranOf = (
  { outcome, checked, programs }: VerifyDocument,
  parts: readonly number[],
  level: RanVerify['level'],
): RanVerify => ({
  outcome,
  level,
  parts,
  of: partsOfAll,
  checked: checked.length + programs.length,
  damaged: [...checked, ...programs].filter(({ ok, code }) => !ok && code === undefined),
});
