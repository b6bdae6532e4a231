import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../src/base/new-folder.ts';
import type { RunRecord } from '../../src/state/run-record.ts';
import { makeWorld, type Outcome, type PushJson, type WarningJson, type World } from './cli.ts';
import { type EfakturFolderOptions, makeEfakturFolder } from './efaktur-folder.ts';

/** What `run` says with --json. */
export interface RunJson {
  readonly outcome: string;
  readonly profiles: readonly {
    readonly profile: string;
    readonly outcome: string;
    readonly push: {
      readonly outcome: string;
      readonly inFull: boolean;
      readonly backups: PushJson['backups'];
    } | null;
    readonly verify: {
      readonly outcome: string;
      readonly level: string;
      readonly parts: readonly number[];
      readonly checked: number;
      readonly damaged: readonly { readonly id: string }[];
    } | null;
    readonly prune: { readonly stores: readonly { readonly deleted: readonly string[] }[] } | null;
    readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
    readonly warnings: readonly WarningJson[];
  }[];
  readonly warnings: readonly WarningJson[];
}

/** What is set of a profile, by names. */
export type ProfileSettings = Readonly<Record<string, string>>;

const minuteMs = 60_000;

/** A clock that tests set: each run is some minutes after the one before. */
export class Clock {
  #at = Date.now() + minuteMs;

  get now(): Date {
    return new Date(this.#at);
  }

  pass({ minutes = 0, days = 0 }: { readonly minutes?: number; readonly days?: number }): void {
    this.#at += minutes * minuteMs + days * 24 * 60 * minuteMs;
  }
}

/** A world in which `run` is used, an hour passing before each. */
export interface RunWorld extends World {
  readonly clock: Clock;
  /** Of `run --json`, whatever its exit code. */
  runs(
    args?: readonly string[],
    env?: Readonly<Record<string, string | undefined>>,
  ): Promise<RunJson & { readonly code: number | null }>;
  /** Of `run` as a schedule calls it. */
  scheduled(env?: Readonly<Record<string, string | undefined>>): Promise<Outcome>;
  record(): Promise<RunRecord>;
  log(): Promise<string>;
}

export async function runWorld(
  efaktur: EfakturFolderOptions | null = { backups: [] },
  more: Readonly<Record<string, string | undefined>> = {},
): Promise<RunWorld> {
  const world = await makeWorld(efaktur);
  const clock = new Clock();
  const call = (
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Outcome> => {
    clock.pass({ minutes: 5 });
    return world.run(args, { env: { ...more, ...env }, now: clock.now });
  };
  return {
    ...world,
    clock,
    async runs(args = [], env = {}) {
      const { code, stdout, stderr } = await call(['run', '--json', ...args], env);
      try {
        return { ...(JSON.parse(stdout) as RunJson), code };
      } catch {
        throw new Error(`run ended with ${code}: ${stdout}${stderr}`);
      }
    },
    scheduled: (env = {}) => call(['run', '--scheduled'], env),
    record: async () => JSON.parse(await readFile(join(world.stateDir, 'runs.json'), 'utf8')) as RunRecord,
    log: () => readFile(join(world.stateDir, 'log', 'run.log'), 'utf8'),
  };
}

/** The environment of a world without what a profile says of an e-Faktur folder. */
export const bare = {
  EFAKTUR_STORE: undefined,
  EFAKTUR_APP_DIR: undefined,
} as const;

/** Writes the settings file of a profile; resolves with its path. */
export async function writeProfile(world: World, name: string, settings: ProfileSettings): Promise<string> {
  const folder = join(world.env.HOME ?? '', '.config', 'efaktur-cloud');
  await makeFolder(folder, 0o700);
  const path = join(folder, `${name === 'default' ? '' : name}.env`);
  const lines = Object.entries(settings).map(([key, value]) => `${key}='${value}'`);
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

/** An e-Faktur folder of its own with a profile over it, its store beside it. */
export async function addProfile(
  world: World,
  name: string,
  settings: ProfileSettings = {},
): Promise<string> {
  const app = join(world.folder, `e-Faktur ${name}`);
  await makeEfakturFolder(app, { backups: [] });
  await writeProfile(world, name, {
    EFAKTUR_APP_DIR: app,
    EFAKTUR_STORE: join(world.folder, `store ${name}`),
    ...settings,
  });
  return app;
}
