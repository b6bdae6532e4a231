import { isEfakturError } from '../../base/errors.ts';
import { listed, type Text } from '../../base/text.ts';
import type { BackupEntry } from '../../catalog/listing.ts';
import { maxManifestBytes } from '../../catalog/manifest-parts.ts';
import type { BackupVerdict } from '../../catalog/names.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import {
  bothReasons,
  keyMayNotRead,
  keyThatReads,
  rightToRead,
  runVerify,
  runVerifyElsewhere,
  secretKeyElsewhere,
  secretKeySet,
} from './texts.ts';

/**
 * Where a proof can be made. A PC that pushes should have neither a key that reads its store nor the secret key that opens
 * its backups, so what it advises must work elsewhere.
 */
export interface Provable {
  readonly mayRead: boolean;
  /** Whether backups of this store could be opened here: they are in clear, or a secret key is set. */
  readonly opens: boolean;
}

/** Asks for one manifest: whether this key may read is told by nothing else. `hasIdentity`: a secret key is set here. */
export async function provableHere(
  store: ObjectStore,
  { manifestKey, manifestVersionId, archive }: BackupEntry,
  { hasIdentity, signal }: { readonly hasIdentity: boolean; readonly signal: AbortSignal },
): Promise<Provable> {
  const opens = hasIdentity || archive?.encrypted !== true;
  const from = { signal, ...(manifestVersionId !== null && { versionId: manifestVersionId }) };
  try {
    await readObject(store, manifestKey, maxManifestBytes, from);
    return { mayRead: true, opens };
  } catch (error) {
    // One that is too long was read all the same.
    if (isEfakturError(error, 'damaged')) return { mayRead: true, opens };
    if (!isEfakturError(error, 'access-denied')) throw error;
    return { mayRead: false, opens };
  }
}

export const isHere = ({ mayRead, opens }: Provable): boolean => mayRead && opens;

/** Why a proof cannot be made here; empty where it can. */
export const whyNotHere = ({ mayRead, opens }: Provable): Text =>
  bothReasons([...(mayRead ? [] : [keyMayNotRead]), ...(opens ? [] : [secretKeyElsewhere])]);

/** What to run to prove a store, and where. Only Derby itself can tell whether what was not closed is sound. */
export function howToProve(store: ObjectStore, provable: Provable, verdict: BackupVerdict | null): Text {
  const how = verdict === 'needs-recovery' ? '--engine' : '--read-data';
  if (isHere(provable)) return runVerify(how);
  const url = /^[\w:/.\\-]+$/.test(store.url) ? store.url : `"${store.url}"`;
  const isBucket = store.url.startsWith('s3://');
  const needs = [
    ...(provable.mayRead ? [] : [isBucket ? keyThatReads(url) : rightToRead]),
    ...(provable.opens ? [] : [secretKeySet]),
  ];
  return runVerifyElsewhere(listed(needs), how, url);
}
