import { damaged, EfakturError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { Text } from '../base/text.ts';
import { newerMadeBackup } from '../base/texts.ts';
import { type BackupId, parseBackupId } from './names.ts';
import {
  archiveNotDescribed,
  formatVersion,
  idNotOfKey,
  namesNoArchive,
  newerManifestOf,
  noFormat,
  noKind,
  notJson,
  notObject,
  theManifest,
  timeNotOfId,
  tooLong,
  useOtherBackup,
  useOtherProgram,
} from './texts.ts';

/** What the manifests of backups and of program folders have in common (FORMAT.md "Manifest"). */

export const manifestFormat = 1;

/** None that is longer is written, and none is read. */
export const maxManifestBytes = 1 << 20;

/** An archive that a restore reads; keys are relative to the store's prefix. */
export interface NeededArchive {
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A program of e-Faktur, as it lay in its folder. */
export interface AppExecutable {
  /** `ETaxInvoiceMain.exe` */
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** `4.0.0.0`, as Windows shows it; absent where the file states none. */
  readonly version?: string;
}

/** Which e-Faktur it was, as far as its folder tells. */
export interface StoredAppFacts {
  /** Every `ETaxInvoice*.exe`, and those without an ending, which are for other systems than Windows. */
  readonly programs: readonly AppExecutable[];
  /** What its `.config` files set of Java's memory, such as `ETaxInvoiceMain.config: -Xmx500m`. */
  readonly memory: readonly string[];
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** A SHA-256 in lower-case hex. */
export const isHash = (value: unknown): value is string => isText(value) && /^[0-9a-f]{64}$/.test(value);

export const oneOf = <T extends string>(value: unknown, ...allowed: T[]): value is T =>
  allowed.includes(value as T);

export const isAppFacts = (value: unknown): value is StoredAppFacts => {
  const { programs, memory } = (value ?? {}) as Record<string, unknown>;
  return (
    Array.isArray(programs) &&
    programs.every((program: unknown) => {
      const { name, sha256, sizeBytes, version } = (program ?? {}) as Record<string, unknown>;
      return (
        isText(name) && isHash(sha256) && isCount(sizeBytes) && (version === undefined || isText(version))
      );
    }) &&
    Array.isArray(memory) &&
    memory.every((line) => typeof line === 'string')
  );
};

/** An instant as it is stored: RFC 3339, UTC, whole seconds. */
export const rfc3339 = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`;

export const damagedManifest =
  (key: string) =>
  (because: Text, cause?: unknown): EfakturError =>
    damaged(theManifest(key), because, key.endsWith('.app.json') ? useOtherProgram : useOtherBackup, cause);

export const newerManifest = (key: string, what: Text): EfakturError =>
  new EfakturError('newer-format', newerManifestOf(key, what), newerMadeBackup);

/** The fields of a manifest of this format version, with a kind: another version is `newer-format`, what is none `damaged`. */
export function manifestFields(
  bytes: Buffer,
  key: string,
): Record<string, unknown> & { readonly kind: string } {
  const bad = damagedManifest(key);
  if (bytes.length > maxManifestBytes) throw bad(tooLong);
  let json: unknown;
  try {
    json = parseJson(bytes);
  } catch (error) {
    throw bad(notJson, error);
  }
  if (typeof json !== 'object' || json === null) throw bad(notObject);
  const m = json as Record<string, unknown>;
  if (typeof m.format !== 'number') throw bad(noFormat);
  if (m.format !== manifestFormat) throw newerManifest(key, formatVersion(m.format));
  const { kind } = m;
  if (!isText(kind)) throw bad(noKind);
  return { ...m, kind };
}

/** The id that a manifest states, which must be that of its key, and the capture time that goes with it. */
export function parseOwnId(
  m: Readonly<Record<string, unknown>>,
  key: string,
  suffix: string,
): { readonly id: BackupId; readonly capturedAt: Date } {
  const bad = damagedManifest(key);
  const id = isText(m.id) ? parseBackupId(m.id) : null;
  if (!id || key.slice(key.lastIndexOf('/') + 1) !== `${id.id}${suffix}`) throw bad(idNotOfKey);
  const { capturedAt } = id;
  if (m.capturedAt !== rfc3339(capturedAt)) throw bad(timeNotOfId);
  return { id, capturedAt };
}

export const encodeNeeds = (needs: readonly NeededArchive[]) =>
  needs.map((n) => ({ key: n.key, size: n.sizeBytes, sha256: n.sha256 }));

/** `damaged` unless it is a list of at least one archive. */
export function parseNeeds(
  value: unknown,
  key: string,
  isArchive: (needed: string) => boolean,
): readonly NeededArchive[] {
  const bad = damagedManifest(key);
  if (!Array.isArray(value) || value.length === 0) throw bad(namesNoArchive);
  return value.map((need: unknown): NeededArchive => {
    const { key: needed, size, sha256 } = (need ?? {}) as Record<string, unknown>;
    if (!isText(needed) || !isArchive(needed) || !isCount(size) || !isHash(sha256))
      throw bad(archiveNotDescribed);
    return { key: needed, sizeBytes: size, sha256 };
  });
}
