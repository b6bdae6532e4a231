import { expect, test } from 'vitest';
import { fleetMetrics, fleetUnseenMetrics } from '../../src/cli/fleet-metrics.ts';
import type { PrefixStatus } from '../../src/sync/fleet/prefix.ts';
import { readMetrics } from '../support/prometheus.ts';

const prefixOf = (prefix: string): PrefixStatus => ({
  prefix,
  outcome: 'ok',
  backups: 0,
  storedBytes: 0,
  newest: null,
  newestProven: null,
  lastProven: null,
  lastProvenAt: null,
  damaged: [],
  tampered: 0,
  fullBytes: null,
  computers: [],
  attention: [],
  warnings: [],
});

const fleetOf = (store: string, prefixes: readonly string[]): string =>
  fleetMetrics({
    outcome: 'ok',
    store,
    checkedAt: '2026-11-27T10:00:00+07:00',
    prefixes: prefixes.map(prefixOf),
    warnings: [],
  });

test('whatever a prefix or folder is called, it is read as that', () => {
  const awkward = ['', 'a"b', 'a\\b', 'a\nb', 'a{b="c"} 1', 'PT Maju, Tbk', 'é\\n', '# HELP x y'];
  const store = 'D:\\Backup "lama"\\';
  const read = readMetrics(fleetOf(store, awkward));
  expect(read.get('efaktur_cloud_attention')?.map(({ labels }) => labels)).toEqual(
    awkward.map((prefix) => ({ store, prefix })),
  );
  expect(read.get('efaktur_cloud_fleet_prefixes')).toEqual([{ labels: { store }, value: awkward.length }]);
});

test('what is not known has no sample, and no metric stands without one', () => {
  const read = readMetrics(fleetOf('s3://b?endpoint=http://x', ['pt']));
  expect(read.has('efaktur_cloud_newest_backup_timestamp_seconds')).toBe(false);
  expect(read.get('efaktur_cloud_fleet_up')).toEqual([{ labels: { store: 's3://b' }, value: 1 }]);
  expect(read.get('efaktur_cloud_fleet_checked_timestamp_seconds')?.[0]?.value).toBe(
    Date.parse('2026-11-27T03:00:00Z') / 1000,
  );
  expect([...readMetrics(fleetOf('/x', [])).keys()]).toEqual([
    'efaktur_cloud_fleet_up',
    'efaktur_cloud_fleet_checked_timestamp_seconds',
    'efaktur_cloud_fleet_prefixes',
  ]);
  const unseen = readMetrics(fleetUnseenMetrics('/x', new Date('2026-11-27T03:00:00Z')));
  expect(unseen.get('efaktur_cloud_fleet_up')?.[0]?.value).toBe(0);
});
