import { createHash } from 'node:crypto';
import { isEfakturError } from '../base/errors.ts';
import { isDay } from '../base/local-time.ts';
import { parsePrivateFacts } from '../catalog/manifest.ts';
import { parseBackupId, parseBackupKey, parseOriginKey, parseProgramKey } from '../catalog/names.ts';
import type { RecordedArchive, RecordedBackup, RecordedProgram, SentArchive, StoreRecord } from './record.ts';

/**
 * What holds of a local record that was read. Each entry carries a checksum, as a disk may change any byte and a wrong hash
 * looks like a right one; and each is looked at in full, as whoever wrote it may have been another program. What does not
 * hold is left out: then it is sent again.
 */

type Fields = Readonly<Record<string, unknown>>;

/** The checksum of an entry: of its JSON as it is written. */
const checkOf = (entry: object): string =>
  createHash('sha256').update(JSON.stringify(entry)).digest('hex').slice(0, 16);

/** An entry with its checksum, as it is written. */
export const checked = <T extends object>(entry: T): T & { readonly check: string } => ({
  ...entry,
  check: checkOf(entry),
});

/** The entry without its checksum; null when it is no object or does not have the right one. */
export function unchecked(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { check, ...entry } = value as Fields;
  return check === checkOf(entry) ? entry : null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isInstant = (value: unknown): boolean => isText(value) && !Number.isNaN(Date.parse(value));
const isTag = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{12}$/.test(value);

/** The archives that hold, each only with the full that it leans on. */
export function soundArchives(list: unknown): RecordedArchive[] {
  const sound = (Array.isArray(list) ? list : []).flatMap((value): RecordedArchive[] => {
    const entry = unchecked(value);
    return entry && isArchive(entry) ? [entry] : [];
  });
  const fulls = new Set(sound.filter((a) => a.kind === 'full').map((a) => a.tag));
  return sound.filter((a) => a.base === undefined || fulls.has(a.base));
}

export const soundBackups = (list: unknown): RecordedBackup[] =>
  (Array.isArray(list) ? list : []).flatMap((value): RecordedBackup[] => {
    const entry = unchecked(value);
    return entry && isBackup(entry) ? [entry] : [];
  });

export const soundPrograms = (list: unknown): RecordedProgram[] =>
  (Array.isArray(list) ? list : []).flatMap((value): RecordedProgram[] => {
    const entry = unchecked(value);
    return entry && isProgram(entry) ? [entry] : [];
  });

const isHash = (value: unknown): boolean => isText(value) && /^[0-9a-f]{64}$/.test(value);

/** What is sent has a key that fits, whatever it holds. */
function isSent(
  a: Fields,
  key: { readonly type: string; readonly tag: string; readonly encrypted?: boolean } | null,
): a is Fields & SentArchive {
  return (
    isTag(a.tag) &&
    key?.type === 'archive' &&
    key.tag === a.tag &&
    key.encrypted === (a.keysId !== null) &&
    isTextOrNull(a.keysId) &&
    isCount(a.sizeBytes) &&
    isHash(a.sha256) &&
    isTextOrNull(a.etag) &&
    isInstant(a.uploadedAt) &&
    (a.lockedUntil === null || isInstant(a.lockedUntil)) &&
    (a.lockMode === undefined || a.lockMode === 'governance' || a.lockMode === 'compliance') &&
    (a.versionId === undefined || isText(a.versionId)) &&
    (a.readAt === undefined || isInstant(a.readAt))
  );
}

function isProgram(p: Fields): p is Fields & RecordedProgram {
  const key = isText(p.key) ? parseProgramKey(p.key) : null;
  return (
    isSent(p, key) &&
    p.id === key?.id &&
    p.day === key?.day &&
    isManifest(p.manifest as Fields | null) &&
    isHash(p.contentHash) &&
    isHash(p.appProgram)
  );
}

function isArchive(a: Fields): a is Fields & RecordedArchive {
  const key = isText(a.key) ? parseBackupKey(a.key) : null;
  return (
    isSent(a, key) &&
    key?.type === 'archive' &&
    key.kind === a.kind &&
    (a.kind === 'differential' ? isTag(a.base) && a.base !== a.tag : a.base === undefined) &&
    areFacts(a.facts)
  );
}

function areFacts(value: unknown): boolean {
  try {
    parsePrivateFacts(value, 'record');
    return true;
  } catch (error) {
    if (isEfakturError(error, 'damaged')) return false;
    throw error;
  }
}

const isManifest = (m: Fields | null): boolean =>
  isCount(m?.sizeBytes) && isHash(m?.sha256) && isTextOrNull(m?.etag);

const isApp = (app: Fields): boolean =>
  isText(app.sha256) && /^[0-9a-f]{64}$/.test(app.sha256) && isTextOrNull(app.version);

function isBackup(b: Fields): b is Fields & RecordedBackup {
  const local = b.local as Fields | null;
  return (
    isText(b.id) &&
    parseBackupId(b.id)?.tag === b.tag &&
    isText(b.day) &&
    isDay(b.day) &&
    (b.manifest === undefined || isManifest(b.manifest as Fields | null)) &&
    (b.app === undefined || b.app === null || isApp(b.app as Fields)) &&
    (local === null ||
      (typeof local === 'object' &&
        isText(local.path) &&
        isCount(local.sizeBytes) &&
        Number.isFinite(local.mtimeMs)))
  );
}

/** What stands beside archives and backups, as far as it holds. */
export function soundHead(
  head: Fields,
): Pick<StoreRecord, 'origin' | 'liveFound' | 'holdsEncrypted' | 'clearUpTo' | 'proposed'> {
  const { origin, liveFound, holdsEncrypted, clearUpTo } = head as Record<string, Fields | null | undefined>;
  const isOrigin =
    isText(origin?.key) &&
    parseOriginKey(origin.key) !== null &&
    isText(origin.name) &&
    isTextOrNull(origin.appFolder);
  return {
    origin: isOrigin ? (origin as unknown as StoreRecord['origin']) : null,
    ...(isTag(liveFound?.tag) &&
      isInstant(liveFound?.at) && {
        liveFound: liveFound as unknown as NonNullable<StoreRecord['liveFound']>,
      }),
    ...((holdsEncrypted as unknown) === true && { holdsEncrypted: true as const }),
    ...(isText(clearUpTo) && { clearUpTo }),
    ...(Array.isArray(head.proposed) && { proposed: head.proposed.filter(isHash) }),
  };
}
