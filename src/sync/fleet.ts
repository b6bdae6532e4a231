import { EfakturError } from '../base/errors.ts';
import { inTurns } from '../base/in-turns.ts';
import { formatInstant } from '../base/local-time.ts';
import { proposal } from '../base/nearest.ts';
import { type ListedPrefix, listPrefixes } from '../catalog/prefixes.ts';
import type { ObjectStore } from '../store/store.ts';
import type { VerbContext } from './context.ts';
import { type PrefixStatus, prefixStatus } from './fleet/prefix.ts';
import type { FleetRules } from './fleet/rules.ts';
import {
  listing,
  noPrefixes,
  noSuchPrefix,
  prefixesInNeed,
  pushThere,
  seeEach,
  seeStatus,
} from './fleet/texts.ts';

export interface FleetRequest extends VerbContext, Pick<FleetRules, 'maxAgeMs' | 'maxUnprovenMs'> {
  /** Opened so that it shows what lies below all its prefixes. */
  readonly store: ObjectStore;
  /** Prefixes that nobody must act on, such as those of taxpayers who have left; without slashes around them. */
  readonly except: readonly string[];
}

export interface FleetDocument {
  readonly outcome: 'ok' | 'attention';
  readonly store: string;
  /** By the store's clock where it has one. */
  readonly checkedAt: string;
  readonly prefixes: readonly PrefixStatus[];
  readonly warnings: readonly [];
}

/**
 * How safe every history in a bucket or folder is: one pass over its names, and one manifest of each. `failure` is `attention` when
 * somebody must act; `usage` for an exception that is none of the prefixes.
 */
export async function fleet(
  request: FleetRequest,
): Promise<{ document: FleetDocument; failure: EfakturError | null }> {
  const { store, except, zone, signal, progress } = request;
  progress.begin(listing(store.url), null);
  const { prefixes, serverTime } = await listPrefixes(store, signal);
  refuseUnknown(except, prefixes);
  const now = serverTime ?? request.now();
  const shown = await inTurns(prefixes, (listed) =>
    prefixStatus(store, listed, {
      ...request,
      isLeftOut: except.includes(nameOf(listed)),
    }),
  );
  const needy = shown.filter(({ outcome }) => outcome === 'attention');
  return {
    document: {
      outcome: needy.length > 0 || shown.length === 0 ? 'attention' : 'ok',
      store: store.url,
      checkedAt: formatInstant(now, zone),
      prefixes: shown,
      warnings: [],
    },
    failure: failureOf(store, shown),
  };
}

/** Without the slash at its end. */
const nameOf = ({ prefix }: ListedPrefix): string => prefix.replace(/\/$/, '');

function refuseUnknown(except: readonly string[], prefixes: readonly ListedPrefix[]): void {
  const names = prefixes.map(nameOf);
  const unknown = except.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new EfakturError('usage', noSuchPrefix(unknown), proposal(unknown, names, seeStatus));
}

function failureOf(store: ObjectStore, shown: readonly PrefixStatus[]): EfakturError | null {
  if (shown.length === 0) return new EfakturError('attention', noPrefixes(store.url), pushThere);
  const needy = shown.filter(({ outcome }) => outcome === 'attention').map(({ prefix }) => prefix);
  return needy.length > 0
    ? new EfakturError('attention', prefixesInNeed(needy, shown.length), seeEach)
    : null;
}
