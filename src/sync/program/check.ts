import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Text } from '../../base/text.ts';
import { isEncryptedKey } from '../../catalog/names.ts';
import type { ObjectStore } from '../../store/store.ts';
import {
  type ArchiveCheck,
  absentNeeds,
  type Checked,
  type CheckRequest,
  checkEach,
} from '../restore/archive-check.ts';
import { verifying } from '../restore/texts.ts';
import type { StoredProgram } from '../stored/all-stores.ts';
import { discardFile } from '../stored/archives.ts';
import { claimOf, type OpenProgramManifest } from '../stored/manifest.ts';
import { alters } from '../stored/second-reading.ts';
import { openManifestOf, readProgram } from './archives.ts';
import { programDamaged, storeAnew } from './texts.ts';

/**
 * Proves stored program folders. There is nothing to judge in them: one whose every byte is that of its list is `clean`, and what
 * Derby would open is not there.
 */

interface Proving {
  /** All of the store, those that are not to be checked too. */
  readonly all: readonly StoredProgram[];
  /** Tags of backups: no program folder has one of them, and a proof would be taken for theirs. */
  readonly backupTags: ReadonlySet<string>;
  readonly isInPart: (tag: string) => boolean;
  /** Leaves a proof of what was found of an archive. */
  readonly prove: (tag: string, check: ArchiveCheck, isEncrypted: boolean) => Promise<void>;
}

type Request = CheckRequest & { readonly level: 'present' | 'data' | 'engine'; readonly zone: string };

/** Checks those of one store; `unopened` is the error of the first that no given key or no present version opens. */
export function checkPrograms(
  store: ObjectStore,
  programs: readonly StoredProgram[],
  request: Request,
  proving: Proving,
): Promise<{ checked: Checked[]; unopened: EfakturError | null }> {
  // Two may name one archive; then it is read once.
  const read = new Map<string, ArchiveCheck>();
  return checkEach(store, programs, checkProgram);

  async function checkProgram(program: StoredProgram): Promise<Pick<Checked, 'level' | 'ok' | 'problems'>> {
    const { manifest, problems } = await checkPresent(program, request);
    if (request.level === 'present' || !manifest || problems.length > 0 || !proving.isInPart(program.tag))
      return { level: 'present', ok: problems.length === 0, problems };
    const check = await readOnce(program, manifest);
    const provesNothing =
      proving.backupTags.has(program.tag) ||
      (check.verdict === 'damaged' && (await isContradicted(program, claimOf(manifest))));
    if (!provesNothing) await proving.prove(program.tag, check, isEncryptedKey(manifest.archive));
    return { level: check.level, ok: check.verdict === 'clean', problems: check.problems };
  }

  async function readOnce(program: StoredProgram, manifest: OpenProgramManifest): Promise<ArchiveCheck> {
    const claim = claimOf(manifest);
    const check = read.get(claim) ?? (await readWhole(program, manifest, request));
    read.set(claim, check);
    return check;
  }

  /** True when another manifest of the tag names other bytes, and those are sound: then it is this manifest that lies. */
  async function isContradicted({ tag, id }: StoredProgram, claim: string): Promise<boolean> {
    for (const other of proving.all.filter((one) => one.tag === tag && one.id !== id)) {
      try {
        const { manifest, problems } = await checkPresent(other, request);
        if (!manifest || problems.length > 0 || claimOf(manifest) === claim) continue;
        if ((await readOnce(other, manifest)).verdict === 'clean') return true;
      } catch (error) {
        if (!isEfakturError(error, 'wrong-key', 'newer-format')) throw error;
      }
    }
    return false;
  }
}

async function checkPresent(
  program: StoredProgram,
  request: Request,
): Promise<{ manifest: OpenProgramManifest | null; problems: Text[] }> {
  let manifest: OpenProgramManifest;
  try {
    manifest = await openManifestOf(program, request);
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    return { manifest: null, problems: [error.text] };
  }
  const listed = new Map(program.archives.map((archive) => [archive.key, archive]));
  const problems = await absentNeeds(program.store, manifest.needs, listed, request.signal);
  if (problems.length > 0) {
    const again = await openManifestOf(program, request);
    if (claimOf(again) !== claimOf(manifest)) throw alters(program.store, program.manifestKey);
  }
  return { manifest, problems };
}

async function readWhole(
  program: StoredProgram,
  manifest: OpenProgramManifest,
  request: Request,
): Promise<ArchiveCheck> {
  const totalBytes = manifest.needs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  request.progress.begin(verifying(manifest.id), totalBytes);
  try {
    await readProgram({ program, manifest }, request, { take: discardFile });
    return { level: 'data', verdict: 'clean', problems: [] };
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    return { level: 'data', verdict: 'damaged', problems: [error.text] };
  }
}

/** What is lost of stored programs, and what still has it; null when nothing is. */
export function programDamage(checked: readonly Checked[]): EfakturError | null {
  const bad = checked.filter((c) => !c.ok && c.code === undefined);
  const [first] = bad;
  if (!first) return null;
  const copies = checked.filter((c) => c.ok && c.id === first.id);
  return new EfakturError(
    'damaged',
    programDamaged(
      first.id,
      first.store,
      first.problems.slice(0, 3),
      bad.length - 1,
      copies.map(({ store }) => store),
    ),
    storeAnew,
  );
}
