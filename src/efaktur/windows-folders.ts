import { execFile } from 'node:child_process';
import { win32 } from 'node:path';
import { promisify } from 'node:util';
import { windowsProgram } from '../base/system-programs.ts';

/** Prints a key of the registry; nothing where there is none. */
export type QueryRegistry = (key: string) => Promise<string>;

const query: QueryRegistry = async (key) => {
  const { stdout } = await promisify(execFile)(windowsProgram('reg.exe'), ['query', key], {
    timeout: 10_000,
    windowsHide: true,
  }).catch(() => ({ stdout: '' }));
  return stdout;
};

const mountedDevices = 'HKLM\\SYSTEM\\MountedDevices';
const shellFolders = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders';
const downloads = '{374DE290-123F-4565-9164-39C4925E467B}';

/**
 * Where this PC keeps things: its fixed drives, and the user's desktop, documents and downloads wherever they were moved to. A drive
 * that is fixed is noted by the signature of its disk and an offset (12 bytes) or as `DMIO:ID:` and a GUID; others by a device.
 */
export async function windowsFolders(
  env: Readonly<Record<string, string | undefined>>,
  ask: QueryRegistry = query,
): Promise<{ readonly drives: string[]; readonly personal: string[] }> {
  const [mounted, moved] = await Promise.all([ask(mountedDevices), ask(shellFolders)]);
  const drives = [...mounted.matchAll(/\\DosDevices\\([A-Z]):\s+REG_BINARY\s+([0-9A-F]+)/gi)].flatMap(
    ([, letter = '', bytes = '']) =>
      bytes.length === 24 || /^444D494F3A49443A/i.test(bytes) ? [letter.toUpperCase()] : [],
  );
  const oneDrives = ['OneDrive', 'OneDriveConsumer', 'OneDriveCommercial'].flatMap((name) => env[name] ?? []);
  const inOneDrive = oneDrives.flatMap((folder) =>
    ['Desktop', 'Documents', 'Dokumen'].map((name) => win32.join(folder, name)),
  );
  const named = [...moved.matchAll(/^\s+(\S+)\s+REG_(?:EXPAND_)?SZ\s+(.+?)\s*$/gm)].flatMap(
    ([, name = '', path = '']) => (['Desktop', 'Personal', downloads].includes(name) ? [path] : []),
  );
  const expand = (path: string): string =>
    path.replace(/%([^%]+)%/g, (whole, name: string) => env[name] ?? env[name.toUpperCase()] ?? whole);
  return { drives, personal: [...new Set([...named.map(expand), ...inOneDrive])] };
}
