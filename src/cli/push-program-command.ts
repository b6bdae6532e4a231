import { ownPaths } from '../app/own-paths.ts';
import { openFolderNotes, sameDiskNotes } from '../app/store-notes.ts';
import { EfakturError } from '../base/errors.ts';
import { type LeftOut, leftOutText } from '../efaktur/app-files.ts';
import { versionName } from '../efaktur/app-program.ts';
import { type ProgramPushDocument, pushProgram } from '../sync/push-program.ts';
import { type CommandResult, type Invocation, isSet } from './command.ts';
import { formatBytes, formatMoment } from './format.ts';
import { notEncrypted, storeLines } from './push-lines.ts';

/** Flags of `push` that choose among databases. */
const ofDatabases = ['source', 'captured', 'all', 'force-damaged'];

/** `push --whole-app`: the program alone; the databases are what every other push stores. */
export async function runPushProgram(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
  const other = ofDatabases.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (other !== undefined)
    throw new EfakturError(
      'usage',
      `--whole-app stores the program and no database, so it does not go with --${other}`,
      'Push twice: once with --whole-app, once without it.',
    );
  const keysId = await workplace.keysId();
  const withCertificates = isSet(flags, 'with-certificates');
  if (withCertificates && keysId === null)
    throw new EfakturError(
      'usage',
      '--with-certificates stores private keys, and without EFAKTUR_RECIPIENTS nothing is encrypted',
      'Set EFAKTUR_RECIPIENTS (see "efaktur-cloud keys new"), or leave the certificates out and keep them yourself.',
    );
  const appFolder = await workplace.appFolder();
  const context = await workplace.pushingContext();
  const urls = context.stores.map(({ url }) => url);
  const { document: pushed, failure } = await pushProgram({
    appFolder,
    withCertificates,
    own: await ownPaths(workplace, urls),
    full: isSet(flags, 'full'),
    dryRun: isSet(flags, 'dry-run'),
    moved: isSet(flags, 'moved'),
    newStore: isSet(flags, 'new-store'),
    allowPlaintext: isSet(flags, 'allow-plaintext'),
    ...context,
  });
  const notes = await sameDiskNotes(appFolder, urls, workplace);
  if (keysId === null) notes.push(...(await openFolderNotes(urls, workplace)));
  const lines = pushed.programs.flatMap((program) => describe(program, isSet(flags, 'verbose')));
  if (keysId === null) lines.push(notEncrypted);
  return {
    document: { ...pushed, warnings: [...pushed.warnings, ...notes] },
    text: lines.join('\n'),
    failure,
  };
}

/** Of a list that may be long, so much is shown. */
const shownParts = 10;

function describe(program: ProgramPushDocument['programs'][number], verbose: boolean): string[] {
  const { outcome, files, totalBytes, parts, leftOut } = program;
  const which = program.version === null ? 'e-Faktur' : `e-Faktur ${versionName(program.version).en}`;
  const size = `${files} files, ${formatBytes(totalBytes)}`;
  const headline = {
    planned: `${which} in ${program.source} would be read and stored: ${size}`,
    created: `Stored the program folder of ${which}: ${size} from ${program.source}`,
    unchanged: `Nothing new: the program folder of ${which} is stored since ${formatMoment(program.capturedAt)}`,
  }[outcome];
  const lines = [headline, ...storeLines(program.stores, verbose)];
  if (outcome === 'planned' || verbose) {
    lines.push(
      'In it:',
      ...parts.slice(0, shownParts).map((part) => `  ${formatBytes(part.sizeBytes)}  ${part.path}`),
    );
    const rest = parts.slice(shownParts);
    if (rest.length > 0)
      lines.push(
        `  ${formatBytes(rest.reduce((sum, part) => sum + part.sizeBytes, 0))}  ${rest.length} others`,
      );
    lines.push(...leftOutLines(leftOut));
  }
  return lines;
}

const leftOutLines = (leftOut: readonly LeftOut[]): string[] =>
  leftOut.length === 0 ? [] : ['Left out:', ...leftOut.map((one) => `  ${one.path}: ${leftOutText(one).en}`)];
