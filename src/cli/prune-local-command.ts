import { EfakturError } from '../base/errors.ts';
import { type PruneLocalDocument, pruneLocal } from '../sync/prune-local.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { formatBytes, formatMoment, formatTable } from './format.ts';

export async function runPruneLocal(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const { document, failure } = await pruneLocal({
    keep: keepOf(text(flags, 'keep')),
    appFolder: await workplace.appFolder(),
    stores: await workplace.stores(),
    yes: isSet(flags, 'yes'),
    ...workplace.context,
  });
  return { document, text: describe(document), failure };
}

function keepOf(value: string | undefined): number {
  if (value === undefined) return flagDefaults.keep;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new EfakturError(
    'usage',
    `--keep: "${value}" is not a number of login backups`,
    'Write a whole number, such as 5.',
  );
}

function describe({ outcome, decisions, freedBytes }: PruneLocalDocument): string {
  if (decisions.length === 0) return 'There are no login backups.';
  const isPlan = outcome === 'planned';
  const rows = decisions.map((d) => [
    d.keep ? 'keep' : 'DELETE',
    formatMoment(d.capturedAt),
    formatBytes(d.sizeBytes),
    d.name,
    d.reason,
  ]);
  const going = decisions.filter((d) => !d.keep).length;
  return [
    formatTable(rows),
    isPlan
      ? `${going} of ${decisions.length} login backups would be deleted, ${formatBytes(freedBytes)}. ${going > 0 ? 'Nothing was changed. Add --yes to do it.' : ''}`.trim()
      : `${going} login backups deleted, ${formatBytes(freedBytes)} freed.`,
  ].join('\n');
}
