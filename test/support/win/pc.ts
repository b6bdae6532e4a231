import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { treeOf } from '../cli.ts';
import { type EfakturFolderOptions, makeEfakturFolder } from '../efaktur-folder.ts';
import { notePrinted } from '../printed.ts';
import { type WineOutcome, windowsPath, wine } from './wine.ts';

/** A PC with Windows that an e-Faktur stands on. Each has a folder of its own on the drives that all share. */
export interface WindowsPc {
  /** The folder on drive D:, as this machine and as Windows names it. */
  readonly folder: string;
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
  /** What Windows calls a path of this machine. */
  named(path: string): string;
  /** A path in this PC's folder on `C:\`, `D:\` or the share, as this machine names it. */
  on(drive: 'c' | 'd' | 'share', ...names: string[]): string;
  run(args: readonly string[], options?: PcRun): Promise<WineOutcome>;
  /** As `run` with `--json`, which must end with that exit code and one document on stdout. */
  json<T>(args: readonly string[], options?: PcRun & { code?: number }): Promise<T>;
}

export interface PcRun {
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: 'efaktur-cloud.exe' | 'efaktur-cloudw.exe';
  readonly cwd?: string;
}

/** `efaktur` null makes no e-Faktur folder. The name may be hard on Windows. */
export async function windowsPc(efaktur: EfakturFolderOptions | null = {}, name = 'pc'): Promise<WindowsPc> {
  const prefix = inject('winePrefix');
  const own = `${name}-${randomBytes(4).toString('hex')}`;
  const on: WindowsPc['on'] = (drive, ...names) =>
    join(prefix, drive === 'share' ? 'share' : `drive_${drive}`, own, ...names);
  const folder = on('d');
  const app = join(folder, 'e-Faktur');
  for (const drive of ['c', 'd', 'share'] as const) await mkdir(on(drive), { recursive: true });
  if (efaktur !== null) await makeEfakturFolder(app, efaktur);
  const named = (path: string): string => windowsPath(prefix, path);
  const env = {
    EFAKTUR_STATE_DIR: named(join(folder, 'state')),
    EFAKTUR_TIMEZONE: 'Asia/Jakarta',
    EFAKTUR_NAME: 'pc-kasir',
    EFAKTUR_STORE: named(join(folder, 'store')),
    EFAKTUR_APP_DIR: named(app),
    EFAKTUR_LANG: 'en',
  };
  const run: WindowsPc['run'] = async (args, options = {}) => {
    const program = join(inject('windowsPrograms'), options.program ?? 'efaktur-cloud.exe');
    const outcome = await wine(program, args, {
      prefix,
      env: { ...env, ...options.env },
      cwd: options.cwd ?? folder,
    });
    notePrinted(args, outcome.stdout, outcome.stderr);
    return outcome;
  };
  return {
    folder,
    app,
    env,
    named,
    on: (drive, ...names) => join(prefix, drive === 'share' ? 'share' : `drive_${drive}`, own, ...names),
    run,
    async json<T>(args: readonly string[], options: PcRun & { code?: number } = {}) {
      const { code, stdout, stderr } = await run([...args, '--json'], options);
      expect(code, `${args.join(' ')}: ${stdout}${stderr}`).toBe(options.code ?? 0);
      return JSON.parse(stdout) as T;
    },
  };
}

/** The files of a db folder with their hashes, but for those of Derby's own that no backup keeps. */
export async function databaseFiles(folder: string): Promise<Record<string, string>> {
  const tree = Object.entries(await treeOf(folder));
  return Object.fromEntries(tree.filter(([path]) => !/(^|\/)(dbe?x?\.lck|tmp\/.*)$/.test(path)));
}
