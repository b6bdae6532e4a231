import type { ErrorReport } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { PushDocument } from '../sync/push.ts';
import type { ProofDepth } from './first-backup.ts';

/** What a set-up came to. */

/** What came of one e-Faktur folder. */
export interface SetUpFolder {
  readonly profile: string;
  readonly file: string;
  readonly app: string;
  readonly stores: readonly string[];
  readonly encrypted: boolean;
  readonly outcome: 'proven' | 'stored' | 'failed';
  readonly backup: PushDocument['backups'][number] | null;
  readonly proof: ProofDepth | null;
  readonly error?: ErrorReport;
}

export interface InitDocument {
  /** The least that was reached. */
  readonly outcome: 'proven' | 'stored' | 'failed';
  readonly profiles: readonly SetUpFolder[];
  readonly recipient: string | null;
  readonly keyFile: string | null;
  readonly sheet: string | null;
  readonly schedule: (Schedule & { readonly nextRunAt: string | null }) | null;
  readonly warnings: readonly Warning[];
}
