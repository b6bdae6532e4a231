import { basename } from 'node:path';
import { outsideEfaktur } from '../app/folders.ts';
import { EfakturError } from '../base/errors.ts';
import { asText, type Text, verbatim } from '../base/text.ts';
import { parseDay, parseMoment } from '../base/written-date.ts';
import type { Wanted } from '../catalog/choose.ts';
import { programName } from '../efaktur/app-program.ts';
import { comparisonText } from '../efaktur/compare-programs.ts';
import { hasProgram } from '../efaktur/folder-parts.ts';
import { offerText, type PullDocument, pull, type ReplaceQuestion } from '../sync/pull.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text, texts } from './command.ts';
import { describeOthers, formatBytes, formatTimes } from './format.ts';
import { refuseOddFlags, runPullWithProgram } from './pull-program-command.ts';
import { restoredTableLines } from './restored-tables.ts';

/** Reads `--date`, `--as-of` and `--id`, of which one may be given. */
export function wantedOf(flags: FlagValues, zone: string): Wanted {
  const [date, asOf, id] = [text(flags, 'date'), text(flags, 'as-of'), text(flags, 'id')];
  if ([date, asOf, id].filter((value) => value !== undefined).length > 1) {
    throw new EfakturError('usage', '--date, --as-of and --id were given together', 'Give one of them.');
  }
  if (date !== undefined) return { by: 'day', day: parseDay(date, '--date') };
  if (asOf !== undefined) return { by: 'as-of', ...parseMoment(asOf, zone, '--as-of') };
  return id === undefined ? { by: 'newest' } : { by: 'id', id };
}

/** For a restore: into the e-Faktur folder itself. */
const appFolderInstead = (appFolder: string | null): Text =>
  asText(
    appFolder === null
      ? 'Name the e-Faktur folder that gets the db, or a new folder.'
      : `Name the e-Faktur folder itself: --to ${appFolder}`,
  );

export async function runPull(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace } = invocation;
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
    text: describe(document, await hasProgram(target)),
    ...(refused && { failure: new EfakturError(refused.code, refused.message, refused.hint) }),
  };
}

async function mayReplace(
  { confirm }: Invocation,
  { db, backup, missingDatabases, notes }: ReplaceQuestion,
): Promise<boolean> {
  const missing =
    missingDatabases.length > 0
      ? `\nNot in that backup, so no longer in db afterwards: ${missingDatabases.join(', ')}.`
      : '';
  const noticed = notes.map((note) => `Note: ${note.en}\n`).join('');
  const answer = await confirm(
    asText(
      `${noticed}${db} will be replaced by the backup of ${formatTimes(backup)}; the old one is kept beside it.${missing}\nGo on?`,
    ),
  );
  if (answer === null) {
    throw new EfakturError(
      'usage',
      `${db} is not empty, and there is no terminal to ask on`,
      'Add --yes to replace it (the old db is kept beside it), or restore elsewhere with --to.',
    );
  }
  return answer;
}

function describe(document: PullDocument, isProgramThere: boolean): string {
  const { backup, store, target, files, bytes, databases } = document;
  const what = `the backup of ${formatTimes(backup)} (${backup.id}) from ${store}`;
  if (document.outcome === 'planned') {
    return [
      `${document.refused ? 'Would refuse to restore' : 'Would restore'} ${what} into ${target}: ${files} files, ${formatBytes(bytes)}${databases.length > 0 ? `, databases ${databases.join(', ')}` : ''}.`,
      ...describeOthers(backup, document.others),
      ...describeProgram(document),
    ].join('\n');
  }
  if (document.verdict === 'damaged') {
    return [
      `Restored ${what} into ${target}: ${files} files, ${formatBytes(bytes)}. They are as they were stored, and DAMAGED: for looking only.`,
      ...describeOthers(backup, document.others),
      ...restoredTableLines(document).map((line) => line.en),
      'Do not work with it: e-Faktur may fail on it or show too little. "efaktur-cloud list --long" shows which backups are sound;',
      `"efaktur-cloud export-tables --salvage --local ${target}" writes out what can still be read.`,
    ].join('\n');
  }
  const { result, backup: made, stored } = document.appProgram;
  const steps = [
    ...(isProgramThere
      ? []
      : [
          `Put the program there: copy all but db and backup of an e-Faktur folder into ${target}, of the same version as when this backup was made${made ? `, ${programName(made).en},` : ''} or a newer one.${stored ? ` ${offerText(stored).en}.` : ''}`,
        ]),
    ...(result === 'same' || result === 'older'
      ? []
      : [
          result === 'newer'
            ? 'Run ETaxInvoiceUpd once: this e-Faktur is newer than the backup.'
            : 'If this e-Faktur is newer than the backup, run ETaxInvoiceUpd once.',
        ]),
    'Start e-Faktur and log in.',
    'Open Faktur Pajak Keluaran and look for an invoice that you know.',
  ];
  if (document.previousDb)
    steps.push(
      `The db that was there before lies in ${document.previousDb}. Delete it when you are sure. To undo this restore, close e-Faktur, rename db to something else, and rename ${basename(document.previousDb)} to db.`,
    );
  return [
    `Restored ${what} into ${target}: ${files} files, ${formatBytes(bytes)}, every one checked.`,
    ...describeOthers(backup, document.others),
    ...(isProgramThere ? describeProgram(document) : []),
    ...restoredTableLines(document).map((line) => line.en),
    'What to do next:',
    ...steps.map((step, i) => `  ${i + 1}. ${step}`),
  ].join('\n');
}

/** What a warning says is not said twice. */
function describeProgram({ appProgram, target }: PullDocument): string[] {
  const { result, backup, stored } = appProgram;
  if (result === 'same')
    return [
      `The e-Faktur there is the one that this backup was made with${backup?.version ? `: ${programName(backup).en}` : ''}.`,
    ];
  const said = result === 'unknown' ? (comparisonText(appProgram, verbatim(target))?.en ?? null) : null;
  return [
    ...(said === null ? [] : [`${said.charAt(0).toUpperCase()}${said.slice(1)}.`]),
    ...(stored ? [`Of the e-Faktur that this backup was made with, ${offerText(stored).en}.`] : []),
  ];
}
