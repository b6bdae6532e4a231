import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkplaceOptions } from '../app/workplace.ts';
import { hourMs } from '../base/durations.ts';
import { exitCodes, isEfakturError } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import type { Language, Text } from '../base/text.ts';
import { openNotifiers } from '../notify/notify.ts';
import { notifyCode, type ProfileSummary } from '../notify/summary.ts';
import type { Config } from '../settings/config.ts';
import { secretValues, withoutValues } from '../settings/secret-values.ts';
import {
  type ProfileRecord,
  profileNumbers,
  type RunRecord,
  takeRunRecord,
  writeRunRecord,
} from '../state/run-record.ts';
import { takeTurn } from '../state/turn.ts';
import type { RanProfile, RoundDocument } from './document.ts';
import { linesOf, type RoundLine, type Telling, toldOnce } from './lines.ts';
import { openLog, type RunLog } from './log.ts';
import { type ProfileRun, type RoundProfile, runProfile } from './profile.ts';
import { alreadyRunning, cutOff, recordSetAside, runEnded, runStopped } from './texts.ts';

/** What `run` does, for a schedule and for who types it: every profile in turn, and what is told and remembered of it. */

export interface RoundRequest extends WorkplaceOptions {
  readonly stores: readonly string[];
  readonly profiles: readonly RoundProfile[];
  /** What holds for this PC as a whole: record, log and turn lie in its state folder. */
  readonly ofAll: Config;
  /** Of the log. */
  readonly language: Language;
  /** Nobody sits before it: where another run is at work it ends at once, and tells what was told before by its code alone. */
  readonly isScheduled: boolean;
  /** Called once when it has to wait for another run. */
  readonly onWaiting: () => void;
}

export interface Round {
  readonly document: RoundDocument;
  /** What the first profile that failed did so with; null when all went well. */
  readonly failure: unknown;
  /** Everything there is to tell, in order. */
  readonly lines: readonly RoundLine[];
}

const waitMs = 500;

/**
 * Runs every profile, one after the other: a failing one stops no other. Only one run of a state folder is at work at a time. After
 * a kill the record is that before the last profile that ended, or with it, and the next run goes on. Throws `interrupted`, and
 * `target-not-writable` where the state folder cannot be used at all.
 */
export async function runRound(request: RoundRequest): Promise<Round> {
  const { ofAll, now, signal, isScheduled } = request;
  const { stateDir } = ofAll;
  let turn = await takeTurn(stateDir, now(), signal);
  if (turn === null && isScheduled) return turnedAway(request);
  if (turn === null) request.onWaiting();
  while (turn === null) {
    await sleep(waitMs, undefined, { signal });
    turn = await takeTurn(stateDir, now(), signal);
  }
  try {
    return await runInTurn(request);
  } finally {
    await turn.end();
  }
}

async function turnedAway(request: RoundRequest): Promise<Round> {
  const line = plain('note', 'run-elsewhere', alreadyRunning);
  const log = logOf(request, [], false);
  await log.write(inLanguage(line, request.language));
  const warning: Warning = { code: 'run-elsewhere', message: alreadyRunning };
  return {
    document: { outcome: 'skipped', profiles: [], warnings: [warning] },
    failure: null,
    lines: [line],
  };
}

async function runInTurn(request: RoundRequest): Promise<Round> {
  const { ofAll, now, signal, language } = request;
  const { stateDir, zone } = ofAll;
  const startedAt = now();
  const loaded = await loadAll(request.profiles);
  const configs = loaded.map(({ config }) => config ?? ofAll);
  const log = logOf(request, [ofAll, ...configs].flatMap(secretValues), true);
  const lines: RoundLine[] = [];
  const tell = async (line: RoundLine): Promise<void> => {
    lines.push(line);
    if (line.isNew || line.brief) await log.write(inLanguage(line, language));
  };

  const taken = await takeRunRecord(stateDir, startedAt);
  let record = taken.record;
  const general: Warning[] = [];
  const save = async (next: RunRecord): Promise<void> => {
    record = next;
    try {
      await writeRunRecord(stateDir, next);
    } catch (error) {
      if (!isEfakturError(error, 'target-not-writable')) throw error;
      if (!general.some(({ code }) => code === error.code))
        general.push({ code: error.code, message: error.text, hint: error.hint });
    }
  };
  if (taken.setAside) general.push({ code: 'record-set-aside', message: recordSetAside(taken.setAside) });
  if (wasCutOff(record))
    general.push({
      code: 'run-cut-off',
      message: cutOff(formatInstant(new Date(record.lastStartedAt ?? 0), zone)),
    });
  const numbers = profileNumbers(request.profiles, record);
  const notifiers = openNotifiers(
    loaded.map(({ name, config }) => ({ number: numbers.get(name) ?? 0, config: config ?? ofAll })),
    { language, platform: request.around.platform, version: request.version },
  );
  await save({ ...record, lastStartedAt: startedAt.toISOString(), lastExitCode: null });
  void notifiers.started();

  const ran: { readonly profile: ProfileRun; readonly record: ProfileRecord }[] = [];
  for (const profile of loaded) {
    const before = record.profiles[profile.name] ?? null;
    let result: ProfileRun;
    try {
      result = await runProfile(profile, before, numbers.get(profile.name) ?? 0, request);
    } catch (error) {
      if (signal.aborted) {
        await tell({ ...plain('note', 'interrupted', runStopped), profile: profile.name });
        const at = now().toISOString();
        await save({ ...record, lastEndedAt: at, lastExitCode: exitCodes.interrupted });
      }
      throw error;
    }
    const told = linesOf(result, before, { now: now(), zone });
    for (const line of told.lines) await tell(line);
    ran.push({ profile: result, record: told.record });
    await save({ ...record, profiles: { ...record.profiles, [profile.name]: told.record } });
  }

  const endedAt = now();
  const summaries = ran.map(({ record }) => summaryOf(record, endedAt));
  const notified = await notifiers.ended({ endedAt, profiles: summaries }, record.sent);
  general.push(...notified.warnings);
  const exitCode = ran.find(({ record }) => record.exitCode !== 0)?.record.exitCode ?? 0;
  const problem = log.problem();
  if (problem) general.push({ code: 'log-not-written', message: problem.text, hint: problem.hint });
  const said = toldOnce(general.map(asTelling), record.told, null, { now: endedAt, zone });
  for (const line of said.lines) await tell(line);
  if (ran.length > 1) {
    const ended = runEnded(ran.length, exitCode, endedAt.getTime() - startedAt.getTime());
    await tell(plain('info', null, ended));
  }
  await save({
    ...record,
    lastEndedAt: endedAt.toISOString(),
    lastExitCode: exitCode,
    told: said.told,
    sent: notified.sent,
  });
  return {
    document: documentOf(
      ran.map(({ profile }) => profile.ran),
      general,
    ),
    failure: ran.find(({ profile }) => profile.failure !== null)?.profile.failure ?? null,
    lines,
  };
}

type Loaded = RoundProfile & { readonly config: Config | null };

/** Each with its settings; what one cannot be read with is thrown when its turn comes. */
const loadAll = (profiles: readonly RoundProfile[]): Promise<readonly Loaded[]> =>
  Promise.all(
    profiles.map(async ({ name, load }) => {
      try {
        const config = await load();
        return { name, config, load: async () => config };
      } catch (error) {
        return { name, config: null, load: () => Promise.reject(error) };
      }
    }),
  );

const wasCutOff = ({ lastStartedAt, lastExitCode }: RunRecord): boolean =>
  lastStartedAt !== null && lastExitCode === null;

function summaryOf(record: ProfileRecord, at: Date): ProfileSummary {
  const { number, outcome, code, exitCode, newestBackupAt } = record;
  const ageMs = newestBackupAt === null ? null : at.getTime() - Date.parse(newestBackupAt);
  return {
    number,
    outcome,
    code: code === null ? null : notifyCode(code),
    exitCode,
    ageHours: ageMs === null ? null : Math.max(0, ageMs / hourMs),
  };
}

const ranks = ['ok', 'attention', 'failed'] as const;

const documentOf = (profiles: readonly RanProfile[], warnings: readonly Warning[]): RoundDocument => ({
  outcome: ranks[Math.max(0, ...profiles.map(({ outcome }) => ranks.indexOf(outcome)))] ?? 'ok',
  profiles,
  warnings,
});

const asTelling = ({ code, message, hint }: Warning): Telling => ({
  kind: 'note',
  code,
  text: message,
  hint: hint ?? null,
});

const plain = (kind: RoundLine['kind'], code: string | null, text: Text): RoundLine => ({
  profile: null,
  ...{ kind, code, text, hint: null, isNew: true, isOver: false, brief: null },
});

const logOf = ({ ofAll, now }: RoundRequest, secrets: readonly string[], rotates: boolean): RunLog =>
  openLog({
    stateDir: ofAll.stateDir,
    zone: ofAll.zone,
    now,
    redact: (text) => withoutValues(text, secrets),
    rotates,
  });

function inLanguage({ profile, kind, code, text, hint, isNew, brief }: RoundLine, language: Language) {
  const whole = hint === null ? text[language] : `${text[language]}. ${hint[language]}`;
  return { profile, kind, code, text: isNew || brief === null ? whole : brief[language] };
}
