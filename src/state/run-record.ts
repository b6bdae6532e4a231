import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, removeDeadTemps, writeFileAtomic } from '../base/atomic-file.ts';
import { type ErrorCode, exitCodes, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { compactUtc } from '../base/local-time.ts';
import { makeFolder } from '../base/new-folder.ts';
import { isText as isPair, type Text } from '../base/text.ts';
import { runsNotNoted, runsUnreadable } from './texts.ts';

/**
 * What this PC remembers of its runs: when each profile last worked, what it came to and what was already told of it. Losing it
 * costs being told again, one push and one proof in full, and nothing else. All times are RFC 3339 in UTC, by this PC's clock.
 */
export interface RunRecord {
  /** Of the last run that was not turned away; null before the first. */
  readonly lastStartedAt: string | null;
  readonly lastEndedAt: string | null;
  /** Of the last run; null before the first, while one is at work, and after one that was killed. */
  readonly lastExitCode: number | null;
  /** By the name of the profile; profiles that are gone stay. */
  readonly profiles: Readonly<Record<string, ProfileRecord>>;
  /** What was told of the run as a whole. */
  readonly told: readonly ToldNote[];
  /** Which notifications were sent, by a digest of where to. */
  readonly sent: Readonly<Record<string, SentNotification>>;
}

/** How a run of a profile ended: all is done; something is stored, and something is wrong; nothing could be stored. */
export type ProfileOutcome = 'ok' | 'attention' | 'failed';

export interface ProfileRecord {
  /** The N of `profil-N`, given at first sight and never to another profile. */
  readonly number: number;
  readonly lastRunAt: string;
  readonly outcome: ProfileOutcome;
  /** Of what failed; `bug` for what is none of the known errors, null where all went well. */
  readonly code: ErrorCode | 'bug' | null;
  readonly exitCode: number;
  /** When outcome and code became what they are. */
  readonly since: string;
  readonly lastPushOkAt: string | null;
  readonly lastVerifyOkAt: string | null;
  readonly lastPruneOkAt: string | null;
  /** What of the rotating proof is done in each store, by its address. */
  readonly verified: Readonly<Record<string, VerifiedParts>>;
  /** Capture time of the newest backup that a run saw stored. */
  readonly newestBackupAt: string | null;
  readonly appFolder: string | null;
  readonly stores: readonly string[];
  /** The day, numbered as those of parts, on which a prune was last tried; null before the first. */
  readonly pruneTriedOn: number | null;
  /** What a proof or a prune found, which stands until the next one finds otherwise. */
  readonly standing: StandingFaults;
  /** What the last push in full saw; null where the next one must be in full. */
  readonly seen: SeenState | null;
  readonly told: readonly ToldNote[];
}

/** Day n of all days is that of part `n % t`; a day is numbered by the days since 1970-01-01. */
export interface VerifiedParts {
  readonly t: number;
  /** The parts of all days up to this one are read. */
  readonly through: number;
  /** The day of the last proof, and how many parts were read on it. */
  readonly day: number;
  readonly parts: number;
}

export interface StandingFaults {
  readonly verify: (StandingFault & { readonly parts: readonly number[] }) | null;
  readonly prune: StandingFault | null;
}

export interface StandingFault {
  readonly code: ErrorCode;
  readonly message: Text;
  readonly hint: Text;
}

export interface SeenState {
  /** Digest of the e-Faktur folder, as listed, and of the settings. */
  readonly digest: string;
  readonly at: string;
}

/** A note or error that was told: it is told again when it says something else. */
export interface ToldNote {
  readonly code: string;
  /** Of what it said. */
  readonly digest: string;
  readonly since: string;
}

export interface SentNotification {
  readonly at: string;
  /** What each profile was told to be, by its number. */
  readonly states: Readonly<Record<string, string>>;
}

export const emptyRunRecord: RunRecord = {
  lastStartedAt: null,
  lastEndedAt: null,
  lastExitCode: null,
  profiles: {},
  told: [],
  sent: {},
};

/** The N of `profil-N` of profiles: those they have, and further ones for those that are met first. */
export function profileNumbers(
  profiles: readonly { readonly name: string }[],
  { profiles: known }: RunRecord,
): ReadonlyMap<string, number> {
  let last = Math.max(0, ...Object.values(known).map(({ number }) => number));
  return new Map(profiles.map(({ name }) => [name, known[name]?.number ?? ++last]));
}

const recordFormat = 1;
const fileName = 'runs.json';
const pathIn = (stateDir: string): string => join(stateDir, fileName);

/** The record of the runs of a state folder; empty where there is none, or none that can be understood. */
export async function readRunRecord(stateDir: string): Promise<RunRecord> {
  return (await lookAtRecord(pathIn(stateDir))) ?? emptyRunRecord;
}

/**
 * As {@link readRunRecord}, for who will write it: a file that cannot be understood is renamed first, and `setAside` is its new
 * name.
 */
export async function takeRunRecord(
  stateDir: string,
  now: Date,
): Promise<{ readonly record: RunRecord; readonly setAside: string | null }> {
  const path = pathIn(stateDir);
  await removeDeadTemps(stateDir);
  const record = await lookAtRecord(path);
  if (record !== null) return { record, setAside: null };
  const setAside = `${path}.broken-${compactUtc(now)}`;
  try {
    await rename(path, setAside);
  } catch (error) {
    throw asTargetError(error, runsNotNoted(path));
  }
  return { record: emptyRunRecord, setAside };
}

/** Null for a file that cannot be understood. */
async function lookAtRecord(path: string): Promise<RunRecord | null> {
  let text: string;
  try {
    text = await whileHeld(() => readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return emptyRunRecord;
    throw asTargetError(error, runsUnreadable(path));
  }
  try {
    return parseRunRecord(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** Writes the record as a whole, for its owner's eyes; after a crash it is the old one or the new one. */
export async function writeRunRecord(stateDir: string, record: RunRecord): Promise<void> {
  const path = pathIn(stateDir);
  try {
    await makeFolder(stateDir, 0o700);
    await writeFileAtomic(path, `${JSON.stringify({ format: recordFormat, ...record }, null, 1)}\n`, 0o600);
  } catch (error) {
    throw asTargetError(error, runsNotNoted(path));
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isInstant = (value: unknown): value is string => isText(value) && !Number.isNaN(Date.parse(value));
const isInstantOrNull = (value: unknown): value is string | null => value === null || isInstant(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isToldNote = (value: unknown): value is ToldNote =>
  isFields(value) && isText(value.code) && isText(value.digest) && isInstant(value.since);
const isSent = (value: unknown): value is SentNotification =>
  isFields(value) &&
  isInstant(value.at) &&
  isFields(value.states) &&
  Object.values(value.states).every(isText);

/** Null for what is no record; entries of it that do not hold are left out. */
function parseRunRecord(json: unknown): RunRecord | null {
  if (!isFields(json) || json.format !== recordFormat) return null;
  const { lastStartedAt, lastEndedAt, lastExitCode, profiles, told, sent } = json;
  const isHead = isInstantOrNull(lastStartedAt) && isInstantOrNull(lastEndedAt);
  if (!isHead || !isFields(profiles)) return null;
  return {
    lastStartedAt,
    lastEndedAt,
    lastExitCode: isCount(lastExitCode) ? lastExitCode : null,
    profiles: Object.fromEntries(
      Object.entries(profiles).flatMap(([name, value]) => {
        const profile = parseProfile(value);
        return profile ? [[name, profile]] : [];
      }),
    ),
    told: Array.isArray(told) ? told.filter(isToldNote) : [],
    sent: isFields(sent)
      ? Object.fromEntries(
          Object.entries(sent).filter((entry): entry is [string, SentNotification] => isSent(entry[1])),
        )
      : {},
  };
}

function parseProfile(value: unknown): ProfileRecord | null {
  if (!isFields(value)) return null;
  const { outcome, code, verified, pruneTriedOn, standing, seen, stores, appFolder, told } = value;
  const holds =
    isCount(value.number) &&
    isInstant(value.lastRunAt) &&
    isInstant(value.since) &&
    isCount(value.exitCode) &&
    (outcome === 'ok' || outcome === 'attention' || outcome === 'failed') &&
    (code === null || isText(code)) &&
    [value.lastPushOkAt, value.lastVerifyOkAt, value.lastPruneOkAt, value.newestBackupAt].every(
      isInstantOrNull,
    );
  if (!holds) return null;
  return {
    ...(value as unknown as ProfileRecord),
    verified: isFields(verified)
      ? Object.fromEntries(
          Object.entries(verified).filter((entry): entry is [string, VerifiedParts] =>
            isVerifiedParts(entry[1]),
          ),
        )
      : {},
    pruneTriedOn: isCount(pruneTriedOn) ? pruneTriedOn : null,
    standing: standingOf(standing),
    appFolder: isText(appFolder) ? appFolder : null,
    stores: Array.isArray(stores) ? stores.filter(isText) : [],
    seen: isFields(seen) && isText(seen.digest) && isInstant(seen.at) ? (seen as unknown as SeenState) : null,
    told: Array.isArray(told) ? told.filter(isToldNote) : [],
  };
}

const isFault = (value: unknown): value is StandingFault =>
  isFields(value) &&
  isText(value.code) &&
  Object.hasOwn(exitCodes, value.code) &&
  isPair(value.message) &&
  isPair(value.hint);

function standingOf(value: unknown): StandingFaults {
  const { verify, prune } = isFields(value) ? value : {};
  const isOfVerify = (one: unknown): one is StandingFaults['verify'] =>
    isFault(one) && 'parts' in one && Array.isArray(one.parts) && one.parts.every(isCount);
  return { verify: isOfVerify(verify) ? verify : null, prune: isFault(prune) ? prune : null };
}

const isVerifiedParts = (value: unknown): value is VerifiedParts =>
  isFields(value) && [value.t, value.through, value.day, value.parts].every(isCount) && value.t !== 0;
