import { EfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import { joined, verbatim } from '../base/text.ts';
import { parseDay } from '../base/written-date.ts';
import { type LogLine, readLog } from '../round/log.ts';
import { loadConfig, settingsOfPc } from '../settings/load.ts';
import { stateDirByEnv } from '../settings/surroundings.ts';
import { type CommandResult, type FreeInvocation, isSet, text } from './command.ts';
import { noHistory } from './run-texts.ts';
import { errorLine, note } from './texts.ts';

/** The log of runs as it was written, oldest first. */
export async function runHistory({ io, flags, say, settings }: FreeInvocation): Promise<CommandResult> {
  const { around } = io;
  const dayOf = (name: string): string | null => {
    const value = text(flags, name);
    return value === undefined ? null : parseDay(value, `--${name}`);
  };
  const [since, until, profile] = [dayOf('since'), dayOf('until'), text(flags, 'profile')];
  const file = text(flags, 'settings');
  const ofAll = await (file === undefined ? settingsOfPc(around) : loadConfig(around, file)).catch(
    (error: unknown) => {
      // The log may tell since when they cannot be read.
      keepOrThrow(error);
      return error;
    },
  );
  const isKnown = !(ofAll instanceof EfakturError);
  // A profile that is gone has its lines still.
  const named = settings instanceof EfakturError ? profile : (settings.profile ?? profile);
  const lines = (await readLog(isKnown ? ofAll.stateDir : stateDirByEnv(around))).filter(
    (line) =>
      // In the zone that it was written in, as it is shown.
      (since === null || line.at.slice(0, 10) >= since) &&
      (until === null || line.at.slice(0, 10) <= until) &&
      (profile === undefined || line.profile === named),
  );
  const shown = lines.map((line) => shownLine(line, say)).join('\n');
  return {
    document: { lines, warnings: isKnown ? [] : [reportOf(ofAll)] } as CommandResult['document'],
    text: isSet(flags, 'quiet') ? null : shown === '' ? say(noHistory) : shown,
  };
}

function shownLine({ at, profile, kind, code, text: said }: LogLine, say: FreeInvocation['say']): string {
  const when = at.slice(0, 19).replace('T', ' ');
  const told =
    kind === 'error'
      ? say(errorLine(code ?? '', verbatim(said)))
      : kind === 'note'
        ? say(joined([note, verbatim(said)], ': '))
        : said;
  return `${when}  ${profile === null ? '' : `${profile}: `}${told}`;
}
