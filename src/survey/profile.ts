import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { storesOf } from '../app/all-profiles.ts';
import { recipientsOf } from '../app/keys.ts';
import { EfakturError, isEfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Config } from '../settings/config.ts';
import { defaultProfile } from '../settings/profiles.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { readRecord } from '../state/record-file.ts';
import type { RunRecord } from '../state/run-record.ts';
import { surveyApp } from './app.ts';
import {
  noAddress,
  type SurveyedKeys,
  type SurveyedProfile,
  type SurveyedStore,
  type Worked,
} from './document.ts';
import type { Patience } from './patience.ts';
import { shownStore, surveySettings } from './settings.ts';
import { surveyStore } from './stores.ts';

/** Settings that are looked at, or why they cannot be. */
export interface Entry {
  readonly profile: string | null;
  readonly file: string | null;
  readonly config: Config | EfakturError;
  /** Addresses in place of `EFAKTUR_STORE`. */
  readonly stores: readonly string[];
}

/** What all profiles have in common. */
export interface SurveyContext {
  readonly runs: RunRecord;
  readonly around: Surroundings;
  readonly patience: Patience;
  /** Of the times that are shown. */
  readonly zone: string;
}

const inZone = (time: string | null | undefined, zone: string): string | null =>
  time ? formatInstant(new Date(time), zone) : null;

const noKeys: SurveyedKeys = { recipients: 0, identity: 'none', isThere: null };

/** What one profile has set, and what there is of it. Never throws for what is wrong with it. */
export async function surveyProfile(entry: Entry, context: SurveyContext): Promise<SurveyedProfile> {
  const { runs, around, patience, zone } = context;
  const { profile, file, config } = entry;
  const worked = workedOf(profile, runs, zone);
  const broken = (error: EfakturError): SurveyedProfile => ({
    ...{ profile, file, error: reportOf(error), settings: [], app: null, stores: [], keys: noKeys },
    ...{ worked, warnings: [] },
  });
  if (config instanceof EfakturError) return broken(config);
  try {
    const settings = surveySettings(config, around.platform);
    const urls = entry.stores.length > 0 ? entry.stores : storesOf(config);
    const [app, stores, keys] = await Promise.all([
      surveyApp(config, around, patience),
      Promise.all(urls.map((url) => store(url, config, context))),
      keysOf(config, around, patience),
    ]);
    return {
      ...{ profile, file, error: null, settings, app, stores, keys, worked },
      warnings: config.warnings,
    };
  } catch (error) {
    keepOrThrow(error);
    return broken(error);
  }
}

async function store(
  url: string,
  config: Config,
  { around, patience, zone }: SurveyContext,
): Promise<SurveyedStore> {
  const [surveyed, lastSentAt] = await Promise.all([
    surveyStore(url, config, around, patience),
    patience.within(lastSent(url, config)),
  ]);
  const shown = shownStore(url, around.platform);
  return { ...surveyed, store: shown ?? noAddress, lastSentAt: inZone(lastSentAt, zone) };
}

/** By the record of pushes, which also those leave that somebody started by hand. */
async function lastSent(url: string, { stateDir }: Config): Promise<string | null> {
  try {
    const { archives } = await readRecord(stateDir, url);
    return archives.reduce<string | null>(
      (last, { uploadedAt }) => (last === null || uploadedAt > last ? uploadedAt : last),
      null,
    );
  } catch (error) {
    // A push tells what is wrong with it.
    if (isEfakturError(error)) return null;
    throw error;
  }
}

async function keysOf(
  config: Config,
  { currentFolder }: Surroundings,
  { within }: Patience,
): Promise<SurveyedKeys> {
  const recipients = recipientsOf(config).length;
  const file = config.setting('EFAKTUR_IDENTITY_FILE');
  if (file === null) {
    const identity = config.setting('EFAKTUR_IDENTITY_COMMAND') === null ? 'none' : 'command';
    return { recipients, identity, isThere: null };
  }
  const isThere = await within(
    stat(resolve(currentFolder, file.value)).then(
      (info) => info.isFile(),
      () => false,
    ),
  );
  return { recipients, identity: 'file', isThere };
}

/** What this PC remembers of a profile. */
function workedOf(profile: string | null, { profiles, sent }: RunRecord, zone: string): Worked {
  // A run without profiles notes what it did as if it were this one.
  const known = profiles[profile ?? defaultProfile];
  const notified = known
    ? Object.values(sent)
        .filter(({ states }) => String(known.number) in states)
        .map(({ at }) => at)
        .sort()
        .at(-1)
    : undefined;
  return {
    number: known?.number ?? null,
    lastRunAt: inZone(known?.lastRunAt, zone),
    outcome: known?.outcome ?? null,
    code: known?.code ?? null,
    since: inZone(known?.since, zone),
    lastPushOkAt: inZone(known?.lastPushOkAt, zone),
    lastVerifyOkAt: inZone(known?.lastVerifyOkAt, zone),
    lastPruneOkAt: inZone(known?.lastPruneOkAt, zone),
    newestBackupAt: inZone(known?.newestBackupAt, zone),
    lastNotifiedAt: inZone(notified, zone),
  };
}
