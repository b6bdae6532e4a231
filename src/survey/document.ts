import type { ErrorReport } from '../base/errors.ts';
import type { Finding, Warning } from '../base/progress.ts';
import type { ScheduleState } from '../schedule/schedule.ts';
import type { SettingName } from '../settings/config.ts';
import type { ProfileRecord } from '../state/run-record.ts';

/** What is set up on a PC, what is there, what answers, and when each last worked. All times are RFC 3339 in its zone. */
export interface Survey {
  readonly program: {
    readonly version: string;
    readonly node: string;
    readonly platform: NodeJS.Platform;
    /** Of the system. */
    readonly release: string;
    readonly arch: string;
  };
  readonly computer: { readonly name: string; readonly now: string; readonly zone: string };
  readonly folders: { readonly settings: string; readonly state: string };
  readonly profiles: readonly SurveyedProfile[];
  /** e-Faktur folders in the usual places; null when the search did not end in time. */
  readonly apps: readonly { readonly path: string; readonly changedAt: string | null }[] | null;
  /** Null when the scheduler did not answer in time. */
  readonly schedule: Omit<ScheduleState, 'warnings'> | null;
  readonly lastRun: {
    readonly startedAt: string | null;
    readonly endedAt: string | null;
    readonly exitCode: number | null;
  };
  readonly toDo: readonly ToDo[];
  /** How long was waited for what does not answer. */
  readonly waitedMs: number;
}

export interface ToDo extends Finding {
  /** As {@link SurveyedProfile.profile}; null for the PC as a whole. */
  readonly profile: string | null;
}

export interface SurveyedProfile {
  /** Null for settings that are no profile: of the environment, a `.env` of the current folder or a file that was named. */
  readonly profile: string | null;
  readonly file: string | null;
  /** Why the settings count for nothing. */
  readonly error: ErrorReport | null;
  readonly settings: readonly SurveyedSetting[];
  readonly app: SurveyedApp | null;
  readonly stores: readonly SurveyedStore[];
  readonly keys: SurveyedKeys;
  readonly worked: Worked;
  readonly warnings: readonly Warning[];
}

export interface SurveyedSetting {
  readonly name: SettingName | (string & {});
  /** Null where it is not to be shown. */
  readonly value: string | null;
  /** The file that sets it, `environment`, or the flag. */
  readonly from: string;
}

export interface SurveyedApp {
  readonly path: string | null;
  /** Why there is none. */
  readonly error: ErrorReport | null;
  /** Of the program; null where it does not tell. */
  readonly version: string | null;
  /** Null where that was not answered in time. */
  readonly isOpen: boolean | null;
  readonly databases: readonly string[] | null;
  readonly changedAt: string | null;
  readonly loginBackups: number | null;
  readonly newestLoginBackupAt: string | null;
}

/** In place of an address that cannot be understood, as it might hold a password. */
export const noAddress = 'EFAKTUR_STORE';

export interface SurveyedStore {
  /** Its address, or {@link noAddress}. */
  readonly store: string;
  /** `silent`: not in the time there is. */
  readonly answer: 'answers' | 'silent' | 'not-there' | 'failed';
  readonly ms: number;
  readonly error: ErrorReport | null;
  /** When this PC last sent something there. */
  readonly lastSentAt: string | null;
}

export interface SurveyedKeys {
  /** How many public keys backups are made for. */
  readonly recipients: number;
  /** Where the secret key would come from. */
  readonly identity: 'file' | 'command' | 'none';
  /** Whether the file is there; null where none is named. */
  readonly isThere: boolean | null;
}

/** What this PC remembers of a profile; nulls where it never was. */
export interface Worked
  extends Pick<ProfileRecord, 'lastPushOkAt' | 'lastVerifyOkAt' | 'lastPruneOkAt' | 'newestBackupAt'> {
  readonly number: number | null;
  readonly lastRunAt: string | null;
  readonly outcome: ProfileRecord['outcome'] | null;
  readonly code: ProfileRecord['code'];
  readonly since: string | null;
  /** When a message on it was last delivered. */
  readonly lastNotifiedAt: string | null;
}
