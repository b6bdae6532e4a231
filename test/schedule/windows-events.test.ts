import { expect, test } from 'vitest';
import {
  loggedOnMs,
  parseEvents,
  type WindowsEvent,
  windowsCouldRunMs,
} from '../../src/schedule/windows-events.ts';

const ours = 'S-1-5-21-1-2-3-1001';

const event = (provider: string, id: number, at: string, sid?: string): string => {
  const data =
    sid === undefined
      ? ''
      : `<EventData><Data Name='TSId'>1</Data><Data Name='UserSid'>${sid}</Data></EventData>`;
  return `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}' Guid='{a}'/><EventID Qualifiers='0'>${id}</EventID><TimeCreated SystemTime='${at}'/></System>${data}</Event>`;
};

test('events of wevtutil are read, and others passed over', () => {
  const xml = [
    event('Microsoft-Windows-Winlogon', 7001, '2026-11-27T01:00:00.1234567Z', ours),
    event('Microsoft-Windows-Kernel-Power', 42, '2026-11-27T10:00:00.0000000Z'),
    event('Microsoft-Windows-Kernel-Power', 172, '2026-11-27T10:00:00.0000000Z'),
    event('Other', 7001, '2026-11-27T10:00:00.0000000Z'),
  ].join('\r\n');
  expect(parseEvents(xml)).toEqual([
    { at: new Date('2026-11-27T01:00:00.123Z'), kind: 'logon', sid: ours },
    { at: new Date('2026-11-27T10:00:00Z'), kind: 'off', sid: null },
  ]);
});

const at = (time: string): Date => new Date(`2026-11-${time}:00Z`);
const hours = (
  events: readonly (readonly [string, WindowsEvent['kind'], string?])[],
  since: string,
  now: string,
): number =>
  loggedOnMs(
    events.map(([time, kind, sid = null]) => ({ at: at(time), kind, sid })),
    ours,
    at(since),
    at(now),
  ) / 3600_000;

test('only the time that the PC was on with its user counts', () => {
  expect(hours([], '01T08:00', '03T08:00')).toBe(48);
  // Off at night by a fast start, which is a logoff and a sleep; eight hours each day.
  const day = (n: string) =>
    [
      [`${n}T17:00`, 'logoff', ours],
      [`${n}T17:01`, 'off'],
    ] as const;
  const morning = (n: string) =>
    [
      [`${n}T09:00`, 'on'],
      [`${n}T09:05`, 'logon', ours],
    ] as const;
  const week = [...day('02'), ...morning('03'), ...day('03'), ...morning('04')];
  expect(hours(week, '02T09:00', '04T10:05')).toBeCloseTo(8 + (7 + 55 / 60) + 1, 5);
  // A PC that sleeps with its user logged on.
  expect(
    hours(
      [
        ['02T18:00', 'off'],
        ['05T08:00', 'on'],
      ],
      '02T17:00',
      '05T09:00',
    ),
  ).toBe(2);
  // Somebody else is logged on.
  expect(
    hours(
      [
        ['02T18:00', 'logoff', ours],
        ['02T18:05', 'logon', 'S-1-5-21-9'],
      ],
      '02T17:00',
      '05T09:00',
    ),
  ).toBe(1);
  // A power cut is told by nothing but the next start, at which nobody is logged on.
  expect(
    hours(
      [
        ['02T12:00', 'on'],
        ['05T08:00', 'start'],
        ['05T09:00', 'logon', ours],
      ],
      '02T11:00',
      '05T10:00',
    ),
  ).toBe(1);
  // In any order, and nothing from before or after.
  expect(
    hours(
      [
        ['05T08:00', 'on'],
        ['02T18:00', 'off'],
        ['01T00:00', 'off'],
        ['09T00:00', 'on'],
      ],
      '02T17:00',
      '05T09:00',
    ),
  ).toBe(2);
});

test('a log that tells nothing is no measure', async () => {
  const answer =
    (stdout: string, code = 0) =>
    async () => ({ code, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) });
  const ask = [answer(''), answer('', 5), async () => null] as const;
  for (const one of ask)
    expect(await windowsCouldRunMs(one, ours, at('01T00:00'), at('05T00:00'))).toBeNull();
  const told = answer(event('Microsoft-Windows-Winlogon', 7001, '2026-11-01T00:00:00Z', ours));
  expect(await windowsCouldRunMs(told, ours, at('02T00:00'), at('05T00:00'))).toBe(3 * 24 * 3600_000);
});
