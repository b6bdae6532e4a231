import type { Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import { settleNewApp } from '../../efaktur/new-app.ts';
import { settleSwap } from '../../efaktur/swap.ts';
import { letScannerLeaveOut, restoreFinished, restoreUndone } from './texts.ts';

const shownNames = 5;

/** Settles what a killed restore left in an e-Faktur folder (see {@link settleSwap}, {@link settleNewApp}) and says so; `next` is what follows of it. */
export async function settle(folder: string, next: Text): Promise<Warning[]> {
  const whole = await settleNewApp(folder);
  const db = await settleSwap(folder);
  const warnings: Warning[] = [];
  for (const { taken = [] } of [whole, db]) {
    if (taken.length === 0) continue;
    warnings.push({
      code: 'restore-undone',
      message: restoreUndone(folder, taken.slice(0, shownNames), taken.length),
      hint: letScannerLeaveOut,
    });
  }
  if (whole.finishedRestore || db.finishedRestore)
    warnings.push({
      code: 'restore-finished',
      message: restoreFinished(next),
    });
  return warnings;
}
