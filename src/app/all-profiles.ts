import { resolve } from 'node:path';
import { type EfakturError, keepOrThrow } from '../base/errors.ts';
import type { Finding } from '../base/progress.ts';
import { folderIdentity, storeIdentity } from '../base/store-identity.ts';
import type { Config } from '../settings/config.ts';
import { listProfiles, loadProfile, type Profile } from '../settings/profiles.ts';
import { splitStores } from '../settings/setting-values.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { folderOfTwo, giveEachItsOwn, storeOfTwo } from './texts.ts';

/** All profiles of this PC side by side. */

/** A profile with its settings, or why they cannot be read. */
export type LoadedProfile = Profile &
  (
    | { readonly config: Config; readonly error: null }
    | { readonly config: null; readonly error: EfakturError }
  );

/** Loads every profile, each by itself: one that cannot be read does not hide the others. */
export async function loadProfiles(around: Surroundings): Promise<readonly LoadedProfile[]> {
  const profiles = await listProfiles(around);
  return Promise.all(
    profiles.map(async (profile): Promise<LoadedProfile> => {
      try {
        return { ...profile, config: await loadProfile(around, profile.name), error: null };
      } catch (error) {
        keepOrThrow(error);
        return { ...profile, config: null, error };
      }
    }),
  );
}

/** The stores of a profile, as its settings name them. */
export const storesOf = (config: Config): string[] =>
  splitStores(config.setting('EFAKTUR_STORE')?.value ?? '');

/**
 * By the name of each profile, which others have its e-Faktur folder or its store: what comes of a copied file in which one line was
 * forgotten. It puts one taxpayer's books under the name of another. Nothing is asked of a disk or a service.
 */
export function sharedPlaces(
  profiles: readonly LoadedProfile[],
  { currentFolder, platform }: Surroundings,
): ReadonlyMap<string, readonly Finding[]> {
  const placesOf = (config: Config) => {
    const app = config.setting('EFAKTUR_APP_DIR')?.value;
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_PROFILE, AWS_CONFIG_FILE } = config.connectionEnv;
    const service = [AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL, AWS_PROFILE, AWS_CONFIG_FILE].join(' ');
    return {
      app:
        app === undefined ? null : { shown: app, key: folderIdentity(resolve(currentFolder, app), platform) },
      stores: storesOf(config).map((url) => ({
        shown: url,
        // A bucket of one name may lie at two providers.
        key: `${storeIdentity(url, platform)} ${/^s3:/i.test(url) ? service : ''}`,
      })),
    };
  };
  const placed = profiles.flatMap(({ name, config }) => (config ? [{ name, ...placesOf(config) }] : []));
  return new Map(
    placed.map(({ name, app, stores }) => {
      const others = placed.filter((one) => one.name !== name);
      const withApp = others.filter((one) => app !== null && one.app?.key === app.key);
      const ofApp = app && withApp.length > 0 ? [folderOfTwo(app.shown, namesOf(withApp))] : [];
      const ofStores = stores.flatMap(({ shown, key }) => {
        const withStore = others.filter((one) => one.stores.some((store) => store.key === key));
        return withStore.length > 0 ? [storeOfTwo(shown, namesOf(withStore))] : [];
      });
      const findings = [...ofApp, ...ofStores].map(
        (message): Finding => ({ code: 'shared-place', message, hint: giveEachItsOwn }),
      );
      return [name, findings];
    }),
  );
}

const namesOf = (profiles: readonly { readonly name: string }[]): string[] =>
  profiles.map(({ name }) => name);
