import { copyFile, cp, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unzip } from './unzip.ts';

/** The two states of the seed sample, as login backups: zips that hold `db/ETaxInvoice`. Written once, see scripts/make-fixtures.ts. */
export const seeds = {
  'seed-6-july': {
    path: join(import.meta.dirname, '../fixtures/seed/2023-07-06.zip'),
    time: new Date('2023-07-06T09:15:00+07:00'),
  },
  /** As the other, with one more invoice: 2023-07-08, customer "Gerbang Semesta", DPP 345000.00. */
  'seed-8-july': {
    path: join(import.meta.dirname, '../fixtures/seed/2023-07-08.zip'),
    time: new Date('2023-07-08T09:30:00+07:00'),
  },
} as const;
export type SeedName = keyof typeof seeds;

/** A login backup to put into `backup/`. */
export interface LoginBackup {
  /** Its name in `backup/`, with `.zip` or without for a folder. */
  readonly name: string;
  /** A seed, a zip file, or a database folder (which makes a folder `backup/NAME/db/…`). */
  readonly from: SeedName | (string & {});
  /** Its mtime, and that of the files of a folder. */
  readonly time: Date;
}

export interface EfakturFolderOptions {
  /** What `db/` holds: a seed, a database folder to copy, or null for an empty `db`. `seed-8-july` unless told. */
  readonly live?: SeedName | (string & {}) | null;
  /** The mtime of all in `db/`. A seed's own time, or what the copied files have, unless told. */
  readonly liveTime?: Date;
  /** The two seeds in two styles of names unless told. */
  readonly backups?: readonly LoginBackup[];
}

/** The two seeds under names as login backups have them. */
export const seedBackups: readonly LoginBackup[] = [
  { name: '2023-07-06 09.15.zip', from: 'seed-6-july', time: seeds['seed-6-july'].time },
  { name: 'ETaxInvoice_20230708_093000.zip', from: 'seed-8-july', time: seeds['seed-8-july'].time },
];

const isSeed = (name: string): name is SeedName => Object.hasOwn(seeds, name);

const programs = ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'];

/** Makes a folder as an unzipped e-Faktur with some use behind it has, the programs being dummies. Resolves with `folder`. */
export async function makeEfakturFolder(folder: string, options: EfakturFolderOptions = {}): Promise<string> {
  const { live = 'seed-8-july', backups = seedBackups } = options;
  for (const name of ['db', 'backup', 'lib', 'log', 'java/bin'])
    await mkdir(join(folder, name), { recursive: true });
  for (const program of programs) {
    await writeFile(join(folder, `${program}.exe`), `not the real ${program}\r\n`);
    await writeFile(join(folder, program), `not the real ${program}\n`);
    await writeFile(join(folder, `${program}.config`), 'option -Xmx500m\r\noption -Duser.language=in\r\n');
  }
  await writeFile(join(folder, 'mem_config.bat'), '@echo off\r\nrem sets -Xmx in the .config files\r\n');
  await writeFile(join(folder, 'lib', 'derby.jar'), 'not the real library\n');
  await writeFile(join(folder, 'log', 'etax.log'), '2023-07-08 09:31:02 INFO login\n');

  if (live !== null && isSeed(live)) {
    await unzip(seeds[live].path, folder);
    await setTimes(join(folder, 'db'), seeds[live].time);
  } else if (live !== null) {
    await cp(live, join(folder, 'db', basename(live)), { recursive: true, preserveTimestamps: true });
  }
  if (options.liveTime !== undefined) await setTimes(join(folder, 'db'), options.liveTime);

  for (const { name, from, time } of backups) {
    const target = join(folder, 'backup', name);
    const source = isSeed(from) ? seeds[from].path : from;
    if (!(await stat(source)).isDirectory()) {
      await copyFile(source, target);
    } else {
      await cp(source, join(target, 'db', basename(source)), { recursive: true });
      await setTimes(join(target, 'db'), time);
    }
    await utimes(target, time, time);
  }
  return folder;
}

/** Gives every file and folder below a folder, and itself, one time. */
export async function setTimes(folder: string, time: Date): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    await utimes(join(entry.parentPath, entry.name), time, time);
  }
  await utimes(folder, time, time);
}
