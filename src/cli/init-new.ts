import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { findAppFolder, newestChange } from '../efaktur/app-folder.ts';
import { checkProfileName, profilePath } from '../settings/profiles.ts';
import { describeFolder, foundFolders } from '../setup/app-folders.ts';
import { knownProfiles, type PlannedFolder, planFolders, storesOf } from '../setup/plan.ts';
import { readProfileText } from '../setup/profile-file.ts';
import { beginJob } from '../state/job.ts';
import { folderOf } from '../store/open.ts';
import { type CommandResult, isSet, text, texts as textsOf } from './command.ts';
import { carryOut } from './init-carry-out.ts';
import { chooseEncryption } from './init-encryption.ts';
import { bucketKeysOf } from './init-keys.ts';
import { askPlace, tellingErrors, unquoted } from './init-places.ts';
import type { Plan } from './init-plan.ts';
import { proveFirstPlace } from './init-prove.ts';
import { timesSoFar } from './init-schedule.ts';
import type { Session } from './init-session.ts';
import { askToStart } from './init-start.ts';
import * as texts from './init-texts.ts';

/** "New": folders, place, keys, then a look at all of it before anything is made. */
export async function setUpNew(session: Session): Promise<CommandResult> {
  const { flags, io } = session.invocation;
  const profiles = await knownProfiles(io.around);
  const folders = await namedFolders(session, await chooseFolders(session), profiles);
  const encryption = await chooseEncryption(session, folders, profiles.known);
  const at = await timesSoFar(session);
  let plan: Plan = {
    folders,
    profiles,
    ...(await choosePlace(session, folders)),
    encryption,
    keepsKey: isSet(flags, 'keep-key'),
    moved: isSet(flags, 'moved') ? folders.map(({ appFolder }) => appFolder) : [],
    unsafe: [],
    at,
    language: {
      given: text(flags, 'lang') ?? null,
      spoken: session.config.language === null ? session.invocation.language : null,
    },
  };
  plan = await proveFirstPlace(session, plan);
  if (session.questions) plan = await askToStart(session, session.questions, plan);
  const job = await beginJob(session.config.stateDir, io.now());
  try {
    return await carryOut(session, plan, job);
  } finally {
    await job.end();
  }
}

/** The e-Faktur folders that are named, or chosen among those of this PC. */
async function chooseFolders(session: Session): Promise<readonly string[]> {
  const { invocation, questions, config } = session;
  const { flags, io, workplace } = invocation;
  const { around } = io;
  const set = config.setting('EFAKTUR_APP_DIR');
  const given = textsOf(flags, 'app').map((value) => ({ value, where: verbatim('--app') }));
  if (given.length === 0 && set && questions === null) given.push(set);
  if (given.length > 0) {
    const paths: string[] = [];
    for (const { value, where } of given) paths.push(await wholeFolder(value, where, session));
    return [...new Set(paths)];
  }
  session.tell(texts.lookingForFolders);
  const context = workplace.inspectContext;
  const found = await foundFolders(around, context);
  if (set && !found.some(({ path }) => path === set.value)) {
    const path = await wholeFolder(set.value, set.where, session).catch(() => null);
    if (path !== null && !found.some((one) => one.path === path))
      found.unshift(await describeFolder(path, context));
  }
  const [first, ...others] = found;
  if (questions === null) {
    if (!first) throw new EfakturError('source-unusable', texts.noFolderFound, texts.nameFolder);
    if (others.length > 0) throw new EfakturError('usage', texts.severalFolders(found), texts.nameFolders);
    return [first.path];
  }
  if (!first) {
    questions.tell(texts.noFolderFound);
    return [await askFolderOf(session)];
  }
  if (others.length === 0) {
    questions.done(texts.onlyFolder(first));
    return [first.path];
  }
  const chosen = await questions.chooseSeveral<string | null>(
    texts.whichFolders,
    [
      ...found.map((one) => ({ value: one.path, label: texts.folderLabel(one) })),
      { value: null, label: texts.otherAppFolder },
    ],
    [first.path],
  );
  const paths = chosen.filter((path) => path !== null);
  return chosen.includes(null) ? [...paths, await askFolderOf(session)] : paths;
}

async function wholeFolder(value: string, where: Text, session: Session): Promise<string> {
  const { around } = session.invocation.io;
  const { path } = await findAppFolder({
    given: { path: resolve(around.currentFolder, value), where },
    currentFolder: around.currentFolder,
    usualPlaces: async () => [],
    zone: session.config.zone,
  });
  return path;
}

async function askFolderOf(session: Session): Promise<string> {
  const { questions } = session;
  if (!questions) throw new TypeError('nobody to ask');
  const where = verbatim('--app');
  const typed = await questions.line(texts.whichAppFolder, {
    check: (path) =>
      tellingErrors(async () => {
        if (path === '') return texts.nothingTyped;
        const folder = await wholeFolder(unquoted(path), where, session);
        return (await newestChange(folder)) === null ? texts.nothingToBackUp(folder) : null;
      }),
  });
  return wholeFolder(unquoted(typed), where, session);
}

/** With `--name`, and with `--profile` for one that is there. */
async function namedFolders(
  { invocation }: Session,
  appFolders: readonly string[],
  profiles: Plan['profiles'],
): Promise<readonly PlannedFolder[]> {
  const { flags, io } = invocation;
  const planned = await planFolders(appFolders, profiles, io.around);
  const name = text(flags, 'name') ?? text(flags, 'profile');
  if (name === undefined) return planned;
  const [only, ...others] = planned;
  if (!only || others.length > 0) throw new EfakturError('usage', texts.oneNameOneFolder, texts.leaveNameOut);
  checkProfileName(name);
  if (only.name === name) return [only];
  if (only.before !== null) throw new EfakturError('usage', texts.hasProfile(only), texts.leaveNameOut);
  const known = profiles.known.find((one) => one.name === name);
  if (known && text(flags, 'profile') === undefined)
    throw new EfakturError('usage', texts.nameTaken(name), texts.otherName);
  if (known) {
    const { path, config } = known;
    return [{ ...only, name, path, config, before: await readProfileText(path) }];
  }
  return [{ ...only, name, path: profilePath(io.around, name) }];
}

/** The stores of each folder, and the two keys. */
async function choosePlace(
  session: Session,
  folders: readonly PlannedFolder[],
): Promise<Pick<Plan, 'places' | 'keys'>> {
  const { invocation, questions, config } = session;
  const { flags } = invocation;
  const keys = await bucketKeysOf(session);
  const { currentFolder, platform } = invocation.io.around;
  // In a file a relative path would start from the folder of that.
  const whole = (url: string): string =>
    /^file:/i.test(url) ? url : (folderOf(url, currentFolder, platform) ?? url);
  const placesAt = (urls: readonly string[]): Plan['places'] =>
    urls.map((url) => ({ url: whole(url), isShared: folders.length > 1 }));
  const given = textsOf(flags, 'store');
  if (given.length > 0) return { places: placesAt(given), keys };
  const [first] = folders;
  if (!first) throw new TypeError('a set-up has at least one folder');
  const own = folders.every((folder) => storesOf(folder.config).length > 0) ? storesOf(first.config) : [];
  const set = storesOf(config);
  if (questions === null) {
    if (own.length > 0) return { places: null, keys };
    if (set.length === 0) throw new EfakturError('usage', texts.noPlaceGiven, texts.namePlace);
    return { places: placesAt(set), keys };
  }
  const kept = own.length > 0 ? own : set;
  const place = await askPlace(session, questions, texts.whichPlace, {
    kept: kept.length > 0 ? kept.join('; ') : null,
    appFolder: first.appFolder,
  });
  if (kept.length > 0 && place.url === kept.join('; '))
    return { places: own.length > 0 ? null : placesAt(set), keys };
  return { places: [place], keys: place.keys ?? keys };
}
