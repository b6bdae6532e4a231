import type { Workplace } from '../app/workplace.ts';
import { dayMs, hourMs } from '../base/durations.ts';
import { EfakturError, isEfakturError } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { programName } from '../efaktur/app-program.ts';
import { type StatusDocument, status } from '../sync/status.ts';
import { type CommandResult, type Invocation, text } from './command.ts';
import { flagDefaults } from './defaults.ts';
import { formatMoment, formatTimes } from './format.ts';
import { never, verdicts } from './list-texts.ts';
import {
  allIsWell,
  andNotStored,
  andStored,
  emptyDb,
  folderNotStored,
  folderStored,
  folderStoredAs,
  labels,
  loginBackupsHere,
  newestBackup,
  noDays,
  none,
  noProgram,
  notAsked,
  notJudged,
  notKnown,
  unusableBackup,
  verifiedOn,
  whileOpen,
  writeDays,
} from './status-texts.ts';

type StoreStatus = StatusDocument['stores'][number];
type LocalStatus = NonNullable<StatusDocument['local']>;

export async function runStatus(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  const { config } = workplace;
  const days = (name: 'max-age' | 'max-unproven'): number => {
    const value = text(flags, name);
    if (value === undefined) return flagDefaults[name] * dayMs;
    if (!/^\d+(\.\d+)?$/.test(value)) throw new EfakturError('usage', noDays(name, value), writeDays);
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
  return { document, text: describe(document, say), findings: document.attention, failure };
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

/** A label, and what is said of it. */
type Line = readonly [Text, Text];

function describe({ stores, local, attention }: StatusDocument, say: Invocation['say']): string {
  const width = Math.max(...Object.values(labels).map((label) => say(label).length));
  const shown = ([label, value]: Line): string => `  ${say(label).padEnd(width)} ${say(value)}`;
  const lines = stores.flatMap((s) => [
    s.store,
    ...(s.error ? [`  ${say(notAsked)}`] : storeLines(s).map(shown)),
  ]);
  if (local) {
    lines.push(local.appFolder, ...localLines(local, stores).map(shown));
    for (const { why } of local.unusableLoginBackups ?? []) lines.push(`    ${say(unusableBackup(why))}`);
  }
  if (attention.length === 0) lines.push(say(allIsWell));
  return lines.join('\n');
}

function storeLines({ newest, newestProven, backups }: StoreStatus): Line[] {
  const line: Text =
    newest === null
      ? none
      : newestBackup({
          times: formatTimes(newest),
          ageMs: newest.ageHours * hourMs,
          verdict:
            newest.verdict === null ? notJudged : (verdicts[newest.verdict] ?? verbatim(newest.verdict)),
          asPushed: newest.verdictFrom !== undefined,
          of: backups,
        });
  const verified =
    newestProven === null
      ? never
      : verifiedOn(newestProven.id, newestProven.provenOn, newestProven.headersOnly === true);
  return [
    [labels.newest, line],
    ...(newest ? [[labels.madeWith, madeWith(newest.appProgram)] as const] : []),
    [labels.lastVerified, verified],
  ];
}

function madeWith(program: NonNullable<StoreStatus['newest']>['appProgram']): Text {
  if (!program) return notKnown;
  const name = programName(program);
  if (program.stored === undefined) return name;
  return program.stored === null ? folderNotStored(name) : folderStoredAs(name, program.stored);
}

function localLines(local: LocalStatus, stores: readonly StoreStatus[]): Line[] {
  const changed = liveDb(local);
  return [
    [labels.program, local.program ? programHere(local.program, stores) : noProgram],
    [labels.liveDb, local.isOpen ? whileOpen(changed) : changed],
    [labels.loginBackups, loginBackupsHere(local.loginBackups, local.loginBackupsNotStored)],
  ];
}

function liveDb({ liveChangedAt, liveNotStored, notStoredSince }: LocalStatus): Text {
  if (liveChangedAt === null) return emptyDb;
  const changed = formatMoment(liveChangedAt);
  return liveNotStored
    ? andNotStored(changed, notStoredSince && formatMoment(notStoredSince))
    : andStored(changed);
}

function programHere(program: NonNullable<LocalStatus['program']>, stores: readonly StoreStatus[]): Text {
  const name = programName(program);
  const { storedIn } = program;
  if (storedIn === null) return name;
  if (storedIn.length === 0) return folderNotStored(name);
  return folderStored(name, storedIn.length === stores.length ? [] : storedIn);
}
