import { hourMs } from '../base/durations.ts';
import { EfakturError } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { programName } from '../efaktur/app-program.ts';
import type { StatusDocument } from '../sync/status.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { formatMoment, formatTimes } from './format.ts';
import { never, verdicts } from './list-texts.ts';
import { scheduleAttention } from './schedule-attention.ts';
import { rulesOf, statusOf } from './status-one.ts';
import {
  addIt,
  allIsWell,
  andNotStored,
  andStored,
  emptyDb,
  folderNotStored,
  folderStored,
  folderStoredAs,
  labels,
  leaveOneOut,
  loginBackupsHere,
  newestBackup,
  none,
  noProgram,
  notAsked,
  notJudged,
  notKnown,
  notTogether,
  onlyWith,
  unusableBackup,
  verifiedOn,
  whileOpen,
} from './status-texts.ts';

type StoreStatus = StatusDocument['stores'][number];
type LocalStatus = NonNullable<StatusDocument['local']>;

export async function runStatus(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say, io } = invocation;
  refuseTogether(flags);
  if (isSet(flags, 'all')) return (await import('./status-all-command.ts')).runStatusAll(invocation);
  if (text(flags, 'fleet') !== undefined) return (await import('./fleet-command.ts')).runFleet(invocation);
  const { document: asked, failure } = await statusOf(workplace, rulesOf(flags));
  const ofSchedule = await scheduleAttention(io);
  const [first] = ofSchedule;
  const attention = [...asked.attention, ...ofSchedule];
  const document: StatusDocument = first ? { ...asked, outcome: 'attention', attention } : asked;
  return {
    document,
    text: describe(document, say),
    findings: attention,
    failure: failure ?? (first ? new EfakturError('attention', first.message, first.hint) : null),
  };
}

/** `usage` for flags of different looks: at one place, at all profiles, at all prefixes. */
function refuseTogether(flags: FlagValues): void {
  const given = (name: string): boolean => flags[name] !== undefined && flags[name] !== false;
  const pairs = [
    ...['fleet', 'store', 'app', 'profile', 'settings'].map((other) => ['all', other] as const),
    ...['store', 'app'].map((other) => ['fleet', other] as const),
  ];
  const [one, other] = pairs.find((pair) => pair.every(given)) ?? [];
  if (one !== undefined && other !== undefined)
    throw new EfakturError('usage', notTogether(one, other), leaveOneOut);
  const alone = ['except', 'metrics'].find((name) => given(name) && !given('fleet'));
  if (alone !== undefined) throw new EfakturError('usage', onlyWith(alone, 'fleet'), addIt('fleet'));
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
