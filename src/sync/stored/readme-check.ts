import { isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { readmeKey } from '../../catalog/names.ts';
import { prefixReadme } from '../../catalog/prefix-readme-texts.ts';
import { findTrueObject } from '../../catalog/true-objects.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import { doNotFollowReadme, readmeChanged, readmeMissing } from './texts.ts';

/**
 * What is to be said of a store's README.txt. A store without versions shows no tampering, and whoever may change this text
 * could tell a stranger to run anything; so it is held against the one that this version writes.
 */
export async function checkReadme(store: ObjectStore, signal: AbortSignal): Promise<Warning[]> {
  const found = await findTrueObject(store, readmeKey, signal);
  if (!found) return [{ code: 'readme-missing', message: readmeMissing(store.url) }];
  const version = found.versionId === null ? {} : { versionId: found.versionId };
  const isOurs = await readObject(store, readmeKey, prefixReadme.length, { signal, ...version }).then(
    (bytes) => bytes?.equals(prefixReadme) === true,
    (error: unknown) => (isEfakturError(error, 'damaged') ? false : Promise.reject(error)),
  );
  if (isOurs) return [];
  return [{ code: 'readme-changed', message: readmeChanged(store.url), hint: doNotFollowReadme }];
}
