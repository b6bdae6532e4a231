import { hourMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
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

/** The next of these times after a moment, by the clock of this PC. */
export function nextRun(at: Times, now: Date): Date {
  const on = (days: number, minute: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 0, minute);
  const minutes = at === 'hourly' ? Array.from({ length: 24 }, (_, hour) => hour * 60) : at.map(minuteOf);
  const following = [0, 1, 2].flatMap((days) => minutes.map((minute) => on(days, minute)));
  return following.find((one) => one.getTime() > now.getTime()) ?? on(1, minutes[0] ?? 0);
}
