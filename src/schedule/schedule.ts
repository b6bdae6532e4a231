import { existsSync } from 'node:fs';
import { dayMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { formatInstant, wallTime } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { typedWord } from '../base/shell-quote.ts';
import type { Text } from '../base/text.ts';
import { listProfiles, loadProfile, settingsOfAll } from '../settings/profiles.ts';
import { configFolder, type Surroundings } from '../settings/surroundings.ts';
import type { Found, ScheduleKind, Scheduler } from './scheduler.ts';
import { schedulersOf } from './schedulers.ts';
import { type Ask, askSystem } from './system-calls.ts';
import {
  callsAnother,
  changedByHand,
  fellBack,
  installAgain,
  makeProfileFirst,
  missedRuns,
  missedRunsHint,
  nameNoLineBreaks,
  noScheduler,
  nothingToRun,
  profileGone,
  programGone,
  removeAndInstall,
  schedulerNames,
  schedulersRefuse,
  switchedOff,
  twoSchedules,
  unprintable,
  useOwnScheduler,
  zoneOfPc,
} from './texts.ts';
import { longestGapMs, nextRun, type Times } from './times.ts';
import { carriedEnv, unseenSettings } from './unseen-settings.ts';
import { isSameWindowsPath, unknownLetter } from './windows-words.ts';

/** The schedule by which the program runs without anybody: made, read back, and taken away. There is one for each user of a PC. */

export type { ScheduleKind } from './scheduler.ts';

export interface ScheduleContext {
  readonly around: Surroundings;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** In place of the programs of this system. */
  readonly ask?: Ask;
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
  readonly at: Times | null;
  readonly profile: string | null;
  /** What is called, `run --scheduled` included. */
  readonly command: readonly string[];
  /** Where it stands: a file, or the name of a task. */
  readonly place: string;
}

export interface InstallDocument {
  readonly outcome: 'installed' | 'changed' | 'unchanged';
  readonly schedule: Schedule;
  /** RFC 3339, in the zone of this PC; null where it is at no time of the day. */
  readonly nextRunAt: string | null;
  readonly warnings: readonly Warning[];
}

const commandFor = (program: readonly string[], profile: string | null): string[] => [
  ...[...program, 'run', '--scheduled'],
  ...(profile === null ? [] : ['--profile', profile]),
];

/**
 * Makes the schedule, in place of one that is there. `usage` where nothing would be run, `target-not-writable` where no scheduler
 * takes it: then what was there before is still there.
 */
export async function installSchedule(request: InstallRequest): Promise<InstallDocument> {
  const { at, profile, program, around } = request;
  const now = request.now();
  const ask = request.ask ?? askSystem(around.env, request.signal);
  const profiles = profile === null ? await listProfiles(around) : [await profileNamed(around, profile)];
  if (profiles.length === 0)
    throw new EfakturError('usage', nothingToRun(configFolder(around)), makeProfileFirst);
  const command = commandFor(program, profile);
  const env = carriedEnv(around);
  // No line of a scheduler can hold them.
  for (const word of [...command, ...Object.values(env)])
    if (/\p{Cc}/u.test(word)) throw new EfakturError('usage', unprintable(word), nameNoLineBreaks);

  const schedulers = schedulersOf(ask, around);
  const before = await foundIn(schedulers);
  const warnings: Warning[] = [];
  const refusals: Text[] = [];
  for (const scheduler of schedulers) {
    const { kind } = scheduler;
    const result = await scheduler.install({ at, command, env, now, zone: around.systemZone });
    if ('because' in result) {
      if (result.isAbsent) continue;
      refusals.push(result.because);
      warnings.push({ code: 'schedule-fallback', message: fellBack(schedulerNames[kind], result.because) });
      continue;
    }
    warnings.push(...result.warnings);
    // Only now: until then the old one counts.
    for (const other of schedulers) if (other !== scheduler) await other.remove();
    warnings.push(
      ...(await unseenSettings(
        around,
        profiles.map(({ name }) => name),
        ask,
      )),
    );
    if (at !== 'hourly') warnings.push(...(await otherZone(around, at, now)));
    const timed = kind === 'startup' ? null : at;
    const same = before.find((one) => one.scheduler === scheduler && before.length === 1)?.found;
    const isSame =
      same?.isAsMade === true &&
      same.isEnabled &&
      equal(same.at, timed) &&
      isSameCommand(same.command, command, around) &&
      equal(same.env, env);
    return {
      outcome: before.length === 0 ? 'installed' : isSame ? 'unchanged' : 'changed',
      schedule: { kind, at: timed, profile, command, place: result.place },
      nextRunAt: timed === null ? null : momentIn(around, nextRun(timed, now, around.systemZone)),
      warnings,
    };
  }
  const [because] = refusals.reverse();
  throw new EfakturError(
    'target-not-writable',
    because === undefined ? noScheduler(around.platform) : { what: schedulersRefuse, because },
    useOwnScheduler,
  );
}

const equal = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function isSameCommand(
  one: readonly string[] | null,
  other: readonly string[],
  { platform }: Surroundings,
): boolean {
  const isSame = platform === 'win32' ? isSameWindowsPath : (a: string, b: string) => a === b;
  return one?.length === other.length && one.every((word, i) => isSame(word, other[i] ?? ''));
}

const momentIn = ({ systemZone }: Surroundings, moment: Date): string => formatInstant(moment, systemZone);

/** `usage` when there is none of that name, or its file says what it cannot mean. */
async function profileNamed(around: Surroundings, name: string): Promise<{ readonly name: string }> {
  await loadProfile(around, name);
  return { name };
}

/** A note where the clock of this PC is not the one that the user lives by. */
async function otherZone(around: Surroundings, at: readonly string[], now: Date): Promise<Warning[]> {
  let zone: string;
  try {
    ({ zone } = await settingsOfAll(around));
  } catch (error) {
    // What is wrong with the settings is told by what reads them.
    if (error instanceof EfakturError) return [];
    throw error;
  }
  const [first = ''] = at;
  const next = nextRun([first], now, around.systemZone);
  const there = wallTime(next, zone);
  const time = `${String(there.hour).padStart(2, '0')}:${String(there.minute).padStart(2, '0')}`;
  if (time === first) return [];
  return [{ code: 'schedule-zone', message: zoneOfPc(around.systemZone, first, time, zone) }];
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
  /** When the scheduler itself says that it started the program last; null where it does not tell. */
  readonly lastTriggeredAt: string | null;
  /** What the scheduler says the last run ended with; null where it does not tell or none has been. */
  readonly lastResult: number | null;
  readonly nextRunAt: string | null;
  /** What is wrong with it, each with what to do. That there is none is no problem by itself. */
  readonly problems: readonly Finding[];
  readonly warnings: readonly Warning[];
}

/** The schedule as this system has it now, and what is wrong with it. Changes nothing. */
export async function readSchedule(request: ReadRequest): Promise<ScheduleState> {
  const { around, lastRunAt } = request;
  const now = request.now();
  const ask = request.ask ?? askSystem(around.env, request.signal);
  const [first, second] = await foundIn(schedulersOf(ask, around));
  if (first === undefined)
    return {
      ...{ kind: null, isInstalled: false, at: null, profile: null, command: null, place: null },
      ...{ lastRunAt, lastTriggeredAt: null, lastResult: null, nextRunAt: null, problems: [], warnings: [] },
    };
  const { scheduler, found } = first;
  const problems: Finding[] = [];
  const problem = (code: Finding['code'], message: Text, hint = installAgain): void => {
    problems.push({ code, message, hint });
  };
  if (second) problem('schedule-twice', twoSchedules(found.place, second.found.place), removeAndInstall);
  if (!found.isEnabled) problem('schedule-disabled', switchedOff(found.place));
  if (!found.isAsMade) problem('schedule-changed', changedByHand(found.place));
  problems.push(...programProblems(found.command, request));
  const profile = profileIn(found.command);
  const profiles = profile === null ? [] : await listProfiles(around);
  if (profile !== null && !profiles.some(({ name }) => name === profile))
    problem('schedule-program', profileGone(profile));
  if (found.startFailure) problem('schedule-not-started', found.startFailure);
  if (found.isEnabled) problems.push(...(await missed(scheduler, found, lastRunAt, now, around)));
  const { at } = found;
  return {
    kind: scheduler.kind,
    isInstalled: true,
    at,
    profile,
    command: found.command,
    place: found.place,
    lastRunAt,
    lastTriggeredAt: found.lastRunAt && momentIn(around, found.lastRunAt),
    lastResult: found.lastResult,
    nextRunAt: at === null || !found.isEnabled ? null : momentIn(around, nextRun(at, now, around.systemZone)),
    problems,
    warnings: [],
  };
}

async function foundIn(
  schedulers: readonly Scheduler[],
): Promise<readonly { readonly scheduler: Scheduler; readonly found: Found }[]> {
  const all = [];
  for (const scheduler of schedulers) {
    const found = await scheduler.read();
    if (found) all.push({ scheduler, found });
  }
  return all;
}

const profileIn = (command: readonly string[] | null): string | null => {
  const at = command?.indexOf('--profile') ?? -1;
  return at < 0 ? null : (command?.[at + 1] ?? null);
};

/** Whether what is called is this program, and still there. */
function programProblems(
  command: readonly string[] | null,
  { program, around }: Pick<ReadRequest, 'program' | 'around'>,
): Finding[] {
  if (command === null) return [];
  if (isSameCommand(command, commandFor(program, profileIn(command)), around)) return [];
  const end = command.indexOf('run');
  const files = end < 0 ? command.slice(0, 1) : command.slice(0, end);
  const gone = files.find((file) => !file.includes(unknownLetter) && !existsSync(file));
  const typed = files.map((word) => typedWord(word, around.platform)).join(' ');
  return [
    {
      code: 'schedule-program',
      message: gone === undefined ? callsAnother(typed) : programGone(gone),
      hint: installAgain,
    },
  ];
}

/** Whether it should have run and did not, which counts from a day on, and from twice the longest time between two runs. */
async function missed(
  scheduler: Scheduler,
  { at, installedAt }: Found,
  lastRunAt: string | null,
  now: Date,
  around: Surroundings,
): Promise<Finding[]> {
  const known = [lastRunAt === null ? null : new Date(lastRunAt), installedAt].filter((one) => one !== null);
  if (at === null || known.length === 0) return [];
  const since = new Date(Math.max(...known.map((one) => one.getTime())));
  const patienceMs = Math.max(2 * longestGapMs(at), dayMs);
  // Most often it is not worth asking.
  if (now.getTime() - since.getTime() < patienceMs) return [];
  const couldRunMs = await scheduler.couldRunMs(since, now);
  if (couldRunMs === null || couldRunMs < patienceMs) return [];
  const last = lastRunAt === null ? null : momentIn(around, new Date(lastRunAt));
  return [
    { code: 'schedule-missed', message: missedRuns(last, couldRunMs), hint: missedRunsHint[scheduler.kind] },
  ];
}

export interface RemoveDocument {
  readonly outcome: 'removed' | 'none';
  readonly removed: readonly { readonly kind: ScheduleKind; readonly place: string }[];
  readonly warnings: readonly Warning[];
}

/** Takes away every schedule of this program that this user has. */
export async function removeSchedule(context: ScheduleContext): Promise<RemoveDocument> {
  const ask = context.ask ?? askSystem(context.around.env, context.signal);
  const removed = [];
  for (const scheduler of schedulersOf(ask, context.around)) {
    const place = await scheduler.remove();
    if (place !== null) removed.push({ kind: scheduler.kind, place });
  }
  return { outcome: removed.length > 0 ? 'removed' : 'none', removed, warnings: [] };
}
