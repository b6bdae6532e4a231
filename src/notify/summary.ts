import type { ErrorCode } from '../base/errors.ts';
import { type EventCode, isEvent, type WarningCode } from '../base/warning-codes.ts';

/** All that this room knows of a run: codes and counts, nothing that names a taxpayer, a folder or a store. */

/** What of the events can be wrong with a profile that otherwise did its work. */
const safetyCodes = [
  'no-backup',
  'not-stored',
  'old-backup',
  'stub-db',
  'tampering',
  'unproven',
] as const satisfies readonly EventCode[];

/** The closed set of what a message can be about; `bug` is what none of our errors says. */
export type NotifyCode = ErrorCode | (typeof safetyCodes)[number] | 'bug';

/** The code that a message has for one of ours. */
export function notifyCode(code: WarningCode | 'bug'): NotifyCode {
  if (code === 'bug' || !isEvent(code)) return code;
  return safetyCodes.find((one) => one === code) ?? 'attention';
}

/** How one profile came out of a run. */
export interface ProfileSummary {
  /** The N of `profil-N`. */
  readonly number: number;
  readonly outcome: 'ok' | 'attention' | 'failed';
  /** Of the first thing that failed, or of what needs attention; null where all is well. */
  readonly code: NotifyCode | null;
  readonly exitCode: number;
  /** Since the capture of the newest backup; null where there is none, or where it is not known. */
  readonly ageHours: number | null;
}

export interface RoundSummary {
  readonly endedAt: Date;
  /** Those that the run was about. */
  readonly profiles: readonly ProfileSummary[];
}
