import { type EfakturError, isKept } from '../base/errors.ts';
import { joined } from '../base/text.ts';
import { draftConfig } from '../setup/draft.ts';
import { makeSharedFolder } from '../setup/places.ts';
import { folderOf } from '../store/open.ts';
import { doctor } from '../sync/doctor.ts';
import { askKeys, askPlace } from './init-places.ts';
import { draftFor, type Plan, storesFor } from './init-plan.ts';
import type { Session } from './init-session.ts';
import * as texts from './init-texts.ts';
import type { Questions } from './questions.ts';

/**
 * Tries the places of the first folder from end to end, so that what is wrong with them fails now and not at night; with somebody to
 * ask, until it is right. The places of the other folders are prefixes beside it. Throws what keeps backups from working.
 */
export async function proveFirstPlace(session: Session, asked: Plan): Promise<Plan> {
  const { questions } = session;
  for (let plan = asked; ; ) {
    const failure = await tryPlace(session, plan);
    if (failure === null) return plan;
    if (questions === null) throw failure;
    session.clear();
    questions.failed(joined([failure.text, failure.hint], '\n'));
    plan = await mended(session, questions, plan);
  }
}

async function tryPlace(session: Session, plan: Plan): Promise<EfakturError | null> {
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
    const workplace = await session.open(await draftConfig(around, await draftFor(plan, first, around)));
    const { lock, fullEveryDays } = workplace.config;
    const stores = await workplace.stores();
    const { context, serviceOf } = workplace;
    const { document, failure } = await doctor({ ...context, stores, serviceOf, lock, fullEveryDays });
    session.clear();
    if (failure && failure.code !== 'attention') return failure;
    session.questions?.done(texts.placeWorks(document.warnings.length, first.name));
    return null;
  } catch (error) {
    if (!isKept(error)) throw error;
    return error;
  }
}

/** What to do about it, as the user knows it. */
async function mended(session: Session, questions: Questions, plan: Plan): Promise<Plan> {
  const [first] = plan.folders;
  if (!first) throw new TypeError('a set-up has at least one folder');
  const isBucket = storesFor(plan, first).some((url) => /^s3:/i.test(url));
  // Those before it were tried already.
  const earlier = (plan.places ?? []).slice(0, -1);
  const what = await questions.choose<'keys' | 'place' | 'again' | 'without'>(texts.whatNow, [
    ...(isBucket ? [{ value: 'keys' as const, label: texts.otherKeys }] : []),
    { value: 'place', label: texts.otherPlace },
    { value: 'again', label: texts.tryAgain },
    ...(earlier.length > 0 ? [{ value: 'without' as const, label: texts.leaveSecondOut }] : []),
  ]);
  if (what === 'again') return plan;
  if (what === 'without') return { ...plan, places: earlier };
  if (what === 'keys') return { ...plan, keys: await askKeys(session, questions) };
  const place = await askPlace(session, questions, texts.whichPlace, {
    kept: null,
    appFolder: first.appFolder,
  });
  return { ...plan, places: [...earlier, place], keys: place.keys ?? plan.keys };
}
