import { type Text, verbatim } from '../base/text.ts';
import { type PruneRules, pruneRuleNames, pruneRulesOf } from '../catalog/prune-rules.ts';
import { type PruneDocument, type PrunedStore, prune } from '../sync/prune.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { formatTable, formatTimes } from './format.ts';
import {
  addYes,
  archivesLetGo,
  decisionNames,
  deletedSummary,
  failedWith,
  lockedObject,
  nothingToDelete,
  planSummary,
  programsHeading,
} from './prune-texts.ts';

type PruneDecision = PruneDocument['decisions'][number];

export async function runPrune(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  const { document, failure } = await prune({
    ...rulesOf(flags),
    stores: await workplace.stores(),
    yes: isSet(flags, 'yes'),
    lock: workplace.config.lock,
    ...workplace.context,
  });
  return { document, text: describe(document, isSet(flags, 'verbose'), say), failure };
}

/** The rules given; the default policy when there are none. */
function rulesOf(flags: FlagValues): PruneRules {
  const given = pruneRuleNames.flatMap((name) => {
    const value = text(flags, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return pruneRulesOf(new Map(given), (rule) => verbatim(`--${rule}`));
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
