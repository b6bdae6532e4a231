import { instantOf, type WallTime, wallTime } from '../base/local-time.ts';
import { productName } from '../base/product.ts';
import type { Times } from './times.ts';
import { below, type Element, parseXml, textBelow, xmlText } from './xml.ts';

/**
 * The task of Windows as XML, by the schema of the Task Scheduler ([MS-TSCH] 2.5): what stands in a trigger stands there in this
 * order. `RandomDelay` is of calendar triggers, `Delay` of the logon trigger.
 */

export interface Task {
  /** SID of the user who runs it, or `DOMAIN\name`. */
  readonly user: string;
  readonly at: Times;
  readonly atLogon: boolean;
  readonly program: string;
  /** One command line. */
  readonly words: string;
  readonly madeAt: Date;
  /** Of this PC's clock, by which Windows takes all times without a zone. */
  readonly zone: string;
}

const namespace = 'http://schemas.microsoft.com/windows/2004/02/mit/task';

const description = 'efaktur-cloud schedule install, status, remove';

/** Those who read the books of one bucket should not all come at the full hour. */
const spread = 'PT10M';
/** The network is there, and the desktop too. */
const afterLogon = 'PT2M';

const two = (value: number): string => String(value).padStart(2, '0');
const dayOf = ({ year, month, day }: WallTime): string => `${year}-${two(month)}-${two(day)}`;
const timeOf = ({ hour, minute, second }: WallTime): string => `${two(hour)}:${two(minute)}:${two(second)}`;

/** Without a zone it is the clock of this PC, whatever it is set to later. */
function calendarTrigger(day: string, time: string, everyHour: boolean): string {
  const repetition = everyHour
    ? `
      <Repetition>
        <Interval>PT1H</Interval>
        <Duration>P1D</Duration>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>`
    : '';
  return `
    <CalendarTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>${day}T${time}:00</StartBoundary>${repetition}
      <RandomDelay>${spread}</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>`;
}

/** As `schtasks /create /xml` takes it. */
export function encodeTask({ user, at, atLogon, program, words, madeAt, zone }: Task): Buffer {
  const made = wallTime(madeAt, zone);
  const day = dayOf(made);
  const triggers =
    at === 'hourly'
      ? calendarTrigger(day, '00:00', true)
      : at.map((time) => calendarTrigger(day, time, false)).join('');
  const logon = `
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${xmlText(user)}</UserId>
      <Delay>${afterLogon}</Delay>
    </LogonTrigger>`;
  const xml = `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="${namespace}">
  <RegistrationInfo>
    <Date>${day}T${timeOf(made)}</Date>
    <Author>${productName}</Author>
    <Description>${description}</Description>
  </RegistrationInfo>
  <Triggers>${triggers}${atLogon ? logon : ''}
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${xmlText(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(program)}</Command>
      <Arguments>${xmlText(words)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
  return Buffer.from(`\ufeff${xml.replaceAll('\n', '\r\n')}`, 'utf16le');
}

export interface FoundTask {
  /** SID or name of the user whose it is; null where it does not say. */
  readonly user: string | null;
  /** Null where the triggers are no times of each day. */
  readonly at: Times | null;
  /** Null where it starts something else than one program. */
  readonly program: string | null;
  readonly words: string;
  readonly madeAt: Date | null;
  readonly isEnabled: boolean;
  /** Whether all that counts for when and how it runs is as {@link encodeTask} writes it. */
  readonly isAsMade: boolean;
}

/** Reads what Windows gives back of a task; null where it is none. Windows writes some of it in another order, and what holds anyway not at all. */
export function parseTask(xml: string, zone: string): FoundTask | null {
  const task = parseXml(xml);
  if (task?.name !== 'Task') return null;
  const of = (...path: string[]): string | null => textBelow(task, ...path);
  const flag = (name: string, unlessGiven: boolean): boolean =>
    (of('Settings', name) ?? `${unlessGiven}`) === 'true';
  const calendar = below(task, 'Triggers', 'CalendarTrigger');
  const all = below(task, 'Triggers').flatMap((triggers) => triggers.children);
  const logon = below(task, 'Triggers', 'LogonTrigger');
  const at = timesOf(calendar);
  const actions = below(task, 'Actions').flatMap((one) => one.children);
  const [exec] = below(task, 'Actions', 'Exec');
  const made = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(of('RegistrationInfo', 'Date') ?? '');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = made?.slice(1).map(Number) ?? [];
  return {
    user: of('Principals', 'Principal', 'UserId'),
    at,
    program:
      exec && actions.length === 1 ? (textBelow(exec, 'Command')?.replace(/^"(.*)"$/, '$1') ?? null) : null,
    words: (exec && textBelow(exec, 'Arguments')) ?? '',
    madeAt: instantOf({ year, month, day, hour, minute, second }, zone),
    isEnabled: flag('Enabled', true),
    isAsMade:
      at !== null &&
      all.length === calendar.length + logon.length &&
      logon.length <= 1 &&
      all.every(
        (trigger) => textBelow(trigger, 'Enabled') !== 'false' && below(trigger, 'EndBoundary').length === 0,
      ) &&
      actions.length === 1 &&
      flag('StartWhenAvailable', false) &&
      !flag('DisallowStartIfOnBatteries', true) &&
      !flag('StopIfGoingOnBatteries', true) &&
      !flag('RunOnlyIfNetworkAvailable', false) &&
      !flag('RunOnlyIfIdle', false) &&
      (of('Settings', 'MultipleInstancesPolicy') ?? 'IgnoreNew') === 'IgnoreNew' &&
      of('Settings', 'ExecutionTimeLimit') === 'PT4H' &&
      (of('Principals', 'Principal', 'LogonType') ?? 'InteractiveToken') === 'InteractiveToken' &&
      (of('Principals', 'Principal', 'RunLevel') ?? 'LeastPrivilege') === 'LeastPrivilege',
  };
}

function timesOf(triggers: readonly Element[]): Times | null {
  const times = triggers.map((trigger) => {
    const [, time] = /T(\d\d:\d\d):00/.exec(textBelow(trigger, 'StartBoundary') ?? '') ?? [];
    const days = textBelow(trigger, 'ScheduleByDay', 'DaysInterval') ?? '1';
    if (time === undefined || days !== '1' || below(trigger, 'ScheduleByDay').length !== 1) return null;
    if (below(trigger, 'Repetition').length === 0) return time;
    const interval = textBelow(trigger, 'Repetition', 'Interval');
    return interval === 'PT1H' && textBelow(trigger, 'Repetition', 'Duration') === 'P1D' ? 'hourly' : null;
  });
  if (times.length === 1 && times[0] === 'hourly') return 'hourly';
  const whole = times.filter((time): time is string => time !== null && time !== 'hourly');
  return whole.length === times.length && whole.length > 0 ? [...whole].sort() : null;
}
