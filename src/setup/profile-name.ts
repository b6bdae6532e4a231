import { folderIdentity } from '../base/store-identity.ts';
import { cleanOriginName } from '../catalog/names.ts';
import type { Surroundings } from '../settings/surroundings.ts';

/** What every unzipped e-Faktur is called, which tells no taxpayer from another. */
const isOfEveryone = (name: string): boolean =>
  /^(e-?faktur(-?windows)?(-?(32|64)-?bit)?(-?v?[\d-]+)?|etaxinvoice|direktorat-jenderal-pajak|program-files(-x86)?|documents|dokumen|desktop|downloads|opt|home|users|[a-z])$/.test(
    name,
  );

/** What a Windows name cannot be, whatever its ending. */
const isReserved = (name: string): boolean => /^(con|prn|aux|nul|com\d|lpt\d|common|default)$/.test(name);

/**
 * A name for the profile of an e-Faktur folder, of which none of `taken` is: the nearest folder name above it that says more than
 * "e-Faktur", as consultants have a folder for each taxpayer; else `e-faktur`.
 */
export function proposeName(
  appFolder: string,
  taken: readonly string[],
  { platform, homeFolder }: Pick<Surroundings, 'platform' | 'homeFolder'>,
): string {
  const partsOf = (path: string): string[] =>
    folderIdentity(path, platform)
      .split('/')
      .filter((name) => name !== '');
  const parts = partsOf(appFolder);
  const home = partsOf(homeFolder);
  // A home folder says who sits at the PC, and no more than one level up is still the taxpayer's.
  const own = home.every((name, i) => parts[i] === name) ? parts.slice(home.length) : parts;
  const names = own
    .map((name) => cleanOriginName(name.replace(/:$/, '')))
    .reverse()
    .slice(0, 2);
  const telling = names.find((name) => !isOfEveryone(name) && !isReserved(name)) ?? 'e-faktur';
  for (let n = 1; ; n++) {
    const name = n === 1 ? telling : `${telling}-${n}`;
    if (!taken.includes(name)) return name;
  }
}
