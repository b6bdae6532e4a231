import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type Language, listed, type Text, verbatim } from '../base/text.ts';
import type { Config } from '../settings/config.ts';
import { isOfAllProfiles } from '../settings/profiles.ts';
import type { Undelivered, Way } from './deliver.ts';
import { type Occasion, occasionFor, type Sent, stateOf } from './due.ts';
import { exitCodeOf, messageFor, testMessageFor } from './message.ts';
import type { ProfileSummary, RoundSummary } from './summary.ts';
import { type MessageTarget, messageTarget, type PingTarget, pingTarget } from './targets.ts';
import type { Fields } from './template.ts';
import { defaultName, notDelivered, ownMistake, reportMistake, settingsOfMessages } from './texts.ts';

/**
 * Tells the user's own services how a run ended. What leaves this PC is built of codes, counts and ages alone: no name of a
 * profile, path, store or message enters this room, but for the name that the user chose for it in `EFAKTUR_NOTIFY_NAME`.
 * Profiles that have the same address share what is sent there.
 */

/** What is told of, with the settings that say where to. */
export interface NotifiedProfile {
  /** As {@link ProfileSummary.number}. */
  readonly number: number;
  readonly config: Pick<Config, 'setting' | 'sources' | 'connectionEnv' | 'language'>;
}

/** What was delivered, by digests that say nothing of an address. Kept as it is until the next run. */
export type SentRecord = Readonly<Record<string, Sent>>;

export interface Notifiers {
  /** Pings that a run begins. Never throws, and need not be awaited: {@link ended} does, and tells what failed. */
  started(): Promise<void>;
  /**
   * Pings how the run ended, and sends what has to be told of it. Never throws, and takes some seconds at most: what could not be
   * delivered is told as `not-notified`, without the address, and is due again at the next run. `sent` is what to keep for it.
   */
  ended(
    summary: RoundSummary,
    sentBefore: SentRecord,
  ): Promise<{ readonly warnings: readonly Warning[]; readonly sent: SentRecord }>;
  /** Sends one marked message to each address; to a check at a ping service an entry for its log, which changes nothing there. */
  test(): Promise<readonly Service[]>;
  /** Where messages go, without asking anybody. `failure` where settings make no address. */
  services(): readonly Service[];
  /** What messages call a profile. */
  nameOf(number: number): string;
}

export interface Service {
  /** As in {@link SentRecord}; null where settings make no address. */
  readonly id: string | null;
  readonly kind: Target['kind'] | null;
  /** The name of the service, or of the setting. */
  readonly label: Text;
  /** The profiles that share the address. */
  readonly numbers: readonly number[];
  /** Null when all is well. */
  readonly failure: Undelivered | null;
}

export interface NotifierOptions {
  /** For messages to profiles that choose none. */
  readonly language: Language;
  readonly platform: NodeJS.Platform;
  /** Of this program. */
  readonly version: string;
  readonly timeLimitMs?: number;
}

type Target = PingTarget | MessageTarget;

/** An address, and who shares it; the settings of the first of them say how it is reached. */
interface Shared<T extends Target> {
  readonly target: T;
  readonly profiles: readonly NotifiedProfile[];
  readonly first: NotifiedProfile;
}

/** Settings that make no address, and whose they are. */
interface Misfit {
  readonly numbers: number[];
  readonly error: EfakturError;
}

const longestName = 60;

/** Asks nothing of any service yet. Settings that make no address are told at the end of the run, and by a test. */
export function openNotifiers(
  profiles: readonly NotifiedProfile[],
  { language, platform, version, timeLimitMs }: NotifierOptions,
): Notifiers {
  const misfits = new Map<string, Misfit>();
  const pings = shared(profiles, pingTarget, misfits);
  const messages = shared(profiles, messageTarget, misfits);
  const names = namesOf(profiles);
  const office = profiles.map(({ config }) => chosenName(config, true)).find((name) => name !== null) ?? null;
  const nameOf = (number: number): string => names.get(number) ?? defaultName(number);
  const sharing = (one: Shared<Target>): string[] => one.profiles.map(({ number }) => nameOf(number));
  const wayTo = ({ first }: Shared<Target>): Way => ({
    connectionEnv: first.config.connectionEnv,
    platform,
    version,
    ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
  });
  const ping = (one: Shared<PingTarget>, signal: string, body: string | null) =>
    attempt(async () => {
      // Who is told of nothing waits for none of it.
      const { deliver } = await import('./deliver.ts');
      return deliver(one.target.request(signal, body), one.target, wayTo(one));
    });
  const send = (one: Shared<MessageTarget>, compose: (language: Language) => Fields) =>
    attempt(async () => {
      const { deliver } = await import('./deliver.ts');
      const fields = compose(one.first.config.language ?? language);
      return deliver(one.target.request(fields), one.target, wayTo(one));
    });
  const message = (
    one: Shared<MessageTarget>,
    told: readonly ProfileSummary[],
    occasion: Occasion,
    before: Sent | undefined,
  ) => {
    const wasWell = told.every(({ number }) => (before?.states[number] ?? 'ok') === 'ok');
    const named = told.map((profile) => ({ ...profile, name: nameOf(profile.number) }));
    return send(one, (chosen) => messageFor(named, { occasion, wasWell, office }, chosen));
  };
  const misfitServices = () =>
    [...misfits.values()].map(({ numbers, error: { text, hint } }) => ({
      id: null,
      kind: null,
      label: settingsOfMessages,
      numbers,
      failure: { because: text, hint },
    }));
  const warningOf = (service: Text, its: readonly string[], failure: Undelivered): Warning => ({
    code: 'not-notified',
    message: notDelivered(service, listed(its.map(verbatim)), failure.because),
    hint: failure.hint,
  });

  let starting: Promise<ReadonlyMap<string, Undelivered>> = Promise.resolve(new Map());
  return {
    async started() {
      starting = Promise.all(pings.map((one) => ping(one, 'start', null))).then(
        (failures) =>
          new Map(pings.flatMap(({ target }, i) => (failures[i] ? [[target.id, failures[i]]] : []))),
      );
      await starting;
    },

    async ended({ endedAt, profiles: ran }, sentBefore) {
      const atStart = await starting;
      const sent: Record<string, Sent> = { ...sentBefore };
      const pinged = pings.map(async (one) => {
        const its = among(ran, one);
        if (its.length === 0) return [];
        const atEnd = await ping(one, String(exitCodeOf(its)), countsIn(its));
        const failure = atEnd ?? atStart.get(one.target.id) ?? null;
        return failure === null ? [] : [warningOf(one.target.label, sharing(one), failure)];
      });
      const told = messages.map(async (one) => {
        // Who stops a run knows of it.
        const its = among(ran, one).filter(({ code }) => code !== 'interrupted');
        const before = sentBefore[one.target.id];
        const occasion = occasionFor(its, before, endedAt);
        if (occasion === null) return [];
        const failure = await message(one, its, occasion, before);
        if (failure !== null) return [warningOf(one.target.label, sharing(one), failure)];
        const states = Object.fromEntries(its.map((profile) => [profile.number, stateOf(profile)]));
        sent[one.target.id] = { at: endedAt.toISOString(), states: { ...before?.states, ...states } };
        return [];
      });
      const unfit = misfitServices().map(({ label, numbers, failure }) =>
        warningOf(label, numbers.map(nameOf), failure),
      );
      return { warnings: [...unfit, ...(await Promise.all([...pinged, ...told])).flat()], sent };
    },

    async test() {
      const tests = [
        ...pings.map((one) => ({ one, sending: ping(one, 'log', 'test') })),
        ...messages.map((one) => ({
          one,
          sending: send(one, (chosen) => testMessageFor(sharing(one), office, chosen)),
        })),
      ];
      const tried = tests.map(async ({ one, sending }) => serviceOf(one, await sending));
      return [...misfitServices(), ...(await Promise.all(tried))];
    },

    services: () => [...misfitServices(), ...[...pings, ...messages].map((one) => serviceOf(one, null))],
    nameOf,
  };
}

const serviceOf = ({ target, profiles }: Shared<Target>, failure: Undelivered | null): Service => ({
  id: target.id,
  kind: target.kind,
  label: target.label,
  numbers: profiles.map(({ number }) => number),
  failure,
});

/** The targets of profiles, each once; what is wrong with settings goes to `misfits`. */
function shared<T extends Target>(
  profiles: readonly NotifiedProfile[],
  targetOf: (config: NotifiedProfile['config']) => T | null,
  misfits: Map<string, Misfit>,
): readonly Shared<T>[] {
  const found = new Map<string, { target: T; profiles: NotifiedProfile[]; first: NotifiedProfile }>();
  for (const profile of profiles) {
    try {
      const target = targetOf(profile.config);
      if (target === null) continue;
      const known = found.get(target.id);
      if (known) known.profiles.push(profile);
      else found.set(target.id, { target, profiles: [profile], first: profile });
    } catch (error) {
      if (!(error instanceof EfakturError)) throw error;
      const known = misfits.get(error.message);
      if (known) known.numbers.push(profile.number);
      else misfits.set(error.message, { numbers: [profile.number], error });
    }
  }
  return [...found.values()];
}

/** The name that a profile has for itself, or the one that all of this PC have together. */
function chosenName(config: NotifiedProfile['config'], isOfAll: boolean): string | null {
  const name = config.setting('EFAKTUR_NOTIFY_NAME')?.value.trim() ?? '';
  if (isOfAllProfiles(config, 'EFAKTUR_NOTIFY_NAME') !== isOfAll) return null;
  // By whole characters: half a pair is no text that could be sent.
  return [...name].slice(0, longestName).join('').toWellFormed() || null;
}

/** The names that messages have for profiles: those chosen, with the number behind one that several have. */
function namesOf(profiles: readonly NotifiedProfile[]): ReadonlyMap<number, string> {
  const chosen = profiles.map(({ number, config }) => ({ number, name: chosenName(config, false) }));
  const isShared = (name: string): boolean => chosen.filter((one) => one.name === name).length > 1;
  return new Map(
    chosen.map(({ number, name }) => [
      number,
      name === null ? defaultName(number) : isShared(name) ? `${name} (${number})` : name,
    ]),
  );
}

const among = (ran: readonly ProfileSummary[], { profiles }: Shared<Target>): readonly ProfileSummary[] =>
  ran.filter(({ number }) => profiles.some((one) => one.number === number));

/** For machines, in the body of a ping. */
const countsIn = (profiles: readonly ProfileSummary[]): string =>
  (['ok', 'attention', 'failed'] as const)
    .map((outcome) => `${outcome}=${profiles.filter((one) => one.outcome === outcome).length}`)
    .join(' ');

/** A mistake in here is told, too: the backup that it would take down is made. */
async function attempt(work: () => Promise<Undelivered | null>): Promise<Undelivered | null> {
  try {
    return await work();
  } catch (error) {
    return { because: ownMistake(error instanceof Error ? error.name : typeof error), hint: reportMistake };
  }
}
