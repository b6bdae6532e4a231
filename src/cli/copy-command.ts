import { EfakturError, keepOrThrow } from '../base/errors.ts';
import { parseDayOf } from '../base/written-date.ts';
import { parseBackupId } from '../catalog/names.ts';
import { type Config, loadStoreSettings } from '../config.ts';
import { splitStores } from '../setting-values.ts';
import { storePlace } from '../store/open.ts';
import type { ObjectStore } from '../store/store.ts';
import { type CopyDocument, type CopyRequest, copyBackups } from '../sync/copy.ts';
import { type VerifyDocument, verify } from '../sync/verify.ts';
import { type CommandResult, type FlagValues, type Invocation, isSet, text } from './command.ts';
import { formatBytes, formatMoment, formatTable } from './format.ts';

export async function runCopy(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const choice = choiceOf(flags);
  const readBack = isSet(flags, 'read-back');
  const dryRun = isSet(flags, 'dry-run');
  if (readBack && dryRun) {
    throw new EfakturError(
      'usage',
      '--read-back and --dry-run were given together',
      'Give one of them: a dry run writes nothing to be read.',
    );
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
  if (!readBack || copied.length === 0) return { document, text: describe(document), failure };
  // What was copied is told also where nothing of it can be read, as without the key.
  const read = await verify({
    ...common,
    stores: [to.store],
    wanted: null,
    only: new Set(copied),
    level: 'data',
    part: null,
    engine: null,
    decryptor,
  }).catch((error: unknown) => {
    keepOrThrow(error);
    return { document: { checked: [], programs: [], warnings: [] }, failure: error };
  });
  const { checked, programs, warnings } = read.document;
  const reports = [...checked, ...programs];
  const proven = [...checked.filter((c) => c.verdict === 'clean'), ...programs.filter((p) => p.ok)].length;
  const whole: CopyDocument & { readonly readBack: VerifyDocument['programs'] } = {
    ...document,
    readBack: reports,
    warnings: [...document.warnings, ...warnings],
  };
  return {
    document: whole,
    text: `${describe(document)}\n${reports.length} of them read back, ${proven} proven sound.`,
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
  const file = text(flags, `${end}-settings`);
  const own = file === undefined ? null : await loadStoreSettings(io.around, file);
  const set = (own ?? (end === 'from' ? config : null))?.setting('EFAKTUR_STORE')?.value ?? '';
  const url = text(flags, end);
  const urls = url === undefined ? splitStores(set) : [url];
  const [only, ...others] = urls;
  if (only === undefined || others.length > 0) {
    throw new EfakturError(
      'usage',
      only === undefined
        ? `copy needs the store to copy ${end}`
        : `there are ${urls.length} stores to copy ${end}: ${urls.join(', ')}`,
      `Name one with --${end}: s3://BUCKET/PREFIX, or a folder.`,
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
  const urls = [...new Set([from.store.url, to.store.url])].join(' and ');
  throw new EfakturError(
    'usage',
    isOne
      ? `--from and --to are one store: ${urls}`
      : `--to lies inside --from, so it is no second place: ${urls}`,
    'Name another one with --to.',
  );
}

function choiceOf(flags: FlagValues): CopyRequest['choice'] {
  const [since, id] = [text(flags, 'since'), text(flags, 'id')];
  const given = [isSet(flags, 'all'), since !== undefined, id !== undefined].filter((is) => is);
  if (given.length > 1)
    throw new EfakturError('usage', '--all, --since and --id were given together', 'Give one of them.');
  if (isSet(flags, 'all')) return { by: 'all' };
  if (since !== undefined) return { by: 'since', day: parseDayOf(since, 'first', '--since') };
  if (id === undefined) return { by: 'missing' };
  if (parseBackupId(id)) return { by: 'id', id };
  throw new EfakturError(
    'usage',
    `--id: "${id}" is not the id of a backup`,
    'Take one from "efaktur-cloud list", such as 20230708T023000Z-3f9a1c2e77d0.',
  );
}

function describe(document: CopyDocument): string {
  const { outcome, from, to, backups, programs, objects, bytes, differing } = document;
  const all = [...backups, ...programs];
  const shown = all.filter((b) => b.outcome !== 'there');
  const rows = shown.map((b) => [
    b.outcome,
    formatMoment(b.capturedAt),
    b.kind === 'program' ? `${b.id} (program folder)` : b.id,
    b.error?.message.en ?? '',
  ]);
  const sent = (of: readonly { readonly outcome: string }[]): number =>
    of.filter((b) => b.outcome === 'copied' || b.outcome === 'planned').length;
  const folders = sent(programs) > 0 ? ` and ${sent(programs)} program folder(s)` : '';
  const verb = outcome === 'planned' ? 'would be copied' : 'copied';
  const lines = [
    ...(rows.length > 0 ? [formatTable(rows)] : []),
    `${sent(backups)} backups${folders} ${verb} from ${from} to ${to} (${objects} objects, ${formatBytes(bytes)}); ${all.length - shown.length} were there before.`,
  ];
  for (const key of differing) lines.push(`OTHER BYTES in ${to}: ${key}`);
  return lines.join('\n');
}
