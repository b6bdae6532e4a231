import type { Workplace } from '../app/workplace.ts';
import { dayMs } from '../base/durations.ts';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { programName } from '../efaktur/app-program.ts';
import { type StatusDocument, status } from '../sync/status.ts';
import { type CommandResult, type Invocation, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { formatMoment, formatTimes } from './format.ts';

type StoreStatus = StatusDocument['stores'][number];
type LocalStatus = NonNullable<StatusDocument['local']>;

export async function runStatus(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const { config } = workplace;
  const days = (name: 'max-age' | 'max-unproven'): number => {
    const value = text(flags, name);
    if (value === undefined) return flagDefaults[name] * dayMs;
    if (!/^\d+(\.\d+)?$/.test(value))
      throw new EfakturError(
        'usage',
        `--${name}: "${value}" is not a number of days`,
        'Write a number, such as 4.',
      );
    return Number(value) * dayMs;
  };
  const { document, failure } = await status({
    appFolder: await appFolderIfAny(workplace),
    stores: await workplace.stores(),
    maxAgeMs: days('max-age'),
    hasIdentity:
      config.setting('EFAKTUR_IDENTITY_FILE') !== null || config.setting('EFAKTUR_IDENTITY_COMMAND') !== null,
    maxUnprovenMs: days('max-unproven'),
    ...workplace.context,
  });
  return { document, text: describe(document), findings: document.attention, failure };
}

/** A monitoring host has stores but no e-Faktur. */
async function appFolderIfAny(workplace: Workplace): Promise<string | null> {
  try {
    return await workplace.appFolder();
  } catch (error) {
    if (isEfakturError(error, 'source-unusable')) return null;
    throw error;
  }
}

function describe({ stores, local, attention }: StatusDocument): string {
  const lines = stores.flatMap((s) => [
    s.store,
    ...(s.error ? ['  not known, as it could not be asked'] : storeLines(s)),
  ]);
  if (local) {
    const changed = local.liveChangedAt
      ? `last changed ${formatMoment(local.liveChangedAt)}${local.liveNotStored ? notStored(local) : ', stored'}`
      : 'empty';
    lines.push(
      local.appFolder,
      `  e-Faktur:      ${local.program ? `${programName(local.program).en}${programStored(local.program.storedIn, stores)}` : 'no program'}`,
      `  live db:       ${changed}${local.isOpen ? ' (e-Faktur is open)' : ''}`,
      `  login backups: ${local.loginBackups}, of which ${local.loginBackupsNotStored} not stored by this PC`,
      ...(local.unusableLoginBackups ?? []).map(({ why }) => `    unusable: ${why}`),
    );
  }
  if (attention.length === 0) lines.push('All is well.');
  return lines.join('\n');
}

function programStored(storedIn: readonly string[] | null, stores: readonly StoreStatus[]): string {
  if (storedIn === null) return '';
  if (storedIn.length === 0) return ', its folder not stored';
  return `, its folder stored${storedIn.length === stores.length ? '' : ` in ${storedIn.join(', ')}`}`;
}

const notStored = ({ notStoredSince }: LocalStatus): string =>
  `, NOT STORED YET${notStoredSince ? ` (newest backup ${formatMoment(notStoredSince)})` : ''}`;

const age = (hours: number): string =>
  hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;

function madeWithText(program: NonNullable<StoreStatus['newest']>['appProgram']): string {
  if (!program) return 'not known';
  const { stored } = program;
  const folder =
    stored === undefined
      ? ''
      : stored === null
        ? ', its folder not stored'
        : `, its folder stored (${stored})`;
  return `${programName(program).en}${folder}`;
}

const storeLines = (s: StoreStatus): string[] => [
  `  newest backup: ${s.newest ? `${formatTimes(s.newest).en} (${age(s.newest.ageHours)} ago), ${s.newest.verdict ?? 'not judged'}${s.newest.verdictFrom ? ' when it was pushed' : ''}, of ${s.backups}` : 'none'}`,
  ...(s.newest ? [`  made with:     ${madeWithText(s.newest.appProgram)}`] : []),
  `  last proven:   ${s.newestProven ? `${s.newestProven.id}, on ${s.newestProven.provenOn}${s.newestProven.headersOnly ? ', headers only (encrypted by Derby)' : ''}` : 'never'}`,
];
