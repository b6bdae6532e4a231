import { EfakturError, keepOrThrow } from '../base/errors.ts';
import { parseDayOf } from '../base/written-date.ts';
import { parseBackupId } from '../catalog/names.ts';
import { noBackupId, takeIdFromList } from '../catalog/texts.ts';
import type { Config } from '../settings/config.ts';
import { loadStoreSettings } from '../settings/load.ts';
import { splitStores } from '../settings/setting-values.ts';
import { storePlace } from '../store/open.ts';
import type { ObjectStore } from '../store/store.ts';
import { type CopyDocument, type CopyRequest, copyBackups } from '../sync/copy.ts';
import { type VerifyDocument, verify } from '../sync/verify.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import {
  areOneStore,
  copiesReadBack,
  copySummary,
  dryRunWritesNothing,
  liesInside,
  nameAnotherTo,
  nameOneStore,
  needsStore,
  otherBytesIn,
  outcomeNames,
  programRow,
  severalStores,
} from './copy-texts.ts';
import { formatMoment, formatTable } from './format.ts';
import { givenTogether, giveOne } from './inspect-texts.ts';

export async function runCopy(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  const choice = choiceOf(flags);
  const readBack = isSet(flags, 'read-back');
  const dryRun = isSet(flags, 'dry-run');
  if (readBack && dryRun) {
    throw new EfakturError('usage', givenTogether(['--read-back', '--dry-run']), dryRunWritesNothing);
  }
  const from = await endOf(invocation, 'from');
  const to = await endOf(invocation, 'to');
  refuseOnePlace(from, to);
  const decryptor = readBack ? await workplace.decryptor() : null;
  const { lock, fullEveryDays } = to.config;
  const common = {
    lock,
    ...workplace.context,
  };
  const { document, failure } = await copyBackups({
    ...common,
    from: from.store,
    to: to.store,
    choice,
    dryRun,
    fullEveryDays,
  });
  const copied = [...document.backups, ...document.programs]
    .filter((b) => b.outcome === 'copied')
    .map((b) => b.id);
  if (!readBack || copied.length === 0) return { document, text: describe(document, say), failure };
  // What was copied is told also where nothing of it can be read, as without the key.
  const read = await verify({
    ...common,
    stores: [to.store],
    wanted: null,
    only: new Set(copied),
    level: 'data',
    parts: null,
    engine: null,
    decryptor,
  }).catch((error: unknown) => {
    keepOrThrow(error);
    return { document: { checked: [], programs: [], warnings: [] }, failure: error };
  });
  const { checked, programs, warnings } = read.document;
  const reports = [...checked, ...programs];
  const verified = [...checked.filter((c) => c.verdict === 'clean'), ...programs.filter((p) => p.ok)].length;
  const whole: CopyDocument & { readonly readBack: VerifyDocument['programs'] } = {
    ...document,
    readBack: reports,
    warnings: [...document.warnings, ...warnings],
  };
  return {
    document: whole,
    text: `${describe(document, say)}\n${say(copiesReadBack(reports.length, verified))}`,
    failure: failure ?? read.failure,
  };
}

interface End {
  readonly store: ObjectStore;
  /** See `storePlace`. */
  readonly place: string;
  /** What counts for this store: its own settings file, or those of the command. */
  readonly config: Config;
}

/** A store named by its flag, or by the only store of its settings. */
async function endOf({ flags, io, workplace }: Invocation, end: 'from' | 'to'): Promise<End> {
  const { config } = workplace;
  const name = `${end}-settings`;
  const path = text(flags, name);
  const own = path === undefined ? null : await loadStoreSettings(io.around, path, `--${name}`);
  const set = (own ?? (end === 'from' ? config : null))?.setting('EFAKTUR_STORE')?.value ?? '';
  const url = text(flags, end);
  const urls = url === undefined ? splitStores(set) : [url];
  const [only, ...others] = urls;
  if (only === undefined || others.length > 0) {
    throw new EfakturError(
      'usage',
      only === undefined ? needsStore(end) : severalStores(end, urls),
      nameOneStore(end),
    );
  }
  const used = own ?? config;
  const at = { env: used.connectionEnv, currentFolder: io.around.currentFolder };
  return { store: await workplace.openStore(only, used), place: await storePlace(only, at), config: used };
}

/** Whoever names one place twice, or one inside the other, has no second copy and believes in one. */
function refuseOnePlace(from: End, to: End): void {
  const isOne = from.place === to.place;
  if (!isOne && !to.place.startsWith(`${from.place}/`)) return;
  const what = isOne ? areOneStore : liesInside;
  throw new EfakturError('usage', what(from.store.url, to.store.url), nameAnotherTo);
}

function choiceOf(flags: FlagValues): CopyRequest['choice'] {
  const [since, id] = [text(flags, 'since'), text(flags, 'id')];
  const given = [isSet(flags, 'all'), since !== undefined, id !== undefined].filter((is) => is);
  if (given.length > 1) throw new EfakturError('usage', givenTogether(['--all', '--since', '--id']), giveOne);
  if (isSet(flags, 'all')) return { by: 'all' };
  if (since !== undefined) return { by: 'since', day: parseDayOf(since, 'first', '--since') };
  if (id === undefined) return { by: 'missing' };
  if (parseBackupId(id)) return { by: 'id', id };
  throw new EfakturError('usage', noBackupId(id), takeIdFromList);
}

function describe(document: CopyDocument, say: Invocation['say']): string {
  const { outcome, from, to, backups, programs, objects, bytes, differing } = document;
  const all = [...backups, ...programs];
  const shown = all.filter((b) => b.outcome !== 'there');
  const rows = shown.map((b) => [
    say(outcomeNames[b.outcome]),
    formatMoment(b.capturedAt),
    b.kind === 'program' ? say(programRow(b.id)) : b.id,
    b.error ? say(b.error.message) : '',
  ]);
  const sent = (of: readonly { readonly outcome: string }[]): number =>
    of.filter((b) => b.outcome === 'copied' || b.outcome === 'planned').length;
  const summary = copySummary({
    ...{ from, to, objects, sizeBytes: bytes },
    isPlan: outcome === 'planned',
    backups: sent(backups),
    programs: sent(programs),
    there: all.length - shown.length,
  });
  const lines = [...(rows.length > 0 ? [formatTable(rows)] : []), say(summary)];
  for (const key of differing) lines.push(say(otherBytesIn(to, key)));
  return lines.join('\n');
}
