import { parseJson } from '../base/json.ts';
import {
  damagedManifest,
  encodeNeeds,
  isAppFacts,
  isCount,
  isHash,
  isText,
  manifestFields,
  manifestFormat,
  type NeededArchive,
  newerManifest,
  oneOf,
  parseNeeds,
  parseOwnId,
  rfc3339,
  type StoredAppFacts,
} from './manifest-parts.ts';
import { type BackupKind, type BackupVerdict, parseBackupKey } from './names.ts';
import {
  archiveOfOther,
  baseNotFull,
  lacksFacts,
  mixedEncryption,
  noArchiveKey,
  noBasis,
  noMainHash,
  noPrivatePart,
  otherNeeds,
  ownNotLast,
  sourceUnknown,
  theKind,
} from './texts.ts';

/**
 * The JSON object whose presence makes a backup (FORMAT.md "Manifest"): a closed list of fields in clear, all else in
 * `private`, which is one age-encrypted text when keys are set.
 */

const captureBases = ['name', 'name-day', 'mtime', 'inside', 'stated', 'read'] as const;
export type CaptureBasis = (typeof captureBases)[number];
export type SourceKind = 'login-backup' | 'cold' | 'hot';

/** What the first read of a push found in one database (FORMAT.md "Manifest"). */
export interface JudgedDatabase {
  readonly name: string;
  readonly verdict: BackupVerdict;
  /** Major and minor number of the stored format, such as `10.12`. */
  readonly derbyVersion?: string;
  readonly derbyBuild?: number;
  readonly schemaFingerprint?: string;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/** What the backup holds; encrypted with keys. Facts not known are absent. */
export interface PrivateFacts {
  /** Of the backup, where the private part is encrypted: it cannot be moved to another manifest. */
  readonly id?: string;
  readonly contentHash: string;
  readonly dataHash?: string;
  readonly files: number;
  readonly totalBytes: number;
  readonly databases: readonly string[];
  /** The worst of all databases. */
  readonly verdict?: BackupVerdict;
  /** Version of the judge that found so: a higher one looks at more. */
  readonly judge?: number;
  readonly judged?: readonly JudgedDatabase[];
  /** Of a copy of several open databases: each is sound, but they have no common instant. */
  readonly noCommonInstant?: boolean;
  /** The login backup's file name, where there is one. */
  readonly sourceName?: string;
  /** The e-Faktur that the state was made with. */
  readonly app?: StoredAppFacts;
  /** Facts of later versions, carried along unread. */
  readonly [fact: string]: unknown;
}

export interface Manifest {
  readonly id: string;
  /** Whole seconds, UTC. */
  readonly capturedAt: Date;
  readonly capturedBasis: CaptureBasis;
  readonly kind: BackupKind;
  readonly source: SourceKind;
  /** The key of the origin object that owned the prefix. */
  readonly origin: string;
  readonly program: string;
  /** SHA-256 (hex) of the main program of the e-Faktur that the state was made with; absent where that is not known. */
  readonly appProgram?: string;
  readonly archive: string;
  /** Every archive a restore reads, the base of a differential first. */
  readonly needs: readonly NeededArchive[];
  /** How to get the `db` folder with stock tools alone. */
  readonly restore: string;
  /** The facts, or their age-encrypted text. */
  readonly private: PrivateFacts | string;
}

export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(
    `${JSON.stringify(
      {
        format: manifestFormat,
        id: manifest.id,
        capturedAt: rfc3339(manifest.capturedAt),
        capturedBasis: manifest.capturedBasis,
        kind: manifest.kind,
        source: manifest.source,
        origin: manifest.origin,
        program: manifest.program,
        ...(manifest.appProgram !== undefined && { appProgram: manifest.appProgram }),
        archive: manifest.archive,
        needs: encodeNeeds(manifest.needs),
        restore: manifest.restore,
        private: manifest.private,
      },
      null,
      2,
    )}\n`,
  );
}

/** The archive that a key of the stored format names; null for any other text. */
function namedArchive(value: unknown) {
  const key = isText(value) ? parseBackupKey(value) : null;
  return key?.type === 'archive' ? key : null;
}

/**
 * Reads a manifest found under `key`. Unknown fields are ignored; an unknown format version or kind is `newer-format`,
 * anything else that is not a manifest is `damaged`.
 */
export function parseManifest(bytes: Buffer, key: string): Manifest {
  const bad = damagedManifest(key);
  const m = manifestFields(bytes, key);
  if (!oneOf(m.kind, 'full', 'differential')) throw newerManifest(key, theKind(m.kind));
  const { id, capturedAt } = parseOwnId(m, key, '.json');
  if (!oneOf(m.capturedBasis, ...captureBases)) throw bad(noBasis);
  if (!oneOf(m.source, 'login-backup', 'cold', 'hot')) throw bad(sourceUnknown);
  const archive = namedArchive(m.archive);
  if (!isText(m.archive) || !archive) throw bad(noArchiveKey);
  if (archive.kind !== m.kind || archive.tag !== id.tag) throw bad(archiveOfOther);
  const needs = parseNeeds(m.needs, key, (needed) => namedArchive(needed) !== null);
  if (needs.at(-1)?.key !== m.archive) throw bad(ownNotLast);
  if (needs.length !== (m.kind === 'full' ? 1 : 2)) throw bad(otherNeeds(m.kind, needs.length));
  if (m.kind === 'differential' && namedArchive(needs[0]?.key)?.kind !== 'full') throw bad(baseNotFull);
  if (!isText(m.private) && (typeof m.private !== 'object' || m.private === null)) throw bad(noPrivatePart);
  if (needs.some((need) => namedArchive(need.key)?.encrypted !== isText(m.private)))
    throw bad(mixedEncryption);
  if (m.appProgram !== undefined && !isHash(m.appProgram)) throw bad(noMainHash);
  return {
    id: id.id,
    capturedAt,
    capturedBasis: m.capturedBasis,
    kind: m.kind,
    source: m.source,
    origin: isText(m.origin) ? m.origin : '',
    program: isText(m.program) ? m.program : '',
    ...(m.appProgram !== undefined && { appProgram: m.appProgram }),
    archive: m.archive,
    needs,
    restore: isText(m.restore) ? m.restore : '',
    private: isText(m.private) ? m.private : parsePrivateFacts(m.private, key),
  };
}

/** Checks the facts of a manifest, as they stand in it or decrypted; `damaged` when the known ones are not as promised. */
export function parsePrivateFacts(value: unknown, key: string): PrivateFacts {
  const f = (value ?? {}) as Record<string, unknown>;
  const ok =
    (f.id === undefined || isText(f.id)) &&
    isHash(f.contentHash) &&
    (f.dataHash === undefined || isHash(f.dataHash)) &&
    isCount(f.files) &&
    isCount(f.totalBytes) &&
    Array.isArray(f.databases) &&
    f.databases.every((d) => typeof d === 'string') &&
    (f.verdict === undefined || oneOf(f.verdict, 'clean', 'encrypted', 'needs-recovery', 'damaged')) &&
    (f.app === undefined || isAppFacts(f.app)) &&
    (f.judge === undefined || isCount(f.judge)) &&
    (f.judged === undefined || (Array.isArray(f.judged) && f.judged.every(isJudgedDatabase)));
  if (!ok) throw damagedManifest(key)(lacksFacts);
  return f as unknown as PrivateFacts;
}

function isJudgedDatabase(value: unknown): boolean {
  const { name, verdict, tables } = (value ?? {}) as Record<string, unknown>;
  const isTable = (table: unknown): boolean => {
    const { name: tableName, rows } = (table ?? {}) as Record<string, unknown>;
    return isText(tableName) && Number.isSafeInteger(rows);
  };
  return (
    isText(name) &&
    oneOf(verdict, 'clean', 'encrypted', 'needs-recovery', 'damaged') &&
    Array.isArray(tables) &&
    tables.every(isTable)
  );
}

export interface Origin {
  readonly name: string;
  /** Absolute path of the e-Faktur folder; null when a login backup elsewhere was pushed. */
  readonly appFolder: string | null;
}

export const encodeOrigin = (origin: Origin): Buffer =>
  Buffer.from(`${JSON.stringify({ format: 1, name: origin.name, appFolder: origin.appFolder }, null, 2)}\n`);

/** Reads an origin object; null when it is not one (its name still counts). */
export function parseOrigin(bytes: Buffer): Origin | null {
  try {
    const { name, appFolder } = parseJson(bytes) as Record<string, unknown>;
    return isText(name) ? { name, appFolder: isText(appFolder) ? appFolder : null } : null;
  } catch {
    return null;
  }
}
