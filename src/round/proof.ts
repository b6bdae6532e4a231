import type { Workplace } from '../app/workplace.ts';
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { leavesUnchecked, type VerifyDocument, verify } from '../sync/verify.ts';
import type { RanVerify } from './document.ts';
import { inOrder, judgedAgainAfterDays, partsOfAll } from './parts.ts';
import { keyMayNotRead, noSecretKey, proveElsewhere } from './texts.ts';

/** The proof of some parts of what is stored, as far as the keys at hand go. */

export interface Proof {
  /** Null where nothing could be looked at. */
  readonly verify: RanVerify | null;
  readonly failure: EfakturError | null;
  readonly warnings: readonly Warning[];
  /** Addresses of stores that did not answer to the end, or hold no backup. */
  readonly unchecked: readonly string[];
}

type Decryptor = NonNullable<Awaited<ReturnType<Workplace['decryptor']>>>;
type ObjectStore = Awaited<ReturnType<Workplace['stores']>>[number];

/** What is to be read of a store, parts from 1. */
export interface DueProof {
  readonly store: ObjectStore;
  readonly parts: readonly number[];
}

/**
 * Verifies these parts of what each store has, and the newest where no young proof is: reads every byte of them where a key may
 * read and open it, else looks whether it is there. `isKeyLocked` tells whether a passphrase was wanted and nobody was there to
 * give it. That a key can do no more is a note and no failure: the PC that pushes often has none that could.
 */
export async function proofOf(
  workplace: Workplace,
  due: readonly DueProof[],
  isKeyLocked: () => boolean,
): Promise<Proof> {
  let decryptor: Decryptor | null = null;
  try {
    decryptor = await workplace.decryptor();
  } catch (error) {
    // A key under a passphrase is for whoever restores; one that is lost or wrong must be told.
    if (!isEfakturError(error, 'wrong-key')) throw error;
    if (!isKeyLocked()) return { verify: null, failure: error, warnings: [], unchecked: [] };
  }
  const isOpen = decryptor !== null || (await workplace.keysId()) === null;
  // Those of which the same is due are judged together, as one may have what is lost in another.
  const together = Map.groupBy(due, ({ parts }) => parts.join());
  const proofs: Proof[] = [];
  for (const group of together.values())
    proofs.push(await proofOfGroup(workplace, group, { decryptor, level: isOpen ? 'data' : 'present' }));
  const warnings = [...(isOpen ? [] : [elsewhere(noSecretKey)]), ...proofs.flatMap((one) => one.warnings)];
  const isFirst = ({ code, message }: Warning, at: number): boolean =>
    warnings.findIndex((one) => one.code === code && one.message.en === message.en) === at;
  return {
    verify: proofs.map(({ verify }) => verify).reduce(inOne, null),
    failure: proofs.find(({ failure }) => failure !== null)?.failure ?? null,
    warnings: warnings.filter(isFirst),
    unchecked: proofs.flatMap(({ unchecked }) => unchecked),
  };
}

async function proofOfGroup(
  workplace: Workplace,
  group: readonly DueProof[],
  { decryptor, level }: { readonly decryptor: Decryptor | null; readonly level: RanVerify['level'] },
): Promise<Proof> {
  const { config } = workplace;
  const isKeySet =
    config.setting('EFAKTUR_IDENTITY_FILE') !== null || config.setting('EFAKTUR_IDENTITY_COMMAND') !== null;
  const stores = group.map(({ store }) => store);
  const which = group[0]?.parts ?? [];
  try {
    const { document, failure, unchecked } = await verify({
      ...workplace.context,
      stores,
      decryptor,
      wanted: null,
      level,
      parts: { which, of: partsOfAll, alone: true, judgedAgainAfterDays, provesNewest: true },
      engine: null,
      lock: config.lock,
    });
    const soft = failure && softly(failure, isKeySet);
    const warnings = [...document.warnings, ...(soft ? [elsewhere(soft)] : [])];
    return { verify: ranOf(document, which, level), failure: soft ? null : failure, warnings, unchecked };
  } catch (error) {
    if (!isEfakturError(error) || error.code === 'interrupted') throw error;
    const soft = softly(error, isKeySet);
    const unchecked = isEfakturError(error, ...leavesUnchecked) ? stores.map(({ url }) => url) : [];
    const warnings = soft ? [elsewhere(soft)] : [];
    return { verify: null, failure: soft ? null : error, warnings, unchecked };
  }
}

const elsewhere = (message: Warning['message']): Warning => ({
  code: 'proof-elsewhere',
  message,
  hint: proveElsewhere,
});

function inOne(a: RanVerify | null, b: RanVerify | null): RanVerify | null {
  if (a === null || b === null) return a ?? b;
  return {
    ...a,
    outcome: a.outcome === 'ok' ? b.outcome : a.outcome,
    parts: inOrder([...a.parts, ...b.parts]),
    checked: a.checked + b.checked,
    damaged: [...a.damaged, ...b.damaged],
  };
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
