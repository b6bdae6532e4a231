import { EfakturError } from '../base/errors.ts';
import type { Finding, Warning } from '../base/progress.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { noScheduler, useOwnScheduler } from './texts.ts';
import type { Times } from './times.ts';

/** The schedule by which the program runs without anybody: made, read back, and taken away. There is one for each user. */

export type ScheduleKind = 'task-scheduler' | 'startup' | 'systemd' | 'cron' | 'launchd';

export interface ScheduleContext {
  readonly around: Surroundings;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export interface InstallRequest extends ScheduleContext {
  readonly at: Times;
  /** The one profile that is run; null runs all there are then. */
  readonly profile: string | null;
  /** The program with its first arguments, whole paths: see `ownProgram`. */
  readonly program: readonly string[];
}

/** What a schedule is, as a scheduler of this system has it. */
export interface Schedule {
  readonly kind: ScheduleKind;
  readonly at: Times;
  readonly profile: string | null;
  /** What is called, `run --scheduled` included. */
  readonly command: readonly string[];
  /** Where it stands: a file, or the name of a task. */
  readonly place: string;
}

export interface InstallDocument {
  readonly outcome: 'installed' | 'changed' | 'unchanged';
  readonly schedule: Schedule;
  /** RFC 3339, in the zone of this PC. */
  readonly nextRunAt: string | null;
  readonly warnings: readonly Warning[];
}

/**
 * Makes the schedule, in place of one that is there. `usage` for times that cannot be or where nothing would be run,
 * `target-not-writable` where no scheduler takes it: then what was there before is still there.
 */
export async function installSchedule(request: InstallRequest): Promise<InstallDocument> {
  throw notHere(request);
}

export interface ReadRequest extends ScheduleContext {
  readonly program: readonly string[];
  /** RFC 3339, when a run began last by the record of runs; null when it knows of none. */
  readonly lastRunAt: string | null;
}

export interface ScheduleState {
  /** Null, as all that follows, when there is no schedule. */
  readonly kind: ScheduleKind | null;
  readonly isInstalled: boolean;
  readonly at: Times | null;
  readonly profile: string | null;
  readonly command: readonly string[] | null;
  readonly place: string | null;
  readonly lastRunAt: string | null;
  /** What the scheduler says the last run ended with; null where it does not tell or none has been. */
  readonly lastResult: number | null;
  readonly nextRunAt: string | null;
  /** What is wrong with it, each with what to do. That there is none is no problem by itself. */
  readonly problems: readonly Finding[];
  readonly warnings: readonly Warning[];
}

/** The schedule as this system has it now, and what is wrong with it. Changes nothing. */
export async function readSchedule(request: ReadRequest): Promise<ScheduleState> {
  const { lastRunAt } = request;
  return {
    ...{ kind: null, isInstalled: false, at: null, profile: null, command: null, place: null },
    ...{ lastRunAt, lastResult: null, nextRunAt: null, problems: [], warnings: [] },
  };
}

export interface RemoveDocument {
  readonly outcome: 'removed' | 'none';
  readonly removed: readonly { readonly kind: ScheduleKind; readonly place: string }[];
  readonly warnings: readonly Warning[];
}

/** Takes away every schedule of this program that this user has. */
export async function removeSchedule(_context: ScheduleContext): Promise<RemoveDocument> {
  return { outcome: 'none', removed: [], warnings: [] };
}

const notHere = ({ around }: ScheduleContext): EfakturError =>
  new EfakturError('target-not-writable', noScheduler(around.platform), useOwnScheduler);
