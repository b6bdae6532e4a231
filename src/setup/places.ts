import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../base/errors.ts';
import { isSameDisk } from '../efaktur/folder-parts.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { ProviderEndpoint } from '../store/providers.ts';

/** Where backups may go: a bucket at a provider, or a folder on another disk. */

/** A bucket's address that means the same whatever else is set. */
export const bucketAddress = (bucket: string, prefix: string, { host, region }: ProviderEndpoint): string => {
  const endpoint = `endpoint=${/^https?:/i.test(host) ? host : `https://${host}`}`;
  return `s3://${bucket}/${prefix}?${endpoint}${region === null ? '' : `&region=${region}`}`;
};

/** The prefix or folder of one profile below a place that several share. */
export function below(url: string, name: string): string {
  const [, address = url, query = ''] = /^(s3:[^?]*)(\?.*)?$/is.exec(url) ?? [];
  const separator = address.includes('\\') && !address.includes('/') ? '\\' : '/';
  return `${address.replace(/[\\/]+$/, '')}${separator}${name}${query}`;
}

export interface ProposedFolder {
  /** Whole, and not there yet as a rule. */
  readonly path: string;
  /** `synced`: another program carries it to a cloud and, should it be emptied there, back. */
  readonly kind: 'disk' | 'synced';
}

const folderName = 'efaktur-backup';
/** A network drive whose server is gone answers after minutes. */
const answerMs = 2_000;

/** Folders that backups could go to, on disks other than that of e-Faktur first, then in folders that a cloud program carries away. */
export async function proposedFolders(
  around: Surroundings,
  appFolder: string,
): Promise<readonly ProposedFolder[]> {
  const path = around.platform === 'win32' ? win32 : posix;
  const disks: ProposedFolder[] = [];
  for (const disk of await disksOf(around))
    if (!(await inTime(isSameDisk(disk, appFolder), true)))
      disks.push({ path: path.join(disk, folderName), kind: 'disk' });
  const synced = await syncedFolders(around);
  return [...disks, ...synced.map((one) => ({ path: path.join(one, folderName), kind: 'synced' as const }))];
}

const inTime = <T>(asked: Promise<T>, otherwise: T): Promise<T> =>
  Promise.race([asked, sleep(answerMs, otherwise, { ref: false })]);

const isFolder = (path: string): Promise<boolean> =>
  inTime(
    stat(path).then(
      (info) => info.isDirectory(),
      () => false,
    ),
    false,
  );

async function thatAreThere(paths: readonly string[]): Promise<string[]> {
  const are = await Promise.all(paths.map(isFolder));
  return paths.filter((_, i) => are[i]);
}

/** Where this system puts disks that were plugged in, and drives of the net. */
async function disksOf({ platform, homeFolder, env }: Surroundings): Promise<string[]> {
  if (platform === 'win32') {
    const system = (env.SystemDrive ?? 'C:').slice(0, 1).toUpperCase();
    const letters = [...'DEFGHIJKLMNOPQRSTUVWXYZABC'].filter((letter) => letter !== system && letter > 'B');
    return thatAreThere(letters.map((letter) => `${letter}:\\`));
  }
  const user = posix.basename(homeFolder);
  const roots =
    platform === 'darwin' ? ['/Volumes'] : [`/media/${user}`, `/run/media/${user}`, '/mnt', '/media'];
  const found: string[] = [];
  for (const root of roots) {
    const names = await inTime(
      readdir(root).catch(() => []),
      [],
    );
    const paths = names.filter((name) => !name.startsWith('.')).map((name) => posix.join(root, name));
    // An empty folder below /mnt is no disk, only where one would be.
    for (const path of await thatAreThere(paths))
      if (!(await inTime(isSameDisk(path, root), true))) found.push(path);
  }
  return found;
}

/** What programs that carry folders to a cloud call them. */
const syncedNames =
  /^(one ?drive( - .+)?|dropbox( \(.+\))?|google ?drive|my drive|drive saya|icloud ?drive|nextcloud|owncloud|mega|box)$/i;

/**
 * Makes the folder that profiles get theirs in, where only that one is missing: a drive that is not connected has no folder above it
 * either. Resolves with how to take it back, as long as nothing lies in it; null where nothing was made.
 */
export async function makeSharedFolder(path: string): Promise<(() => Promise<void>) | null> {
  try {
    await mkdir(path, 0o700);
  } catch {
    // There already, or what keeps it from being made is told by the test of the place.
    return null;
  }
  return () => removeEmpty(path);
}

/** How to take back a folder that is not there yet, should nothing come to lie in it; null for one that is there. */
export const takingBack = (path: string): Promise<(() => Promise<void>) | null> =>
  stat(path).then(
    () => null,
    (error: unknown) => (systemCode(error) === 'ENOENT' ? () => removeEmpty(path) : null),
  );

/** A folder with folders in it that hold nothing either; where anything lies, that stays. */
async function removeEmpty(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeEmpty(join(path, entry.name));
  await rmdir(path).catch(() => {});
}

/** Whether a program carries this folder to a cloud, as its name says. */
export const isSynced = (path: string): boolean => path.split(/[\\/]/).some((name) => syncedNames.test(name));

async function syncedFolders({ homeFolder, platform, env }: Surroundings): Promise<string[]> {
  const path = platform === 'win32' ? win32 : posix;
  const names = await inTime(
    readdir(homeFolder).catch(() => []),
    [],
  );
  const own = names.filter((name) => syncedNames.test(name)).map((name) => path.join(homeFolder, name));
  const named = ['OneDrive', 'OneDriveConsumer', 'OneDriveCommercial'].flatMap((name) => env[name] ?? []);
  return thatAreThere([...new Set([...own, ...named])]);
}
