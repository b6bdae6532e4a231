import { EfakturError } from '../base/errors.ts';
import { versionName } from '../efaktur/app-program.ts';
import { comparisonText } from '../efaktur/compare-programs.ts';
import type { PullRequest } from '../sync/pull.ts';
import { type PulledProgram, type PullProgramDocument, pullWithProgram } from '../sync/pull-program.ts';
import { type CommandResult, type FlagValues, isSet, text } from './command.ts';
import { describeOthers, formatBytes, formatMoment, formatTimes } from './format.ts';
import { restoredTableLines } from './restored-tables.ts';

/** `pull --whole-app`: a whole e-Faktur folder where there was none. */

/** `usage` for flags that do not go together. */
export function refuseOddFlags(flags: FlagValues): void {
  const isWhole = isSet(flags, 'whole-app');
  if (!isWhole && text(flags, 'program') !== undefined) {
    throw new EfakturError(
      'usage',
      '--program goes with --whole-app',
      'Add --whole-app, or leave --program out.',
    );
  }
  if (isWhole && text(flags, 'to') === undefined) {
    throw new EfakturError(
      'usage',
      '--whole-app makes a new e-Faktur folder, and none was named',
      'Name it with --to: one that is not there yet, or an empty one.',
    );
  }
  if (isWhole && isSet(flags, 'force-damaged')) {
    throw new EfakturError(
      'usage',
      '--whole-app and --force-damaged were given together: nobody should work with a damaged db',
      'To look at a damaged backup, restore it without --whole-app into a new folder.',
    );
  }
}

/** As `pull` of {@link PullRequest}, with the program. */
export async function runPullWithProgram(
  request: Omit<PullRequest, 'confirmReplace' | 'forceDamaged'>,
  flags: FlagValues,
): Promise<CommandResult & { readonly document: PullProgramDocument }> {
  const document = await pullWithProgram({ ...request, programId: text(flags, 'program') ?? null });
  return { document, text: describe(document) };
}

function describe(document: PullProgramDocument): string {
  const { backup, store, target, files, bytes, program, databases } = document;
  const what = [
    `  program  ${program.id}: ${nameOf(program)}, read ${formatMoment(program.capturedAt)}, from ${program.store}`,
    `  db       ${backup.id}: the backup of ${formatTimes(backup)}, from ${store}`,
  ];
  const fits = comparisonText(document.appProgram, target)?.en;
  const about = [
    ...what,
    ...describeOthers(backup, document.others),
    document.appProgram.result === 'same'
      ? 'This backup was made with this very program.'
      : `${(fits ?? '').charAt(0).toUpperCase()}${(fits ?? '').slice(1)}.`,
  ];
  if (document.outcome === 'planned') {
    return [
      `Would make a whole e-Faktur in ${target}: ${files} files, ${formatBytes(bytes)}, databases ${databases.join(', ')}.`,
      ...about,
      `Not in it: ${notInIt(program)}.`,
    ].join('\n');
  }
  const steps = stepsAfter(document);
  return [
    `Made a whole e-Faktur in ${target}: ${files} files, ${formatBytes(bytes)}, every one checked.`,
    ...about,
    ...restoredTableLines(document).map((line) => line.en),
    `Not in it: ${notInIt(program)}.`,
    'What to do there:',
    ...steps.map((step, i) => `  ${i + 1}. ${step}`),
  ].join('\n');
}

const nameOf = ({ version }: PulledProgram): string =>
  version === null ? 'e-Faktur of unknown version' : `e-Faktur ${versionName(version).en}`;

/** How many keys lay in the folder and were not stored with it. */
const leftOutKeys = ({ leftOut }: PulledProgram): number => leftOut['private-key'] ?? 0;

function stepsAfter({ appProgram, program }: PullProgramDocument): string[] {
  return [
    'If this PC has another user or drive than the old one, see that this user may write in the folder.',
    appProgram.result === 'same'
      ? 'ETaxInvoiceUpd: not needed now, as program and db belong together; a newer version from the tax office is put in by it later.'
      : 'Run ETaxInvoiceUpd once, before the first login: it fits the db to this program.',
    program.memory.length > 0
      ? `Memory: ${program.memory.join('; ')}. If this PC has less memory than the old one, e-Faktur does not start: make the number after -Xmx smaller in that .config (mem_config does it, too).`
      : 'Memory: if e-Faktur does not start, look at -Xmx in the .config files beside the programs (mem_config sets it).',
    'Start e-Faktur (ETaxInvoice) and log in.',
    `The path of the certificate in the settings of e-Faktur is still that of the old PC (error ETAX-30002 when it signs or uploads): ${
      leftOutKeys(program)
        ? 'copy the certificate (.p12) to this PC by hand, and choose it there.'
        : 'choose the certificate (.p12) at its place on this PC.'
    }`,
    'Open Faktur Pajak Keluaran and look for an invoice that you know.',
    'When all is well, work on one PC only, and name this folder in EFAKTUR_APP_DIR or --app for the next push (with --moved).',
  ];
}

/** Why something was left out, as people say it; reasons of later versions stand as they are. */
const reasons: Readonly<Record<string, string>> = {
  database: 'other databases',
  temporary: 'temporary files',
  own: 'what efaktur-cloud keeps',
  settings: 'settings files (.env)',
  'private-key': 'certificates and keys (.p12, .pfx)',
  link: 'links',
  special: 'special files',
  large: 'large files that are not of the program',
  name: 'names that cannot be stored',
};

function notInIt({ leftOut }: PulledProgram): string {
  const others = Object.entries(leftOut)
    // The `db` is one of the databases that were left out, and was restored beside the program.
    .map(([why, count]): [string, number] => [why, why === 'database' ? count - 1 : count])
    .filter(([why, count]) => count > 0 && why !== 'login-backups' && why !== 'log')
    .map(([why, count]) => `${reasons[why] ?? why} (${count})`);
  return ['the login backups (folder backup) and logs (folder log)', ...others].join('; ');
}
