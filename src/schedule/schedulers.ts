import type { Surroundings } from '../settings/surroundings.ts';
import { crontabScheduler } from './crontab.ts';
import { launchdScheduler } from './launchd.ts';
import type { Scheduler } from './scheduler.ts';
import { startupScheduler } from './startup.ts';
import type { Ask } from './system-calls.ts';
import { systemdScheduler } from './systemd.ts';
import { taskScheduler } from './task-scheduler.ts';

/** The schedulers that a system may have: the first that takes a schedule keeps it. */
export function schedulersOf(ask: Ask, around: Surroundings): readonly Scheduler[] {
  if (around.platform === 'win32') return [taskScheduler(ask, around), startupScheduler(around)];
  if (around.platform === 'darwin') return [launchdScheduler(ask, around)];
  return [systemdScheduler(ask, around), crontabScheduler(ask)];
}
