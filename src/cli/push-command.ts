import { resolve } from 'node:path';
import { pushedToNotes } from '../app/store-notes.ts';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text } from '../base/text.ts';
import { parseDay, parseMoment } from '../base/written-date.ts';
import { type PushDocument, type PushRequest, push } from '../sync/push.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { storeLines } from './push-lines.ts';
import {
  addWholeApp,
  allStored,
  allWithSource,
  capturedNeedsPath,
  certificatesNeedProgram,
  leaveOutOne,
  nameSource,
  notEncrypted,
  statePlanned,
  stateStored,
  stateUnchanged,
} from './push-texts.ts';

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
  if (captured !== undefined) throw new EfakturError('usage', capturedNeedsPath, nameSource);
  return { type: flag === 'backup' || flag === 'live' ? flag : 'auto' };
}

/** A day with a time, or a day alone. */
function statedCapture(captured: string, zone: string): StatedCapture {
  const { text: iso, start } = parseMoment(captured, zone, '--captured');
  return start ? { moment: start } : { day: parseDay(iso, '--captured') };
}

export async function runPush(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  if (isSet(flags, 'whole-app'))
    return (await import('./push-program-command.ts')).runPushProgram(invocation);
  if (isSet(flags, 'with-certificates'))
    throw new EfakturError('usage', certificatesNeedProgram, addWholeApp);
  const source = sourceChoice(invocation);
  if (isSet(flags, 'all') && (source.type === 'path' || source.type === 'live')) {
    throw new EfakturError('usage', allWithSource, leaveOutOne);
  }
  // A path may lie outside any e-Faktur folder; a folder that was named must be there all the same.
  const isNamed = workplace.config.setting('EFAKTUR_APP_DIR') !== null;
  const appFolder = source.type !== 'path' || isNamed ? await workplace.appFolder() : null;
  const context = await workplace.pushingContext();
  const { keysId } = context;
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
  const notes = await pushedToNotes(appFolder, context, workplace);
  const document = { ...pushed, warnings: [...pushed.warnings, ...notes] };
  const lines = document.backups.map((backup) => describe(backup, isSet(flags, 'verbose')));
  if (lines.length === 0) lines.push(allStored);
  else if (keysId === null) lines.push(notEncrypted);
  return { document, text: say(joined(lines, '\n')), failure };
}

function describe(backup: PushDocument['backups'][number], verbose: boolean): Text {
  const headline = { planned: statePlanned, created: stateStored, unchanged: stateUnchanged }[backup.outcome];
  return joined([headline(backup), ...storeLines(backup.stores, verbose)], '\n');
}
