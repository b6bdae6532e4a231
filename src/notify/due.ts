import { dayMs, hourMs } from '../base/durations.ts';
import type { ProfileSummary } from './summary.ts';

/** When something has to be said. */

/** What was delivered to one address at last. */
export interface Sent {
  /** RFC 3339. */
  readonly at: string;
  /** What each profile was told to be, by its number. */
  readonly states: Readonly<Record<string, string>>;
}

export type Occasion = 'first' | 'changed' | 'weekly';

/** A little less than a week, so that a run that starts some minutes earlier than a week ago is not passed over for a day. */
const weekMs = 7 * dayMs - hourMs;
/** What gets no worse is told when the last message is so old: a disk that comes and goes must not ring all day. */
const calmMs = 3 * hourMs;

export const stateOf = ({ outcome, code }: ProfileSummary): string =>
  outcome === 'ok' || code === null ? outcome : `${outcome} ${code}`;

const ranks: Readonly<Record<string, number>> = { ok: 0, attention: 1, failed: 2 };
const rankOf = (state: string | undefined): number => ranks[state?.split(' ')[0] ?? 'ok'] ?? 0;

/**
 * Why an address is to be told of these profiles now, or null. The first message says that messages come; what is worse than it
 * was told is told at once, what is otherwise or well again after some calm; and all of it once a week.
 */
export function occasionFor(
  profiles: readonly ProfileSummary[],
  sent: Sent | undefined,
  now: Date,
): Occasion | null {
  if (profiles.length === 0) return null;
  if (sent === undefined) return 'first';
  const ageMs = now.getTime() - Date.parse(sent.at);
  const changed = profiles.filter((profile) => sent.states[profile.number] !== stateOf(profile));
  const isWorse = changed.some((one) => rankOf(stateOf(one)) > rankOf(sent.states[one.number]));
  // By a clock that was set back the last message lies ahead, and would keep all others from coming.
  const isCalm = ageMs >= calmMs || ageMs < 0;
  if (isWorse || (changed.length > 0 && isCalm)) return 'changed';
  return ageMs >= weekMs || ageMs < -hourMs ? 'weekly' : null;
}
