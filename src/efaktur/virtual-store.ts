import { join } from 'node:path';
import { newestChange } from './app-folder.ts';

/** A second db of one e-Faktur, and when each last changed. */
export interface SecondDb {
  readonly folder: string;
  readonly newest: Date;
  readonly newestThere: Date | null;
}

/**
 * The db that Windows keeps for this user alone where an old program may not write into its own folder: the same path below
 * `%LOCALAPPDATA%\VirtualStore`. e-Faktur reads and writes that one, unless it runs as administrator. Null without one.
 */
export async function secondDb(appFolder: string, localAppData: string): Promise<SecondDb | null> {
  const folder = join(localAppData, 'VirtualStore', appFolder.replace(/^[a-z]:/i, ''));
  const newest = await newestChange(folder);
  return newest && { folder, newest, newestThere: await newestChange(appFolder) };
}
