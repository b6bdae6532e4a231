import { dayMs } from '../../base/durations.ts';
import type { Finding } from '../../base/progress.ts';
import type { Holding } from './holding.ts';
import { bytesShrank, lookBeforePruning, rowsShrank } from './texts.ts';

/**
 * Books grow: e-Faktur keeps what was entered. A newest backup that is much smaller than those before it is an older database that
 * somebody put in the place of the right one, or what is left of it. Rows tell it best, where this PC noted them; else the sizes of
 * full archives, which every listing shows.
 */

/** Rows are compared with those of this time before: what was deleted on purpose is not told for ever. */
const rowsWithinMs = 30 * dayMs;
const leastRowsPart = 0.9;
/** Packed sizes go up and down with what the log of a database holds. */
const leastBytesPart = 2 / 3;

/** A finding when the newest backup is much smaller than those before it, else null. */
export function shrinkFinding(
  holding: Pick<Holding, 'store' | 'record' | 'whole' | 'newest'>,
): Finding | null {
  const { store, newest } = holding;
  const rows = rowsBefore(holding);
  if (newest === null) return null;
  if (rows !== null) {
    if (rows.now >= rows.before * leastRowsPart) return null;
    const message = rowsShrank(store.url, newest.id, rows);
    return { code: 'shrinking', message, hint: lookBeforePruning };
  }
  const fulls = new Map(
    holding.whole.flatMap(({ tag, archive }) => (archive?.kind === 'full' ? [[tag, archive.sizeBytes]] : [])),
  );
  const [before, now] = [...fulls.values()].slice(-2);
  if (before === undefined || now === undefined || now >= before * leastBytesPart) return null;
  return {
    code: 'shrinking',
    message: bytesShrank(store.url, { before, now }),
    hint: lookBeforePruning,
  };
}

/** The rows of the newest backup, and the most of those before it; null where either is not known. */
function rowsBefore({ record, whole, newest }: Pick<Holding, 'record' | 'whole' | 'newest'>) {
  const rowsOf = new Map(
    record.archives.flatMap(({ tag, facts: { judged, verdict } }) =>
      judged === undefined || verdict === 'damaged' || verdict === 'encrypted'
        ? []
        : [[tag, judged.flatMap(({ tables }) => tables).reduce((sum, { rows }) => sum + rows, 0)]],
    ),
  );
  const now = newest && rowsOf.get(newest.tag);
  if (newest === null || now === undefined || now === null) return null;
  const since = newest.countedAt.getTime() - rowsWithinMs;
  const before = Math.max(
    ...whole
      .filter(({ tag, countedAt }) => tag !== newest.tag && countedAt.getTime() >= since)
      .map(({ tag }) => rowsOf.get(tag) ?? 0),
  );
  return before > 0 ? { before, now } : null;
}
