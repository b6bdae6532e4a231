import { resolve } from 'node:path';
import { openFolderNotes, sameDiskNotes } from '../app/store-notes.ts';
import { EfakturError } from '../base/errors.ts';
import { parseDay, parseMoment } from '../base/written-date.ts';
import { type PushDocument, type PushRequest, push } from '../sync/push.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatBytes, formatMoment } from './format.ts';
import { notEncrypted, storeLines } from './push-lines.ts';

/** What `--source PATH` may state with it. */
type StatedCapture = NonNullable<Extract<PushRequest['source'], { type: 'path' }>['captured']>;

function sourceChoice({ io, workplace, flags }: Invocation): PushRequest['source'] {
  const flag = text(flags, 'source');
  const captured = text(flags, 'captured');
  if (flag !== undefined && !['auto', 'backup', 'live'].includes(flag))
    return {
      type: 'path',
      path: resolve(io.around.currentFolder, flag),
      captured: captured === undefined ? null : statedCapture(captured, workplace.config.zone),
    };
  if (captured !== undefined)
    throw new EfakturError(
      'usage',
      '--captured states the time of one backup, so it goes with --source PATH only',
      'Name the zip or folder with --source.',
    );
  return { type: flag === 'backup' || flag === 'live' ? flag : 'auto' };
}

/** A day with a time, or a day alone. */
function statedCapture(captured: string, zone: string): StatedCapture {
  const { text: iso, start } = parseMoment(captured, zone, '--captured');
  return start ? { moment: start } : { day: parseDay(iso, '--captured') };
}

export async function runPush(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  if (isSet(flags, 'whole-app'))
    return (await import('./push-program-command.ts')).runPushProgram(invocation);
  if (isSet(flags, 'with-certificates'))
    throw new EfakturError(
      'usage',
      '--with-certificates is about the program folder, so it goes with --whole-app only',
      'Add --whole-app, or leave it out: no backup of the db holds private keys.',
    );
  const source = sourceChoice(invocation);
  if (isSet(flags, 'all') && (source.type === 'path' || source.type === 'live')) {
    throw new EfakturError(
      'usage',
      '--all stores every login backup, so it does not go with this --source',
      'Leave out --all or --source.',
    );
  }
  // A path may lie outside any e-Faktur folder; a folder that was named must be there all the same.
  const isNamed = workplace.config.setting('EFAKTUR_APP_DIR') !== null;
  const appFolder = source.type !== 'path' || isNamed ? await workplace.appFolder() : null;
  const context = await workplace.pushingContext();
  const { keysId, stores } = context;
  const { document: pushed, failure } = await push({
    appFolder,
    source,
    all: isSet(flags, 'all'),
    full: isSet(flags, 'full'),
    dryRun: isSet(flags, 'dry-run'),
    forceDamaged: isSet(flags, 'force-damaged'),
    proposesProgram: !isSet(flags, 'quiet'),
    moved: isSet(flags, 'moved'),
    newStore: isSet(flags, 'new-store'),
    allowPlaintext: isSet(flags, 'allow-plaintext'),
    ...context,
  });
  const urls = stores.map(({ url }) => url);
  const notes = appFolder === null ? [] : await sameDiskNotes(appFolder, urls, workplace);
  if (keysId === null) notes.push(...(await openFolderNotes(urls, workplace)));
  const document = { ...pushed, warnings: [...pushed.warnings, ...notes] };
  const lines = document.backups.map((backup) => describe(backup, isSet(flags, 'verbose')));
  if (lines.length === 0) lines.push('Nothing new: every login backup is stored already.');
  else if (keysId === null) lines.push(notEncrypted);
  return { document, text: lines.join('\n'), failure };
}

function describe(backup: PushDocument['backups'][number], verbose: boolean): string {
  const when = formatMoment(backup.capturedAt);
  const headline = {
    planned: `${formatBytes(backup.totalBytes)} would be read and stored: the state of ${when} from ${backup.source}`,
    created: `Stored the state of ${when} (${formatBytes(backup.totalBytes)}) from ${backup.source}`,
    unchanged: `Nothing new since the last backup: the state of ${when} from ${backup.source} is stored`,
  }[backup.outcome];
  return [headline, ...storeLines(backup.stores, verbose)].join('\n');
}
