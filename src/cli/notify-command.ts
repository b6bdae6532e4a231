import { join } from 'node:path';
import { EfakturError, type ErrorReport, type KeptError, keepOrThrow, reportOf } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { inBoth, type Text } from '../base/text.ts';
import { type NotifiedProfile, openNotifiers, type Service } from '../notify/notify.ts';
import { configFolder } from '../settings/surroundings.ts';
import { profileNumbers, type RunRecord, readRunRecord } from '../state/run-record.ts';
import { type CommandResult, type FreeInvocation, isSet } from './command.ts';
import * as texts from './notify-texts.ts';
import { type Runs, runsOf } from './runs.ts';

/** A profile as this PC and as messages call it. */
interface Named {
  readonly profile: string;
  readonly name: string;
}

/** Somewhere that messages go. */
interface ShownService {
  readonly service: Text;
  readonly profiles: readonly Named[];
  /** Is told of each run, whatever comes of it. */
  readonly isPing: boolean;
  /** RFC 3339; null for a ping, which goes at each run, and before the first message. */
  readonly lastSentAt: string | null;
  /** Null without a test. */
  readonly outcome: 'delivered' | 'failed' | null;
  readonly reason?: Text;
  readonly hint?: Text;
}

interface NotifyDocument {
  readonly profiles: readonly (Named & { readonly error?: ErrorReport })[];
  readonly services: readonly ShownService[];
  readonly warnings: readonly Warning[];
}

/** Shows where messages go, and with `--test` sends one to each. */
export async function runNotify(invocation: FreeInvocation): Promise<CommandResult> {
  const { io, flags, language } = invocation;
  const isTest = isSet(flags, 'test');
  const runs = await runsOf(invocation);
  const record = await readRunRecord(runs.ofAll.stateDir);
  const numbers = profileNumbers(runs.profiles, record);
  const { loaded, errors } = await load(runs, numbers);
  const notifiers = openNotifiers(loaded, {
    language: runs.ofAll.language ?? language,
    platform: io.around.platform,
    version: io.version,
  });
  const nameOf = ({ name: profile }: { readonly name: string }): Named => ({
    profile,
    name: notifiers.nameOf(numbers.get(profile) ?? 0),
  });
  const services = isTest ? await notifiers.test() : notifiers.services();
  const namesOf = (service: Service): Named[] =>
    runs.profiles.filter(({ name }) => service.numbers.includes(numbers.get(name) ?? 0)).map(nameOf);
  const document: NotifyDocument = {
    profiles: runs.profiles.map((one) => {
      const error = errors.get(one.name);
      return { ...nameOf(one), ...(error && { error: reportOf(error) }) };
    }),
    services: services.map((service) =>
      shown(service, namesOf(service), { isTest, record, zone: runs.ofAll.zone }),
    ),
    warnings: runs.ofAll.warnings,
  };
  const undelivered = services.flatMap((service): Finding[] =>
    service.failure === null
      ? []
      : [
          {
            code: 'not-notified',
            message: texts.testNotDelivered(
              service.label,
              namesOf(service).map(({ profile }) => profile),
              service.failure.because,
            ),
            hint: service.failure.hint,
          },
        ],
  );
  if (services.length === 0 && errors.size === 0 && isTest)
    throw new EfakturError(
      'usage',
      texts.nobodyIsTold,
      texts.setForAll(join(configFolder(io.around), 'common.env')),
    );
  const failure =
    [...errors.values()][0] ??
    (undelivered.length > 0 ? new EfakturError('attention', texts.someNotDelivered, texts.seeReasons) : null);
  return {
    document,
    text: describe(document, invocation),
    findings: [...[...errors.values()].map(reportOf), ...undelivered],
    failure,
  };
}

/** Each with its settings; one that cannot be read does not hide the others. */
async function load(
  { profiles }: Runs,
  numbers: ReadonlyMap<string, number>,
): Promise<{ readonly loaded: readonly NotifiedProfile[]; readonly errors: ReadonlyMap<string, KeptError> }> {
  const errors = new Map<string, KeptError>();
  const loaded: NotifiedProfile[] = [];
  for (const profile of profiles) {
    try {
      loaded.push({ number: numbers.get(profile.name) ?? 0, config: await profile.load() });
    } catch (error) {
      keepOrThrow(error);
      errors.set(profile.name, error);
    }
  }
  return { loaded, errors };
}

function shown(
  { id, kind, label, failure }: Service,
  profiles: readonly Named[],
  { isTest, record, zone }: { readonly isTest: boolean; readonly record: RunRecord; readonly zone: string },
): ShownService {
  const sent = id === null ? undefined : record.sent[id];
  return {
    service: label,
    profiles,
    isPing: kind === 'ping',
    lastSentAt: sent === undefined ? null : formatInstant(new Date(sent.at), zone),
    outcome: failure !== null ? 'failed' : isTest ? 'delivered' : null,
    ...(failure && { reason: failure.because, hint: failure.hint }),
  };
}

function describe({ profiles, services }: NotifyDocument, { say }: FreeInvocation): string {
  const lines = profiles.map(({ name, profile }) => say(texts.inMessages(name, profile)));
  for (const { service, profiles: sharing, isPing, lastSentAt, outcome } of services) {
    if (outcome === 'failed') continue;
    const state =
      outcome === 'delivered' ? texts.delivered : isPing ? texts.eachRun : texts.lastSent(lastSentAt);
    const names = sharing.map(({ name }) => name).join(', ');
    lines.push(say(inBoth((l) => `${service[l]} (${names}): ${state[l]}`)));
  }
  if (services.length === 0) lines.push(say(texts.nobodyIsTold));
  return lines.join('\n');
}
