import { resolve } from 'node:path';
import { expandPath } from '../base/path-variables.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import { isoPrefix, parseWrittenDate } from '../base/written-date.ts';
import type { ListDocument } from '../sync/list.ts';
import type { CommandResult } from './command.ts';
import { type StoredDay, storedDays as storedDaysOf } from './days.ts';
import {
  dayWith,
  lookingUpDays,
  noSuchDay,
  nothingRestored,
  nothingStored,
  olderDays,
  storedDays,
  theEfakturFolder,
  whereTo,
  whichDay,
  willRestore,
} from './menu-texts.ts';
import type { Menu } from './menu-window.ts';
import { confirm } from './prompt.ts';

/** A restore for who knows no flags: which day, where to, and then the `pull` that says so. */

/** What of one window's height may be days. */
const shownDays = 15;

/** Resolves with the exit code of the last command; 0 where the user went back. */
export async function restoreByMenu(menu: Menu): Promise<number> {
  const { tell, config } = menu;
  tell(lookingUpDays);
  const { code, document } = await menu.look(['list']);
  if (document === null || !isList(document)) return code;
  const days = storedDaysOf(document.backups);
  if (days.length === 0) {
    tell(nothingStored);
    return code;
  }
  showDays(days, tell);
  const day = await chosenDay(days, menu);
  if (day === null) {
    tell(nothingRestored);
    return 0;
  }
  const typed = unquoted(await menu.ask(whereTo(config?.setting('EFAKTUR_APP_DIR')?.value ?? null)));
  // Where a window was opened from is not where its user thinks to be, so he sees the whole path.
  const { around } = menu.io;
  const to = typed === '' ? null : resolve(around.currentFolder, expandPath(typed, verbatim('--to'), around));
  const question = willRestore(day.iso, day.newest, to === null ? theEfakturFolder : verbatim(to));
  if ((await confirm(menu.ask, question)) !== true) {
    tell(nothingRestored);
    return 0;
  }
  return menu.run(['pull', '--date', day.iso, ...(to === null ? [] : [`--to=${to}`])]);
}

const isList = (document: CommandResult['document']): document is ListDocument => 'backups' in document;

function showDays(days: readonly StoredDay[], tell: Menu['tell']): void {
  const rows = days
    .slice(0, shownDays)
    .map(({ iso, backups, newest }, i) =>
      inBoth((l) => `${String(i + 1).padStart(4)}  ${dayWith(iso, backups, newest)[l]}`),
    );
  const oldest = days.at(-1);
  const more = days.length - rows.length;
  const rest: Text[] = more > 0 && oldest ? [inBoth((l) => `      ${olderDays(more, oldest.iso)[l]}`)] : [];
  tell(joined([verbatim(''), storedDays, ...rows, ...rest, verbatim('')], '\n'));
}

async function chosenDay(days: readonly StoredDay[], { ask }: Menu): Promise<StoredDay | null> {
  for (let question = whichDay; ; question = noSuchDay) {
    const answer = await ask(question);
    if (answer === '') return null;
    const date = parseWrittenDate(answer);
    const iso = date && isoPrefix(date);
    const day = /^\d{1,4}$/.test(answer) ? days[Number(answer) - 1] : days.find((one) => one.iso === iso);
    if (day) return day;
  }
}

/** A folder that was dragged into the window comes in quotes. */
const unquoted = (path: string): string => /^(["'])(.*)\1$/.exec(path)?.[2]?.trim() ?? path;
