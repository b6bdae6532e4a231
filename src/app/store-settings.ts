import { isDayFolder, isOwnFile, isOwnFolder } from '../catalog/names.ts';
import { mayBeOfPrefix, mayHoldPrefixes } from '../catalog/prefixes.ts';
import type { Config } from '../settings/config.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { StoreSettings } from '../store/open.ts';

/** How a store is opened with the keys and connection of a configuration; `holds`: one history, or folders and prefixes with one each. */
export const storeSettings = (
  { connectionEnv, programEnv }: Config,
  { currentFolder }: Surroundings,
  holds: 'one' | 'many' = 'one',
): StoreSettings => ({
  env: connectionEnv,
  programEnv,
  currentFolder,
  isOwnFolder: holds === 'one' ? isOwnFolder : mayHoldPrefixes,
  isOwnFile: holds === 'one' ? isOwnFile : mayBeOfPrefix,
  isPassingFolder: isDayFolder,
});
