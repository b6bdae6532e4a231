import { EfakturError } from '../base/errors.ts';
import { bytes } from '../base/phrases.ts';
import { type PruneLocalDocument, pruneLocal } from '../sync/prune-local.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { formatMoment, formatTable } from './format.ts';
import {
  addYes,
  decisionNames,
  localDeleted,
  localPlan,
  noLoginBackupCount,
  noLoginBackups,
  writeCount,
} from './prune-texts.ts';

export async function runPruneLocal(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  const { document, failure } = await pruneLocal({
    keep: keepOf(text(flags, 'keep')),
    appFolder: await workplace.appFolder(),
    stores: await workplace.stores(),
    yes: isSet(flags, 'yes'),
    ...workplace.context,
  });
  return { document, text: describe(document, say), failure };
}

function keepOf(value: string | undefined): number {
  if (value === undefined) return flagDefaults.keep;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new EfakturError('usage', noLoginBackupCount(value), writeCount);
}

function describe({ outcome, decisions, freedBytes }: PruneLocalDocument, say: Invocation['say']): string {
  if (decisions.length === 0) return say(noLoginBackups);
  const isPlan = outcome === 'planned';
  const rows = decisions.map((d) => [
    say(decisionNames[d.keep ? 'keep' : 'delete']),
    formatMoment(d.capturedAt),
    say(bytes(d.sizeBytes)),
    d.name,
    say(d.reason),
  ]);
  const going = decisions.filter((d) => !d.keep).length;
  const summary = isPlan
    ? [localPlan(going, decisions.length, freedBytes), ...(going > 0 ? [addYes] : [])]
    : [localDeleted(going, freedBytes)];
  return [formatTable(rows), summary.map(say).join(' ')].join('\n');
}
