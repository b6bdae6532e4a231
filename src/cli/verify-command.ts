import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { joined, type Text } from '../base/text.ts';
import { type ArchiveParts, type VerifyDocument, verify } from '../sync/verify.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTable } from './format.ts';
import { givenTogether } from './inspect-texts.ts';
import { wantedOf } from './pull-command.ts';
import {
  allAndOne,
  allChecked,
  couldNotOpen,
  engineReadsAll,
  foundNames,
  giveAllOrOne,
  levelNames,
  noPart,
  readInFull,
  withReadInFull,
  writePart,
} from './verify-texts.ts';

export async function runVerify(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace, say } = invocation;
  const { config } = workplace;
  const readData = text(flags, 'read-data');
  const byEngine = isSet(flags, 'engine');
  if (byEngine && readData !== undefined) {
    throw new EfakturError('usage', givenTogether(['--engine', '--read-data']), engineReadsAll);
  }
  const wanted = wantedOf(flags, config.zone);
  if (isSet(flags, 'all') && wanted.by !== 'newest') {
    throw new EfakturError('usage', allAndOne, giveAllOrOne);
  }
  const derbyJar = text(flags, 'derby-jar');
  const app = config.setting('EFAKTUR_APP_DIR')?.value;
  const { currentFolder, env } = io.around;
  const engine = byEngine
    ? await (await import('../derby/engine-search.ts')).findEngine({
        env,
        javaHome: env.JAVA_HOME ?? null,
        path: env.PATH ?? '',
        derbyHome: env.DERBY_HOME ?? null,
        appFolder: app === undefined ? null : resolve(currentFolder, app),
        derbyJar: derbyJar === undefined ? null : resolve(currentFolder, derbyJar),
      })
    : null;
  const { document, failure } = await verify({
    wanted: wanted.by === 'newest' ? null : wanted,
    level: byEngine ? 'engine' : readData === undefined ? 'present' : 'data',
    parts: readData ? parsePart(readData) : null,
    engine,
    lock: config.lock,
    ...(await workplace.readingContext()),
  });
  return {
    document,
    text: describe(document, wanted.by !== 'newest', isSet(flags, 'verbose'), say),
    failure,
  };
}

function parsePart(value: string): ArchiveParts {
  const m = /^(\d{1,4})\/(\d{1,4})$/.exec(value);
  const [n, t] = [Number(m?.[1]), Number(m?.[2])];
  if (m && n >= 1 && n <= t)
    return { which: [n], of: t, alone: false, judgedAgainAfterDays: null, provesNewest: false };
  throw new EfakturError('usage', noPart(value), writePart);
}

/** How many could be opened, how they are, and how many could not. */
function countOf(
  checked: VerifyDocument['programs'],
  of: 'backups' | 'programs',
): readonly [Text, ...Text[]] {
  const opened = checked.filter((c) => c.code === undefined);
  const damaged = opened.filter((c) => !c.ok).length;
  const unopened = checked.length - opened.length;
  return [allChecked(opened.length, of, damaged), ...(unopened > 0 ? [couldNotOpen(unopened)] : [])];
}

/** `isOne`: one backup or program folder was to be checked. */
function describe(
  { checked, programs }: VerifyDocument,
  isOne: boolean,
  verbose: boolean,
  say: Invocation['say'],
): string {
  const both = [...checked, ...programs];
  const shown = verbose ? both : both.filter((c) => !c.ok || c.problems.length > 0);
  const rows = shown.map((c) => [
    say(foundNames[c.ok ? 'ok' : c.code === undefined ? 'damaged' : 'unopened']),
    say(levelNames[c.level]),
    c.id,
    c.store,
    say(joined(c.problems, '; ')),
  ]);
  const read = checked.filter((c) => c.level !== 'present');
  const verified = read.filter((c) => c.verdict === 'clean').length;
  const isOfProgram = isOne && checked.length === 0;
  const summary = isOfProgram ? [] : [...countOf(checked, 'backups')];
  if (read.length > 0) summary.push(readInFull(read.length, verified));
  if (programs.length > 0) {
    const readToo = programs.filter((c) => c.level !== 'present').length;
    const [counted, ...unopened] = countOf(programs, 'programs');
    summary.push(readToo > 0 ? withReadInFull(counted, readToo) : counted, ...unopened);
  }
  return [...(rows.length > 0 ? [formatTable(rows)] : []), `${summary.map(say).join('; ')}.`].join('\n');
}
