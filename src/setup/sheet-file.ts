import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, syncFile } from '../base/atomic-file.ts';
import { closeToOthers } from '../base/owner-only.ts';
import type { Secret } from '../base/secret.ts';
import { windowsProgram } from '../base/system-programs.ts';
import type { Config } from '../settings/config.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { Job } from '../state/job.ts';
import { parseStoreUrl } from '../store/open.ts';
import type { SheetFacts } from './recovery-sheet.ts';
import { amazon, hostInRegion, sheetNotWritten } from './texts.ts';

/** The sheet on its way to paper: for as long as that takes it lies in the folder of this run, which goes with the run. */

/** What stands on a sheet of its stores: their addresses hold no credentials. */
export const sheetStores = (
  urls: readonly string[],
  { connectionEnv }: Pick<Config, 'connectionEnv'>,
  platform: NodeJS.Platform,
): SheetFacts['stores'] =>
  urls.map((url) => {
    const address = parseStoreUrl(url, platform);
    if (address.kind !== 's3') return { url, host: null };
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = connectionEnv;
    const endpoint = address.endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
    const region = address.region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
    const host = endpoint === undefined ? amazon : (URL.parse(endpoint)?.host ?? endpoint);
    return { url, host: region === undefined ? host : hostInRegion(host, region) };
  });

/** What every printer and code page has. */
export const plainAscii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

/**
 * Writes the page into the folder of a run, for its user alone; a run that dies leaves it to be removed by the next command.
 * `target-not-writable`.
 */
export async function writeSheet(job: Job, page: string): Promise<string> {
  const folder = await job.makeScratch('sheet');
  const path = join(folder, 'lembar-pemulihan.html');
  try {
    await closeToOthers(folder, 'folder');
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(page);
      await syncFile(handle);
    } finally {
      await handle.close();
    }
    return path;
  } catch (error) {
    throw asTargetError(error, sheetNotWritten(path));
  }
}

const endingCharacters = 6;

/** What somebody reads off the paper to show that it is there. */
export const endingOf = (identity: Secret): string => identity.reveal().slice(-endingCharacters);

/** Whether the last characters of the key were typed, in any letters, with blanks or without. */
export const isEnding = (typed: string, identity: Secret): boolean =>
  typed.replace(/[\s-]/g, '').toUpperCase() === endingOf(identity).toUpperCase();

/** How a system opens a page with what its user sees pages with. */
function opener(path: string, { platform }: Surroundings): readonly [program: string, ...args: string[]] {
  if (platform === 'win32') return [windowsProgram('rundll32.exe'), 'url.dll,FileProtocolHandler', path];
  return [platform === 'darwin' ? '/usr/bin/open' : 'xdg-open', path];
}

/** How long a program may take to say that it cannot. */
const refusalMs = 2_000;

/** Opens a page for its user, to be printed; false where this PC has nothing to open it with. */
export function openPage(path: string, around: Surroundings): Promise<boolean> {
  const [program, ...args] = opener(path, around);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true, windowsHide: true });
    // Until it is known how it went the program waits for it, and after that it is let go: a browser stays open.
    const ends = (isShown: boolean): void => {
      clearTimeout(limit);
      child.unref();
      resolve(isShown);
    };
    const limit = setTimeout(() => ends(true), refusalMs);
    child.once('error', () => ends(false));
    child.once('exit', (code) => ends(code === 0));
  });
}
