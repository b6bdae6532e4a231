import { EfakturError } from '../base/errors.ts';
import { noRules, parseKeepCount, parseSpan, type RetentionPolicy } from '../catalog/retention.ts';
import { type DeleteLimit, type PruneDocument, type PrunedStore, prune } from '../sync/prune.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { defaultPolicy, flagDefaults } from './defaults.ts';
import { formatBytes, formatMoment, formatTable, formatTimes } from './format.ts';

type PruneDecision = PruneDocument['decisions'][number];

export async function runPrune(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const request = {
    policy: policyOf(flags),
    maxDelete: limitOf(text(flags, 'max-delete') ?? flagDefaults['max-delete']),
  };
  const { document, failure } = await prune({
    ...request,
    stores: await workplace.stores(),
    yes: isSet(flags, 'yes'),
    lock: workplace.config.lock,
    ...workplace.context,
  });
  return { document, text: describe(document, isSet(flags, 'verbose')), failure };
}

const counts = {
  'keep-last': 'last',
  'keep-daily': 'daily',
  'keep-weekly': 'weekly',
  'keep-monthly': 'monthly',
  'keep-yearly': 'yearly',
} as const;

/** The rules given; the default policy when there are none. */
function policyOf(flags: FlagValues): RetentionPolicy {
  const given: Partial<Record<(typeof counts)[keyof typeof counts], number>> = {};
  for (const [flag, rule] of Object.entries(counts)) {
    const value = text(flags, flag);
    if (value !== undefined) given[rule] = parseKeepCount(value, `--${flag}`);
  }
  const span = text(flags, 'keep-within');
  const within = span === undefined ? null : parseSpan(span, '--keep-within');
  if (within === null && Object.keys(given).length === 0) return defaultPolicy;
  return { ...noRules, ...given, within };
}

function limitOf(value: string): DeleteLimit {
  const [, number = '', percent] = /^(\d{1,9})(%?)$/.exec(value) ?? [];
  if (percent === '%' && Number(number) <= 100) return { percent: Number(number) };
  if (percent === '') return { backups: Number(number) };
  throw new EfakturError(
    'usage',
    `--max-delete: "${value}" is neither a number nor a percentage`,
    'Write a number of backups, such as 20, or a part of all, such as 50%.',
  );
}

function describe({ outcome, decisions, programs, stores }: PruneDocument, verbose: boolean): string {
  const isPlan = outcome === 'planned';
  return stores
    .map((store) => {
      const ofStore = (d: PruneDecision): boolean => d.store === store.store;
      const [mine, folders] = [decisions.filter(ofStore), programs.filter(ofStore)];
      // Of a run that was agreed to, what stayed is no news.
      const rowsOf = (decided: readonly PruneDecision[]): string[][] =>
        decided
          .filter((d) => isPlan || verbose || !d.keep)
          .map((d) => [d.keep ? 'keep' : 'DELETE', formatTimes(d), d.id, d.reason.en]);
      const [rows, folderRows] = [rowsOf(mine), rowsOf(folders)];
      return [
        store.store,
        ...(rows.length > 0 ? [formatTable(rows)] : []),
        ...(folderRows.length > 0 ? ['Program folders:', formatTable(folderRows)] : []),
        ...summary(store, mine, folders, isPlan),
      ].join('\n');
    })
    .join('\n\n');
}

function summary(
  store: PrunedStore,
  decisions: readonly PruneDecision[],
  programs: readonly PruneDecision[],
  isPlan: boolean,
): readonly string[] {
  const { planned, deleted, letGo, locked, freedBytes, error } = store;
  const goingOf = (decided: readonly PruneDecision[]): number => decided.filter((d) => !d.keep).length;
  const [going, goingPrograms] = [goingOf(decisions), goingOf(programs)];
  const lines = [
    isPlan
      ? `${going} of ${store.backups} backups would be deleted${store.programs === 0 ? '' : `, ${goingPrograms} of ${store.programs} program folders`}, and ${planned.length - going - goingPrograms} archives that earlier runs let go.`
      : `${deleted.length} objects deleted, ${formatBytes(freedBytes)} of archives freed.`,
  ];
  if (letGo.length > 0) {
    lines.push(
      `${letGo.length} archives ${isPlan ? 'would be' : 'are'} needed no more; a run at least a day later (and a week after their upload) deletes them.`,
    );
  }
  for (const { key, until } of locked)
    lines.push(`LOCKED until ${until === null ? 'its legal hold is lifted' : formatMoment(until)}: ${key}`);
  if (error) lines.push(`FAILED: ${error.message}`);
  else if (isPlan && planned.length + letGo.length > 0)
    lines.push('Nothing was changed. Add --yes to do it.');
  else if (isPlan) lines.push('There is nothing to delete.');
  return lines;
}
