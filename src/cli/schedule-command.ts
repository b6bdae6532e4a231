import { EfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { typedWord } from '../base/shell-quote.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import { ownProgram } from '../schedule/own-program.ts';
import {
  installSchedule,
  readSchedule,
  removeSchedule,
  type Schedule,
  type ScheduleContext,
  type ScheduleState,
} from '../schedule/schedule.ts';
import { schedulerNames } from '../schedule/texts.ts';
import { parseTimes } from '../schedule/times.ts';
import { settingsOfPc } from '../settings/load.ts';
import { readRunRecord } from '../state/run-record.ts';
import { type CommandResult, type FreeInvocation, text, texts } from './command.ts';
import {
  allProfiles,
  inPlace,
  isRemoved,
  labels,
  leaveFlagOut,
  nextAbout,
  noSchedule,
  nothingRemoved,
  notTakenAlong,
  notYet,
  onlyForInstall,
  outcomes,
  putIntoProfile,
  ranAgo,
  scheduleActions,
  timesOf,
  unknownProgram,
  whatToDoMissing,
} from './schedule-texts.ts';

export async function runSchedule(invocation: FreeInvocation): Promise<CommandResult> {
  const [action, ...rest] = invocation.positionals;
  if (rest.length === 0 && action === 'install') return install(invocation);
  if (text(invocation.flags, 'at') !== undefined)
    throw new EfakturError('usage', onlyForInstall('at'), leaveFlagOut('at'));
  if (rest.length === 0 && action === 'status') return status(invocation);
  if (rest.length === 0 && action === 'remove') return remove(invocation);
  throw new EfakturError('usage', whatToDoMissing, scheduleActions);
}

const contextOf = ({ io: { around, now, signal } }: FreeInvocation): ScheduleContext => ({
  around,
  now,
  signal,
});

/** What a command line says for itself alone, and a schedule would not. */
const notOfSchedule = ['settings', 'limit-upload', 'limit-download'];

async function install(invocation: FreeInvocation): Promise<CommandResult> {
  const { flags, say, io } = invocation;
  const given = notOfSchedule.find((name) => text(flags, name) !== undefined);
  const alone = texts(flags, 'store').length > 0 ? 'store' : given;
  if (alone !== undefined) throw new EfakturError('usage', notTakenAlong(alone), putIntoProfile);
  const document = await installSchedule({
    ...contextOf(invocation),
    at: parseTimes(text(flags, 'at') ?? 'hourly'),
    profile: text(flags, 'profile') ?? null,
    program: ownProgram(),
  });
  const { outcome, schedule, nextRunAt } = document;
  const shown = table(lines(schedule, nextRunAt, io.around.platform), say);
  return { document, text: `${say(outcomes[outcome])}\n${shown}` };
}

async function status(invocation: FreeInvocation): Promise<CommandResult> {
  const { say, io } = invocation;
  const { stateDir } = await settingsOfPc(io.around);
  const { lastStartedAt: started } = await readRunRecord(stateDir);
  const state = await readSchedule({
    ...contextOf(invocation),
    program: ownProgram(),
    lastRunAt: started === null ? null : formatInstant(new Date(started), io.around.systemZone),
  });
  const { problems } = state;
  const [first] = problems;
  const outcome = first ? 'attention' : state.isInstalled ? 'ok' : 'none';
  const messages = joined(
    problems.map(({ message }) => message),
    '; ',
  );
  const document = { outcome, ...state } as const;
  return {
    document,
    text: describe(state, io.now(), io.around.platform, say),
    findings: problems,
    failure: first ? new EfakturError('attention', messages, first.hint) : null,
  };
}

async function remove(invocation: FreeInvocation): Promise<CommandResult> {
  const { say } = invocation;
  const document = await removeSchedule(contextOf(invocation));
  const removed = document.removed.map(({ kind, place }) => say(isRemoved(schedulerNames[kind], place)));
  return { document, text: removed.length > 0 ? removed.join('\n') : say(nothingRemoved) };
}

/** A label, and what is said of it. */
type Line = readonly [Text, Text];

function table(shown: readonly Line[], say: FreeInvocation['say']): string {
  const width = Math.max(...Object.values(labels).map((label) => say(label).length));
  return shown.map(([label, value]) => `  ${say(label).padEnd(width)} ${say(value)}`).join('\n');
}

function lines(
  { kind, at, profile, command, place }: Schedule,
  nextRunAt: string | null,
  platform: NodeJS.Platform,
): Line[] {
  return [
    [labels.schedule, inPlace(schedulerNames[kind], place)],
    [labels.runs, timesOf(at, kind)],
    [labels.profile, profile === null ? allProfiles : verbatim(profile)],
    [
      labels.program,
      command.length === 0
        ? unknownProgram
        : verbatim(command.map((word) => typedWord(word, platform)).join(' ')),
    ],
    ...(nextRunAt === null ? [] : [[labels.next, nextAbout(nextRunAt)] as const]),
  ];
}

function describe(
  state: ScheduleState,
  now: Date,
  platform: NodeJS.Platform,
  say: FreeInvocation['say'],
): string {
  const { kind, at, profile, command, place, lastRunAt, nextRunAt } = state;
  if (kind === null || place === null) return say(noSchedule);
  const shown = lines({ kind, at, profile, place, command: command ?? [] }, nextRunAt, platform);
  const last: Line = [
    labels.last,
    lastRunAt === null ? notYet : ranAgo(lastRunAt, now.getTime() - Date.parse(lastRunAt)),
  ];
  return table(nextRunAt === null ? [...shown, last] : shown.toSpliced(-1, 0, last), say);
}
