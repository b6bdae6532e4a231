import { isEfakturError, keepOrThrow } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { listBackups } from '../../catalog/listing.ts';
import { cleanIndexCopies } from '../../state/block-index-copy.ts';
import { beginJob, type Job } from '../../state/job.ts';
import { cleanRecords } from '../../state/record-file.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { PushingContext } from '../context.ts';
import { removeAbandoned, removeLeft } from '../stored/cut-off-uploads.ts';
import type { PushedStore, Target } from './report.ts';
import { openSession, type SessionOptions } from './session.ts';
import { clockOff, uploadsUnknown } from './store-texts.ts';

/** The stores of one push, whatever is pushed: how they are opened, and what is tidied up there. */

export interface TargetOptions
  extends Omit<SessionOptions, 'origin'>,
    Pick<PushingContext, 'stores' | 'originName'> {
  readonly appFolder: string | null;
  /** Lists the whole backups of each store. */
  readonly listsBackups: boolean;
}

/** How far a clock may be off before it counts. */
export const clockToleranceMs = 5 * 60_000;

/** Opens a session with each store; what one fails with stays in its target. Throws when all of them fail. */
export async function openTargets(options: TargetOptions): Promise<Target[]> {
  const origin = { name: options.originName, appFolder: options.appFolder };
  const targets = await Promise.all(
    options.stores.map(async (store): Promise<Target> => {
      const unopened = {
        store,
        session: null,
        error: null,
        storedIds: null,
        counted: { requests: 0, sentBytes: 0 },
      };
      try {
        const session = await openSession(store, { ...options, origin });
        return {
          ...unopened,
          session,
          storedIds: options.listsBackups ? await wholeBackups(store, options.signal) : null,
        };
      } catch (error) {
        keepOrThrow(error);
        return { ...unopened, error };
      }
    }),
  );
  const [first] = targets;
  if (first?.error && targets.every((t) => t.error)) throw first.error;
  return targets;
}

async function wholeBackups(store: ObjectStore, signal: AbortSignal): Promise<Set<string>> {
  const { backups } = await listBackups(store, { signal });
  return new Set(backups.filter((b) => b.archive).map((b) => b.id));
}

/** This PC's clock, or the first server's where the two differ too much to trust ours. */
export function pushClock(targets: readonly Target[], now: () => Date, warnings: Warning[]): () => Date {
  const offsetMs =
    targets.map((t) => t.session?.clockOffsetMs ?? null).find((offset) => offset !== null) ?? 0;
  if (Math.abs(offsetMs) <= clockToleranceMs) return now;
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  warnings.push({ code: 'clock-off', message: clockOff(minutes, offsetMs > 0) });
  return () => new Date(now().getTime() + offsetMs);
}

/** Removes spools and unfinished uploads of pushes that were killed. */
export async function cleanUp(
  targets: readonly Target[],
  stateDir: string,
  job: Job | null,
  warnings: Warning[],
): Promise<void> {
  await cleanRecords(stateDir);
  await cleanIndexCopies(stateDir);
  const stores = targets.flatMap(({ store, session }) => (session ? [store] : []));
  warnings.push(...(await removeLeft(stores, stateDir, job)));
}

/**
 * Runs a push with a folder of its own in the state folder; null for a dry run. What was stored is stored, whatever this PC's
 * own disk says of the folder afterwards.
 */
export async function withJob<T>(
  {
    dryRun,
    stateDir,
    now,
  }: { readonly dryRun: boolean; readonly stateDir: string; readonly now: () => Date },
  warnings: Warning[],
  step: (job: Job | null) => Promise<T>,
): Promise<T> {
  const job = dryRun ? null : await beginJob(stateDir, now());
  try {
    return await step(job);
  } finally {
    await afterwards(warnings, async () => job?.end());
  }
}

/** Runs what only tidies up: a disk that fails in it is a warning. */
export async function afterwards(warnings: Warning[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!isEfakturError(error, 'target-not-writable')) throw error;
    warnings.push({ code: error.code, message: error.text, hint: error.hint });
  }
}

/** Where something was sent, what others began long ago and nobody ended goes; all is stored, so no failure counts. */
export async function removeOld(
  targets: readonly Target[],
  sent: readonly { readonly stores: readonly PushedStore[] }[],
  now: Date,
  signal: AbortSignal,
  warnings: Warning[],
): Promise<void> {
  const sentTo = new Set(
    sent.flatMap((b) => b.stores.filter((s) => s.outcome === 'created').map((s) => s.store)),
  );
  for (const { store } of targets) {
    if (!sentTo.has(store.url)) continue;
    try {
      await removeAbandoned(store, now, { signal });
    } catch (error) {
      if (!isEfakturError(error)) throw error;
      warnings.push({ code: 'upload-left', message: uploadsUnknown(store.url, error.text) });
    }
  }
}
