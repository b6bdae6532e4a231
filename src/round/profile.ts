import { pushedToNotes } from '../app/store-notes.ts';
import { openWorkplace, type Workplace, type WorkplaceOptions } from '../app/workplace.ts';
import { EfakturError, exitCodes, isEfakturError, reportOf } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { parseBackupId } from '../catalog/names.ts';
import type { Config } from '../settings/config.ts';
import type { ProfileRecord, SeenState, StandingFault, StandingFaults } from '../state/run-record.ts';
import { prune } from '../sync/prune.ts';
import { ordinaryPush, push } from '../sync/push.ts';
import { leavesUnchecked, partOf } from '../sync/verify.ts';
import type { RanProfile, RanPrune, RanPush, RanVerify } from './document.ts';
import { dayNumber, duePartsOn, inOrder, partsOfAll } from './parts.ts';
import { proofOf } from './proof.ts';
import { isAsSeen, lookNow } from './seen.ts';
import { bugMet, reportBug } from './texts.ts';

/** One profile of a run: push, proof and prune, and what is remembered of them. */

export interface RoundProfile {
  readonly name: string;
  /** Reads its settings. */
  load(): Promise<Config>;
}

export interface ProfileRun {
  readonly ran: RanProfile;
  readonly record: ProfileRecord;
  /** What failed first; null where all went well. What is no `EfakturError` is a bug. */
  readonly failure: unknown;
  /** Null when its settings could not be read. */
  readonly config: Config | null;
}

/** What the steps have come to so far, also when one of them throws. */
interface Steps {
  config: Config | null;
  workplace: Workplace | null;
  /** A passphrase was wanted, and nobody was there to give it. */
  isKeyLocked: boolean;
  appFolder: string | null;
  stores: readonly string[];
  push: RanPush | null;
  pushFailure: unknown;
  /** Of this push, when it read everything and nothing changed meanwhile. */
  seen: SeenState | null;
  verify: RanVerify | null;
  verifyFailure: EfakturError | null;
  verified: ProfileRecord['verified'];
  prune: RanPrune | null;
  pruneFailure: EfakturError | null;
  pruneTriedOn: number | null;
  standing: StandingFaults;
  readonly warnings: Warning[];
}

/**
 * Runs one profile and says what to remember of it. Throws only `interrupted`: whatever else fails is in `failure`, so that one
 * profile never stops the next.
 */
export async function runProfile(
  { name, load }: RoundProfile,
  before: ProfileRecord | null,
  number: number,
  options: WorkplaceOptions,
): Promise<ProfileRun> {
  const startedAt = options.now();
  const steps: Steps = {
    config: null,
    workplace: null,
    isKeyLocked: false,
    appFolder: before?.appFolder ?? null,
    stores: before?.stores ?? [],
    push: null,
    pushFailure: null,
    seen: null,
    verify: null,
    verifyFailure: null,
    verified: before?.verified ?? {},
    prune: null,
    pruneFailure: null,
    pruneTriedOn: before?.pruneTriedOn ?? null,
    standing: before?.standing ?? { verify: null, prune: null },
    warnings: [],
  };
  try {
    steps.config = await load();
    steps.workplace = await openWorkplace(steps.config, {
      ...options,
      async askSecret(question) {
        const answer = await options.askSecret(question);
        steps.isKeyLocked ||= answer === null;
        return answer;
      },
    });
    await runSteps(steps, steps.workplace, before, options);
  } catch (error) {
    if (options.signal.aborted) throw isEfakturError(error) ? error : options.signal.reason;
    steps.pushFailure ??= error;
  } finally {
    steps.workplace?.close();
  }
  return resultOf(name, steps, before, { number, startedAt });
}

async function runSteps(
  steps: Steps,
  workplace: Workplace,
  before: ProfileRecord | null,
  options: WorkplaceOptions,
): Promise<void> {
  steps.stores = (await workplace.stores()).map(({ url }) => url);
  try {
    steps.appFolder = await workplace.appFolder();
    await pushNew(steps, steps.appFolder, workplace, before);
  } catch (error) {
    if (options.signal.aborted || !isEfakturError(error)) throw error;
    steps.pushFailure = error;
    // What no store answers to, or may not be done at all, fails alike a second time.
    if (!isEfakturError(error, 'source-unusable', 'source-changed', 'app-running')) return;
  }
  await verifyDue(steps, workplace);
  await pruneDue(steps, workplace);
}

/** Pushes the newest state, unless a look tells that there is nothing to do. */
async function pushNew(
  steps: Steps,
  appFolder: string,
  workplace: Workplace,
  before: ProfileRecord | null,
): Promise<void> {
  const look = await lookNow(appFolder, workplace);
  if (await isAsSeen(look, before?.seen ?? null, workplace)) {
    steps.seen = before?.seen ?? null;
    steps.push = { outcome: 'unchanged', inFull: false, backups: [] };
    return;
  }
  const context = await workplace.pushingContext();
  const { document, failure } = await push({ ...context, ...ordinaryPush, appFolder });
  steps.push = { outcome: document.outcome, inFull: true, backups: document.backups };
  steps.pushFailure = failure;
  steps.warnings.push(...document.warnings, ...(await pushedToNotes(appFolder, context, workplace)));
  const isAll = failure === null && !document.warnings.some(({ code }) => code === 'being-written');
  const after = isAll && look ? await lookNow(appFolder, workplace) : null;
  steps.seen = look && after?.digest === look.digest ? look : null;
}

async function verifyDue(steps: Steps, workplace: Workplace): Promise<void> {
  const { config } = workplace;
  const today = dayNumber(workplace.context.now(), config.zone);
  const standing = steps.standing.verify;
  // What was just stored may be the first of a store, and is proven at once.
  const hasStored = steps.push?.outcome === 'created';
  const stores = await workplace.stores();
  // One that is away costs the others no second reading, and catches up when it is back.
  const all = stores
    .filter(({ url }) => !isAway(url, steps.push))
    .map((store) => ({ store, ...duePartsOn(today, steps.verified[store.url] ?? null) }));
  const isAnyDue = all.some(({ which }) => which.length > 0);
  if (!isAnyDue && !hasStored) return;
  // What was found is looked at again, wherever it was, with each part that is due, until it is mended.
  const again = (isAnyDue ? standing?.parts : null) ?? [];
  const due = all.filter(({ which }) => hasStored || again.length > 0 || which.length > 0);
  const proof = await proofOf(
    workplace,
    due.map(({ store, which }) => ({ store, parts: inOrder([...which, ...again]) })),
    () => steps.isKeyLocked,
  );
  steps.verify = proof.verify;
  steps.verifyFailure = proof.failure;
  steps.warnings.push(...proof.warnings);
  // What was not read, as a store did not answer or has nothing yet, is due at the next run.
  const done = due.filter(({ store }) => !proof.unchecked.includes(store.url));
  const isSomeUnseen = !isAnyDue || all.length < stores.length || done.length < due.length;
  steps.verified = {
    ...Object.fromEntries(
      stores.flatMap(({ url }) => (steps.verified[url] ? [[url, steps.verified[url]]] : [])),
    ),
    ...Object.fromEntries(done.map((one) => [one.store.url, one.done])),
  };
  if (isEfakturError(proof.failure, ...leavesUnchecked)) return;
  if (proof.failure === null && standing !== null && isSomeUnseen) return;
  const ofDamaged = (proof.verify?.damaged ?? []).flatMap(({ id }) => partsOfId(id));
  const parts = inOrder([...due.flatMap(({ which }) => which), ...(standing?.parts ?? []), ...ofDamaged]);
  steps.standing = { ...steps.standing, verify: proof.failure && { ...faultOf(proof.failure), parts } };
}

/** Whether a push has just seen that a store does not answer. */
const isAway = (url: string, push: RanPush | null): boolean =>
  push?.backups.some(({ stores }) =>
    stores.some((one) => one.store === url && one.error?.code === 'store-unavailable'),
  ) ?? false;

function partsOfId(id: string): readonly number[] {
  const parsed = parseBackupId(id);
  return parsed ? [partOf(parsed.tag, partsOfAll)] : [];
}

/** Deletes what the profile's rules do not keep, once a day and only where all else is well. */
async function pruneDue(steps: Steps, workplace: Workplace): Promise<void> {
  const { config, context } = workplace;
  if (config.prune === null) {
    steps.standing = { ...steps.standing, prune: null };
    return;
  }
  const today = dayNumber(context.now(), config.zone);
  const isWell = steps.pushFailure === null && steps.verifyFailure === null && steps.standing.verify === null;
  if (!isWell || steps.pruneTriedOn === today) return;
  try {
    const { document, failure } = await prune({
      ...context,
      ...config.prune,
      stores: await workplace.stores(),
      yes: true,
      lock: config.lock,
    });
    steps.prune = { stores: document.stores.map(({ planned: _planned, ...done }) => done) };
    steps.pruneFailure = failure;
    steps.warnings.push(...document.warnings);
  } catch (error) {
    if (!isEfakturError(error) || error.code === 'interrupted') throw error;
    steps.pruneFailure = error;
  }
  if (steps.pruneFailure?.code === 'store-unavailable') return;
  steps.pruneTriedOn = today;
  steps.standing = { ...steps.standing, prune: steps.pruneFailure && faultOf(steps.pruneFailure) };
}

const faultOf = ({ code, text, hint }: EfakturError): StandingFault => ({ code, message: text, hint });

const standingError = ({ code, message, hint }: StandingFault): EfakturError =>
  new EfakturError(code, message, hint);

/** The first that is wrong: of the push, of the proof, of the prune, or what an earlier run found of these. */
function failureOf({ pushFailure, verifyFailure, pruneFailure, standing }: Steps): unknown {
  const stands = standing.verify ?? standing.prune;
  return pushFailure ?? verifyFailure ?? pruneFailure ?? (stands && standingError(stands));
}

function resultOf(
  name: string,
  steps: Steps,
  before: ProfileRecord | null,
  { number, startedAt }: { readonly number: number; readonly startedAt: Date },
): ProfileRun {
  const failure = failureOf(steps);
  const at = startedAt.toISOString();
  const error = failure === null ? null : errorOf(failure);
  const outcome = error === null ? 'ok' : steps.push === null ? 'failed' : 'attention';
  const code = error?.code ?? null;
  const isSame = before?.outcome === outcome && before.code === code;
  const pushed = steps.push !== null && steps.pushFailure === null;
  const isVerified = steps.verify?.level === 'data' && steps.verifyFailure === null;
  const pruned = steps.prune !== null && steps.pruneFailure === null;
  const { config, workplace, appFolder, stores, verified, pruneTriedOn, standing, seen } = steps;
  return {
    config,
    failure,
    ran: {
      profile: name,
      outcome,
      push: steps.push,
      verify: steps.verify,
      prune: steps.prune,
      error,
      warnings: workplace?.warningsWith(steps.warnings) ?? [...(config?.warnings ?? []), ...steps.warnings],
    },
    record: {
      number,
      lastRunAt: at,
      outcome,
      code,
      exitCode: code === null ? 0 : code === 'bug' ? 1 : exitCodes[code],
      since: isSame && before ? before.since : at,
      lastPushOkAt: pushed ? at : (before?.lastPushOkAt ?? null),
      lastVerifyOkAt: isVerified ? at : (before?.lastVerifyOkAt ?? null),
      lastPruneOkAt: pruned ? at : (before?.lastPruneOkAt ?? null),
      newestBackupAt: newestStored(steps.push) ?? before?.newestBackupAt ?? null,
      ...{ verified, pruneTriedOn, standing, appFolder, stores },
      // What was found damaged a push sends again, if it is still here.
      seen: standing.verify === null ? seen : null,
      told: before?.told ?? [],
    },
  };
}

function errorOf(failure: unknown): NonNullable<RanProfile['error']> {
  if (isEfakturError(failure)) return reportOf(failure);
  const stack = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return {
    code: 'bug',
    message: bugMet(stack.split('\n').slice(0, 6).join(' ').slice(0, 1000)),
    hint: reportBug,
  };
}

/** Capture time of the newest that some store has. */
function newestStored(push: RanPush | null): string | null {
  const stored =
    push?.backups.filter(({ stores }) => stores.some(({ outcome }) => outcome !== 'failed')) ?? [];
  const times = stored.map(({ capturedAt }) => new Date(capturedAt).toISOString()).sort();
  return times.at(-1) ?? null;
}
