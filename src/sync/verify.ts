import { EfakturError, isEfakturError, keepOrThrow } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../catalog/choose.ts';
import { type ArchiveEntry, listBackups, type ProgramEntry } from '../catalog/listing.ts';
import {
  type BackupVerdict,
  isEncryptedKey,
  type Proof,
  type ProofLevel,
  parseBackupId,
  parseBackupKey,
  proofKey,
} from '../catalog/names.ts';
import { listProofs } from '../catalog/proofs.ts';
import type { Tampering } from '../catalog/true-objects.ts';
import type { Decryptor } from '../crypto/age.ts';
import { bytesBody } from '../store/small-object.ts';
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
import { lockedPut } from './stored/locked-put.ts';
import { claimOf, type OpenManifest, readManifest } from './stored/manifest.ts';
import { newestMissing, withMissing } from './stored/newest-pushed.ts';
import type { LockRule } from './stored/object-lock.ts';
import { checkReadme } from './stored/readme-check.ts';
import { alters } from './stored/second-reading.ts';

export interface VerifyRequest extends ReadingContext, CheckRequest {
  /** Null for every backup. */
  readonly wanted: Wanted | null;
  /** Of every backup only those with these ids; all without. */
  readonly only?: ReadonlySet<string>;
  readonly level: 'present' | ProofLevel;
  /** Reads only the n-th of t parts of the archives. */
  readonly part: { readonly n: number; readonly t: number } | null;
  /** How long proofs stay locked; null without locks. */
  readonly lock: LockRule | null;
}

export interface CheckedBackup extends Checked {
  /** What the databases were found to be, where they were looked at. */
  readonly verdict?: BackupVerdict;
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
  // A policy may hold the end of a lock against the store's time.
  const offsetMs = serverTime ? serverTime.getTime() - request.now().getTime() : 0;
  const storeNow = (): Date => new Date(request.now().getTime() + offsetMs);
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
    prove: (tag, check, isHidden) => prove(tag, check, isHidden),
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

  /** Keeps what was found, unless the last look of this day has said it already. */
  async function prove(tag: string, check: ArchiveCheck, isEncrypted: boolean): Promise<void> {
    const proof: Proof = {
      tag,
      level: check.level,
      result: check.verdict,
      at: new Date(Math.floor(request.now().getTime() / 1000) * 1000),
    };
    const known = proofs.get(tag) ?? [];
    const last = known.reduce<Proof | null>((a, b) => (a && a.at >= b.at ? a : b), null);
    const isKnown =
      last?.level === proof.level &&
      last.result === proof.result &&
      localDay(last.at, request.zone) === localDay(proof.at, request.zone);
    if (isKnown) return;
    proofs.set(tag, [...known, proof]);
    // They name databases and files, which an encrypted archive does not tell either.
    const problems = isEncrypted ? null : check.problems;
    await keepProof(store, proof, problems, { ...request, now: storeNow }, warnings);
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

async function keepProof(
  store: ObjectStore,
  proof: Proof,
  problems: readonly string[] | null,
  request: VerifyRequest,
  warnings: Warning[],
): Promise<void> {
  const key = proofKey(proof);
  const body = {
    format: 1,
    ...proof,
    program: request.program,
    ...(problems && { problems }),
  };
  const put = lockedPut(store, { ...request, job: null });
  try {
    await put(key, bytesBody(Buffer.from(`${JSON.stringify(body, null, 2)}\n`)));
  } catch (error) {
    if (!isEfakturError(error, 'access-denied')) throw error;
    warnings.push({
      code: 'proof-not-kept',
      message: `${store.url}: the proof ${key} could not be written: ${error.message}`,
    });
  }
}

/** What is lost, and what still has it. */
function damageReport(
  checked: readonly CheckedBackup[],
  entries: readonly StoredBackup[],
): EfakturError | null {
  const bad = checked.filter((c) => !c.ok && c.code === undefined);
  const [first] = bad;
  if (!first) return null;
  // Of two backups that name one archive, only a look at both tells whether archive or manifest is at fault.
  const isSound = ({ id, tag, archive, store: { url } }: StoredBackup): boolean =>
    checked.find((c) => c.id === id && c.store === url)?.ok ??
    (archive !== null && !bad.some((b) => b.store === url && parseBackupId(b.id)?.tag === tag));
  const sound = entries.filter(isSound);
  const copies = sound.filter((e) => e.id === first.id && e.store.url !== first.store);
  const nearest = [sound.findLast((e) => e.id < first.id), sound.find((e) => e.id > first.id)].filter(
    (e) => e !== undefined,
  );
  const where =
    copies.length > 0
      ? `the same backup lies in ${copies.map((e) => e.store.url).join(', ')}`
      : nearest.length > 0
        ? `the nearest others are ${nearest.map((e) => `${e.id} (${e.store.url})`).join(' and ')}`
        : 'no other backup is known';
  const more = bad.length > 1 ? `; ${bad.length - 1} more are damaged too` : '';
  return new EfakturError(
    'damaged',
    `the backup ${first.id} in ${first.store} is damaged: ${first.problems.slice(0, 3).join('; ')}${more}; ${where}`,
    'Push again with --full to store the present state anew, and restore from a sound copy.',
  );
}

/** What was passed over because it could not be opened; null when nothing was. */
function unopenedReport(checked: readonly Checked[], programs: readonly Checked[]): EfakturError | null {
  const both = [
    { all: checked, called: 'backups' },
    { all: programs, called: 'program folders' },
  ].map(({ all, called }) => ({ all, called, unopened: all.filter((c) => c.code !== undefined) }));
  const [first] = both.flatMap(({ unopened }) => unopened);
  if (!first?.code) return null;
  const counts = both.flatMap(({ all, called, unopened }) =>
    unopened.length === 0 ? [] : [`${unopened.length} of ${all.length} ${called}`],
  );
  return new EfakturError(
    first.code,
    `${counts.join(' and ')} could not be opened, so they are not proven; the first is ${first.id} in ${first.store}: ${first.problems.join('; ')}`,
    first.code === 'wrong-key'
      ? 'Give the keys that were used then as well: EFAKTUR_IDENTITY_FILE may name a file with several.'
      : 'Update efaktur-cloud: a newer version made them.',
  );
}

type FoundTampering = Tampering & { readonly store: ObjectStore };

const tamperingWarning = ({ store, key, how }: FoundTampering): Warning => ({
  code: 'tampering',
  message: `${store.url}: SOMEBODY TAMPERED with ${key}: it was ${how} after it was written; its first version is used`,
});

/** The warnings name each object. */
function tamperingReport(tampered: readonly FoundTampering[]): EfakturError | null {
  if (tampered.length === 0) return null;
  const stores = [...new Set(tampered.map(({ store }) => store.url))].join(', ');
  return new EfakturError(
    'attention',
    `SOMEBODY TAMPERED with ${tampered.length} object(s) in ${stores}; the first version of each is used`,
    'The backups are whole, but somebody has keys to this bucket: delete those keys at the provider and make new ones.',
  );
}

const missingReport = ([first]: readonly Finding[]): EfakturError | null =>
  first ? new EfakturError('attention', first.message, first.hint) : null;
