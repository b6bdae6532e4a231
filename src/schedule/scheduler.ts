import { EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { isText, type Text } from '../base/text.ts';
import { notTakenAway, removeByHand } from './texts.ts';
import type { Times } from './times.ts';

/** What every scheduler of a system does for this program. Each keeps one schedule, under one name. */

export type ScheduleKind = 'task-scheduler' | 'startup' | 'systemd' | 'cron' | 'launchd';

export interface Wanted {
  readonly at: Times;
  readonly command: readonly string[];
  /** Variables that decide where settings and records lie; a scheduler that has none of its own passes them over. */
  readonly env: Readonly<Record<string, string>>;
  readonly now: Date;
  /** Of this PC's clock. */
  readonly zone: string;
}

export interface Found {
  readonly place: string;
  /** Null where what is there says no times that could be understood, or none at all (at each logon). */
  readonly at: Times | null;
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly installedAt: Date | null;
  readonly isEnabled: boolean;
  /** Whether it is what this program makes of these times and this command. */
  readonly isAsMade: boolean;
  /** What the scheduler itself knows of its last run. */
  readonly lastRunAt: Date | null;
  readonly lastResult: number | null;
  /** Why the program could not even be started the last time. */
  readonly startFailure: Text | null;
}

export interface Scheduler {
  readonly kind: ScheduleKind;
  /**
   * Makes the schedule in place of its own that is there. Where this scheduler does not take it, what was there before is left as
   * it was.
   */
  install(wanted: Wanted): Promise<Installed | NotTaken>;
  read(): Promise<Found | null>;
  /** Gives the place of what was taken away; null where there was nothing. */
  remove(): Promise<string | null>;
  /** For how long at least, since a moment, it could have run something: PC on and user logged on. Null when unknown. */
  couldRunMs(since: Date, now: Date): Promise<number | null>;
}

export interface Installed {
  readonly place: string;
  readonly warnings: readonly Warning[];
}

/** Why a scheduler did not take a schedule. */
export interface NotTaken {
  readonly because: Text;
  /** It is no part of this system. */
  readonly isAbsent?: boolean;
}

/** What was thrown at the removal of a file, or what a program said. */
export function notRemoved(place: string, cause: unknown): unknown {
  const because = isText(cause) ? cause : isEfakturError(cause) ? (cause.because ?? cause.what) : null;
  return because === null
    ? cause
    : new EfakturError('target-not-writable', { what: notTakenAway(place), because }, removeByHand);
}
