import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Outcome } from './cli.ts';

/**
 * Schedulers of a test's own: in a mount namespace `/run` and the folder of crontabs are empty, so that the real cron and the real
 * systemd run there, and no schedule of this computer is seen or changed.
 */
export interface OwnSystem {
  run(program: string, args: readonly string[], options?: OwnRun): Promise<Outcome>;
  /** Starts what goes on until the test ends; what it says lies in `NAME.log` of the folder. */
  start(name: string, program: string, args: readonly string[], env: OwnRun['env']): ChildProcess;
}

export interface OwnRun {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const script = `
  set -e
  mount -t tmpfs tmpfs /run
  mkdir -p /run/systemd/system /run/user/0
  mount -t tmpfs -o mode=755 tmpfs /var/spool/cron
  mkdir /var/spool/cron/crontabs
  chgrp crontab /var/spool/cron/crontabs
  chmod 1730 /var/spool/cron/crontabs
  echo ready
  exec sleep 600`;

/** With `systemd: false` the system looks as if another program had started it. */
export async function ownSystem(folder: string, { systemd = true } = {}): Promise<OwnSystem> {
  const isRoot = process.getuid?.() === 0;
  const text = systemd ? script : script.replace('/run/systemd/system ', '');
  const holder = spawn('unshare', [isRoot ? '-m' : '-rm', 'sh', '-c', text], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [holder.stdout, holder.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  onTestFinished(() => {
    holder.kill('SIGKILL');
  });
  for (let waited = 0; !said.includes('ready'); waited += 50) {
    if (holder.exitCode !== null || waited > 10_000)
      throw new Error(
        `A schedule is tested where crontabs lie on a tmpfs of their own (Debian: cron, and unshare, nsenter and mount, as root): ${said}`,
      );
    await sleep(50);
  }
  const within = (program: string, args: readonly string[]): readonly string[] => [
    ...(isRoot ? [] : ['--user', '--preserve-credentials']),
    ...['--mount', '--target', String(holder.pid), '--', program, ...args],
  ];
  const clean = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C.UTF-8', HOME: '/root' };
  return {
    async run(program, args, { env = {}, input = '' } = {}) {
      const child = spawn('nsenter', within(program, args), { env: { ...clean, ...env }, cwd: folder });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        stdout += part;
      });
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr += part;
      });
      // One that reads nothing may have ended.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (...ended) => resolve(ended));
      });
      return { code, signal, stdout, stderr };
    },
    start(name, program, args, env = {}) {
      const log = createWriteStream(join(folder, `${name}.log`));
      const child = spawn('nsenter', within(program, args), {
        env: { ...clean, ...env },
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      onTestFinished(() => {
        child.kill('SIGTERM');
      });
      return child;
    },
  };
}

/** Waits until a file is there, and gives what is in it. */
export async function fileThere(path: string, timeoutMs: number): Promise<string> {
  for (const until = Date.now() + timeoutMs; ; await sleep(250)) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text !== '') return text;
    if (Date.now() > until) throw new Error(`${path} was not written in ${timeoutMs / 1000} s`);
  }
}
