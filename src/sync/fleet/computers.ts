import { dayMs } from '../../base/durations.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Finding } from '../../base/progress.ts';
import type { ListedOrigin, ListedPrefix } from '../../catalog/prefixes.ts';
import type { Holding } from '../status/holding.ts';
import type { OpenManifest } from '../stored/manifest.ts';
import type { FleetRules } from './rules.ts';
import { afterTakenOver, keepOneComputer, tookTurns } from './texts.ts';

/** Which computers have written one history: one after the other when a PC was replaced, and never two at once. */

export interface Computer {
  readonly name: string;
  /** When it took the prefix for its own, by its clock. */
  readonly since: string;
}

export const computersOf = ({ origins }: Pick<ListedPrefix, 'origins'>, zone: string): Computer[] =>
  origins.map(({ name, at }) => ({ name, since: formatInstant(at, zone) }));

/** Whoever took turns longer ago has settled it. */
const turnsWithinMs = 90 * dayMs;

/** A finding when two computers write one history: each holds what the other one lacks, and a restore gets one of the two. */
export function twoComputers(
  url: string,
  { origins }: Pick<ListedPrefix, 'origins'>,
  { newest, nowMs }: Pick<Holding, 'newest' | 'nowMs'>,
  manifest: Pick<OpenManifest, 'origin'> | null,
  { zone }: Pick<FleetRules, 'zone'>,
): Finding | null {
  const owner = origins.at(-1);
  if (!owner) return null;
  const writer = manifest && origins.find(({ key }) => key === manifest.origin);
  if (writer && newest && writer.name !== owner.name && newest.countedAt > owner.at) {
    const at = formatInstant(newest.countedAt, zone);
    return finding(afterTakenOver(url, { writer: writer.name, owner: owner.name, at }));
  }
  const returned = lastReturn(origins);
  if (!returned || nowMs - returned.at.getTime() > turnsWithinMs) return null;
  return finding(
    tookTurns(url, [...new Set(origins.map(({ name }) => name))], formatInstant(returned.at, zone)),
  );
}

const finding = (message: Finding['message']): Finding => ({
  code: 'two-computers',
  message,
  hint: keepOneComputer,
});

/** The last time that a computer took back what another one had taken over; null when none did. */
function lastReturn(origins: readonly ListedOrigin[]): ListedOrigin | null {
  return (
    origins.findLast(
      ({ name }, i) => origins[i - 1]?.name !== name && origins.slice(0, i).some((one) => one.name === name),
    ) ?? null
  );
}
