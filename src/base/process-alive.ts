import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemCode } from './errors.ts';

/**
 * True while the process that wrote `pid` into a name at `startedAt` still runs. A process that began later has only
 * inherited the number (told on Linux; elsewhere a reused number counts as alive), and one's own number in an older
 * name is always somebody else's, as in a container where every run has the same. Where the name holds a mark as well
 * ({@link processMark}), that tells in place of the time, as a clock may be set while a process runs.
 */
export function isProcessAlive(pid: number, startedAt: Date, mark: string | null = null): boolean {
  if (pid === process.pid)
    return mark === null
      ? startedAt.getTime() > Date.now() - process.uptime() * 1000 - 1000
      : mark === processMark();
  try {
    process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  const found = linuxProcess(pid);
  if (found === null) return true;
  if (found.isZombie) return false;
  return mark === null ? found.startedAtMs <= startedAt.getTime() + 2000 : mark === found.mark;
}

let ownMark: string | null = null;

/** Eight hex digits that tell this process from every other that has or had its number, whatever the clock says. */
export function processMark(): string {
  // Elsewhere than on Linux nobody else can ask for it, and a number that some process has counts as alive.
  ownMark ??= linuxProcess(process.pid)?.mark ?? randomBytes(4).toString('hex');
  return ownMark;
}

interface LinuxProcess {
  readonly startedAtMs: number;
  readonly isZombie: boolean;
  readonly mark: string;
}

/**
 * A process by proc(5): field 22 of `stat` is when it began, in 1/100 s after the boot time of `/proc/stat`, which moves
 * when the clock is set; `boot_id` is drawn anew at each boot. Null elsewhere.
 */
function linuxProcess(pid: number): LinuxProcess | null {
  try {
    // The second field is a name in parentheses that may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = fields[19] ?? '';
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]);
    const startedAtMs = bootSeconds * 1000 + Number(ticks) * 10;
    if (Number.isNaN(startedAtMs)) return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const mark = createHash('sha256').update(`${boot} ${pid} ${ticks}`).digest('hex').slice(0, 8);
    return { startedAtMs, isZombie: fields[0] === 'Z' || fields[0] === 'X', mark };
  } catch {
    return null;
  }
}
