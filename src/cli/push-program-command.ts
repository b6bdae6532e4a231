import { ownPaths } from '../app/own-paths.ts';
import { pushedToNotes } from '../app/store-notes.ts';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text } from '../base/text.ts';
import { leftOutText } from '../efaktur/app-files.ts';
import { versionName } from '../efaktur/app-program.ts';
import { type ProgramPushDocument, pushProgram } from '../sync/push-program.ts';
import { type CommandResult, type Invocation, isSet } from './command.ts';
import { storeLines } from './push-lines.ts';
import {
  encryptOrLeaveOut,
  inIt,
  keysInClear,
  leftOut,
  leftOutLine,
  notEncrypted,
  othersLine,
  partLine,
  programNotWith,
  programPlanned,
  programStored,
  programUnchanged,
  pushTwice,
} from './push-texts.ts';

/** Flags of `push` that choose among databases. */
const ofDatabases = ['source', 'captured', 'all', 'force-damaged'];

/** `push --whole-app`: the program alone; the databases are what every other push stores. */
export async function runPushProgram(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace, say } = invocation;
  const other = ofDatabases.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (other !== undefined) throw new EfakturError('usage', programNotWith(other), pushTwice);
  const keysId = await workplace.keysId();
  const withCertificates = isSet(flags, 'with-certificates');
  if (withCertificates && keysId === null) throw new EfakturError('usage', keysInClear, encryptOrLeaveOut);
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
  const notes = await pushedToNotes(appFolder, context, workplace);
  const lines = pushed.programs.flatMap((program) => describe(program, isSet(flags, 'verbose')));
  if (keysId === null) lines.push(notEncrypted);
  return {
    document: { ...pushed, warnings: [...pushed.warnings, ...notes] },
    text: say(joined(lines, '\n')),
    failure,
  };
}

/** Of a list that may be long, so much is shown. */
const shownParts = 10;

function describe(program: ProgramPushDocument['programs'][number], verbose: boolean): Text[] {
  const { outcome, parts } = program;
  const version = program.version === null ? null : versionName(program.version);
  const lines = [
    outcome === 'unchanged'
      ? programUnchanged(version, program.capturedAt)
      : { planned: programPlanned, created: programStored }[outcome]({ ...program, version }),
    ...storeLines(program.stores, verbose),
  ];
  if (outcome !== 'planned' && !verbose) return lines;
  lines.push(inIt, ...parts.slice(0, shownParts).map((part) => partLine(part.sizeBytes, part.path)));
  const rest = parts.slice(shownParts);
  if (rest.length > 0)
    lines.push(
      othersLine(
        rest.reduce((sum, part) => sum + part.sizeBytes, 0),
        rest.length,
      ),
    );
  if (program.leftOut.length > 0)
    lines.push(leftOut, ...program.leftOut.map((one) => leftOutLine(one.path, leftOutText(one))));
  return lines;
}
