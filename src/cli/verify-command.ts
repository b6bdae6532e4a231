import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { joined } from '../base/text.ts';
import { type VerifyDocument, verify } from '../sync/verify.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTable } from './format.ts';
import { wantedOf } from './pull-command.ts';

export async function runVerify(invocation: Invocation): Promise<CommandResult> {
  const { io, flags, workplace } = invocation;
  const { config } = workplace;
  const readData = text(flags, 'read-data');
  const byEngine = isSet(flags, 'engine');
  if (byEngine && readData !== undefined) {
    throw new EfakturError(
      'usage',
      '--engine and --read-data were given together',
      'Give one: --engine reads every byte as well.',
    );
  }
  const wanted = wantedOf(flags, config.zone);
  if (isSet(flags, 'all') && wanted.by !== 'newest') {
    throw new EfakturError(
      'usage',
      '--all and one backup were given together',
      'Give --all, or --date, --as-of or --id.',
    );
  }
  const derbyJar = text(flags, 'derby-jar');
  const app = config.setting('EFAKTUR_APP_DIR')?.value;
  const { currentFolder, env } = io.around;
  const engine = byEngine
    ? await (await import('../derby/engine.ts')).findEngine({
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
    part: readData ? parsePart(readData) : null,
    engine,
    lock: config.lock,
    ...(await workplace.readingContext()),
  });
  return { document, text: describe(document, wanted.by !== 'newest', isSet(flags, 'verbose')), failure };
}

function parsePart(value: string): { n: number; t: number } {
  const m = /^(\d{1,4})\/(\d{1,4})$/.exec(value);
  const [n, t] = [Number(m?.[1]), Number(m?.[2])];
  if (m && n >= 1 && n <= t) return { n, t };
  throw new EfakturError(
    'usage',
    `--read-data: "${value}" is not a part`,
    'Write n/t, such as 1/7 for the first of seven parts.',
  );
}

const levels = { present: 'is there', data: 'read back', engine: 'opened by Derby' } as const;

/** How many could be opened, how they are, and how many could not. */
function countOf(checked: VerifyDocument['programs'], one: string, many: string): readonly string[] {
  const opened = checked.filter((c) => c.code === undefined);
  const damaged = opened.filter((c) => !c.ok).length;
  const how = damaged === 0 ? ': all there and whole' : `: ${damaged} DAMAGED`;
  const unopened = checked.length - opened.length;
  return [
    `${opened.length} ${opened.length === 1 ? one : many} checked${opened.length > 0 ? how : ''}`,
    ...(unopened > 0 ? [`${unopened} could NOT BE OPENED`] : []),
  ];
}

/** `isOne`: one backup or program folder was to be checked. */
function describe({ checked, programs }: VerifyDocument, isOne: boolean, verbose: boolean): string {
  const both = [...checked, ...programs];
  const shown = verbose ? both : both.filter((c) => !c.ok || c.problems.length > 0);
  const rows = shown.map((c) => [
    c.ok ? 'ok' : c.code === undefined ? 'DAMAGED' : 'NOT OPENED',
    levels[c.level],
    c.id,
    c.store,
    joined(c.problems, '; ').en,
  ]);
  const read = checked.filter((c) => c.level !== 'present');
  const proven = read.filter((c) => c.verdict === 'clean').length;
  const isOfProgram = isOne && checked.length === 0;
  const summary = isOfProgram ? [] : [...countOf(checked, 'backups', 'backups')];
  if (read.length > 0) summary.push(`${read.length} of them read in full, ${proven} proven sound`);
  if (programs.length > 0) {
    const readToo = programs.filter((c) => c.level !== 'present').length;
    const [counted, ...unopened] = countOf(programs, 'program folder', 'program folders');
    summary.push(`${counted}${readToo > 0 ? `, ${readToo} read in full` : ''}`, ...unopened);
  }
  return [...(rows.length > 0 ? [formatTable(rows)] : []), `${summary.join('; ')}.`].join('\n');
}
