import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import { type AppProgram, compareVersions, programName } from './app-program.ts';
import {
  newerThere,
  noneToCompare,
  notKnown,
  notKnownButThere,
  olderThere,
  otherBuildThere,
  otherThere,
} from './texts.ts';

/**
 * Whether the e-Faktur in a folder fits a backup. The main programs tell: equal bytes are the same program, else the
 * versions that they state say which is newer. Only where that is not known do the databases give a hint.
 */
export interface ProgramComparison {
  /** What the one in the folder is to the one that the backup was made with. */
  readonly result: 'same' | 'newer' | 'older' | 'other-build' | 'unknown';
  /** What the backup was made with; null where it is not known. */
  readonly backup: AppProgram | null;
  /** What lies in the folder; null where none does, or it cannot be read. */
  readonly target: AppProgram | null;
}

export function comparePrograms(backup: AppProgram | null, target: AppProgram | null): ProgramComparison {
  const compared = (result: ProgramComparison['result']): ProgramComparison => ({ result, backup, target });
  if (!backup || !target) return compared('unknown');
  if (backup.sha256 === target.sha256) return compared('same');
  if (backup.version === null || target.version === null) return compared('unknown');
  const order = compareVersions(target.version, backup.version);
  return compared(order > 0 ? 'newer' : order < 0 ? 'older' : 'other-build');
}

/** What is to be said of a comparison, as a sentence; null where the programs are the same. */
export function comparisonText({ result, backup, target }: ProgramComparison, folder: Text): Text | null {
  const [made, there] = [backup && programName(backup), target && programName(target)];
  if (result === 'same') return null;
  if (!made) return there ? notKnownButThere(folder, there) : notKnown;
  if (!there) return noneToCompare(folder, made);
  switch (result) {
    case 'newer':
      return newerThere(folder, there, made);
    case 'older':
      return olderThere(folder, there, made);
    case 'other-build':
      return otherBuildThere(folder, made);
    case 'unknown':
      return otherThere(folder, there, made);
  }
}

/** The warning that goes with a comparison, where something must be done; none where nothing is wrong or known. */
export function comparisonWarnings(comparison: ProgramComparison, folder: Text): Warning[] {
  const message = comparisonText(comparison, folder);
  const codes = { newer: 'newer-program', older: 'older-program', 'other-build': 'other-build' } as const;
  const { result } = comparison;
  return message === null || result === 'same' || result === 'unknown'
    ? []
    : [{ code: codes[result], message }];
}
