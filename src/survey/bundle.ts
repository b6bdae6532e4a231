import { cpus, totalmem } from 'node:os';
import { EfakturError, exitCodes, isEfakturError } from '../base/errors.ts';
import { isZone } from '../base/local-time.ts';
import { eventCodes } from '../base/warning-codes.ts';
import type { LogLine } from '../round/log.ts';
import type { Times } from '../schedule/times.ts';
import type { Config } from '../settings/config.ts';
import { endpointOf, parseStoreUrl, type S3Address } from '../store/open.ts';
import { providerAt, providers } from '../store/providers.ts';
import type { DoctorStep, Measured } from '../sync/doctor/probe.ts';
import {
  noAddress,
  type Survey,
  type SurveyedProfile,
  type SurveyedSetting,
  type SurveyedStore,
} from './document.ts';
import type { Entry } from './profile.ts';

/**
 * What a stranger who helps gets to see. It is built anew of what can say nothing of anybody: numbers, times, and words of closed
 * sets, each compared with its set. No text of the survey is copied and cleaned, as what cleaning forgets would be sent. Profiles, stores
 * and paths are numbered: a digest of a tax number is found by trying them all.
 */

export interface BundleFacts {
  readonly survey: Survey;
  readonly entries: readonly Entry[];
  readonly steps: readonly DoctorStep[];
  readonly measured: readonly Measured[];
  /** Or why it cannot be read. */
  readonly log: readonly LogLine[] | EfakturError;
  readonly isExecutable: boolean;
}

/** More says nothing new. */
const mostLines = 20_000;

/** What a supporter needs at least, as one plain object. */
export function bundleOf({
  survey,
  entries,
  steps,
  measured,
  log,
  isExecutable,
}: BundleFacts): Readonly<Record<string, unknown>> {
  const { program, computer, profiles, schedule, lastRun, toDo, apps } = survey;
  const nameOf = profileNames(profiles);
  const storeNames = new Map<string, string>();
  const storeName = (store: string): string => {
    const known = storeNames.get(store) ?? `store-${storeNames.size + 1}`;
    storeNames.set(store, known);
    return known;
  };
  return {
    format: 1,
    madeAt: instant(computer.now),
    program: { version: versionIn(program.version), node: versionIn(program.node), isExecutable },
    system: {
      platform: oneOf(program.platform, platforms),
      release: versionIn(program.release),
      arch: oneOf(program.arch, architectures),
      processors: cpus().length,
      memoryMB: Math.round(totalmem() / 1e6),
      zone: zoneIn(computer.zone),
    },
    apps: apps?.map(({ changedAt }) => ({ changedAt: instant(changedAt) })) ?? null,
    profiles: profiles.map((profile, i) => ({
      profile: nameOf(profile.profile),
      ...profileFacts(profile, entries[i], storeName),
    })),
    schedule: schedule && {
      kind: schedule.kind,
      isInstalled: schedule.isInstalled,
      at: timesIn(schedule.at),
      isForOneProfile: schedule.profile !== null,
      lastRunAt: instant(schedule.lastRunAt),
      lastResult: schedule.lastResult,
      nextRunAt: instant(schedule.nextRunAt),
      problems: schedule.problems.map(({ code }) => codeIn(code)),
    },
    lastRun: {
      startedAt: instant(lastRun.startedAt),
      endedAt: instant(lastRun.endedAt),
      exitCode: lastRun.exitCode,
    },
    toDo: toDo.map(({ profile, code }) => ({ profile: nameOf(profile), code: codeIn(code) })),
    tests: steps.map(({ store, step, result, missingRight }) => ({
      store: storeName(store),
      step,
      result,
      missingRight: missingRight === undefined ? null : rightIn(missingRight),
    })),
    measured: measured.map(({ store, provider, style, multipart, checksums, lock }) => ({
      store: storeName(store),
      provider:
        provider === null
          ? null
          : oneOf(
              provider,
              providers.map(({ id }) => id),
            ),
      ...{ style, multipart, checksums, lock },
    })),
    logError: log instanceof EfakturError ? codeIn(log.code) : null,
    log: (log instanceof EfakturError ? [] : log.slice(-mostLines)).map(({ at, profile, kind, code }) => ({
      at: instant(at),
      profile: nameOf(profile),
      kind,
      code: code === null ? null : codeIn(code),
    })),
  };
}

/** As runs number them; those that no run has met come after. */
function profileNames(profiles: readonly SurveyedProfile[]): (profile: string | null) => string | null {
  const names = new Map(
    profiles.flatMap(({ profile, worked }) =>
      profile !== null && worked.number !== null ? [[profile, `profil-${worked.number}`] as const] : [],
    ),
  );
  let last = Math.max(0, ...profiles.map(({ worked }) => worked.number ?? 0));
  return (profile) => {
    if (profile === null) return null;
    const known = names.get(profile) ?? `profil-${++last}`;
    names.set(profile, known);
    return known;
  };
}

function profileFacts(
  surveyed: SurveyedProfile,
  entry: Entry | undefined,
  storeName: (store: string) => string,
): Readonly<Record<string, unknown>> {
  const { error, settings, app, stores, keys, worked, warnings } = surveyed;
  return {
    error: error && codeIn(error.code),
    settings: settings.map((setting) => settingFacts(setting, surveyed.file)),
    app: app && {
      isFound: app.path !== null,
      error: app.error && codeIn(app.error.code),
      isOnNetwork: app.path === null ? null : /^[\\/]{2}/.test(app.path),
      version: app.version === null ? null : versionIn(app.version),
      isOpen: app.isOpen,
      databases: app.databases?.length ?? null,
      changedAt: instant(app.changedAt),
      loginBackups: app.loginBackups,
      newestLoginBackupAt: instant(app.newestLoginBackupAt),
    },
    stores: stores.map((store) => ({ store: storeName(store.store), ...storeFacts(store, entry) })),
    keys: { recipients: keys.recipients, identity: keys.identity, isThere: keys.isThere },
    worked: {
      lastRunAt: instant(worked.lastRunAt),
      outcome: worked.outcome,
      code: worked.code === null ? null : codeIn(worked.code),
      since: instant(worked.since),
      lastPushOkAt: instant(worked.lastPushOkAt),
      lastVerifyOkAt: instant(worked.lastVerifyOkAt),
      lastPruneOkAt: instant(worked.lastPruneOkAt),
      newestBackupAt: instant(worked.newestBackupAt),
      lastNotifiedAt: instant(worked.lastNotifiedAt),
    },
    warnings: warnings.map(({ code }) => codeIn(code)),
  };
}

/** Values that are one of few, or a number: these alone are passed on. */
const harmlessValues: Readonly<Record<string, RegExp>> = {
  EFAKTUR_LANG: /^(?:id|en)$/,
  EFAKTUR_LOCK_DAYS: /^\d{1,5}$/,
  EFAKTUR_LOCK_MODE: /^(?:governance|compliance)$/,
  EFAKTUR_FULL_EVERY: /^\d{1,5}$/,
  EFAKTUR_REREAD_EVERY: /^\d{1,5}$/,
  EFAKTUR_LIMIT_UPLOAD: /^\d{1,6}(?:[KMG]i?B?(?:\/s)?)?$/i,
  EFAKTUR_LIMIT_DOWNLOAD: /^\d{1,6}(?:[KMG]i?B?(?:\/s)?)?$/i,
  EFAKTUR_NOTIFY_PRESET: /^(?:fonnte|telegram|ntfy)$/,
  EFAKTUR_NOTIFY_METHOD: /^(?:GET|POST|PUT)$/,
};

/** The names are those of the program: a setting of any other name is an error, and not here. */
const settingFacts = ({ name, value, from }: SurveyedSetting, file: string | null): object => ({
  name,
  from: from === 'environment' || from.startsWith('--') ? from : from === file ? 'file' : 'common',
  value: value !== null && harmlessValues[name]?.test(value) ? value : null,
});

/** Of an address what kind it is, and of a service what the table of providers says of it. */
function storeFacts(
  { store, answer, ms, error, lastSentAt }: SurveyedStore,
  entry: Entry | undefined,
): object {
  return {
    ...(store === noAddress ? { kind: 'not-understood' } : addressFacts(store, entry)),
    answer,
    ms,
    error: error && codeIn(error.code),
    lastSentAt: instant(lastSentAt),
  };
}

function addressFacts(store: string, entry: Entry | undefined): object {
  const env = entry && !(entry.config instanceof EfakturError) ? entry.config.connectionEnv : {};
  const address = parseStoreUrl(store, process.platform);
  if (address.kind === 'folder') return { kind: 'folder', isOnNetwork: /^[\\/]{2}/.test(address.path) };
  const url = endpointUrl(address, env);
  if (url === 'not-understood') return { kind: 's3', provider: null };
  const known = url && providerAt(url.hostname);
  return {
    kind: 's3',
    provider: url === null ? 'aws' : (known?.provider.id ?? 'other'),
    isDescribed: known?.isDescribed ?? null,
    isEncryptedLine: url === null || url.protocol === 'https:',
    style: address.style,
    hasPrefix: address.prefix !== '',
  };
}

function endpointUrl(address: S3Address, env: Config['connectionEnv']): URL | null | 'not-understood' {
  try {
    const endpoint = endpointOf(address, { env });
    return endpoint === null ? null : new URL(endpoint);
  } catch (error) {
    if (isEfakturError(error, 'usage')) return 'not-understood';
    throw error;
  }
}

const platforms = ['win32', 'linux', 'darwin', 'freebsd', 'openbsd'];
const architectures = ['x64', 'arm64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64'];
const codes: readonly string[] = [...eventCodes, ...Object.keys(exitCodes), 'bug'];

const oneOf = (value: string, all: readonly string[]): string => (all.includes(value) ? value : 'other');
const codeIn = (code: string): string => oneOf(code, codes);
/** Numbers and dots at its beginning: what a vendor or an office adds behind them may be a name. */
const versionIn = (text: string): string | null => /^v?\d{1,5}(?:\.\d{1,6}){0,4}/.exec(text)?.[0] ?? null;
const zoneIn = (zone: string): string => (isZone(zone) ? zone : 'other');
const rightIn = (right: string): string => (/^s3:[A-Za-z]{1,60}$/.test(right) ? right : 'other');
const timesIn = (at: Times | null): Times | null =>
  at === null || at === 'hourly' ? at : at.filter((time) => /^\d\d:\d\d$/.test(time));
/** A moment, in UTC: nothing else looks like one. */
const instant = (time: string | null): string | null =>
  time === null || Number.isNaN(Date.parse(time)) ? null : new Date(time).toISOString();
