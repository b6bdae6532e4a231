import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from '../base/errors.ts';
import { windowsProgram } from '../base/system-programs.ts';

/** Runs icacls; false where it says that something went wrong. */
export type Icacls = (args: readonly string[]) => Promise<boolean>;

const icaclsOfWindows: Icacls = (args) =>
  promisify(execFile)(windowsProgram('icacls.exe'), args, { timeout: 600_000, windowsHide: true }).then(
    () => true,
    () => false,
  );

/** Who may do what with each file below a folder, as SDDL; paths relative to it with `\`, the folder itself is ''. */
type AccessLists = ReadonlyMap<string, string>;

/**
 * Gives a new `db` the access lists of the old one where they differ, so that rights which an administrator gave to `db` alone
 * hold on: a folder that is made beside it inherits only those of the e-Faktur folder. What is new in it inherits from where it
 * lies. True also where the disk keeps none; false when something could not be given.
 */
export async function keepAccessLists(
  newDb: string,
  oldDb: string,
  icacls: Icacls = icaclsOfWindows,
): Promise<boolean> {
  const scratch = await mkdtemp(join(tmpdir(), 'efaktur-cloud-'));
  try {
    const old = await readLists(oldDb, scratch, icacls);
    const fresh = await readLists(newDb, scratch, icacls);
    if (!old || !fresh || differing(old, fresh).size === 0) return true;
    return await giveLists(newDb, old, fresh, scratch, icacls);
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function giveLists(
  newDb: string,
  old: AccessLists,
  fresh: AccessLists,
  scratch: string,
  icacls: Icacls,
): Promise<boolean> {
  const inherit = (path: string): Promise<boolean> => icacls([path, '/reset', '/T', '/C', '/Q']);
  const top = differing(old, fresh).get('');
  if (top !== undefined) {
    await writeLists(newDb, new Map([['', top]]), scratch, icacls);
    await inherit(join(newDb, '*'));
  }
  const inherited = (await readLists(newDb, scratch, icacls)) ?? fresh;
  const others = differing(old, inherited);
  if (others.size > 0) {
    await writeLists(newDb, others, scratch, icacls);
    for (const path of inherited.keys()) {
      const isBelowChanged = path.includes('\\') && others.has(path.slice(0, path.lastIndexOf('\\')));
      if (!old.has(path) && isBelowChanged) await inherit(join(newDb, ...path.split('\\')));
    }
  }
  // What icacls says of itself proves nothing: what lies there now counts.
  const given = await readLists(newDb, scratch, icacls);
  return given !== null && differing(old, given).size === 0;
}

/** Of the files that are in both, those of the old ones that are others now. */
function differing(old: AccessLists, now: AccessLists): Map<string, string> {
  const other = new Map<string, string>();
  for (const [path, list] of old) {
    const found = now.get(path);
    if (found !== undefined && normal(found) !== normal(list)) other.set(path, list);
  }
  return other;
}

/** An access list without what only says where its entries came from: `ID`, and `AI` of the whole. */
function normal(sddl: string): string {
  const isClosed = /D:[A-Z]*P/.test(sddl);
  const entries = (sddl.match(/\([^)]*\)/g) ?? []).map((entry) => {
    const [type, flags = '', ...rest] = entry.slice(1, -1).split(';');
    const kept = (flags.match(/../g) ?? []).filter((flag) => flag !== 'ID').sort();
    return [type, kept.join(''), ...rest].join(';');
  });
  return [isClosed ? 'P' : '', ...new Set(entries.sort())].join('|');
}

const byteOrderMark = '\ufeff';

/** Null where icacls saves nothing: the disk keeps no access lists. */
async function readLists(folder: string, scratch: string, icacls: Icacls): Promise<AccessLists | null> {
  const saved = join(scratch, 'saved');
  await rm(saved, { force: true });
  await icacls([folder, '/save', saved, '/T', '/C', '/Q']);
  const text = await readFile(saved, 'utf16le').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return '';
  });
  const lines = text.replace(byteOrderMark, '').split(/\r?\n/);
  const lists = new Map<string, string>();
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [, inside = ''] = /^[^\\]*\\(.*)$/s.exec(lines[i] ?? '') ?? [];
    lists.set(inside, lines[i + 1] ?? '');
  }
  return lists.size > 0 ? lists : null;
}

async function writeLists(
  folder: string,
  lists: AccessLists,
  scratch: string,
  icacls: Icacls,
): Promise<void> {
  const given = join(scratch, 'given');
  const lines = [...lists].map(
    ([path, list]) => `${basename(folder)}${path === '' ? '' : `\\${path}`}\r\n${list}\r\n`,
  );
  await writeFile(given, lines.join(''), 'utf16le');
  await icacls([dirname(folder), '/restore', given, '/C', '/Q']);
}
