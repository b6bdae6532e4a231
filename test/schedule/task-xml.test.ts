import { expect, test } from 'vitest';
import { encodeTask, parseTask, type Task } from '../../src/schedule/task-xml.ts';
import { below, type Element, parseXml, textBelow } from '../../src/schedule/xml.ts';

const task: Task = {
  user: 'S-1-5-21-1-2-3-1001',
  at: ['12:00', '17:00'],
  atLogon: true,
  program: 'C:\\Users\\René & co\\efaktur-cloudw.exe',
  words: 'run --scheduled --profile "toko satu"',
  madeAt: new Date('2026-11-27T18:30:05Z'),
  zone: 'Asia/Jakarta',
};

const xmlOf = (one: Task): string => encodeTask(one).toString('utf16le');
const rootOf = (one: Task): Element => parseXml(xmlOf(one)) ?? expect.unreachable('it is no XML');

test('a task is UTF-16 with its mark, as schtasks takes it', () => {
  const bytes = encodeTask(task);
  expect([bytes[0], bytes[1]]).toEqual([0xff, 0xfe]);
  expect(xmlOf(task)).toMatch(
    /^\ufeff<\?xml version="1\.0" encoding="UTF-16"\?>\r\n<Task version="1\.4" xmlns="http:\/\/schemas\.microsoft\.com\/windows\/2004\/02\/mit\/task">\r\n/,
  );
});

/**
 * Children in the order of the schema: those of [MS-TSCH] 2.5.3.1 (triggerBaseType), 2.5.3.6 (logonTriggerType) and 2.5.3.9
 * (calendarTriggerType) are `xs:sequence`; those of the others `xs:all`, in any order, each once.
 */
const sequences: Readonly<Record<string, readonly string[]>> = {
  CalendarTrigger: [
    ...['Enabled', 'StartBoundary', 'EndBoundary', 'Repetition', 'ExecutionTimeLimit'],
    ...['RandomDelay', 'ScheduleByDay'],
  ],
  LogonTrigger: [
    ...['Enabled', 'StartBoundary', 'EndBoundary', 'Repetition', 'ExecutionTimeLimit'],
    ...['UserId', 'Delay'],
  ],
};
const anyOrder: Readonly<Record<string, readonly string[]>> = {
  Task: ['RegistrationInfo', 'Triggers', 'Principals', 'Settings', 'Data', 'Actions'],
  RegistrationInfo: [
    'URI',
    'SecurityDescriptor',
    'Source',
    'Date',
    'Author',
    'Version',
    'Description',
    'Documentation',
  ],
  Repetition: ['Interval', 'Duration', 'StopAtDurationEnd'],
  ScheduleByDay: ['DaysInterval'],
  Principal: [
    'UserId',
    'LogonType',
    'GroupId',
    'DisplayName',
    'RunLevel',
    'ProcessTokenSidType',
    'RequiredPrivileges',
  ],
  IdleSettings: ['Duration', 'WaitTimeout', 'StopOnIdleEnd', 'RestartOnIdle'],
  Exec: ['Command', 'Arguments', 'WorkingDirectory'],
  Settings: [
    ...['AllowStartOnDemand', 'RestartOnFailure', 'MultipleInstancesPolicy', 'DisallowStartIfOnBatteries'],
    ...['StopIfGoingOnBatteries', 'AllowHardTerminate', 'StartWhenAvailable', 'NetworkProfileName'],
    ...[
      'RunOnlyIfNetworkAvailable',
      'WakeToRun',
      'Enabled',
      'Hidden',
      'DeleteExpiredTaskAfter',
      'IdleSettings',
    ],
    ...['NetworkSettings', 'ExecutionTimeLimit', 'Priority', 'RunOnlyIfIdle', 'UseUnifiedSchedulingEngine'],
    ...['DisallowStartOnRemoteAppSession', 'MaintenanceSettings', 'Volatile'],
  ],
};
const manyOf: Readonly<Record<string, readonly string[]>> = {
  Triggers: ['CalendarTrigger', 'LogonTrigger'],
  Principals: ['Principal'],
  Actions: ['Exec'],
};

test.each([
  ['times of a day', task],
  ['every hour', { ...task, at: 'hourly' as const }],
  ['without a logon', { ...task, atLogon: false }],
])('what the schema says of elements and their order holds: %s', (_name, one) => {
  let seen = 0;
  const check = ({ name, children }: Element): void => {
    seen++;
    const names = children.map((child) => child.name);
    const sequence = sequences[name];
    const all = sequence ?? anyOrder[name] ?? manyOf[name];
    if (all === undefined) expect(names, name).toEqual([]);
    else for (const child of names) expect(all, name).toContain(child);
    if (sequence) expect(names, name).toEqual(sequence.filter((child) => names.includes(child)));
    if (!manyOf[name]) expect(new Set(names).size, name).toBe(names.length);
    for (const child of children) check(child);
  };
  check(rootOf(one));
  expect(seen).toBeGreaterThan(30);
});

test('it runs as this user, on batteries too, makes up for what was missed, and never twice at once', () => {
  const root = rootOf(task);
  const of = (...path: string[]): string | null => textBelow(root, ...path);
  expect(of('Principals', 'Principal', 'UserId')).toBe(task.user);
  expect(of('Principals', 'Principal', 'LogonType')).toBe('InteractiveToken');
  expect(of('Principals', 'Principal', 'RunLevel')).toBe('LeastPrivilege');
  expect(of('Settings', 'StartWhenAvailable')).toBe('true');
  expect(of('Settings', 'DisallowStartIfOnBatteries')).toBe('false');
  expect(of('Settings', 'StopIfGoingOnBatteries')).toBe('false');
  expect(of('Settings', 'MultipleInstancesPolicy')).toBe('IgnoreNew');
  expect(of('Settings', 'ExecutionTimeLimit')).toBe('PT4H');
  expect(of('Actions', 'Exec', 'Command')).toBe(task.program);
  expect(of('Actions', 'Exec', 'Arguments')).toBe(task.words);
  const calendar = below(root, 'Triggers', 'CalendarTrigger');
  // By the clock of the PC, where it is the 28th already.
  expect(calendar.map((one) => textBelow(one, 'StartBoundary'))).toEqual([
    '2026-11-28T12:00:00',
    '2026-11-28T17:00:00',
  ]);
  expect(calendar.map((one) => textBelow(one, 'RandomDelay'))).toEqual(['PT10M', 'PT10M']);
  expect(of('Triggers', 'LogonTrigger', 'UserId')).toBe(task.user);
  expect(of('Triggers', 'LogonTrigger', 'Delay')).toBe('PT2M');
  expect(below(root, 'Triggers', 'LogonTrigger', 'RandomDelay')).toEqual([]);
});

test.each([[['12:00', '17:00']], [['00:00']], ['hourly' as const]])('a task for %j is read back', (at) => {
  const found = parseTask(xmlOf({ ...task, at }), 'Asia/Jakarta');
  expect(found).toEqual({
    user: task.user,
    at,
    program: task.program,
    words: task.words,
    madeAt: task.madeAt,
    isEnabled: true,
    isAsMade: true,
  });
});

/** As Windows 10 gives back what it was given: in its own order, without what holds anyway. */
const exported = `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Date>2026-11-28T01:30:05</Date>
    <Author>eFaktur Cloud</Author>
    <URI>\\eFaktur Cloud</URI>
  </RegistrationInfo>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-21-1-2-3-1001</UserId>
      <LogonType>InteractiveToken</LogonType>
    </Principal>
  </Principals>
  <Settings>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
    <StartWhenAvailable>true</StartWhenAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
  </Settings>
  <Triggers>
    <CalendarTrigger>
      <Repetition>
        <Interval>PT1H</Interval>
        <Duration>P1D</Duration>
      </Repetition>
      <StartBoundary>2026-11-28T00:00:00</StartBoundary>
      <RandomDelay>PT10M</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
    <LogonTrigger>
      <UserId>PC\\Rina</UserId>
      <Delay>PT2M</Delay>
    </LogonTrigger>
  </Triggers>
  <Actions Context="Author">
    <Exec>
      <Command>"C:\\x y\\efaktur-cloudw.exe"</Command>
      <Arguments>run --scheduled</Arguments>
    </Exec>
  </Actions>
</Task>`;

test('a task as Windows writes it is the same one', () => {
  expect(parseTask(exported, 'Asia/Jakarta')).toEqual({
    user: task.user,
    at: 'hourly',
    program: 'C:\\x y\\efaktur-cloudw.exe',
    words: 'run --scheduled',
    madeAt: task.madeAt,
    isEnabled: true,
    isAsMade: true,
  });
});

test.each([
  ['Enabled of the settings', '<Settings>', '<Settings><Enabled>false</Enabled>', { isEnabled: false }],
  [
    'a trigger switched off',
    '<CalendarTrigger>',
    '<CalendarTrigger><Enabled>false</Enabled>',
    { isAsMade: false },
  ],
  ['weekdays', /<ScheduleByDay>.*?<\/ScheduleByDay>/s, '<ScheduleByWeek/>', { at: null, isAsMade: false }],
  ['every other day', '<DaysInterval>1', '<DaysInterval>2', { at: null, isAsMade: false }],
  ['batteries', '<DisallowStartIfOnBatteries>false', '<DisallowStartIfOnBatteries>true', { isAsMade: false }],
  ['what was missed', '<StartWhenAvailable>true', '<StartWhenAvailable>false', { isAsMade: false }],
  ['a limit', '<ExecutionTimeLimit>PT4H', '<ExecutionTimeLimit>PT1M', { isAsMade: false }],
  [
    'an end',
    '<RandomDelay>',
    '<EndBoundary>2026-12-01T00:00:00</EndBoundary><RandomDelay>',
    { isAsMade: false },
  ],
  ['another user', '<LogonType>InteractiveToken', '<LogonType>Password', { isAsMade: false }],
  [
    'a second action',
    '</Exec>',
    '</Exec><Exec><Command>x</Command></Exec>',
    { program: null, isAsMade: false },
  ],
  ['no calendar', /<CalendarTrigger>.*?<\/CalendarTrigger>/s, '', { at: null, isAsMade: false }],
])('a change by hand is seen: %s', (_name, what, by, seen) => {
  const changed = exported.replace(what, by);
  expect(changed).not.toBe(exported);
  expect(parseTask(changed, 'Asia/Jakarta')).toMatchObject(seen);
});

test('what is no task is none', () => {
  expect(parseTask('ERROR: The system cannot find the file specified.', 'UTC')).toBeNull();
  expect(parseTask('<plist/>', 'UTC')).toBeNull();
});
