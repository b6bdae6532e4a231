import { resolve } from 'node:path';
import { isEfakturError } from '../base/errors.ts';
import { splitStores } from '../settings/setting-values.ts';
import type { Workplace } from './workplace.ts';

/** What is ours, wherever it lies, as absolute paths: in an e-Faktur folder it is no part of the program. */
export async function ownPaths({ config, around }: Workplace, urls: readonly string[]): Promise<string[]> {
  const { currentFolder, platform } = around;
  const { folderOf } = await import('../store/open.ts');
  const folders = [...urls, ...splitStores(config.setting('EFAKTUR_STORE')?.value ?? '')].map((url) => {
    try {
      return folderOf(url, currentFolder, platform);
    } catch (error) {
      // Of the setting, when others stand in its place.
      if (isEfakturError(error, 'usage')) return null;
      throw error;
    }
  });
  const files = [config.settingsFile, config.setting('EFAKTUR_IDENTITY_FILE')?.value ?? null];
  return [config.stateDir, ...folders, ...files]
    .filter((path) => path !== null)
    .map((path) => resolve(currentFolder, path));
}
