import { type EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Text } from '../../base/text.ts';
import type { ArchiveEntry } from '../../catalog/listing.ts';
import { type BackupVerdict, isEncryptedKey, type ProofLevel } from '../../catalog/names.ts';
import type { ObjectStore } from '../../store/store.ts';
import {
  type ArchiveCheck,
  absentNeeds,
  type CheckRequest,
  checkArchive,
  checkEach,
} from '../restore/archive-check.ts';
import type { StoredBackup } from '../stored/all-stores.ts';
import { isAsSent } from '../stored/as-sent.ts';
import { claimOf, type OpenManifest, ownArchive, readManifest } from '../stored/manifest.ts';
import { alters } from '../stored/second-reading.ts';
import type { Prove } from './proofs.ts';
import type { CheckedBackup } from './report.ts';
import { manifestOfOther } from './texts.ts';

/** Proves the stored backups of one store. */

interface Proving {
  /** All of the store, those that are not to be checked too. */
  readonly all: readonly StoredBackup[];
  /** Archives that the store lists, by key. */
  readonly listed: ReadonlyMap<string, ArchiveEntry>;
  readonly isInPart: (tag: string) => boolean;
  /** As what an archive was judged not long ago; null where it is to be judged now. */
  readonly judgedAs: (tag: string) => BackupVerdict | null;
  readonly prove: Prove;
}

type Request = CheckRequest & { readonly level: 'present' | ProofLevel };

/** Checks these of one store; `unopened` is the error of the first that no given key or no present version opens. */
export function checkBackups(
  store: ObjectStore,
  backups: readonly StoredBackup[],
  request: Request,
  { all, listed, isInPart, judgedAs, prove }: Proving,
): Promise<{ checked: CheckedBackup[]; unopened: EfakturError | null }> {
  // Several may name one archive; then it is read once.
  const read = new Map<string, ArchiveCheck>();
  const same = new Map<string, Promise<boolean>>();
  return checkEach(store, backups, checkBackup);

  async function checkBackup(entry: StoredBackup): Promise<Omit<CheckedBackup, 'id' | 'store'>> {
    const { level } = request;
    const { manifest, problems } = await checkPresent(entry, listed, request);
    if (level === 'present' || !manifest || problems.length > 0 || !isInPart(entry.tag))
      return { level: 'present', ok: problems.length === 0, problems };
    const known = level === 'data' && manifest.kind === 'differential' ? judgedAs(entry.tag) : null;
    if (known !== null && (await isAsJudged(manifest))) return { level, ok: true, verdict: known, problems };
    const check = await readOnce(entry, manifest, level);
    const isForged = check.verdict === 'damaged' && (await isContradicted(entry, claimOf(manifest), level));
    if (!isForged) await prove(entry.tag, check, isEncryptedKey(manifest.archive));
    const { verdict } = check;
    return { level: check.level, ok: verdict !== 'damaged', verdict, problems: check.problems };
  }

  function isAsJudged(manifest: OpenManifest): Promise<boolean> {
    const claim = claimOf(manifest);
    const reading = same.get(claim) ?? isAsSent(store, ownArchive(manifest), request.signal);
    same.set(claim, reading);
    return reading;
  }

  async function readOnce(
    { manifestKey: key, manifestVersionId: versionId }: StoredBackup,
    manifest: OpenManifest,
    level: ProofLevel,
  ): Promise<ArchiveCheck> {
    const claim = claimOf(manifest);
    const check =
      read.get(claim) ?? (await checkArchive(store, manifest, { key, versionId }, listed, level, request));
    read.set(claim, check);
    return check;
  }

  /** True when another backup names the same tag with other bytes, and those are sound: then it is the manifest that lies. */
  async function isContradicted(
    { tag, id }: StoredBackup,
    claim: string,
    level: ProofLevel,
  ): Promise<boolean> {
    for (const other of all.filter((one) => one.tag === tag && one.id !== id)) {
      try {
        const { manifest, problems } = await checkPresent(other, listed, request);
        if (!manifest || problems.length > 0 || claimOf(manifest) === claim) continue;
        if ((await readOnce(other, manifest, level)).verdict !== 'damaged') return true;
      } catch (error) {
        if (!isEfakturError(error, 'wrong-key', 'newer-format')) throw error;
      }
    }
    return false;
  }
}

async function checkPresent(
  { store, id, manifestKey: key, manifestVersionId: versionId }: StoredBackup,
  listed: ReadonlyMap<string, ArchiveEntry>,
  { decryptor, signal }: Request,
): Promise<{ manifest: OpenManifest | null; problems: Text[] }> {
  let manifest: OpenManifest;
  try {
    manifest = await readManifest(store, { key, versionId }, decryptor, signal);
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    return { manifest: null, problems: [error.text] };
  }
  const problems: Text[] = [];
  if (manifest.id !== id) problems.push(manifestOfOther(key, manifest.id));
  problems.push(...(await absentNeeds(store, manifest.needs, listed, signal)));
  if (problems.length > 0) {
    const again = await readManifest(store, { key, versionId }, decryptor, signal);
    if (again.id !== manifest.id || claimOf(again) !== claimOf(manifest)) throw alters(store, key);
  }
  return { manifest, problems };
}
