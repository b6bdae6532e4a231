import { isEfakturError } from '../../base/errors.ts';
import { inTurns } from '../../base/in-turns.ts';
import type { Warning } from '../../base/progress.ts';
import type { CopiedUploads } from '../../catalog/copied.ts';
import type { ProgramKey, Proof } from '../../catalog/names.ts';
import { parseProgramManifest } from '../../catalog/program-manifest.ts';
import type { RetainableProgram } from '../../catalog/program-retention.ts';
import { standingDamage } from '../../catalog/proofs.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { HeldObject } from '../stored/prune-notes.ts';
import { type HeldArchives, hasNeeds, readHeldManifest } from './manifests.ts';
import { programStays } from './texts.ts';

/** A stored program folder as a pruner must know it. */
export interface HeldProgram extends RetainableProgram {
  readonly day: string;
  readonly tag: string;
  readonly object: HeldObject;
  /** Of one that cannot be read every archive with its tag: no other can be its. */
  readonly needs: ReadonlySet<string>;
}

/** The manifest of a program folder, by its key. */
export interface ProgramObject {
  readonly parsed: ProgramKey;
  readonly object: HeldObject;
}

/**
 * Reads the manifests of program folders. One that is none stays with its archive and is a warning: it says nothing of any
 * backup (FORMAT.md "Program folder"), so nobody can stop a prune by storing one.
 */
export async function readPrograms(
  store: ObjectStore,
  listed: readonly ProgramObject[],
  archives: HeldArchives,
  known: { readonly proofs: ReadonlyMap<string, readonly Proof[]>; readonly uploads: CopiedUploads },
  warnings: Warning[],
  signal: AbortSignal,
): Promise<HeldProgram[]> {
  const claims = new Map<string, Set<string>>();
  const read = await inTurns(listed, async ({ parsed, object }) => {
    const { id, capturedAt, day, tag } = parsed;
    const uploadedAt = known.uploads.get(object.key) ?? object.modified;
    const isFoundDamaged = standingDamage(known.proofs.get(tag) ?? []).length > 0;
    const held = { id, capturedAt, day, tag, object, uploadedAt, isFoundDamaged };
    const readIt = () => readHeldManifest(store, object, parseProgramManifest, signal);
    try {
      const { appProgram, needs } = await readIt();
      claims.set(tag, (claims.get(tag) ?? new Set()).add(JSON.stringify(needs)));
      const readAgain = async () => (await readIt()).needs;
      const isWhole = await hasNeeds(store, object, needs, archives, readAgain, signal);
      return { ...held, appProgram, isWhole, needs: new Set(needs.map((need) => need.key)) };
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'newer-format')) throw error;
      warnings.push({ code: error.code, message: programStays(store.url, error.text) });
      const mine = [...archives.values()].filter((archive) => archive.tag === tag);
      return { ...held, appProgram: null, isWhole: true, needs: new Set(mine.map((archive) => archive.key)) };
    }
  });
  return read.map((program) => ({ ...program, isDisputed: (claims.get(program.tag)?.size ?? 0) > 1 }));
}
