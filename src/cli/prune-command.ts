import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import { noRules, parseKeepCount, parseSpan, type RetentionPolicy } from '../catalog/retention.ts';
import { type DeleteLimit, type PruneDocument, type PrunedStore, prune } from '../sync/prune.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { defaultPolicy, flagDefaults } from './defaults.ts';
import { formatTable, formatTimes } from './format.ts';
import {
  addYes,
  archivesLetGo,
  decisionNames,
  deletedSummary,
  failedWith,
  lockedObject,
  noDeleteLimit,
  nothingToDelete,
  planSummary,
  programsHeading,
  writeDeleteLimit,
} from './prune-texts.ts';

type PruneDecision = PruneDocument['decisions'][number];

export async function runPrune(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
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
  return { document, text: describe(document, isSet(flags, 'verbose'), say), failure };
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
  throw new EfakturError('usage', noDeleteLimit(value), writeDeleteLimit);
}

function describe(
  { outcome, decisions, programs, stores }: PruneDocument,
  verbose: boolean,
  say: Invocation['say'],
): string {
  const isPlan = outcome === 'planned';
  return stores
    .map((store) => {
      const ofStore = (d: PruneDecision): boolean => d.store === store.store;
      const [mine, folders] = [decisions.filter(ofStore), programs.filter(ofStore)];
      // Of a run that was agreed to, what stayed is no news.
      const rowsOf = (decided: readonly PruneDecision[]): string[][] =>
        decided
          .filter((d) => isPlan || verbose || !d.keep)
          .map((d) => [
            say(decisionNames[d.keep ? 'keep' : 'delete']),
            say(formatTimes(d)),
            d.id,
            say(d.reason),
          ]);
      const [rows, folderRows] = [rowsOf(mine), rowsOf(folders)];
      return [
        store.store,
        ...(rows.length > 0 ? [formatTable(rows)] : []),
        ...(folderRows.length > 0 ? [say(programsHeading), formatTable(folderRows)] : []),
        ...summary(store, mine, folders, isPlan).map(say),
      ].join('\n');
    })
    .join('\n\n');
}

function summary(
  store: PrunedStore,
  decisions: readonly PruneDecision[],
  programs: readonly PruneDecision[],
  isPlan: boolean,
): readonly Text[] {
  const { planned, deleted, letGo, locked, freedBytes, error } = store;
  const goingOf = (decided: readonly PruneDecision[]): number => decided.filter((d) => !d.keep).length;
  const [goingBackups, goingPrograms] = [goingOf(decisions), goingOf(programs)];
  const counts = { backups: store.backups, goingBackups, programs: store.programs, goingPrograms };
  const archives = planned.length - goingBackups - goingPrograms;
  const lines = [
    isPlan ? planSummary({ ...counts, archives }) : deletedSummary(deleted.length, freedBytes),
    ...(letGo.length > 0 ? [archivesLetGo(letGo.length, isPlan)] : []),
    ...locked.map(({ key, until }) => lockedObject(key, until)),
  ];
  if (error) lines.push(failedWith(error.message));
  else if (isPlan) lines.push(planned.length + letGo.length > 0 ? addYes : nothingToDelete);
  return lines;
}
