import { hourMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { instantOf, type WallTime, wallTime } from '../base/local-time.ts';
import { noTimeOfDay, noTimes, writeTimes } from './texts.ts';

/** The times of a day, by the clock of this PC: `HH:MM` in order and each once, or every hour. */
export type Times = readonly string[] | 'hourly';

/** More would be a list nobody reads, and a trigger each. */
const mostTimes = 24;

/** Reads `12:00,17.00` or `hourly`; `usage` when it cannot be. */
export function parseTimes(value: string): Times {
  if (value.trim().toLowerCase() === 'hourly') return 'hourly';
  const times = value.split(',').map((part) => {
    const [, hours = '', minutes = ''] = /^\s*(\d{1,2})[:.](\d\d)\s*$/.exec(part) ?? [];
    if (hours === '' || Number(hours) > 23 || Number(minutes) > 59)
      throw new EfakturError('usage', noTimeOfDay(part.trim()), writeTimes);
    return `${hours.padStart(2, '0')}:${minutes}`;
  });
  if (times.length > mostTimes) throw new EfakturError('usage', noTimes(mostTimes), writeTimes);
  return [...new Set(times)].sort();
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The longest time between two runs. */
export function longestGapMs(at: Times): number {
  if (at === 'hourly') return hourMs;
  const minutes = at.map(minuteOf);
  const gaps = minutes.map((minute, i) => (minutes[i + 1] ?? (minutes[0] ?? 0) + 24 * 60) - minute);
  return (Math.max(...gaps) / 60) * hourMs;
}

/** The next of these times after a moment, by a clock in that zone. */
export function nextRun(at: Times, now: Date, zone: string): Date {
  const { year, month, day } = wallTime(now, zone);
  const minutes = at === 'hourly' ? Array.from({ length: 24 }, (_, hour) => hour * 60) : at.map(minuteOf);
  for (const days of [0, 1, 2]) {
    const date = new Date(Date.UTC(year, month - 1, day + days));
    for (const minute of minutes) {
      const wall: WallTime = {
        ...{ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() },
        ...{ hour: Math.floor(minute / 60), minute: minute % 60, second: 0 },
      };
      const moment = instantOf(wall, zone);
      if (moment && moment > now) return moment;
    }
  }
  return new Date(now.getTime() + longestGapMs(at));
}
