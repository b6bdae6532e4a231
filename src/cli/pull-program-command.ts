import { EfakturError } from '../base/errors.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import { eFakturName } from '../efaktur/app-program.ts';
import { comparisonText } from '../efaktur/compare-programs.ts';
import type { PullRequest } from '../sync/pull.ts';
import { type PulledProgram, type PullProgramDocument, pullWithProgram } from '../sync/pull-program.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { describeOthers, formatMoment, formatTimes } from './format.ts';
import {
  addWholeAppOrDrop,
  chooseCertificate,
  dbLine,
  lookAtMemory,
  lookForInvoice,
  nameNewFolder,
  noNewFolderNamed,
  notInIt,
  noUpdNeeded,
  programLine,
  programNeedsWholeApp,
  restoreDamagedAlone,
  runUpd,
  sameProgram,
  seeThatUserMayWrite,
  startAndLogIn,
  step,
  wasMade,
  whatToDo,
  wholeAppOfDamaged,
  workOnOne,
  wouldMake,
} from './program-texts.ts';
import { asSentence } from './pull-texts.ts';
import { restoredTableLines } from './restored-tables.ts';

/** `pull --whole-app`: a whole e-Faktur folder where there was none. */

/** `usage` for flags that do not go together. */
export function refuseOddFlags(flags: FlagValues): void {
  const isWhole = isSet(flags, 'whole-app');
  if (!isWhole && text(flags, 'program') !== undefined) {
    throw new EfakturError('usage', programNeedsWholeApp, addWholeAppOrDrop);
  }
  if (isWhole && text(flags, 'to') === undefined) {
    throw new EfakturError('usage', noNewFolderNamed, nameNewFolder);
  }
  if (isWhole && isSet(flags, 'force-damaged')) {
    throw new EfakturError('usage', wholeAppOfDamaged, restoreDamagedAlone);
  }
}

/** As `pull` of {@link PullRequest}, with the program. */
export async function runPullWithProgram(
  request: Omit<PullRequest, 'confirmReplace' | 'forceDamaged'>,
  { flags, say }: Pick<Invocation, 'flags' | 'say'>,
): Promise<CommandResult & { readonly document: PullProgramDocument }> {
  const document = await pullWithProgram({ ...request, programId: text(flags, 'program') ?? null });
  return { document, text: say(describe(document)) };
}

function describe(document: PullProgramDocument): Text {
  const { backup, store, target, program } = document;
  const fits = comparisonText(document.appProgram, verbatim(target));
  const about: Text[] = [
    programLine(program.id, eFakturName(program.version), formatMoment(program.capturedAt), program.store),
    dbLine(backup.id, formatTimes(backup), store),
    ...describeOthers(backup, document.others),
    fits ? asSentence(fits) : sameProgram,
  ];
  const lines =
    document.outcome === 'planned'
      ? [wouldMake(document, document.databases), ...about, notInIt(leftOutOf(program))]
      : [
          wasMade(document),
          ...about,
          ...restoredTableLines(document),
          notInIt(leftOutOf(program)),
          whatToDo,
          ...stepsAfter(document).map((what, i) => step(i + 1, what)),
        ];
  return joined(lines, '\n');
}

/** How many keys lay in the folder and were not stored with it. */
const leftOutKeys = ({ leftOut }: PulledProgram): number => leftOut['private-key'] ?? 0;

const stepsAfter = ({ appProgram, program }: PullProgramDocument): Text[] => [
  seeThatUserMayWrite,
  appProgram.result === 'same' ? noUpdNeeded : runUpd,
  lookAtMemory(program.memory),
  startAndLogIn,
  chooseCertificate(leftOutKeys(program) === 0),
  lookForInvoice,
  workOnOne,
];

/** What a user may miss, and how much of it. */
const leftOutOf = ({ leftOut }: PulledProgram): [why: string, found: number][] =>
  Object.entries(leftOut)
    // The `db` is one of the databases that were left out, and was restored beside the program.
    .map(([why, found]): [string, number] => [why, why === 'database' ? found - 1 : found])
    .filter(([why, found]) => found > 0 && why !== 'login-backups' && why !== 'log');
