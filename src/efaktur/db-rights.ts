import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileRights, giveRights, type Rights, rightsOf } from '../base/rights.ts';

/**
 * Gives a new `db`, before it takes the place of the old one, the owner and the modes of that: each file those of the one of
 * its name, what is new those of the folder. Without an old `db` it belongs to whom the e-Faktur folder belongs to. False when
 * something could not be given, so that another user may not be able to work with it. On Windows the access lists of the old
 * `db` take the place of modes.
 */
export async function keepRights(newDb: string, oldDb: string, appFolder: string): Promise<boolean> {
  if (process.platform === 'win32') {
    const { keepAccessLists } = await import('./windows-rights.ts');
    const real = await realpath(oldDb).catch(() => null);
    return real === null || (await keepAccessLists(newDb, real));
  }
  const old = await rightsOf(oldDb);
  const app = await rightsOf(appFolder);
  const children = await readdir(newDb, { withFileTypes: true });
  // The staging is closed to others; what was made in it has the modes that this user gives to new files.
  const usual = await rightsOf(join(newDb, children.find((child) => child.isDirectory())?.name ?? '.'));
  if (!app || !usual) return true;
  if (old) return giveAs(newDb, oldDb, old);
  return giveOwner(newDb, { ...app, mode: usual.mode });
}

async function giveAs(path: string, like: string, folder: Rights): Promise<boolean> {
  const own = (await rightsOf(like)) ?? folder;
  let isGiven = await giveRights(path, own);
  for (const child of await readdir(path, { withFileTypes: true })) {
    const [name, likeName] = [join(path, child.name), join(like, child.name)];
    const given = child.isDirectory()
      ? giveAs(name, likeName, own)
      : giveRights(name, (await rightsOf(likeName)) ?? (await fileRightsIn(like, own)));
    isGiven = (await given) && isGiven;
  }
  return isGiven;
}

/** Those of any file beside it; files of a folder mostly have the same. */
async function fileRightsIn(folder: string, own: Rights): Promise<Rights> {
  const files = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const file = files.find((entry) => entry.isFile());
  return (file && (await rightsOf(join(folder, file.name)))) ?? asFileRights(own);
}

async function giveOwner(path: string, { uid, gid, mode }: Rights): Promise<boolean> {
  let isGiven = await giveRights(path, { uid, gid, mode });
  for (const child of await readdir(path, { withFileTypes: true })) {
    const name = join(path, child.name);
    const own = await rightsOf(name);
    if (!own) continue;
    const rights = { uid, gid, mode: own.mode };
    isGiven = (await (child.isDirectory() ? giveOwner(name, rights) : giveRights(name, rights))) && isGiven;
  }
  return isGiven;
}
