import type { Warning } from '../../base/progress.ts';
import { asText, inBoth, joined, type Said } from '../../base/text.ts';
import { settleNewApp } from '../../efaktur/new-app.ts';
import { settleSwap } from '../../efaktur/swap.ts';

const shownNames = 5;

/** Settles what a killed restore left in an e-Faktur folder (see {@link settleSwap}, {@link settleNewApp}) and says so; `next` is what follows of it. */
export async function settle(folder: string, next: Said): Promise<Warning[]> {
  const whole = await settleNewApp(folder);
  const db = await settleSwap(folder);
  const warnings: Warning[] = [];
  for (const { taken = [] } of [whole, db]) {
    if (taken.length === 0) continue;
    const more = taken.length > shownNames ? `, and ${taken.length - shownNames} more` : '';
    warnings.push({
      code: 'restore-undone',
      message: inBoth(
        (l) =>
          `a restore into ${folder} was cut off, and of its files ${taken.length} were taken away or changed since: ${joined(taken.slice(0, shownNames), ', ')[l]}${more}; it was undone; a db that was there before it is back`,
      ),
      hint: 'A virus scanner may have put them into quarantine: let it leave out this folder, and restore again.',
    });
  }
  if (whole.finishedRestore || db.finishedRestore)
    warnings.push({
      code: 'restore-finished',
      message: inBoth((l) => `a restore that was cut off has been finished: ${asText(next)[l]}`),
    });
  return warnings;
}
