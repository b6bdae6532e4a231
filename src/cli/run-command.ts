import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import type { RoundLine } from '../round/lines.ts';
import type { RoundProfile } from '../round/profile.ts';
import { type Round, runRound } from '../round/round.ts';
import { waitingForOther } from '../round/texts.ts';
import { type Config, withFlags } from '../settings/config.ts';
import { foundSettings, loadConfig, loadKept } from '../settings/load.ts';
import { defaultProfile, listProfiles, loadProfile, settingsOfAll } from '../settings/profiles.ts';
import { configFolder } from '../settings/surroundings.ts';
import { type CommandResult, type FreeInvocation, isSet, text, texts } from './command.ts';
import { foundNotRun, keepOrName, nameOneProfile, storesForSeveral } from './run-texts.ts';
import { print } from './voice.ts';

/** What is run, and what holds for all of it. */
interface Runs {
  readonly profiles: readonly RoundProfile[];
  readonly ofAll: Config;
}

export async function runRun(invocation: FreeInvocation): Promise<CommandResult> {
  const { io, flags, progress, language } = invocation;
  const isScheduled = isSet(flags, 'scheduled');
  const json = isSet(flags, 'json');
  const { profiles, ofAll } = await runsOf(invocation);
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
      load: async () => limited(await load(), invocation),
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

const limited = (config: Config, { flags }: FreeInvocation): Config => {
  const flag = (name: string) => ({ name: `--${name}`, value: text(flags, name) });
  return withFlags(config, {
    EFAKTUR_LIMIT_UPLOAD: flag('limit-upload'),
    EFAKTUR_LIMIT_DOWNLOAD: flag('limit-download'),
  });
};

/**
 * The profile or the settings file that is named; else all profiles; else, where there is none, what is set for this user or PC as
 * if it were the profile `default`. Nothing of the current folder counts.
 */
async function runsOf({ io: { around }, flags }: FreeInvocation): Promise<Runs> {
  const [profile, file] = [text(flags, 'profile'), text(flags, 'settings')];
  if (file !== undefined) return alone(await loadConfig(around, file));
  const all = await listProfiles(around);
  if (all.length === 0) {
    const config = await loadKept(around);
    const found = config.setting('EFAKTUR_STORE') ? null : await foundSettings(around);
    if (found !== null && texts(flags, 'store').length === 0)
      throw new EfakturError('usage', foundNotRun(found), keepOrName(found, configFolder(around)));
    return alone(config);
  }
  const ofAll = await settingsOfAll(around);
  if (profile === undefined)
    return { ofAll, profiles: all.map(({ name }) => ({ name, load: () => loadProfile(around, name) })) };
  const config = await loadProfile(around, profile);
  return { ofAll, profiles: [{ name: config.profile ?? profile, load: async () => config }] };
}

const alone = (config: Config): Runs => ({
  ofAll: config,
  profiles: [{ name: defaultProfile, load: async () => config }],
});

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
