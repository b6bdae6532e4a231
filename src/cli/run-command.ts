import { EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import type { RoundLine } from '../round/lines.ts';
import { openLog } from '../round/log.ts';
import { type Round, runRound } from '../round/round.ts';
import { waitingForOther } from '../round/texts.ts';
import { chooseZone } from '../settings/setting-values.ts';
import { stateDirByEnv } from '../settings/surroundings.ts';
import { type CommandResult, type FreeInvocation, isSet, texts } from './command.ts';
import { withLimits } from './limits.ts';
import { nameOneProfile, storesForSeveral } from './run-texts.ts';
import { runsOf } from './runs.ts';
import { print } from './voice.ts';

export async function runRun(invocation: FreeInvocation): Promise<CommandResult> {
  const { io, flags, progress, language } = invocation;
  const isScheduled = isSet(flags, 'scheduled');
  const json = isSet(flags, 'json');
  const { profiles, ofAll } = await runsOf(invocation).catch(async (error: unknown) => {
    // Where nobody looks, the log is where somebody will.
    if (isEfakturError(error)) await logRefusal(invocation, error);
    throw error;
  });
  const stores = texts(flags, 'store');
  if (stores.length > 0 && profiles.length > 1)
    throw new EfakturError('usage', storesForSeveral, nameOneProfile);
  const round = await runRound({
    around: io.around,
    version: io.version,
    now: io.now,
    signal: io.signal,
    progress,
    askSecret: isScheduled ? async () => null : invocation.askSecret,
    stores,
    profiles: profiles.map(({ name, load }) => ({
      name,
      load: async () => withLimits(await load(), flags),
    })),
    ofAll,
    language: ofAll.language ?? language,
    isScheduled,
    onWaiting: () => {
      if (!json) print(io.stderr, waitingForOther[language]);
    },
  });
  return resultOf(round, invocation, isScheduled);
}

/** By what is known where the settings are not. */
async function logRefusal({ io, settings, language }: FreeInvocation, error: EfakturError): Promise<void> {
  const { around, now } = io;
  const known = settings instanceof EfakturError ? null : settings;
  const log = openLog({
    stateDir: known?.stateDir ?? stateDirByEnv(around),
    zone: known?.zone ?? chooseZone(null, around.systemZone).zone,
    now,
    redact: (text) => text,
    rotates: false,
  });
  const { code, text: what, hint } = error;
  const text = `${what[language]}. ${hint[language]}`;
  await log.write({ profile: null, kind: 'error', code, text });
}

/**
 * With nobody before it only what is wrong for the first time is told, and that it is over: whoever gets mails of a schedule gets no
 * two alike, and none when all is well.
 */
function resultOf(
  { document, failure, lines }: Round,
  { flags, say }: FreeInvocation,
  isScheduled: boolean,
): CommandResult {
  const isTold = true;
  if (isSet(flags, 'json')) return { document, text: null, failure, isTold };
  const isOne = document.profiles.length <= 1;
  const shown = lines.filter((line) => !isScheduled || (line.isNew && (line.kind !== 'info' || line.isOver)));
  const textOf = ({ profile, text: said }: RoundLine): Text =>
    isOne || profile === null ? said : inBoth((l) => `${profile}: ${said[l]}`);
  const ofKind = (kind: RoundLine['kind']): RoundLine[] => shown.filter((line) => line.kind === kind);
  const told = (line: RoundLine) => ({
    code: line.code as Warning['code'],
    message: textOf(line),
    ...(line.hint && { hint: line.hint }),
  });
  const infos = ofKind('info').map(textOf);
  return {
    document: { ...document, warnings: ofKind('note').map(told) },
    text: infos.length > 0 ? say(joined(infos, '\n')) : null,
    failure,
    findings: ofKind('error').map((line) => ({ ...told(line), hint: line.hint ?? verbatim('') })),
    isTold,
  };
}
