import { type LoadedProfile, loadProfiles, sharedPlaces } from '../app/all-profiles.ts';
import { openWorkplace } from '../app/workplace.ts';
import { hourMs } from '../base/durations.ts';
import { EfakturError, type ErrorReport, keepOrThrow, reportOf } from '../base/errors.ts';
import { inTurns } from '../base/in-turns.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { shownProfile } from '../settings/profiles.ts';
import { configFolder } from '../settings/surroundings.ts';
import type { StatusDocument } from '../sync/status.ts';
import { type CommandResult, type Invocation, isSet } from './command.ts';
import { formatMoment, formatTable, needyFirst } from './format.ts';
import { uniqueNotes } from './profiles-command.ts';
import {
  askOne,
  headings,
  makeOne,
  never,
  noProfilesToShow,
  ofProfile,
  profilesInNeed,
} from './profiles-texts.ts';
import { stateWords } from './state-words-texts.ts';
import { rulesOf, type StatusDays, statusOf } from './status-one.ts';
import { ageOf } from './status-texts.ts';

/** How safe the books of one profile are, or why that could not be found out. */
export interface ProfileStatus {
  readonly name: string;
  readonly outcome: 'ok' | 'attention';
  /** As `status --profile` prints it; null where it came to none. */
  readonly status: StatusDocument | null;
  /** What is wrong between this profile and others. */
  readonly attention: readonly Finding[];
  readonly error?: ErrorReport;
}

export interface StatusAllDocument {
  readonly outcome: 'ok' | 'attention';
  readonly profiles: readonly ProfileStatus[];
  readonly warnings: readonly Warning[];
}

const quiet = { begin() {}, advance() {} };

/** Every profile of this PC on a line: one that cannot be read or reached does not hide the others. */
export async function runStatusAll(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, say } = invocation;
  const { around } = io;
  const rules = rulesOf(flags);
  const loaded = await loadProfiles(around);
  if (loaded.length === 0) throw new EfakturError('usage', noProfilesToShow(configFolder(around)), makeOne);
  const shared = sharedPlaces(loaded, around);
  const profiles = await inTurns(loaded, (profile) =>
    profileStatus(profile, shared.get(profile.name) ?? [], rules, invocation),
  );
  const findings = profiles.flatMap(findingsOf);
  const warnings = uniqueNotes(loaded.flatMap(({ config }) => config?.warnings ?? []));
  const document: StatusAllDocument = {
    outcome: findings.length > 0 ? 'attention' : 'ok',
    profiles,
    warnings,
  };
  const needy = profiles
    .filter(({ outcome }) => outcome === 'attention')
    .map(({ name }) => shownProfile(name));
  const failure =
    needy.length > 0 ? new EfakturError('attention', profilesInNeed(needy, profiles.length), askOne) : null;
  // Of forty profiles the table says enough; each by itself says what to do.
  const told = isSet(flags, 'verbose') ? findings : [];
  return { document, text: tableOf(profiles, say), findings: told, failure };
}

async function profileStatus(
  { name, config, error }: LoadedProfile,
  attention: readonly Finding[],
  rules: StatusDays,
  { io }: Invocation,
): Promise<ProfileStatus> {
  if (error) return { name, outcome: 'attention', status: null, attention, error: reportOf(error) };
  try {
    const { around, now, signal, version } = io;
    const askSecret = async (): Promise<null> => null;
    const workplace = await openWorkplace(config, {
      around,
      now,
      signal,
      version,
      progress: quiet,
      askSecret,
    });
    try {
      const { document } = await statusOf(workplace, rules);
      // The settings' own notes are told once for all.
      const own = workplace.warningsWith(document.warnings).filter((one) => !config.warnings.includes(one));
      const isWell = document.outcome === 'ok' && attention.length === 0;
      return {
        name,
        outcome: isWell ? 'ok' : 'attention',
        status: { ...document, warnings: own },
        attention,
      };
    } finally {
      workplace.close();
    }
  } catch (thrown) {
    keepOrThrow(thrown);
    return { name, outcome: 'attention', status: null, attention, error: reportOf(thrown) };
  }
}

/** What is wrong with a profile, under its name. */
const findingsOf = (profile: ProfileStatus): Finding[] =>
  wrongWith(profile).map((finding) => ({
    ...finding,
    message: ofProfile(shownProfile(profile.name), finding.message),
  }));

const wrongWith = ({ error, attention, status }: ProfileStatus): Finding[] => [
  ...(error ? [error] : []),
  ...attention,
  ...(status?.attention ?? []),
];

function tableOf(profiles: readonly ProfileStatus[], say: Invocation['say']): string {
  const { name, newest, age, lastVerified, state } = headings;
  const rows = needyFirst(profiles).map((profile) => {
    const stores = profile.status?.stores ?? [];
    // Of several stores the one that lags behind says how safe it is.
    const newestOf = stores.map((store) => store.newest);
    const oldest = newestOf.some((one) => one === null)
      ? null
      : (newestOf.sort((a, b) => (b?.ageHours ?? 0) - (a?.ageHours ?? 0))[0] ?? null);
    const proven = stores.map(({ newestProven }) => newestProven?.provenOn ?? '').sort()[0];
    const unknown = profile.status === null;
    return [
      shownProfile(profile.name),
      oldest ? formatMoment(oldest.capturedAt) : '-',
      oldest ? say(ageOf(oldest.ageHours * hourMs)) : '-',
      unknown ? '-' : proven || say(never),
      say(
        stateWords(
          wrongWith(profile).map(({ code }) => code),
          Boolean(proven),
        ),
      ),
    ];
  });
  return formatTable([[name, newest, age, lastVerified, state].map(say), ...rows]);
}
