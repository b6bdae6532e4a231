import { pathToFileURL } from 'node:url';
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import { realPath } from '../base/real-path.ts';
import { folderIdentity } from '../base/store-identity.ts';
import type { Config } from '../settings/config.ts';
import { listProfiles, loadProfile, profilePath } from '../settings/profiles.ts';
import { splitStores } from '../settings/setting-values.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { BucketKeys } from './bucket-keys.ts';
import { type Draft, withEnvironment } from './draft.ts';
import { type ProfileValues, readProfileText } from './profile-file.ts';
import { proposeName } from './profile-name.ts';

/** What is to be set up: one profile for each e-Faktur folder, and what they share. */

/** A profile that is there. */
export interface KnownProfile {
  readonly name: string;
  readonly path: string;
  readonly config: Config;
}

/** One that is there and cannot be read. */
interface BrokenProfile {
  readonly text: string;
  readonly error: EfakturError;
}

export interface Profiles {
  readonly known: readonly KnownProfile[];
  readonly broken: readonly BrokenProfile[];
  readonly names: readonly string[];
}

/** The profiles of this user; the names of those that cannot be read are taken all the same. */
export async function knownProfiles(around: Surroundings): Promise<Profiles> {
  const all = await listProfiles(around);
  const known: KnownProfile[] = [];
  const broken: BrokenProfile[] = [];
  for (const { name, path } of all) {
    try {
      known.push({ name, path, config: await loadProfile(around, name) });
    } catch (error) {
      if (!isEfakturError(error)) throw error;
      broken.push({ text: (await readProfileText(path)) ?? '', error });
    }
  }
  return { known, broken, names: all.map(({ name }) => name) };
}

/** An e-Faktur folder with the profile that it has or gets. */
export interface PlannedFolder {
  readonly appFolder: string;
  readonly name: string;
  readonly path: string;
  /** Its profile as it is now; null for a new one. */
  readonly before: string | null;
  readonly config: Config | null;
}

/**
 * Which profile each of these folders has, or what a new one would be called. Throws what is wrong with a profile that names one of
 * them and cannot be read: a second one beside it would store the same books twice.
 */
export async function planFolders(
  appFolders: readonly string[],
  profiles: Profiles,
  around: Surroundings,
): Promise<PlannedFolder[]> {
  const identityOf = async (path: string): Promise<string> =>
    folderIdentity((await realPath(path)) ?? path, around.platform);
  const owned = new Map<string, KnownProfile>();
  for (const profile of profiles.known) {
    const app = profile.config.setting('EFAKTUR_APP_DIR');
    if (app) owned.set(await identityOf(app.value), profile);
  }
  const taken = [...profiles.names];
  const planned: PlannedFolder[] = [];
  for (const appFolder of appFolders) {
    const own = owned.get(await identityOf(appFolder));
    if (own) {
      const { name, path, config } = own;
      planned.push({ appFolder, name, path, before: await readProfileText(path), config });
      continue;
    }
    const broken = profiles.broken.find(({ text }) => namesFolder(text, appFolder));
    if (broken) throw broken.error;
    const name = proposeName(appFolder, taken, around);
    taken.push(name);
    planned.push({ appFolder, name, path: profilePath(around, name), before: null, config: null });
  }
  return planned;
}

const namesFolder = (text: string, appFolder: string): boolean =>
  text.split(/\r\n|\r|\n/).some((line) => line.includes('EFAKTUR_APP_DIR') && line.includes(appFolder));

/** The stores that a profile has now. */
export const storesOf = (config: Config | null): readonly string[] =>
  splitStores(config?.setting('EFAKTUR_STORE')?.value ?? '');

/** What one profile is to say. */
export interface Answers {
  readonly stores: readonly string[];
  /** Null where they are set already, or none are needed. */
  readonly keys: BucketKeys | null;
  /** Null where they stay as they are, or nothing is encrypted. */
  readonly recipients: string | null;
  /** Of a secret key that lies on this PC already. */
  readonly keyFile: string | null;
  /** Null where none was chosen. */
  readonly language: string | null;
}

/** Who else could be asked for the keys of a bucket, once these two are given. */
const otherKeys: ProfileValues = {
  AWS_SESSION_TOKEN: null,
  AWS_PROFILE: null,
  AWS_ROLE_ARN: null,
  AWS_WEB_IDENTITY_TOKEN_FILE: null,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: null,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: null,
};

/** The profile of a folder with these answers, and what the environment sets now. */
export async function draftOf(
  { appFolder, name, path, before }: PlannedFolder,
  { stores, keys, recipients, keyFile, language }: Answers,
  around: Surroundings,
): Promise<Draft> {
  const values: ProfileValues = {
    EFAKTUR_APP_DIR: appFolder,
    EFAKTUR_STORE: stores.map(oneOfSeveral).join(';'),
    ...(recipients !== null && { EFAKTUR_RECIPIENTS: recipients }),
    ...(keyFile !== null && { EFAKTUR_IDENTITY_FILE: keyFile }),
    ...(language !== null && { EFAKTUR_LANG: language }),
    ...(keys !== null && {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey.reveal(),
      ...otherKeys,
    }),
  };
  return withEnvironment(around, { name, path, before, values });
}

/** A folder may have in its name what separates stores. */
const oneOfSeveral = (url: string): string =>
  /^(s3|file):/i.test(url) || !url.includes(';') ? url : pathToFileURL(url).href.replaceAll(';', '%3B');
