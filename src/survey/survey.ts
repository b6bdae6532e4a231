import { release } from 'node:os';
import { loadProfiles, sharedPlaces } from '../app/all-profiles.ts';
import { placesOf } from '../app/folders.ts';
import { EfakturError, keepOrThrow } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { appFoldersIn } from '../efaktur/app-folder.ts';
import { faultsOfMessages } from '../notify/targets.ts';
import { ownProgram } from '../schedule/own-program.ts';
import { readSchedule } from '../schedule/schedule.ts';
import type { Config } from '../settings/config.ts';
import { settingsOfPc } from '../settings/load.ts';
import { chooseZone } from '../settings/setting-values.ts';
import { configFolder, defaultStateDir, namesAsAsked, type Surroundings } from '../settings/surroundings.ts';
import { emptyRunRecord, readRunRecord } from '../state/run-record.ts';
import type { Survey } from './document.ts';
import { beginPatience } from './patience.ts';
import { type Entry, surveyProfile } from './profile.ts';
import { toDoList } from './to-do.ts';

export interface SurveyRequest {
  readonly around: Surroundings;
  readonly version: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** What the command line goes by, or what is wrong with it. */
  readonly settings: Config | EfakturError;
  /** The profile or file that was named: then nothing else is looked at. */
  readonly named: { readonly profile: string | null; readonly file: string | null } | null;
  /** Addresses in place of `EFAKTUR_STORE`. */
  readonly stores: readonly string[];
  /** After so long without a new backup somebody should look. */
  readonly maxAgeMs: number;
}

/** All that is asked of others answers within this, or is told as silent. */
const limitMs = 1_100;

/**
 * What is set up on this PC, what is there, what answers and when each last worked, in less than two seconds. Nothing is written,
 * nothing is made that is not there, and what is wrong with one profile says nothing of the others. The entries are what can be worked
 * with further.
 */
export async function surveyPc(
  request: SurveyRequest,
): Promise<{ readonly survey: Survey; readonly entries: readonly Entry[] }> {
  const { around, now, signal, settings } = request;
  const patience = beginPatience(limitMs, signal);
  try {
    const ofAll = await settingsOfRuns(request).catch(keptError);
    const zone = zoneOf(settings, ofAll, around);
    const state = ofAll instanceof EfakturError ? defaultStateDir(around) : ofAll.stateDir;
    const record = await readRunRecord(state).catch(keptError);
    const runs = record instanceof EfakturError ? emptyRunRecord : record;
    const { entries, shared } = await entriesOf(request);
    const at = (time: string | null): string | null => time && formatInstant(new Date(time), zone);
    const [profiles, apps, schedule] = await Promise.all([
      Promise.all(entries.map((entry) => surveyProfile(entry, { runs, around, patience, zone }))),
      patience.within(appFoldersOf(around)),
      patience
        .within(
          readSchedule({
            around,
            now,
            signal: patience.signal,
            program: ownProgram(),
            lastRunAt: at(runs.lastStartedAt),
          }),
        )
        .catch((error: unknown) => {
          // Cut off in its middle.
          return patience.signal.aborted ? null : keptError(error);
        }),
    ]);
    signal.throwIfAborted();
    const shown: Omit<Survey, 'toDo'> = {
      program: {
        version: request.version,
        node: process.version,
        platform: around.platform,
        release: release(),
        arch: process.arch,
      },
      computer: { name: around.hostName, now: formatInstant(now(), zone), zone },
      folders: { settings: configFolder(around), state },
      profiles,
      apps:
        apps?.map(({ path, newestChange }) => ({
          path,
          changedAt: newestChange && formatInstant(newestChange, zone),
        })) ?? null,
      schedule: schedule === null || schedule instanceof EfakturError ? null : withoutWarnings(schedule),
      lastRun: {
        startedAt: at(runs.lastStartedAt),
        endedAt: at(runs.lastEndedAt),
        exitCode: runs.lastExitCode,
      },
      waitedMs: limitMs,
    };
    const wrong = [ofAll, record, schedule].filter(
      (one): one is EfakturError => one instanceof EfakturError && !isToldOf(one, profiles),
    );
    const faults = entries.flatMap(({ config }) =>
      config instanceof EfakturError ? [] : faultsOfMessages(config),
    );
    // Of what stands in `common.env` all profiles say the same.
    const ofMessages = new Map(faults.map((fault) => [fault.message, fault]));
    const known = {
      wrong: [...wrong, ...ofMessages.values()],
      shared,
      maxAgeMs: request.maxAgeMs,
      now: now(),
    };
    return { survey: { ...shown, toDo: toDoList(shown, known) }, entries };
  } finally {
    patience.end();
  }
}

/** What is wrong with `common.env` is told of each profile, too. */
const isToldOf = ({ message }: EfakturError, profiles: Survey['profiles']): boolean =>
  profiles.some(({ error }) => error?.message.en === message);

const keptError = (error: unknown): EfakturError => {
  keepOrThrow(error);
  return error;
};

/** In whose state folder runs keep their record. */
async function settingsOfRuns({ around, settings, named }: SurveyRequest): Promise<Config> {
  if (named?.file != null && !(settings instanceof EfakturError)) return settings;
  return settingsOfPc(around);
}

const appFoldersOf = async (around: Surroundings) =>
  appFoldersIn([around.currentFolder, ...(await placesOf({ ...around, env: namesAsAsked(around) }))]);

function withoutWarnings({
  warnings: _,
  ...schedule
}: Awaited<ReturnType<typeof readSchedule>>): Survey['schedule'] {
  return schedule;
}

function zoneOf(settings: Config | EfakturError, ofAll: Config | EfakturError, around: Surroundings): string {
  const read = [settings, ofAll].find((one) => !(one instanceof EfakturError));
  return read && 'zone' in read ? read.zone : chooseZone(null, around.systemZone).zone;
}

/** What was named, else all profiles and what counts beside them. */
async function entriesOf({ around, settings, named, stores }: SurveyRequest): Promise<{
  readonly entries: readonly Entry[];
  readonly shared: ReturnType<typeof sharedPlaces>;
}> {
  const none = new Map<string, never>();
  const chosen: Entry = {
    profile: settings instanceof EfakturError ? null : settings.profile,
    file: settings instanceof EfakturError ? null : settings.settingsFile,
    config: settings,
    stores,
  };
  if (named !== null)
    return {
      entries: [{ ...chosen, profile: chosen.profile ?? named.profile, file: chosen.file ?? named.file }],
      shared: none,
    };
  const loaded = await loadProfiles(around).catch(keptError);
  if (loaded instanceof EfakturError) return { entries: [chosen], shared: none };
  const profiles = loaded.map(
    ({ name, path, config, error }): Entry =>
      // Without a name the environment counts more than the file.
      name === chosen.profile ? chosen : { profile: name, file: path, config: config ?? error, stores: [] },
  );
  return {
    entries: [...(isBeside(chosen, profiles) ? [chosen] : []), ...profiles],
    shared: sharedPlaces(loaded, around),
  };
}

/** Whether what a command without a profile goes by is something of its own. */
function isBeside({ config, profile, stores }: Entry, profiles: readonly Entry[]): boolean {
  if (config instanceof EfakturError)
    return !profiles.some(
      (one) => one.config instanceof EfakturError && one.config.message === config.message,
    );
  if (profile !== null) return false;
  if (stores.length > 0) return true;
  if (config.unchosenProfiles.length > 0) return config.setting('EFAKTUR_STORE') !== null;
  return (
    config.settingsFile !== null || [...config.sources.keys()].some((name) => name.startsWith('EFAKTUR_'))
  );
}
