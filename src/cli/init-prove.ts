import { EfakturError, isEfakturError, isKept } from '../base/errors.ts';
import type { Finding } from '../base/progress.ts';
import { joined } from '../base/text.ts';
import { draftConfig } from '../setup/draft.ts';
import { refuseTakenStores } from '../setup/first-backup.ts';
import { makeSharedFolder, takingBack } from '../setup/places.ts';
import { folderOf } from '../store/open.ts';
import { doctor } from '../sync/doctor.ts';
import { askSheetKey } from './init-encryption.ts';
import { askNames } from './init-names.ts';
import { askAddress, askKeys, askPlace } from './init-places.ts';

import { draftFor, type Encryption, type Plan, storesFor } from './init-plan.ts';
import { type Remedy, remediesFor } from './init-remedies.ts';
import type { Session } from './init-session.ts';
import * as startTexts from './init-start-texts.ts';
import * as texts from './init-texts.ts';
import type { Questions } from './questions.ts';

/**
 * Tries the places of the first folder from end to end, so that what is wrong with them fails now and not at night; with somebody to
 * ask, until it is right. The places of the other folders are prefixes beside it. Throws what keeps backups from working.
 */
export async function proveFirstPlace(session: Session, asked: Plan): Promise<Plan> {
  const { questions } = session;
  for (let plan = asked; ; ) {
    const unsafe: Finding[] = [];
    const failure = (await tryPlace(session, plan, unsafe)) ?? (await tryHistories(session, plan));
    if (failure === null) return { ...plan, unsafe };
    const { error, taken } = failure;
    if (questions === null)
      throw taken === null ? error : new EfakturError(error.code, error.text, texts.sayMoved, error);
    session.clear();
    questions.failed(taken === null ? joined([error.text, error.hint], '\n') : error.text);
    plan = await mended(session, questions, plan, failure);
  }
}

interface Failure {
  readonly error: EfakturError;
  /** The e-Faktur folder whose place holds the history of another one; null where something else is wrong. */
  readonly taken: string | null;
}

async function tryPlace(session: Session, plan: Plan, unsafe: Finding[]): Promise<Failure | null> {
  const { around } = session.invocation.io;
  const [first] = plan.folders;
  if (!first) throw new TypeError('a set-up has at least one folder');
  session.tell(texts.tryingPlace(storesFor(plan, first)));
  try {
    for (const { url, isShared } of plan.places ?? []) {
      const folder = isShared ? folderOf(url, around.currentFolder, around.platform) : null;
      const takeBack = folder === null ? null : await makeSharedFolder(folder);
      if (takeBack) session.takeBack.push(takeBack);
    }
    for (const url of storesFor(plan, first)) {
      const folder = folderOf(url, around.currentFolder, around.platform);
      const takeBack = folder === null ? null : await takingBack(folder);
      if (takeBack) session.takeBack.unshift(takeBack);
    }
    const workplace = await session.open(await draftConfig(around, await draftFor(plan, first, around)));
    const { lock, fullEveryDays } = workplace.config;
    const stores = await workplace.stores();
    const { context, serviceOf } = workplace;
    const tried = await doctor({ ...context, stores, serviceOf, lock, fullEveryDays });
    const { document, failure, problems } = tried;
    session.clear();
    if (failure && failure.code !== 'attention') return { error: failure, taken: null };
    unsafe.push(...problems);
    session.questions?.done(texts.placeWorks(document.warnings.length, first.name));
    return null;
  } catch (error) {
    if (!isKept(error)) throw error;
    return { error, taken: null };
  }
}

/**
 * Whether each folder may go on where its backups will lie: told here, and not when the sheet is printed. What else is wrong with one of
 * them is told by its backup.
 */
async function tryHistories(session: Session, plan: Plan): Promise<Failure | null> {
  const { around } = session.invocation.io;
  for (const folder of plan.folders) {
    const moved = plan.moved.includes(folder.appFolder);
    try {
      const workplace = await session.open(await draftConfig(around, await draftFor(plan, folder, around)));
      try {
        await refuseTakenStores(workplace, moved);
      } catch (error) {
        if (moved || !isEfakturError(error, 'usage')) throw error;
        const isTaken = await refuseTakenStores(workplace, true).then(
          () => true,
          () => false,
        );
        return { error, taken: isTaken ? folder.appFolder : null };
      }
    } catch (error) {
      if (!isKept(error)) throw error;
    }
  }
  return null;
}

/** What to do about it, as the user knows it. */
async function mended(
  session: Session,
  questions: Questions,
  plan: Plan,
  { error, taken }: Failure,
): Promise<Plan> {
  const [first] = plan.folders;
  if (!first) throw new TypeError('a set-up has at least one folder');
  // Those before it were tried already.
  const earlier = (plan.places ?? []).slice(0, -1);
  const last = plan.places?.at(-1);
  const canRename =
    taken !== null &&
    (plan.places ?? []).some(({ isShared }) => isShared) &&
    plan.folders.some(({ appFolder, before }) => appFolder === taken && before === null);
  const what = await questions.choose<'moved' | 'name' | 'without' | Remedy>(texts.whatNow, [
    ...(taken === null ? [] : [{ value: 'moved' as const, label: texts.movedHere }]),
    ...(canRename ? [{ value: 'name' as const, label: texts.ownPrefix }] : []),
    ...(taken === null
      ? remediesFor(error, last ? [last.url] : storesFor(plan, first))
      : [
          { value: 'place' as const, label: texts.otherPlace },
          { value: 'again' as const, label: texts.tryAgain },
        ]),
    ...(earlier.length > 0 ? [{ value: 'without' as const, label: texts.leaveSecondOut }] : []),
  ]);
  if (what === 'again') return plan;
  if (what === 'moved' && taken !== null) {
    const encryption = await keyOfMoved(session, questions, plan.encryption);
    return { ...plan, moved: [...plan.moved, taken], encryption };
  }
  if (what === 'name') return askNames(session, questions, plan);
  if (what === 'without') return { ...plan, places: earlier };
  if (what === 'address' && last) {
    const url = await askAddress(questions, last.url);
    return { ...plan, places: [...earlier, { ...last, url }] };
  }
  if (what === 'keys') return { ...plan, keys: await askKeys(session, questions) };
  const place = await askPlace(session, questions, texts.whichPlace, {
    kept: null,
    appFolder: first.appFolder,
  });
  return { ...plan, places: [...earlier, place], keys: place.keys ?? plan.keys };
}

/** What is stored already opens with its own sheet alone: best that sheet opens what comes, too. */
async function keyOfMoved(
  session: Session,
  questions: Questions,
  encryption: Encryption,
): Promise<Encryption> {
  if (encryption.kind !== 'new') return encryption;
  const isOld = await questions.choose(startTexts.whichKeyOfMoved, [
    { value: true, label: startTexts.withSheetKey },
    { value: false, label: startTexts.withNewKey },
  ]);
  if (!isOld) return encryption;
  const { content, recipients } = await askSheetKey(session, questions);
  return { kind: 'own', recipients: recipients.join(' '), content };
}
