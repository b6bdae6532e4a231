import { type BlockIndex, parseBlockIndex } from '../../archive/block-index.ts';
import { isEfakturError } from '../../base/errors.ts';
import { readIndexCopy } from '../../state/block-index-copy.ts';
import type { RecordedArchive, StoreRecord } from '../../state/record.ts';

/** The full that a differential of this push would lean on. */
export interface Base {
  readonly tag: string;
  readonly index: BlockIndex;
}

/** What is known of a store on this PC. */
export interface RecordedStore {
  readonly record: StoreRecord;
  /** Whether a differential may lean on a full by its age and lock. */
  mayLeanOn(archive: RecordedArchive): boolean;
}

/**
 * The newest full that every store of the push got from this PC, for the same keys, and may still be leant on; null when
 * there is none or its index is not at hand. Whether the stores still show it is asked only when it is needed.
 */
export async function findBase(
  stores: readonly RecordedStore[],
  keysId: string | null,
  stateDir: string,
): Promise<Base | null> {
  const isBase = (a: RecordedArchive, store: RecordedStore): boolean =>
    a.kind === 'full' && a.keysId === keysId && a.facts.verdict !== 'damaged' && store.mayLeanOn(a);
  const [first, ...others] = stores;
  const newest = first?.record.archives
    .filter((a) => isBase(a, first))
    .reduce<RecordedArchive | null>((last, a) => (last && last.uploadedAt >= a.uploadedAt ? last : a), null);
  if (!newest) return null;
  const isShared = others.every((s) => s.record.archives.some((a) => a.tag === newest.tag && isBase(a, s)));
  const bytes = isShared ? await readIndexCopy(stateDir, newest.tag) : null;
  if (!bytes) return null;
  async function* chunks(): AsyncGenerator<Buffer> {
    if (bytes) yield bytes;
  }
  try {
    return { tag: newest.tag, index: await parseBlockIndex(chunks()) };
  } catch (error) {
    // A damaged copy is as good as none: the next full makes another.
    if (isEfakturError(error, 'damaged')) return null;
    throw error;
  }
}
