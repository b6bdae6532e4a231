import type { ErrorReport } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { ProfileOutcome } from '../state/run-record.ts';
import type { PrunedStore } from '../sync/prune.ts';
import type { PushDocument } from '../sync/push.ts';
import type { VerifyDocument } from '../sync/verify.ts';

/** What `run` did, as its document tells it. */
export interface RoundDocument {
  /** The worst of its profiles; `skipped` where another run was at work. */
  readonly outcome: ProfileOutcome | 'skipped';
  readonly profiles: readonly RanProfile[];
  readonly warnings: readonly Warning[];
}

export interface RanProfile {
  readonly profile: string;
  readonly outcome: ProfileOutcome;
  /** Null where it did not come to that. */
  readonly push: RanPush | null;
  /** Null where no part was due, or it did not come to that. */
  readonly verify: RanVerify | null;
  /** Null where the profile prunes nothing, it was not due, or something else failed. */
  readonly prune: RanPrune | null;
  /** What failed first; null where all went well. */
  readonly error: (Omit<ErrorReport, 'code'> & { readonly code: ErrorReport['code'] | 'bug' }) | null;
  readonly warnings: readonly Warning[];
}

export interface RanPush {
  readonly outcome: PushDocument['outcome'];
  /** Whether everything was read; else nothing had changed since all was read within the day. */
  readonly inFull: boolean;
  readonly backups: PushDocument['backups'];
}

export interface RanVerify {
  readonly outcome: VerifyDocument['outcome'];
  /** `present` where no key at hand opens what is stored. */
  readonly level: 'present' | 'data';
  /** Which of how many parts of all that is stored. */
  readonly parts: readonly number[];
  readonly of: number;
  readonly checked: number;
  /** Those that are not as they should be. */
  readonly damaged: VerifyDocument['checked'];
}

export interface RanPrune {
  readonly stores: readonly Omit<PrunedStore, 'planned'>[];
}
