import type { PrefixStatus } from '../sync/fleet/prefix.ts';
import type { FleetDocument } from '../sync/fleet.ts';

/**
 * A fleet in the text format that Prometheus' collectors of text files read (text exposition format 0.0.4). Times are seconds since
 * 1970 and not ages: an age that nobody wrote again would stand still.
 */

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  samples(prefix: PrefixStatus): readonly Sample[];
}

const seconds = (rfc3339: string): number => Math.floor(Date.parse(rfc3339) / 1000);
const one = (value: number | null | undefined): readonly Sample[] =>
  value === null || value === undefined ? [] : [{ labels: {}, value }];
const at = (rfc3339: string | null | undefined): readonly Sample[] => one(rfc3339 ? seconds(rfc3339) : null);

const ofPrefixes: readonly Metric[] = [
  {
    name: 'efaktur_cloud_attention',
    help: 'Whether somebody must act on this prefix: 1 or 0.',
    samples: ({ outcome }) => one(outcome === 'attention' ? 1 : 0),
  },
  {
    name: 'efaktur_cloud_finding',
    help: 'What somebody must act on, by its code, as in the JSON of efaktur-cloud status --fleet; how many.',
    samples: ({ attention }) => {
      const codes = Map.groupBy(attention, ({ code }) => code);
      return [...codes].map(([code, found]) => ({ labels: { code }, value: found.length }));
    },
  },
  {
    name: 'efaktur_cloud_backups',
    help: 'Backups that are listed.',
    samples: ({ backups }) => one(backups),
  },
  {
    name: 'efaktur_cloud_stored_bytes',
    help: 'Size of all that lies below this prefix and is of efaktur-cloud.',
    samples: ({ storedBytes }) => one(storedBytes),
  },
  {
    name: 'efaktur_cloud_newest_backup_timestamp_seconds',
    help: 'When the newest backup was captured.',
    samples: ({ newest }) => at(newest?.capturedAt),
  },
  {
    name: 'efaktur_cloud_newest_backup_upload_timestamp_seconds',
    help: 'When the store got the newest backup.',
    samples: ({ newest }) => at(newest?.uploadedAt),
  },
  {
    name: 'efaktur_cloud_last_proof_timestamp_seconds',
    help: 'When any backup of this prefix was last read back and found sound.',
    samples: ({ lastProvenAt }) => at(lastProvenAt),
  },
  {
    name: 'efaktur_cloud_newest_full_bytes',
    help: 'Size of the newest full archive.',
    samples: ({ fullBytes }) => one(fullBytes?.newest),
  },
  {
    name: 'efaktur_cloud_damaged_backups',
    help: 'Backups that are damaged or lack their archive.',
    samples: ({ damaged }) => one(damaged.length),
  },
  {
    name: 'efaktur_cloud_tampered_objects',
    help: 'Objects that somebody overwrote or deleted, where the store keeps versions and the key may list them.',
    samples: ({ tampered }) => one(tampered),
  },
  {
    name: 'efaktur_cloud_computers',
    help: 'Computers that have written to this prefix, one after the other or together.',
    samples: ({ computers }) => one(new Set(computers.map(({ name }) => name)).size),
  },
];

/** What a fleet came to. */
export function fleetMetrics({ store, checkedAt, prefixes }: FleetDocument): string {
  const about = { store: label(store) };
  const each = ofPrefixes.flatMap(({ name, help, samples }) => {
    const lines = prefixes.flatMap((prefix) =>
      samples(prefix).map(({ labels, value }) =>
        sample(name, { ...about, prefix: prefix.prefix, ...labels }, value),
      ),
    );
    return lines.length === 0 ? [] : [...head(name, help), ...lines];
  });
  return `${[...seen(store, true, seconds(checkedAt)), ...prefixCount(store, prefixes.length), ...each].join('\n')}\n`;
}

/** That a fleet could not be looked at. */
export const fleetUnseenMetrics = (store: string, now: Date): string =>
  `${seen(store, false, Math.floor(now.getTime() / 1000)).join('\n')}\n`;

const seen = (store: string, isSeen: boolean, nowSeconds: number): string[] => [
  ...head('efaktur_cloud_fleet_up', 'Whether the store could be listed: 1 or 0.'),
  sample('efaktur_cloud_fleet_up', { store: label(store) }, isSeen ? 1 : 0),
  ...head('efaktur_cloud_fleet_checked_timestamp_seconds', 'When the store was last looked at.'),
  sample('efaktur_cloud_fleet_checked_timestamp_seconds', { store: label(store) }, nowSeconds),
];

const prefixCount = (store: string, prefixes: number): string[] => [
  ...head('efaktur_cloud_fleet_prefixes', 'Prefixes that hold something of efaktur-cloud.'),
  sample('efaktur_cloud_fleet_prefixes', { store: label(store) }, prefixes),
];

/** Without what stands behind `?`: it may change while the store stays the same. */
const label = (store: string): string => (/^s3:/i.test(store) ? store.replace(/\?.*$/s, '') : store);

const head = (name: string, help: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];

const sample = (name: string, labels: Readonly<Record<string, string>>, value: number): string => {
  const written = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}{${written.join(',')}} ${value}`;
};

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
