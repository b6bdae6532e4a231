import { EfakturError, isEfakturError, keepOrThrow } from '../base/errors.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../catalog/choose.ts';
import { type ArchiveEntry, listBackups, type ProgramEntry } from '../catalog/listing.ts';
import { isEncryptedKey, type Proof, type ProofLevel, parseBackupKey } from '../catalog/names.ts';
import { listProofs } from '../catalog/proofs.ts';
import type { Tampering } from '../catalog/true-objects.ts';
import type { Decryptor } from '../crypto/age.ts';
import type { ObjectStore } from '../store/store.ts';
import type { ReadingContext } from './context.ts';
import { checkPrograms, programDamage } from './program/check.ts';
import {
  type ArchiveCheck,
  absentNeeds,
  type Checked,
  type CheckRequest,
  checkArchive,
  type UnopenedCode,
} from './restore/archive-check.ts';
import type { StoredBackup } from './stored/all-stores.ts';
import { countBackups } from './stored/counted-backups.ts';
import { claimOf, type OpenManifest, readManifest } from './stored/manifest.ts';
import { newestMissing, withMissing } from './stored/newest-pushed.ts';
import { checkReadme } from './stored/readme-check.ts';
import { alters } from './stored/second-reading.ts';
import { type ProofRules, provingIn } from './verify/proofs.ts';
import {
  type CheckedBackup,
  damageReport,
  type FoundTampering,
  missingReport,
  tamperingReport,
  tamperingWarning,
  unopenedReport,
} from './verify/report.ts';

export interface VerifyRequest extends ReadingContext, CheckRequest, ProofRules {
  /** Null for every backup. */
  readonly wanted: Wanted | null;
  /** Of every backup only those with these ids; all without. */
  readonly only?: ReadonlySet<string>;
  readonly level: 'present' | ProofLevel;
  /** Reads only the n-th of t parts of the archives. */
  readonly part: { readonly n: number; readonly t: number } | null;
}

export interface VerifyDocument {
  readonly outcome: 'ok' | 'damaged';
  readonly checked: readonly CheckedBackup[];
  /** Stored program folders, which are no backups; `engine` has nothing to open in them and reads them. */
  readonly programs: readonly Checked[];
  readonly warnings: readonly Warning[];
}

/**
 * Proves stored backups and program folders good, each copy in each store on its own, and leaves a proof object for every archive read. The
 * document is whole even when something is damaged; `failure` then says what is lost and where a sound copy is. Backups that
 * no given key or no present version opens do not stop the rest; `wrong-key` or `newer-format` is thrown when none can be
 * opened, else it is the `failure`. Where all else is well, tampering is `attention`, and so
 * is a store that lacks the newest backup that this PC pushed. One without any backup is `no-such-backup`.
 */
export async function verify(
  request: VerifyRequest,
): Promise<{ document: VerifyDocument; failure: EfakturError | null }> {
  const warnings: Warning[] = [];
  const tampered: FoundTampering[] = [];
  const missing: Finding[] = [];
  const checked: CheckedBackup[] = [];
  const programs: Checked[] = [];
  const entries: StoredBackup[] = [];
  let failure: EfakturError | null = null;
  let unopened: EfakturError | null = null;
  for (const store of request.stores) {
    try {
      const mine = await verifyStore(store, request, { tampered, missing, warnings });
      checked.push(...mine.checked);
      programs.push(...mine.programs);
      entries.push(...mine.entries);
      unopened ??= mine.unopened;
      failure ??= mine.without;
    } catch (error) {
      keepOrThrow(error);
      failure ??= error;
      warnings.push({
        code: error.code,
        message: `${store.url} was not checked to its end: ${error.message}`,
      });
    }
  }
  warnings.unshift(...tampered.map(tamperingWarning), ...missing);
  const nothing = failure ?? unopened;
  const both = [...checked, ...programs];
  if (nothing && both.every((c) => c.code !== undefined)) throw nothing;
  const damage = damageReport(checked, entries) ?? programDamage(programs);
  return {
    document: { outcome: damage ? 'damaged' : 'ok', checked, programs, warnings },
    failure:
      damage ??
      failure ??
      unopenedReport(checked, programs) ??
      tamperingReport(tampered) ??
      missingReport(missing),
  };
}

/** What is told of all stores together. */
interface Told {
  readonly tampered: FoundTampering[];
  readonly missing: Finding[];
  readonly warnings: Warning[];
}

async function verifyStore(
  store: ObjectStore,
  request: VerifyRequest,
  { tampered, missing, warnings }: Told,
): Promise<{
  checked: CheckedBackup[];
  programs: readonly Checked[];
  entries: StoredBackup[];
  unopened: EfakturError | null;
  /** When only program folders are there. */
  without: EfakturError | null;
}> {
  const listing = await listBackups(store, { signal: request.signal });
  tampered.push(...listing.tampered.map((found) => ({ ...found, store })));
  const { url } = store;
  const { backups, serverTime } = listing;
  const aheadMs = serverTime ? serverTime.getTime() - request.now().getTime() : 0;
  warnings.push(
    ...countBackups({ url, backups, serverTime, now: request.now(), zone: request.zone }).findings,
  );
  const lacking = await newestMissing(store, { backups, prefixes: [''] }, request);
  const allPrograms = listing.programs.map((program) => ({ ...program, store }));
  const programs = programsMeant(allPrograms, request);
  // An id is that of a backup or of a program.
  const isProgram = request.wanted !== null && programs.length > 0;
  const isWithout = backups.length === 0 && !isProgram && !(request.only && programs.length > 0);
  const without = isWithout ? withMissing(noBackups(url, allPrograms.length), lacking) : null;
  if (without && programs.length === 0) throw without;
  if (lacking) missing.push(lacking);
  const all = backups.map((backup) => ({ ...backup, store, isAfterNow: false }));
  const chosen = request.wanted && !isProgram ? chooseBackup(all, request.wanted) : null;
  if (request.wanted && !chosen && !isProgram)
    throw withMissing(noSuchBackup(all, request.wanted, store.url, request.zone), lacking);
  const entries = request.wanted
    ? chosen
      ? [chosen]
      : []
    : all.filter(({ id }) => request.only?.has(id) ?? true);
  if (!request.wanted) warnings.push(...(await checkReadme(store, request.signal)));
  const tamperedProofs: Tampering[] = [];
  const proofs =
    request.level === 'present'
      ? new Map<string, Proof[]>()
      : await listProofs(store, request.signal, '', tamperedProofs);
  tampered.push(...tamperedProofs.map((found) => ({ ...found, store })));
  const prove = provingIn(store, proofs, { ...request, aheadMs }, warnings);
  const archives = new Map<string, ArchiveCheck>();
  const checked: CheckedBackup[] = [];
  let unopened: EfakturError | null = null;
  for (const entry of entries) {
    try {
      checked.push(await checkBackup(entry));
    } catch (error) {
      if (!isEfakturError(error, 'wrong-key', 'newer-format')) throw error;
      unopened ??= error;
      const code = error.code as UnopenedCode;
      const { id } = entry;
      checked.push({ id, store: store.url, level: 'present', ok: false, code, problems: [error.message] });
    }
  }
  const ofPrograms = await checkPrograms(store, programs, request, {
    all: allPrograms,
    backupTags: new Set([...backups.map(({ tag }) => tag), ...[...listing.archives.keys()].flatMap(tagOf)]),
    isInPart: (tag) => isInPart(tag, request.part),
    prove,
  });
  return {
    checked,
    programs: ofPrograms.checked,
    entries: all,
    unopened: unopened ?? ofPrograms.unopened,
    without,
  };

  async function checkBackup(entry: StoredBackup): Promise<CheckedBackup> {
    const { level } = request;
    const { manifest, problems } = await checkPresent(
      store,
      entry,
      listing.archives,
      request.decryptor,
      request.signal,
    );
    if (level === 'present' || !manifest || problems.length > 0 || !isInPart(entry.tag, request.part))
      return { id: entry.id, store: store.url, level: 'present', ok: problems.length === 0, problems };
    const claim = claimOf(manifest);
    const check = await checkOnce(entry, manifest, level);
    const isForged = check.verdict === 'damaged' && (await isContradicted(entry, claim, level));
    if (!isForged) await prove(entry.tag, check, isEncryptedKey(manifest.archive));
    return {
      id: entry.id,
      store: store.url,
      level: check.level,
      ok: check.verdict !== 'damaged',
      verdict: check.verdict,
      problems: check.problems,
    };
  }

  async function checkOnce(
    { manifestKey, manifestVersionId }: StoredBackup,
    manifest: OpenManifest,
    level: ProofLevel,
  ): Promise<ArchiveCheck> {
    const claim = claimOf(manifest);
    const check =
      archives.get(claim) ??
      (await checkArchive(
        store,
        manifest,
        { key: manifestKey, versionId: manifestVersionId },
        listing.archives,
        level,
        request,
      ));
    archives.set(claim, check);
    return check;
  }

  /** True when another backup names the same tag with other bytes, and those are sound: then it is the manifest that lies. */
  async function isContradicted(entry: StoredBackup, claim: string, level: ProofLevel): Promise<boolean> {
    for (const other of all.filter(({ tag, id }) => tag === entry.tag && id !== entry.id)) {
      try {
        const { manifest, problems } = await checkPresent(
          store,
          other,
          listing.archives,
          request.decryptor,
          request.signal,
        );
        if (!manifest || problems.length > 0 || claimOf(manifest) === claim) continue;
        if ((await checkOnce(other, manifest, level)).verdict !== 'damaged') return true;
      } catch (error) {
        if (!isEfakturError(error, 'wrong-key', 'newer-format')) throw error;
      }
    }
    return false;
  }
}

const noBackups = (url: string, programs: number): EfakturError =>
  new EfakturError(
    'no-such-backup',
    programs === 0
      ? `${url} holds no backup, so there is nothing to check`
      : `${url} holds no backup, only ${programs} program folder${programs === 1 ? '' : 's'}`,
    'Check the store address; if it is right, somebody deleted the backups, or none was ever pushed ("efaktur-cloud push").',
  );

const tagOf = (archive: string): readonly string[] => {
  const parsed = parseBackupKey(archive);
  return parsed ? [parsed.tag] : [];
};

/** Those to be checked: all with all backups, or the one whose id was given. */
function programsMeant<T extends ProgramEntry>(
  programs: readonly T[],
  { wanted, only }: VerifyRequest,
): readonly T[] {
  if (wanted === null) return programs.filter(({ id }) => only?.has(id) ?? true);
  return wanted.by === 'id' ? programs.filter(({ id }) => id === wanted.id) : [];
}

/** The part an archive belongs to is drawn from its tag, so that n = 1..t reads each archive once. */
const isInPart = (tag: string, part: VerifyRequest['part']): boolean =>
  part === null || Number.parseInt(tag.slice(0, 8), 16) % part.t === part.n - 1;

async function checkPresent(
  store: ObjectStore,
  entry: StoredBackup,
  listed: ReadonlyMap<string, ArchiveEntry>,
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<{ manifest: OpenManifest | null; problems: string[] }> {
  const at = { key: entry.manifestKey, versionId: entry.manifestVersionId };
  let manifest: OpenManifest;
  try {
    manifest = await readManifest(store, at, decryptor, signal);
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    return { manifest: null, problems: [error.message] };
  }
  const problems: string[] = [];
  if (manifest.id !== entry.id)
    problems.push(`the manifest ${entry.manifestKey} is that of another backup (${manifest.id})`);
  problems.push(...(await absentNeeds(store, manifest.needs, listed, signal)));
  if (problems.length > 0) {
    const again = await readManifest(store, at, decryptor, signal);
    if (again.id !== manifest.id || claimOf(again) !== claimOf(manifest)) throw alters(store, at.key);
  }
  return { manifest, problems };
}
