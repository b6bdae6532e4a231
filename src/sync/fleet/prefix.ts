import { hourMs } from '../../base/durations.ts';
import { keepOrThrow, reportOf } from '../../base/errors.ts';
import { formatInstant, localDay } from '../../base/local-time.ts';
import type { Finding, Warning } from '../../base/progress.ts';
import type { SourceKind } from '../../catalog/manifest.ts';
import type { BackupKind, BackupVerdict } from '../../catalog/names.ts';
import type { ListedPrefix } from '../../catalog/prefixes.ts';
import { emptyRecord } from '../../state/record.ts';
import { addressBelow, storeBelow } from '../../store/below.ts';
import type { ObjectStore } from '../../store/store.ts';
import { type Holding, holdingOf } from '../status/holding.ts';
import { shrinkFinding } from '../status/shrinking.ts';
import { ageFinding, lastProofFinding, storedForMs, tamperingFindings } from '../status/store-findings.ts';
import { holdsDamaged } from '../status/texts.ts';
import { type OpenManifest, readManifest } from '../stored/manifest.ts';
import { type Computer, computersOf, twoComputers } from './computers.ts';
import type { FleetRules } from './rules.ts';
import { verifyPrefix } from './texts.ts';

/** One history as a line of a fleet, by what is listed of it and its newest manifest. */
export interface PrefixStatus {
  /** Without a slash at its end; '' for the bucket or folder itself. */
  readonly prefix: string;
  /** `left-out`: nobody must act on it. */
  readonly outcome: 'ok' | 'attention' | 'left-out';
  readonly backups: number;
  /** Of all that lies there, in its true versions. */
  readonly storedBytes: number;
  readonly newest: {
    readonly id: string;
    readonly capturedAt: string;
    readonly uploadedAt: string | null;
    readonly ageHours: number;
    readonly kind: BackupKind | null;
    readonly encrypted: boolean;
    /** What its last proof found; null where nobody looked. */
    readonly verdict: BackupVerdict | null;
    /** Of the manifest; null where it could not be read. */
    readonly source: SourceKind | null;
    /** The computer that captured it; null where that is not known. */
    readonly computer: string | null;
  } | null;
  readonly newestProven: { readonly id: string; readonly provenOn: string; readonly provenAt: string } | null;
  readonly lastProven: string | null;
  /** RFC 3339. */
  readonly lastProvenAt: string | null;
  readonly damaged: readonly string[];
  /** Keys that somebody overwrote or deleted. */
  readonly tampered: number;
  /** Sizes of the newest full archive and of the one before it; null where there is none. */
  readonly fullBytes: { readonly newest: number; readonly before: number | null } | null;
  /** In the order in which they took the prefix; the last one owns it. */
  readonly computers: readonly Computer[];
  readonly attention: readonly Finding[];
  readonly warnings: readonly Warning[];
}

/** Judges one history; whatever cannot be had of it is told with it, and does not stop the others. */
export async function prefixStatus(
  bucket: ObjectStore,
  listed: ListedPrefix,
  rules: FleetRules,
): Promise<PrefixStatus> {
  const store = storeBelow(bucket, listed.prefix, addressBelow(bucket.url, listed.prefix));
  const [found, warnings]: [Finding[], Warning[]] = [[], []];
  const holding = holdingOf(store, listed, emptyRecord(store.url), rules, { attention: found, warnings });
  const manifest = await newestManifest(holding, rules, { attention: found, warnings });
  found.push(...findingsOf(holding, rules));
  const two = twoComputers(store.url, listed, holding, manifest, rules);
  if (two) found.push(two);
  const { newest, proven, lastProven, damaged, tampered, verdictOf } = holding;
  const { zone, isLeftOut } = rules;
  const attention = isLeftOut ? [] : found;
  return {
    prefix: listed.prefix.replace(/\/$/, ''),
    outcome: isLeftOut ? 'left-out' : attention.length > 0 ? 'attention' : 'ok',
    backups: holding.backups.length,
    storedBytes: listed.storedBytes,
    newest: newest && {
      id: newest.id,
      capturedAt: formatInstant(newest.capturedAt, zone),
      uploadedAt: newest.uploadedAt && formatInstant(newest.uploadedAt, zone),
      ageHours: Math.round((holding.ageMs / hourMs) * 10) / 10,
      kind: newest.archive?.kind ?? null,
      encrypted: newest.archive?.encrypted ?? false,
      verdict: verdictOf(newest),
      source: manifest?.source ?? null,
      computer: listed.origins.find(({ key }) => key === manifest?.origin)?.name ?? null,
    },
    newestProven: proven && {
      id: proven.entry.id,
      provenOn: localDay(proven.on, zone),
      provenAt: formatInstant(proven.on, zone),
    },
    lastProven: lastProven && localDay(lastProven, zone),
    lastProvenAt: lastProven && formatInstant(lastProven, zone),
    damaged,
    tampered: tampered.length,
    fullBytes: fullBytes(holding),
    computers: computersOf(listed, zone),
    attention,
    warnings: isLeftOut ? [] : warnings,
  };
}

/** Null where there is none, or where it cannot be read, which is told. */
async function newestManifest(
  { store, newest }: Holding,
  { signal }: FleetRules,
  { attention, warnings }: { readonly attention: Finding[]; readonly warnings: Warning[] },
): Promise<OpenManifest | null> {
  if (newest === null) return null;
  const { manifestKey: key, manifestVersionId: versionId } = newest;
  try {
    return await readManifest(store, { key, versionId }, null, signal);
  } catch (error) {
    keepOrThrow(error);
    // What the names tell holds all the same.
    (error.code === 'access-denied' ? warnings : attention).push(reportOf(error));
    return null;
  }
}

function findingsOf(holding: Holding, rules: FleetRules): Finding[] {
  const { store, damaged, newest, proven } = holding;
  const age = ageFinding(holding, rules);
  const isNew = proven === null && storedForMs(holding) <= rules.maxUnprovenMs;
  const unproven =
    newest === null || isNew ? null : lastProofFinding(holding, rules, verifyPrefix(store.url));
  const shrunk = shrinkFinding(holding);
  const damage: Finding[] =
    damaged.length === 0
      ? []
      : [
          {
            code: 'damaged',
            message: holdsDamaged(store.url, damaged.length, damaged.slice(0, 3)),
            hint: verifyPrefix(store.url),
          },
        ];
  return [
    ...(age ? [age] : []),
    ...(unproven ? [unproven] : []),
    ...tamperingFindings(holding),
    ...damage,
    ...(shrunk ? [shrunk] : []),
  ];
}

function fullBytes({ whole }: Holding): PrefixStatus['fullBytes'] {
  const sizes = new Map(
    whole.flatMap(({ tag, archive }) => (archive?.kind === 'full' ? [[tag, archive.sizeBytes]] : [])),
  );
  const [newest, before] = [...sizes.values()].slice(-2).reverse();
  return newest === undefined ? null : { newest, before: before ?? null };
}
