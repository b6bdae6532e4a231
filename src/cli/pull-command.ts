import { basename } from 'node:path';
import { outsideEfaktur } from '../app/folders.ts';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import { parseDay, parseMoment } from '../base/written-date.ts';
import type { Wanted } from '../catalog/choose.ts';
import { programName } from '../efaktur/app-program.ts';
import { comparisonText } from '../efaktur/compare-programs.ts';
import { hasProgram } from '../efaktur/folder-parts.ts';
import { offerText, type PullDocument, pull, type ReplaceQuestion } from '../sync/pull.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text, texts } from './command.ts';
import { describeOthers, formatTimes, momentsOf } from './format.ts';
import { lookForInvoice, step } from './program-texts.ts';
import { refuseOddFlags, runPullWithProgram } from './pull-program-command.ts';
import {
  addYesOrElsewhere,
  asSentence,
  backupFrom,
  doNotWorkWithIt,
  giveOneWish,
  goOn,
  madeWithStored,
  nameAppFolderItself,
  nameFolderThatGetsDb,
  noLongerInDb,
  notEmptyNoTerminal,
  noteBefore,
  oldDbIsKept,
  putProgramThere,
  runUpdAsNewer,
  runUpdIfNewer,
  samePrograms,
  severalWishes,
  startAndLogIn,
  wasRestored,
  wasRestoredDamaged,
  whatToDoNext,
  willBeReplaced,
  wouldRestore,
} from './pull-texts.ts';
import { restoredTableLines } from './restored-tables.ts';

/** Reads `--date`, `--as-of` and `--id`, of which one may be given. */
export function wantedOf(flags: FlagValues, zone: string): Wanted {
  const [date, asOf, id] = [text(flags, 'date'), text(flags, 'as-of'), text(flags, 'id')];
  if ([date, asOf, id].filter((value) => value !== undefined).length > 1) {
    throw new EfakturError('usage', severalWishes, giveOneWish);
  }
  if (date !== undefined) return { by: 'day', day: parseDay(date, '--date') };
  if (asOf !== undefined) return { by: 'as-of', ...parseMoment(asOf, zone, '--as-of') };
  return id === undefined ? { by: 'newest' } : { by: 'id', id };
}

/** For a restore: into the e-Faktur folder itself. */
const appFolderInstead = (appFolder: string | null): Text =>
  appFolder === null ? nameFolderThatGetsDb : nameAppFolderItself(appFolder);

export async function runPull(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, say, workplace } = invocation;
  refuseOddFlags(flags);
  const wanted = wantedOf(flags, workplace.config.zone);
  const to = text(flags, 'to');
  const target =
    to === undefined
      ? await workplace.appFolder()
      : await outsideEfaktur(to, verbatim('--to'), io.around.currentFolder, appFolderInstead);
  const expected = texts(flags, 'expect');
  const context = workplace.inspectContext;
  // Every row is read for it, so not when nobody sees it.
  const isWanted = expected.length > 0 || isSet(flags, 'json') || !isSet(flags, 'quiet');
  const request = {
    wanted,
    target,
    dryRun: isSet(flags, 'dry-run'),
    otherVersion: isSet(flags, 'other-version'),
    ...(isWanted && {
      inspect: async (folder: string) => {
        const { inspectRestored } = await import('../inspect/restored.ts');
        return inspectRestored(folder, expected, context);
      },
    }),
    ...(await workplace.readingContext()),
  };
  const expectPlanned = async ({
    outcome,
    backup,
  }: Pick<PullDocument, 'outcome' | 'backup'>): Promise<void> => {
    if (outcome !== 'planned' || expected.length === 0) return;
    const { expectStored } = await import('../inspect/restored.ts');
    await expectStored(backup.id, expected, context);
  };
  if (isSet(flags, 'whole-app')) {
    const result = await runPullWithProgram(request, invocation);
    await expectPlanned(result.document);
    return result;
  }
  const document = await pull({
    ...request,
    forceDamaged: isSet(flags, 'force-damaged'),
    confirmReplace: isSet(flags, 'yes') ? async () => true : (question) => mayReplace(invocation, question),
  });
  await expectPlanned(document);
  const { refused } = document;
  return {
    document,
    text: say(describe(document, await hasProgram(target))),
    ...(refused && { failure: new EfakturError(refused.code, refused.message, refused.hint) }),
  };
}

async function mayReplace(
  { confirm }: Invocation,
  { db, backup, missingDatabases, notes }: ReplaceQuestion,
): Promise<boolean> {
  const question = [
    ...notes.map(noteBefore),
    willBeReplaced(db, momentsOf(backup)),
    ...(missingDatabases.length > 0 ? [noLongerInDb(missingDatabases)] : []),
    goOn,
  ];
  const answer = await confirm(joined(question, ''));
  if (answer === null) {
    throw new EfakturError('usage', notEmptyNoTerminal(db), addYesOrElsewhere);
  }
  return answer;
}

function describe(document: PullDocument, isProgramThere: boolean): Text {
  const { backup, store, target } = document;
  const what = backupFrom(formatTimes(backup), backup.id, store);
  const others = describeOthers(backup, document.others);
  if (document.outcome === 'planned') {
    const isRefused = document.refused !== undefined;
    const planned = wouldRestore(what, target, document, document.databases, isRefused);
    return joined([planned, ...others, ...describeProgram(document)], '\n');
  }
  if (document.verdict === 'damaged') {
    const restored = wasRestoredDamaged(what, target, document);
    return joined([restored, ...others, ...restoredTableLines(document), doNotWorkWithIt(target)], '\n');
  }
  return joined(
    [
      wasRestored(what, target, document),
      ...others,
      ...(isProgramThere ? describeProgram(document) : []),
      ...restoredTableLines(document),
      whatToDoNext,
      ...stepsAfter(document, isProgramThere).map((one, i) => step(i + 1, one)),
    ],
    '\n',
  );
}

function stepsAfter({ target, appProgram, previousDb }: PullDocument, isProgramThere: boolean): Text[] {
  const { result, backup: made, stored } = appProgram;
  const put = putProgramThere(target, made && programName(made), stored && offerText(stored));
  return [
    ...(isProgramThere ? [] : [put]),
    ...(result === 'same' || result === 'older' ? [] : [result === 'newer' ? runUpdAsNewer : runUpdIfNewer]),
    startAndLogIn,
    lookForInvoice,
    ...(previousDb === null ? [] : [oldDbIsKept(previousDb, basename(previousDb))]),
  ];
}

/** What a warning says is not said twice. */
function describeProgram({ appProgram, target }: PullDocument): Text[] {
  const { result, backup, stored } = appProgram;
  if (result === 'same') return [samePrograms(backup?.version ? programName(backup) : null)];
  const said = result === 'unknown' ? comparisonText(appProgram, verbatim(target)) : null;
  return [
    ...(said === null ? [] : [asSentence(said)]),
    ...(stored ? [madeWithStored(offerText(stored))] : []),
  ];
}
