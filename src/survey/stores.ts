import { stat } from 'node:fs/promises';
import { storeSettings } from '../app/store-settings.ts';
import { keepOrThrow, reportOf, systemCode } from '../base/errors.ts';
import { originPrefix } from '../catalog/names.ts';
import type { Config } from '../settings/config.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { SurveyedStore } from './document.ts';
import type { Patience } from './patience.ts';

/**
 * Whether a store answers to the keys that are set: one listing, and nothing is written. It says no more than that; what a backup
 * needs of a store is tried by `doctor`.
 */
export async function surveyStore(
  url: string,
  config: Config,
  around: Surroundings,
  patience: Patience,
): Promise<Omit<SurveyedStore, 'lastSentAt'>> {
  const began = performance.now();
  const found = (
    answer: SurveyedStore['answer'],
    error: SurveyedStore['error'] = null,
  ): Omit<SurveyedStore, 'lastSentAt'> => ({
    store: url,
    answer,
    ms: Math.round(performance.now() - began),
    error,
  });
  try {
    return found((await patience.within(ask(url, config, around, patience.signal))) ?? 'silent');
  } catch (error) {
    if (patience.signal.aborted) return found('silent');
    keepOrThrow(error);
    return found('failed', reportOf(error));
  }
}

async function ask(
  url: string,
  config: Config,
  around: Surroundings,
  signal: AbortSignal,
): Promise<'answers' | 'not-there'> {
  const { folderOf, openStore } = await import('../store/open.ts');
  const folder = folderOf(url, around.currentFolder, around.platform);
  if (folder !== null && !(await isThere(folder))) return 'not-there';
  const store = await openStore(url, storeSettings(config, around));
  try {
    for await (const _page of store.list(originPrefix, { signal })) break;
    return 'answers';
  } finally {
    store.close();
  }
}

const isThere = async (folder: string): Promise<boolean> => {
  try {
    await stat(folder);
    return true;
  } catch (error) {
    // Anything else is told by the listing.
    return !['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
  }
};
