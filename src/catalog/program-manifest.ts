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
  parseNeeds,
  parseOwnId,
  rfc3339,
  type StoredAppFacts,
} from './manifest-parts.ts';
import { parseProgramKey } from './names.ts';
import {
  archiveOfOtherTag,
  lacksFacts,
  mixedEncryption,
  noArchiveKey,
  noMainHash,
  noPrivatePart,
  ownNotAlone,
  theKind,
} from './texts.ts';

/**
 * The JSON object whose presence makes a stored program folder (FORMAT.md "Program folder"): a closed list of fields in
 * clear, all else in `private`, as in the manifest of a backup.
 */

/** What a stored program folder holds; encrypted with keys. */
export interface ProgramFacts extends StoredAppFacts {
  /** Of the program, where the private part is encrypted: it cannot be moved to another manifest. */
  readonly id?: string;
  readonly contentHash: string;
  readonly files: number;
  readonly totalBytes: number;
  /** How many files and folders were left out, by the reason. */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Facts of later versions, carried along unread. */
  readonly [fact: string]: unknown;
}

export interface ProgramManifest {
  readonly id: string;
  /** When the folder was read; whole seconds, UTC. */
  readonly capturedAt: Date;
  readonly kind: 'program';
  /** The key of the origin object that owned the prefix. */
  readonly origin: string;
  /** Name and version of the writer. */
  readonly program: string;
  /** SHA-256 (hex) of the main program of this e-Faktur: what ties it to the backups that were made with it. */
  readonly appProgram: string;
  readonly archive: string;
  /** The archive, and nothing else. */
  readonly needs: readonly NeededArchive[];
  /** How to get the folder `e-Faktur` with stock tools alone. */
  readonly restore: string;
  /** The facts, or their age-encrypted text. */
  readonly private: ProgramFacts | string;
}

export const encodeProgramManifest = (manifest: ProgramManifest): Buffer =>
  Buffer.from(
    `${JSON.stringify(
      {
        format: manifestFormat,
        id: manifest.id,
        capturedAt: rfc3339(manifest.capturedAt),
        kind: manifest.kind,
        origin: manifest.origin,
        program: manifest.program,
        appProgram: manifest.appProgram,
        archive: manifest.archive,
        needs: encodeNeeds(manifest.needs),
        restore: manifest.restore,
        private: manifest.private,
      },
      null,
      2,
    )}\n`,
  );

/** The program archive that a text names; null for any other text. */
function namedArchive(value: unknown) {
  const key = isText(value) ? parseProgramKey(value) : null;
  return key?.type === 'archive' ? key : null;
}

/**
 * Reads the manifest of a program folder found under `key`. Unknown fields are ignored; an unknown format version or kind
 * is `newer-format`, anything else that is not such a manifest is `damaged`.
 */
export function parseProgramManifest(bytes: Buffer, key: string): ProgramManifest {
  const bad = damagedManifest(key);
  const m = manifestFields(bytes, key);
  if (m.kind !== 'program') throw newerManifest(key, theKind(m.kind));
  const { id, capturedAt } = parseOwnId(m, key, '.app.json');
  if (!isHash(m.appProgram)) throw bad(noMainHash);
  const archive = namedArchive(m.archive);
  if (!isText(m.archive) || !archive) throw bad(noArchiveKey);
  if (archive.tag !== id.tag) throw bad(archiveOfOtherTag);
  const needs = parseNeeds(m.needs, key, (needed) => namedArchive(needed) !== null);
  if (needs.length !== 1 || needs[0]?.key !== m.archive) throw bad(ownNotAlone);
  if (!isText(m.private) && (typeof m.private !== 'object' || m.private === null)) throw bad(noPrivatePart);
  if (archive.encrypted !== isText(m.private)) throw bad(mixedEncryption);
  return {
    id: id.id,
    capturedAt,
    kind: 'program',
    origin: isText(m.origin) ? m.origin : '',
    program: isText(m.program) ? m.program : '',
    appProgram: m.appProgram,
    archive: m.archive,
    needs,
    restore: isText(m.restore) ? m.restore : '',
    private: isText(m.private) ? m.private : parseProgramFacts(m.private, key),
  };
}

/** Checks the facts of a program folder, as they stand in its manifest or decrypted; `damaged` when the known ones are not as promised. */
export function parseProgramFacts(value: unknown, key: string): ProgramFacts {
  const f = (value ?? {}) as Record<string, unknown>;
  const isCounts = (counts: unknown): boolean =>
    typeof counts === 'object' &&
    counts !== null &&
    !Array.isArray(counts) &&
    Object.values(counts).every(isCount);
  const ok =
    (f.id === undefined || isText(f.id)) &&
    isHash(f.contentHash) &&
    isCount(f.files) &&
    isCount(f.totalBytes) &&
    isAppFacts(f) &&
    (f.leftOut === undefined || isCounts(f.leftOut));
  if (!ok) throw damagedManifest(key)(lacksFacts);
  return f as unknown as ProgramFacts;
}
