import { randomBytes } from 'node:crypto';
import { hourMs } from '../base/durations.ts';
import { compactUtc, isDay, parseCompactUtc } from '../base/local-time.ts';

/** Key names of the stored format (FORMAT.md "Names"): the one place that writes and reads them. */

export type BackupKind = 'full' | 'differential';

/** What was found of a database, in manifests and in the names of proofs. */
export type BackupVerdict = 'clean' | 'encrypted' | 'needs-recovery' | 'damaged';

const ageSuffix = '.age';

/** Whether what lies under a key, or in a file of its name, is encrypted as a whole. */
export const isEncryptedKey = (key: string): boolean => key.endsWith(ageSuffix);

const archiveSuffixes: Record<BackupKind, string> = { full: '.tar.zst', differential: '.diff.tar.zst' };

/** 12 random hex digits that tie an archive, its index and every manifest that names it. */
export const newTag = (): string => randomBytes(6).toString('hex');

export interface BackupId {
  readonly id: string;
  readonly capturedAt: Date;
  readonly tag: string;
}

export const backupId = (capturedAt: Date, tag: string): string => `${compactUtc(capturedAt)}-${tag}`;

export function parseBackupId(id: string): BackupId | null {
  const m = /^(\d{8}T\d{6}Z)-([0-9a-f]{12})$/.exec(id);
  const capturedAt = m ? parseCompactUtc(m[1] ?? '') : null;
  return capturedAt && { id, capturedAt, tag: m?.[2] ?? '' };
}

/** `day` is the local day of the capture. */
export const manifestKey = (day: string, id: string): string => `${day}/${id}.json`;

export const archiveKey = (day: string, id: string, kind: BackupKind, encrypted: boolean): string =>
  `${day}/${id}${archiveSuffixes[kind]}${encrypted ? ageSuffix : ''}`;

export type BackupKey = BackupId & { readonly day: string } & (
    | { readonly type: 'manifest' }
    | { readonly type: 'archive'; readonly kind: BackupKind; readonly encrypted: boolean }
  );

/** True when the day is that of the instant in some zone of the world, UTC−12 to UTC+14. */
function isDayOf(day: string, instant: Date): boolean {
  const sinceMidnightMs = instant.getTime() - Date.parse(`${day}T00:00:00Z`);
  return sinceMidnightMs >= -14 * hourMs && sinceMidnightMs < (24 + 12) * hourMs;
}

/** What a key below a day folder is; null for a foreign one. */
export function parseBackupKey(key: string): BackupKey | null {
  const m = /^(\d{4}-\d\d-\d\d)\/(\d{8}T\d{6}Z-[0-9a-f]{12})(\.json|(?:\.diff)?\.tar\.zst(?:\.age)?)$/.exec(
    key,
  );
  const [, day = '', name = '', suffix = ''] = m ?? [];
  const id = m && isDay(day) ? parseBackupId(name) : null;
  if (!id || !isDayOf(day, id.capturedAt)) return null;
  if (suffix === '.json') return { ...id, day, type: 'manifest' };
  const kind = suffix.startsWith(archiveSuffixes.differential) ? 'differential' : 'full';
  return { ...id, day, type: 'archive', kind, encrypted: isEncryptedKey(suffix) };
}

/** Named as a backup, whatever ending a later version may have brought. */
export function looksLikeBackup(key: string): boolean {
  const stem = /^([^/]+\/[^/.]+)[.]/.exec(key)?.[1];
  return stem !== undefined && parseBackupKey(`${stem}.json`) !== null;
}

export type ProgramKey = BackupId & { readonly day: string } & (
    | { readonly type: 'manifest' }
    | { readonly type: 'archive'; readonly encrypted: boolean }
  );

/** Of a stored program folder; `day` is the local day on which it was read. */
export const programManifestKey = (day: string, id: string): string => `${day}/${id}.app.json`;

export const programArchiveKey = (day: string, id: string, encrypted: boolean): string =>
  `${day}/${id}.app.tar.zst${encrypted ? ageSuffix : ''}`;

/** What a key of a stored program folder is; null for any other key, also one of a backup. */
export function parseProgramKey(key: string): ProgramKey | null {
  const m = /^(\d{4}-\d\d-\d\d)\/(\d{8}T\d{6}Z-[0-9a-f]{12})\.app(\.json|\.tar\.zst(?:\.age)?)$/.exec(key);
  const [, day = '', name = '', suffix = ''] = m ?? [];
  const id = m && isDay(day) ? parseBackupId(name) : null;
  if (!id || !isDayOf(day, id.capturedAt)) return null;
  if (suffix === '.json') return { ...id, day, type: 'manifest' };
  return { ...id, day, type: 'archive', encrypted: isEncryptedKey(suffix) };
}

/** Whether a key names an archive, of a backup or of a program folder. */
export const isArchiveKey = (key: string): boolean =>
  parseBackupKey(key)?.type === 'archive' || parseProgramKey(key)?.type === 'archive';

/** Whether a file of this name, or what lies under a key of it, is the archive of a program folder. */
export const isProgramArchiveName = (name: string): boolean => /\.app\.tar\.zst(\.age)?$/.test(name);

/** All day folders sort before this, all others (`README.txt`, `copied/`, `doctor/`, `index/`, `origin/`, `proofs/`, `pruned/`) after it. */
export const afterLastDay = ':';

/** What lies here and how to open it, for a stranger. */
export const readmeKey = 'README.txt';

export const originPrefix = 'origin/';

/** `EFAKTUR_NAME` or the computer's name as it stands in keys: lower case, `-` for the rest. */
export const cleanOriginName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'pc';

export const originKey = (at: Date, name: string): string => `${originPrefix}${compactUtc(at)}-${name}.json`;

/** What an origin key says of the owner; null for a foreign one. */
export function parseOriginKey(key: string): { readonly name: string; readonly at: Date } | null {
  const [, time = '', name = ''] = /^origin\/(\d{8}T\d{6}Z)-([a-z0-9-]+)\.json$/.exec(key) ?? [];
  const at = parseCompactUtc(time);
  return at && { name, at };
}

export const indexPrefix = 'index/';

/** The block index of a full, beside the days. */
export const indexKey = (tag: string, encrypted: boolean): string =>
  `${indexPrefix}${tag}.idx.zst${encrypted ? ageSuffix : ''}`;

/** The tag of the full that a key is the block index of; null for any other key. */
export const parseIndexKey = (key: string): string | null =>
  /^index\/([0-9a-f]{12})\.idx\.zst(?:\.age)?$/.exec(key)?.[1] ?? null;

/** The tag of the full that a key is about, whatever ending a later version may have brought; null for any other key. */
export const attachedTag = (key: string): string | null =>
  /^index\/([0-9a-f]{12})(?![0-9a-f])/.exec(key)?.[1] ?? null;

/** What was proven of an archive and when, in names, so that a listing alone tells it (FORMAT.md "Proofs"). */
export const proofPrefix = 'proofs/';

/** `data`: every byte was read back and judged. `engine`: real Derby opened a copy and checked every table. */
export type ProofLevel = 'data' | 'engine';

export interface Proof {
  readonly tag: string;
  readonly level: ProofLevel;
  readonly result: BackupVerdict;
  /** When it was checked, whole seconds. */
  readonly at: Date;
}

/** `proofs/TAG-LEVEL-RESULT-20230801T103000Z.json`. */
export const proofKey = (proof: Proof): string =>
  `${proofPrefix}${proof.tag}-${proof.level}-${proof.result}-${compactUtc(proof.at)}.json`;

/** Reads a key under `proofs/`; null for a foreign one. */
export function parseProofKey(key: string): Proof | null {
  const m =
    /^proofs\/([0-9a-f]{12})-(data|engine)-(clean|encrypted|needs-recovery|damaged)-(\d{8}T\d{6}Z)\.json$/.exec(
      key,
    );
  const at = parseCompactUtc(m?.[4] ?? '');
  if (!m || !at) return null;
  return { tag: m[1] ?? '', level: m[2] as ProofLevel, result: m[3] as BackupVerdict, at };
}

/** Notes of what a prune let go. */
export const prunedPrefix = 'pruned/';

export const prunedKey = (at: Date): string => `${prunedPrefix}${compactUtc(at)}.json`;

/** When a note of a prune was written; null for a foreign key. */
export const parsePrunedKey = (key: string): Date | null =>
  parseCompactUtc(/^pruned\/(\d{8}T\d{6}Z)\.json$/.exec(key)?.[1] ?? '');

/** Notes of when copied backups came to the store they were copied from. */
export const copiedPrefix = 'copied/';

/** A name that nobody has used. */
export const copiedKey = (at: Date): string => `${copiedPrefix}${compactUtc(at)}-${newTag()}.json`;

export const isCopiedKey = (key: string): boolean => {
  const time = /^copied\/(\d{8}T\d{6}Z)-[0-9a-f]{12}\.json$/.exec(key)?.[1];
  return time !== undefined && parseCompactUtc(time) !== null;
};

/** Below it `doctor` tries what a store can do; nothing there belongs to a backup. */
export const doctorPrefix = 'doctor/';

/** What all test keys of one run of `doctor` begin with. */
export const doctorRunPrefix = (at: Date): string => `${doctorPrefix}${compactUtc(at)}-${newTag()}-`;

/** When the run of `doctor` that wrote a key began; null for a foreign one. */
export const parseDoctorKey = (key: string): Date | null =>
  parseCompactUtc(/^doctor\/(\d{8}T\d{6}Z)-[0-9a-f]{12}-[a-z]+$/.exec(key)?.[1] ?? '');

/** Whether an object of this key may be large enough to be sent in parts. */
export const isUploadedKey = (key: string): boolean =>
  isArchiveKey(key) || parseDoctorKey(key) !== null || parseIndexKey(key) !== null;

const ownFolders = new Set([
  copiedPrefix,
  doctorPrefix,
  indexPrefix,
  originPrefix,
  proofPrefix,
  prunedPrefix,
]);

/** Whether a folder (its key, with the slash) is one of this format: a day, or one of those beside the days. */
export const isOwnFolder = (folder: string): boolean => ownFolders.has(folder) || isDayFolder(folder);

/** Whether a file (its key) is one of this format, or lies in a folder of it. */
export const isOwnFile = (key: string): boolean => key.includes('/') || key === readmeKey;

/** Whether a folder (its key, with the slash) is that of a day. */
export const isDayFolder = (folder: string): boolean =>
  /^\d{4}-\d\d-\d\d\/$/.test(folder) && isDay(folder.slice(0, -1));
