import { type LoadedProfile, loadProfiles, sharedPlaces, storesOf } from '../app/all-profiles.ts';
import { type ErrorReport, reportOf } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { type Text, verbatim } from '../base/text.ts';
import { shownProfile } from '../settings/profiles.ts';
import { configFolder } from '../settings/surroundings.ts';
import { type ProfileRecord, readRunRecord } from '../state/run-record.ts';
import type { CommandResult, Invocation } from './command.ts';
import { formatMoment, formatTable } from './format.ts';
import {
  cannotBeRead,
  endedWith,
  headings,
  never,
  noProfiles,
  notNamed,
  outcomes,
} from './profiles-texts.ts';

/** A profile, by its file and by what was noted of its last run. */
export interface ShownProfile {
  readonly name: string;
  readonly file: string;
  /** As it is set, else as it was last found; null where neither is known. */
  readonly appFolder: string | null;
  readonly stores: readonly string[];
  /** Null before the first run. */
  readonly lastRun: {
    readonly at: string;
    readonly outcome: ProfileRecord['outcome'];
    readonly code: ProfileRecord['code'];
    readonly exitCode: number;
    readonly since: string;
    readonly lastPushOkAt: string | null;
    readonly lastVerifyOkAt: string | null;
    readonly newestBackupAt: string | null;
  } | null;
  readonly attention: readonly Finding[];
  readonly error?: ErrorReport;
}

export interface ProfilesDocument {
  readonly profiles: readonly ShownProfile[];
  readonly warnings: readonly Warning[];
}

/** Lists the profiles of this PC by their files and by what was noted of their runs; no store is asked. */
export async function runProfiles({ io, say, workplace }: Invocation): Promise<CommandResult> {
  const { around } = io;
  const { stateDir, zone } = workplace.config;
  const [loaded, record] = await Promise.all([loadProfiles(around), readRunRecord(stateDir)]);
  const shared = sharedPlaces(loaded, around);
  const profiles = loaded.map((profile) =>
    shownAs(profile, record.profiles[profile.name] ?? null, shared.get(profile.name) ?? [], zone),
  );
  const warnings = uniqueNotes(loaded.flatMap(({ config }) => config?.warnings ?? []));
  const document: ProfilesDocument = { profiles, warnings };
  const failed = loaded.map(({ error }) => error).filter((error) => error !== null);
  return {
    document,
    text: profiles.length === 0 ? say(noProfiles(configFolder(around))) : tableOf(profiles, say),
    findings: [...profiles.flatMap(({ attention }) => attention), ...failed.map(reportOf)],
    failure: failed[0] ?? null,
  };
}

/** What all profiles have from one file or environment is said once. */
export const uniqueNotes = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(warnings.map((warning) => [`${warning.code} ${warning.message.en}`, warning])).values(),
];

function shownAs(
  { name, path, config, error }: LoadedProfile,
  record: ProfileRecord | null,
  attention: readonly Finding[],
  zone: string,
): ShownProfile {
  const inZone = (at: string | null): string | null => at && formatInstant(new Date(at), zone);
  return {
    name,
    file: path,
    appFolder: config?.setting('EFAKTUR_APP_DIR')?.value ?? record?.appFolder ?? null,
    stores: config ? storesOf(config) : [],
    lastRun: record && {
      at: formatInstant(new Date(record.lastRunAt), zone),
      outcome: record.outcome,
      code: record.code,
      exitCode: record.exitCode,
      since: formatInstant(new Date(record.since), zone),
      lastPushOkAt: inZone(record.lastPushOkAt),
      lastVerifyOkAt: inZone(record.lastVerifyOkAt),
      newestBackupAt: inZone(record.newestBackupAt),
    },
    attention,
    ...(error && { error: reportOf(error) }),
  };
}

function tableOf(profiles: readonly ShownProfile[], say: Invocation['say']): string {
  const { name, appFolder, store, lastRun, outcome } = headings;
  const rows = profiles.map((profile) => [
    shownProfile(profile.name),
    profile.appFolder ?? say(notNamed),
    profile.stores.join('; ') || say(notNamed),
    profile.lastRun ? formatMoment(profile.lastRun.at) : say(never),
    say(stateOf(profile)),
  ]);
  return formatTable([[name, appFolder, store, lastRun, outcome].map(say), ...rows]);
}

function stateOf({ error, lastRun }: ShownProfile): Text {
  if (error) return cannotBeRead;
  if (!lastRun) return verbatim('-');
  const { outcome, code, exitCode } = lastRun;
  return outcome === 'ok' ? outcomes.ok : endedWith(outcomes[outcome], code, exitCode);
}
