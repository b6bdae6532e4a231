import { createHash } from 'node:crypto';
import { exitCodes } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { joined, type Text } from '../base/text.ts';
import type { ProfileRecord, ToldNote } from '../state/run-record.ts';
import type { RanProfile } from './document.ts';
import type { LogLine } from './log.ts';
import type { ProfileRun } from './profile.ts';
import {
  asBefore,
  nothingNew,
  provenParts,
  prunedObjects,
  reachableAgain,
  readAndUnchanged,
  seenParts,
  storedNew,
  wellAgain,
} from './texts.ts';

/** What is told of a run: each note and each error once, until it says something else. */

export interface RoundLine extends Pick<LogLine, 'profile' | 'kind' | 'code'> {
  readonly text: Text;
  readonly hint: Text | null;
  /** False for what an earlier run has told; then `brief` stands for it in the log. */
  readonly isNew: boolean;
  /** Tells that something told before is over. */
  readonly isOver: boolean;
  readonly brief: Text | null;
}

/** A note or an error, before it is known whether it was told. */
export interface Telling {
  readonly kind: 'note' | 'error';
  readonly code: string;
  readonly text: Text;
  readonly hint: Text | null;
}

/** Of one profile; where a key may not read, nobody ever looks at all again. */
const mostTold = 200;

const digestOf = ({ code, text }: Telling): string =>
  createHash('sha256').update(`${code}\0${text.en}`).digest('hex').slice(0, 16);

/** The lines of what is to be told, and what to remember as told. */
export function toldOnce(
  tellings: readonly Telling[],
  before: readonly ToldNote[],
  profile: string | null,
  { now, zone }: { readonly now: Date; readonly zone: string },
): { readonly lines: readonly RoundLine[]; readonly told: readonly ToldNote[] } {
  const lines: RoundLine[] = [];
  const told = new Map<string, ToldNote>();
  for (const telling of tellings) {
    const digest = digestOf(telling);
    if (told.has(digest)) continue;
    const known = before.find((one) => one.digest === digest);
    told.set(digest, known ?? { code: telling.code, digest, since: now.toISOString() });
    const { kind, code, text, hint } = telling;
    // That a run failed stands in the log of each; notes would only be in the way.
    const brief = known && kind === 'error' ? asBefore(formatInstant(new Date(known.since), zone)) : null;
    lines.push({ profile, kind, code, text, hint, isNew: known === undefined, isOver: false, brief });
  }
  return { lines, told: [...told.values()] };
}

const info = (profile: string | null, text: Text, isOver = false): RoundLine => ({
  profile,
  kind: 'info',
  code: null,
  text,
  hint: null,
  isNew: true,
  isOver,
  brief: null,
});

/** All lines of one profile, and its record with what is told now. */
export function linesOf(
  { ran, record }: ProfileRun,
  before: ProfileRecord | null,
  at: { readonly now: Date; readonly zone: string },
): { readonly lines: readonly RoundLine[]; readonly record: ProfileRecord } {
  const { profile, error } = ran;
  const notes = ran.warnings.map(
    ({ code, message, hint }): Telling => ({
      kind: 'note',
      code,
      text: message,
      hint: hint ?? null,
    }),
  );
  const errors: Telling[] = error
    ? [{ kind: 'error', code: error.code, text: error.message, hint: error.hint }]
    : [];
  // The same is told by the error.
  const unlike = notes.filter(({ code, text }) => code !== error?.code || text.en !== error.message.en);
  const { lines, told } = toldOnce([...unlike, ...errors], before?.told ?? [], profile, at);
  // An event that was not looked at again is not over; what failed is, when it does not fail now.
  const isAllSeen = ran.push?.inFull === true && ran.verify !== null;
  const still = (before?.told ?? []).filter(
    ({ code, digest }) =>
      !isAllSeen && code !== 'bug' && !(code in exitCodes) && !told.some((one) => one.digest === digest),
  );
  return {
    lines: [...workOf(ran), ...lines, ...overNow(ran, record, before, at.zone)].map((line) => ({
      ...line,
      profile,
    })),
    record: { ...record, told: [...still, ...told].slice(-mostTold) },
  };
}

/** What was done, also where something else failed. */
function workOf({ profile, push, verify, prune }: RanProfile): RoundLine[] {
  const done: Text[] = [];
  for (const { outcome, capturedAt, stores } of push?.backups ?? []) {
    const created = stores.filter((store) => store.outcome === 'created');
    const sentBytes = created.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0);
    if (outcome === 'created') done.push(storedNew(capturedAt, sentBytes, created.length));
    else done.push(readAndUnchanged(capturedAt));
  }
  if (push?.inFull === false) done.push(nothingNew);
  if (verify?.outcome === 'ok' && verify.checked > 0) {
    const said = verify.level === 'data' ? provenParts : seenParts;
    done.push(said(verify.parts.length, verify.of, verify.checked));
  }
  if (prune) {
    const deleted = prune.stores.reduce((sum, store) => sum + store.deleted.length, 0);
    const freed = prune.stores.reduce((sum, store) => sum + store.freedBytes, 0);
    done.push(prunedObjects(deleted, freed));
  }
  return done.length === 0 ? [] : [info(profile, joined(done, '; '))];
}

/** That what was wrong is over. A run that came to no push has not reached a store, whatever else it failed by. */
function overNow(
  { push }: RanProfile,
  record: ProfileRecord,
  before: ProfileRecord | null,
  zone: string,
): RoundLine[] {
  if (!before || before.code === null || before.code === record.code) return [];
  const since = formatInstant(new Date(before.since), zone);
  if (before.code === 'store-unavailable' && push !== null) return [info(null, reachableAgain(since), true)];
  return record.code === null ? [info(null, wellAgain(since), true)] : [];
}
