import { readFileSync } from 'node:fs';
import { systemCode } from './errors.ts';

/**
 * True while the process that wrote `pid` into a name at `startedAt` still runs. A process that began later has only
 * inherited the number (told on Linux; elsewhere a reused number counts as alive), and one's own number in an older
 * name is always somebody else's, as in a container where every run has the same.
 */
export function isProcessAlive(pid: number, startedAt: Date): boolean {
  if (pid === process.pid) return startedAt.getTime() > Date.now() - process.uptime() * 1000 - 1000;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  const began = linuxProcess(pid);
  return began === null || (!began.isZombie && began.startedAtMs <= startedAt.getTime() + 2000);
}

/** When a process began, from proc(5): field 22 of `stat`, in 1/100 s after the boot time of `/proc/stat`; null elsewhere. */
function linuxProcess(pid: number): { startedAtMs: number; isZombie: boolean } | null {
  try {
    // The second field is a name in parentheses that may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]);
    const startedAtMs = bootSeconds * 1000 + Number(fields[19]) * 10;
    return Number.isNaN(startedAtMs)
      ? null
      : { startedAtMs, isZombie: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return null;
  }
}
