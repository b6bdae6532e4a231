import type { EfakturError } from '../base/errors.ts';
import { reportOf } from '../base/errors.ts';
import type { Finding } from '../base/progress.ts';
import { typedWord } from '../base/shell-quote.ts';
import type { Survey, SurveyedProfile, ToDo } from './document.ts';
import * as texts from './texts.ts';

/** What is known beside the survey. */
export interface ToDoFacts {
  /** What is wrong with the settings or the record of the PC as a whole. */
  readonly wrong: readonly EfakturError[];
  /** By profile, what it has in common with others that should be its own. */
  readonly shared: ReadonlyMap<string, readonly Finding[]>;
  /** After so long without a new backup somebody should look. */
  readonly maxAgeMs: number;
  readonly now: Date;
}

/** What somebody should do, the first thing first: what keeps everything from working, then each profile's, then what would be better. */
export function toDoList(
  survey: Omit<Survey, 'toDo'>,
  { wrong, shared, maxAgeMs, now }: ToDoFacts,
): readonly ToDo[] {
  const { profiles, schedule } = survey;
  const ofPc = (code: ToDo['code'], message: ToDo['message'], hint: ToDo['hint']): ToDo => ({
    ...{ profile: null, code, message, hint },
  });
  const list: ToDo[] = wrong.map((error) => ({ profile: null, ...reportOf(error) }));
  if (profiles.length === 0) return [...list, ofPc('not-set-up', texts.nothingSetUp, texts.runInit)];
  list.push(...brokenSettings(profiles));
  for (const profile of profiles) {
    const call = callFor(profiles.length > 1 ? profile.profile : null, survey.program.platform);
    list.push(...ofProfile(profile, call, survey.waitedMs, now.getTime() - maxAgeMs));
    const common = shared.get(profile.profile ?? '') ?? [];
    list.push(...common.map((finding) => ({ profile: profile.profile, ...finding })));
  }
  if (schedule === null) return list;
  list.push(...schedule.problems.map((problem) => ({ profile: null, ...problem })));
  if (!schedule.isInstalled) list.push(ofPc('not-scheduled', texts.notScheduled, texts.installSchedule));
  return list;
}

/** Why settings count for nothing; what is wrong in `common.env` is wrong in every profile, and is told once. */
export function brokenSettings(profiles: Survey['profiles']): ToDo[] {
  const told = new Map<string, ToDo>();
  for (const { profile, error } of profiles) {
    if (error === null) continue;
    const isToldOfOther = told.has(error.message.en);
    told.set(error.message.en, { profile: isToldOfOther ? null : profile, ...error });
  }
  return [...told.values()];
}

const callFor =
  (profile: string | null, platform: NodeJS.Platform): texts.CallOf =>
  (command) =>
    ['efaktur-cloud', command, ...(profile === null ? [] : ['--profile', typedWord(profile, platform)])].join(
      ' ',
    );

function ofProfile(surveyed: SurveyedProfile, call: texts.CallOf, waitedMs: number, oldMs: number): ToDo[] {
  const { profile, error, app, stores, keys, worked } = surveyed;
  if (error) return [];
  const list: ToDo[] = [];
  const add = (code: ToDo['code'], message: ToDo['message'], hint: ToDo['hint']): void => {
    list.push({ profile, code, message, hint });
  };
  if (stores.length === 0) add('usage', texts.noStore, texts.setStore);
  for (const { store, answer, error: why } of stores) {
    if (why) list.push({ profile, ...why });
    if (answer === 'silent')
      add('store-unavailable', texts.storeSilent(store, waitedMs), texts.checkLine(call));
    if (answer === 'not-there')
      add('store-unavailable', texts.folderNotThere(store), texts.connectOrPush(call));
  }
  if (app?.error) list.push({ profile, ...app.error });
  else if (app?.databases?.length === 0 && app.loginBackups === 0)
    add('source-unusable', texts.nothingToBackUp(app.path ?? ''), texts.checkApp);
  if (keys.isThere === false) add('wrong-key', texts.keyFileGone, texts.setKeyFile);
  const newest = [worked.newestBackupAt, ...stores.map(({ lastSentAt }) => lastSentAt)]
    .filter((time) => time !== null)
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
  if (newest === undefined) add('no-backup', texts.nothingStored, texts.runPush(call));
  else if (Date.parse(newest) < oldMs) add('old-backup', texts.storedLast(newest), texts.runStatus(call));
  if (worked.outcome !== null && worked.outcome !== 'ok' && worked.code !== null)
    add(
      worked.code === 'bug' ? 'attention' : worked.code,
      texts.lastRunFailed(worked.outcome, worked.code),
      texts.seeHistory,
    );
  return list;
}
