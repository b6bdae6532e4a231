import { dayMs } from '../base/durations.ts';
import { keepOrThrow } from '../base/errors.ts';
import type { Finding } from '../base/progress.ts';
import { settingsOfAll } from '../settings/profiles.ts';
import { readRunRecord } from '../state/run-record.ts';
import type { Io } from './context.ts';

/**
 * What is wrong with the schedule of this PC, for who asks about something else. It is looked at only where runs are known and none
 * began for a day: most often that is all there is to read. Nothing where no schedule is installed.
 */
export async function scheduleAttention({ around, now, signal }: Io): Promise<readonly Finding[]> {
  try {
    const { stateDir } = await settingsOfAll(around);
    const { lastStartedAt } = await readRunRecord(stateDir);
    if (lastStartedAt === null || now().getTime() - Date.parse(lastStartedAt) < dayMs) return [];
    const [{ readSchedule }, { ownProgram }] = await Promise.all([
      import('../schedule/schedule.ts'),
      import('../schedule/own-program.ts'),
    ]);
    const request = { around, now, signal, program: ownProgram(), lastRunAt: lastStartedAt };
    return (await readSchedule(request)).problems;
  } catch (error) {
    // `schedule status` and `doctor` tell what is wrong with the settings of all and with the record.
    keepOrThrow(error);
    return [];
  }
}
