import { dayMs } from '../../base/durations.ts';
import { isEfakturError } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import { type Text, verbatim } from '../../base/text.ts';
import { readDbFolder } from '../../efaktur/live-db.ts';
import { listLoginBackups } from '../../efaktur/login-backups.ts';
import { findRunning, isRunning } from '../../efaktur/running.ts';
import { isSameFile, type StoreRecord } from '../../state/record.ts';
import { readRecord } from '../../state/record-file.ts';
import { readUnusable } from '../../state/unusable.ts';
import type { LocalAppProgram } from './app-programs.ts';
import type { Findings, StatusRules } from './rules.ts';
import {
  changedSinceNewest,
  ifSo,
  maybeNetworkClient,
  openNotStored,
  pushLiveOrLater,
  runPush,
  runWhereDatabasesAre,
} from './texts.ts';

export interface LocalStatus {
  readonly appFolder: string;
  /** The e-Faktur that lies there, by its main program; null where there is none. */
  readonly program: LocalAppProgram | null;
  readonly isOpen: boolean;
  readonly databases: readonly string[];
  /** When the live db last changed, RFC 3339. */
  readonly liveChangedAt: string | null;
  /** True when the live db has changed since the newest backup in some store that answers. */
  readonly liveNotStored: boolean;
  /** Of which moment on nothing is stored (RFC 3339); null when all is, or when nothing ever was. */
  readonly notStoredSince: string | null;
  readonly loginBackups: number;
  /** Login backups that this PC has not stored in every store. */
  readonly loginBackupsNotStored: number;
  /** Those that a push found to be unusable, and why, as that push noted it; absent when there are none. */
  readonly unusableLoginBackups?: readonly { readonly path: string; readonly why: Text }[];
  readonly looksLikeNetworkClient: boolean;
}

const untouchedMs = 90 * dayMs;

/** What lies in the e-Faktur folder and is stored nowhere. `storedUpTo`: of each store that answers, up to when it has what the live db was; 0 when it has nothing. */
export async function localStatus(
  appFolder: string,
  program: LocalStatus['program'],
  storedUpTo: readonly number[],
  request: StatusRules,
  { attention, warnings }: Findings,
): Promise<LocalStatus> {
  const { zone } = request;
  const db = await readDbFolder(`${appFolder}/db`).catch((error: unknown) => {
    if (isEfakturError(error, 'source-unusable')) return null;
    throw error;
  });
  const isOpen = isRunning(await findRunning(appFolder));
  const backups = await listLoginBackups(appFolder, zone);
  const records = await Promise.all(request.stores.map((store) => readRecord(request.stateDir, store.url)));
  const isStored = (path: string, mtimeMs: number): boolean =>
    records.every((r) => r.backups.some((b) => b.local?.path === path && b.local.mtimeMs === mtimeMs));
  const unstored = backups.filter((b) => b.type === 'zip' && !isStored(b.path, b.mtimeMs));
  const known = await readUnusable(request.stateDir);
  const unusable = known.filter((file) => backups.some((backup) => isSameFile(file, backup)));
  const changedMs = db && db.databases.length > 0 ? db.newestMtimeMs : null;
  const storedMs = Math.min(...storedUpTo);
  // Capture times have whole seconds.
  const liveNotStored = changedMs !== null && storedUpTo.length > 0 && changedMs >= storedMs + 1000;
  const notStoredSince = liveNotStored && storedMs > 0 ? formatInstant(new Date(storedMs), zone) : null;
  const now = request.now().getTime();
  const looksLikeNetworkClient =
    changedMs === null || (now - changedMs > untouchedMs && backups.length === 0);
  const isRowless = records.some(holdsNoRows);
  const isNeverStored = storedUpTo.length > 0 && storedUpTo.every((ms) => ms === 0);
  const isStub = looksLikeNetworkClient && (changedMs === null || isRowless || isNeverStored);
  if (looksLikeNetworkClient) {
    const state = changedMs === null ? 'empty' : isRowless ? 'rowless' : 'untouched';
    const message = maybeNetworkClient(appFolder, state);
    const hint = runWhereDatabasesAre;
    // What holds rows and is stored may as well be an old PC that is kept for its books.
    if (isStub) attention.push({ code: 'stub-db', message, hint });
    else warnings.push({ code: 'stub-db', message: ifSo(message, hint) });
  }
  if (!isStub && liveNotStored && changedMs !== null && now - changedMs > request.maxAgeMs) {
    const since = formatInstant(new Date(changedMs), zone);
    attention.push({
      code: 'not-stored',
      message: isOpen ? openNotStored(notStoredSince, since) : changedSinceNewest(since),
      hint: isOpen ? pushLiveOrLater : runPush,
    });
  }
  return {
    appFolder,
    program,
    isOpen,
    databases: db?.databases ?? [],
    liveChangedAt: changedMs === null ? null : formatInstant(new Date(changedMs), zone),
    liveNotStored,
    notStoredSince,
    loginBackups: backups.length,
    loginBackupsNotStored: unstored.length,
    ...(unusable.length > 0 && {
      unusableLoginBackups: unusable.map(({ path, why }) => ({ path, why: verbatim(why) })),
    }),
    looksLikeNetworkClient,
  };
}

/**
 * Whether the newest state that this PC pushed has tables, but no row in any; unknown counts as rows. What was pushed last
 * may be an old backup: ids sort by capture time.
 */
function holdsNoRows({ archives, backups }: StoreRecord): boolean {
  const last = backups.reduce<string | null>((id, one) => (id === null || one.id > id ? one.id : id), null);
  const tag = backups.find(({ id }) => id === last)?.tag;
  const newest = archives.find((archive) => archive.tag === tag)?.facts;
  const tables = newest?.verdict === 'clean' ? (newest.judged ?? []).flatMap((d) => d.tables) : null;
  return tables?.every(({ rows }) => rows === 0) ?? false;
}
