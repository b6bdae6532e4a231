import type { Warning } from '../base/progress.ts';
import { rightsOf } from '../base/rights.ts';
import { shellQuoted } from '../base/shell-quote.ts';
import { isSameDisk } from '../efaktur/folder-parts.ts';
import type { PushingContext } from '../sync/context.ts';
import { answerIn } from './folders.ts';
import { encryptOrClose, onSameDisk, openToAll, storeElsewhere } from './texts.ts';
import type { Workplace } from './workplace.ts';

/** What is good to know after a push of the folders that it stored into. */

/** All notes on where a push went; `appFolder` null for what was pushed from elsewhere. */
export async function pushedToNotes(
  appFolder: string | null,
  { stores, keysId }: Pick<PushingContext, 'stores' | 'keysId'>,
  workplace: Workplace,
): Promise<Warning[]> {
  const urls = stores.map(({ url }) => url);
  const notes = appFolder === null ? [] : await sameDiskNotes(appFolder, urls, workplace);
  if (keysId === null) notes.push(...(await openFolderNotes(urls, workplace)));
  return notes;
}

/** A note for each folder store in which every user of this PC can read what is not encrypted. */
async function openFolderNotes(urls: readonly string[], { around, context }: Workplace): Promise<Warning[]> {
  const { folderOf } = await import('../store/open.ts');
  const notes: Warning[] = [];
  for (const url of urls) {
    const folder = folderOf(url, around.currentFolder, around.platform);
    const rights = folder === null ? null : await answerIn(url, rightsOf(folder), context.signal);
    if (!rights || (rights.mode & 0o005) !== 0o005) continue;
    notes.push({
      code: 'world-readable',
      message: openToAll(url),
      hint: encryptOrClose(shellQuoted(folder ?? url)),
    });
  }
  return notes;
}

/** A note for each folder store on the disk of the e-Faktur folder: one broken disk would take both. */
async function sameDiskNotes(
  appFolder: string,
  urls: readonly string[],
  { around, context }: Workplace,
): Promise<Warning[]> {
  const { folderOf } = await import('../store/open.ts');
  const notes: Warning[] = [];
  for (const url of urls) {
    const folder = folderOf(url, around.currentFolder, around.platform);
    if (folder === null || !(await answerIn(url, isSameDisk(folder, appFolder), context.signal))) continue;
    notes.push({
      code: 'same-disk',
      message: onSameDisk(url, appFolder),
      hint: storeElsewhere,
    });
  }
  return notes;
}
