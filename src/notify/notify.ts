import type { ErrorCode } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Language } from '../base/text.ts';
import type { Config } from '../settings/config.ts';

/**
 * Tells the user's own services how a run ended. What leaves this PC is built of codes, counts and ages alone: no name of a
 * profile, path, store or message enters this room, but for the name that the user chose for it in `EFAKTUR_NOTIFY_NAME`.
 */

/** How one profile came out of a run. */
export interface ProfileSummary {
  /** The N of `profil-N`. */
  readonly number: number;
  readonly outcome: 'ok' | 'attention' | 'failed';
  /** Of the first thing that failed, or of what needs attention; null where all is well. */
  readonly code: ErrorCode | null;
  readonly exitCode: number;
  /** Since the capture of the newest backup; null where there is none, or where it is not known. */
  readonly ageHours: number | null;
}

export interface RoundSummary {
  readonly endedAt: Date;
  readonly profiles: readonly ProfileSummary[];
}

/** What is told of, with the settings that say where to. */
export interface NotifiedProfile {
  /** As {@link ProfileSummary.number}. */
  readonly number: number;
  readonly config: Pick<Config, 'setting' | 'connectionEnv' | 'language'>;
}

/**
 * What was delivered to one address at last. Kept in the run record as it is, under {@link SentRecord}'s keys, which say
 * nothing of the address.
 */
export interface Sent {
  /** RFC 3339. */
  readonly at: string;
  /** What each profile was told to be, by its number. */
  readonly states: Readonly<Record<string, string>>;
}

export type SentRecord = Readonly<Record<string, Sent>>;

export interface Notifiers {
  /** Pings that a run begins. Never throws, and need not be awaited before {@link ended} is called. */
  started(): Promise<readonly Warning[]>;
  /**
   * Pings how the run ended, and sends what has to be told. Never throws: what could not be delivered is told as
   * `not-notified`, without the address, and is due again at the next run. `sent` is what to keep for that.
   */
  ended(
    summary: RoundSummary,
    sentBefore: SentRecord,
  ): Promise<{ readonly warnings: readonly Warning[]; readonly sent: SentRecord }>;
  close(): void;
}

export interface NotifierOptions {
  /** For messages to profiles that choose none. */
  readonly language: Language;
  readonly version: string;
  readonly platform: NodeJS.Platform;
}
