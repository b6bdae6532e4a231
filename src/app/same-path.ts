import { folderIdentity } from '../base/store-identity.ts';

/** Tells whether two absolute paths name the same file on a platform. */
export const samePathOn =
  (platform: NodeJS.Platform): ((a: string, b: string) => boolean) =>
  (a, b) =>
    folderIdentity(a, platform) === folderIdentity(b, platform);
