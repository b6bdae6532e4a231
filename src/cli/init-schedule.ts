import { type EfakturError, isKept } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { ownProgram } from '../schedule/own-program.ts';
import { installSchedule, readSchedule, type Schedule } from '../schedule/schedule.ts';
import { parseTimes } from '../schedule/times.ts';
import { text } from './command.ts';
import type { Plan } from './init-plan.ts';
import type { Session } from './init-session.ts';

/** When it runs by itself from now on, unless that is changed: as a flag says, else as it does already, else every hour. */
export async function timesSoFar({ invocation }: Session): Promise<Plan['at']> {
  const { io, flags } = invocation;
  const given = text(flags, 'schedule');
  if (given !== undefined) return given === 'off' ? null : parseTimes(given);
  const context = { around: io.around, now: io.now, signal: io.signal };
  const { isInstalled, at, profile } = await readSchedule({
    ...context,
    program: ownProgram(),
    lastRunAt: null,
  });
  return isInstalled && profile === null && at !== null ? at : 'hourly';
}

/**
 * Makes the schedule, which runs all profiles of this user. One that is there stays as it is unless times were named. Where no scheduler
 * takes it, everything else is set up all the same, and `failure` says so.
 */
export async function installed(
  { invocation }: Session,
  { at }: Plan,
  warnings: Warning[],
): Promise<{
  readonly schedule: (Schedule & { readonly nextRunAt: string | null }) | null;
  readonly failure: EfakturError | null;
}> {
  const { io, flags } = invocation;
  const context = { around: io.around, now: io.now, signal: new AbortController().signal };
  const program = ownProgram();
  try {
    const now = await readSchedule({ ...context, program, lastRunAt: null });
    const { kind, command, place, profile, nextRunAt: next } = now;
    const isThere = kind !== null && command !== null && place !== null;
    const present = isThere ? { kind, at: now.at, profile, command, place, nextRunAt: next } : null;
    // Whoever wants none now may have made one before: `schedule remove` takes it away.
    if (at === null) return { schedule: present, failure: null };
    // One that Windows starts at each logon has no times; it is what there was when the times were refused.
    const isSame = now.at === null ? at === 'hourly' : JSON.stringify(now.at) === JSON.stringify(at);
    const isNamed = text(flags, 'schedule') !== undefined || !isSame;
    if (present && !isNamed && profile === null && now.problems.length === 0)
      return { schedule: present, failure: null };
    const {
      schedule,
      nextRunAt,
      warnings: told,
    } = await installSchedule({ ...context, at, profile: null, program });
    warnings.push(...told);
    return { schedule: { ...schedule, nextRunAt }, failure: null };
  } catch (error) {
    if (!isKept(error)) throw error;
    return { schedule: null, failure: error };
  }
}
