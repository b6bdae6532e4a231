import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Outcome, program } from './cli.ts';
import type { OwnRun, OwnSystem } from './own-system.ts';

/** Its name is hard on every scheduler that it stands in. */
const hardName = `50% of $HOME "it's" \\ é`;

export interface ScheduledPc {
  readonly folder: string;
  /** What a schedule calls notes here with which words and variables it was called; all else goes to the program. */
  readonly noted: string;
  readonly schedule: (...args: string[]) => Promise<Outcome>;
  readonly json: <T>(code: number, ...args: string[]) => Promise<T>;
}

export async function scheduledPc(
  system: OwnSystem,
  folder: string,
  env: OwnRun['env'] = {},
): Promise<ScheduledPc> {
  const config = join(folder, 'config');
  await mkdir(join(config, 'efaktur-cloud'), { recursive: true });
  await writeFile(join(config, 'efaktur-cloud', 'toko.env'), `EFAKTUR_STORE=${join(folder, 'store')}\n`);
  const noted = join(folder, 'noted.json');
  const started = join(folder, hardName, 'start.cjs');
  await mkdir(join(folder, hardName));
  await writeFile(
    started,
    `if (process.argv[2] === 'run') {
      const { XDG_CONFIG_HOME, EFAKTUR_STATE_DIR } = process.env;
      const noted = { words: process.argv.slice(2), XDG_CONFIG_HOME, EFAKTUR_STATE_DIR };
      require('node:fs').writeFileSync(${JSON.stringify(noted)}, JSON.stringify(noted));
    } else require(${JSON.stringify(program)});\n`,
  );
  const all = { XDG_CONFIG_HOME: config, EFAKTUR_STATE_DIR: join(folder, 'state'), ...env };
  const schedule = (...args: string[]): Promise<Outcome> =>
    system.run(process.execPath, ['--', started, 'schedule', ...args], { env: all });
  return {
    folder,
    noted,
    schedule,
    async json<T>(code: number, ...args: string[]) {
      const outcome = await schedule(...args, '--json');
      expect(outcome.code, outcome.stdout + outcome.stderr).toBe(code);
      return JSON.parse(outcome.stdout) as T;
    },
  };
}

/** A time of day that is to come in 15 to 75 seconds. */
export function soon(): string {
  const at = new Date(Date.now() + 75_000);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

/** systemd as a user has it, in a namespace of its own. */
export async function userSystemd(
  system: OwnSystem,
  home: string,
): Promise<Readonly<Record<string, string>>> {
  const env = { HOME: home, XDG_RUNTIME_DIR: '/run/user/0' };
  await mkdir(home, { recursive: true });
  system.start('systemd', '/lib/systemd/systemd', ['--user', '--log-target=console'], env);
  for (let tries = 0; ; tries++) {
    const { code, stderr } = await system.run('systemctl', ['--user', 'show', '--property=Version'], { env });
    if (code === 0) return env;
    if (tries > 100) throw new Error(`systemd for a user does not start (Debian: systemd): ${stderr}`);
    await sleep(100);
  }
}
