import { parseTimes, type Times } from '../schedule/times.ts';
import { isSet } from './command.ts';
import { askSheetKey, newKey, sharedWith } from './init-encryption.ts';
import { askNames } from './init-names.ts';
import { askPlace, tellingErrors } from './init-places.ts';
import { type Encryption, isEncryptedAlready, type Plan, storesFor } from './init-plan.ts';
import { proveFirstPlace } from './init-prove.ts';
import type { Session } from './init-session.ts';
import * as startTexts from './init-start-texts.ts';
import * as texts from './init-texts.ts';
import type { Choice, Questions } from './questions.ts';

type Step = 'start' | 'place' | 'schedule' | 'name' | 'encryption' | 'keep';

/** Shows all that will be done, with what nobody had to be asked, until the user starts it. */
export async function askToStart(session: Session, questions: Questions, asked: Plan): Promise<Plan> {
  for (let plan = asked; ; ) {
    questions.tell(startTexts.whatWillBeDone(plan, storesOfAll(plan)));
    const step = await questions.choose<Step>(startTexts.startOrChange, choicesOf(plan));
    if (step === 'start') return plan;
    plan = await changed(session, questions, plan, step);
  }
}

const storesOfAll = (plan: Plan): readonly (readonly string[])[] =>
  plan.folders.map((folder) => storesFor(plan, folder));

function choicesOf(plan: Plan): readonly Choice<Step>[] {
  const { encryption, keepsKey, folders } = plan;
  const hasOnePlace = storesOfAll(plan).some((stores) => stores.length === 1);
  const hasKey = encryption.kind === 'new' || (encryption.kind === 'own' && encryption.content !== null);
  return [
    { value: 'start', label: startTexts.startNow },
    ...(hasOnePlace ? [{ value: 'place' as const, label: startTexts.addPlace }] : []),
    { value: 'schedule', label: startTexts.changeSchedule },
    ...(folders.some(({ before }) => before === null)
      ? [{ value: 'name' as const, label: startTexts.changeName }]
      : []),
    ...(folders.every(isEncryptedAlready)
      ? []
      : [{ value: 'encryption' as const, label: startTexts.changeEncryption }]),
    ...(hasKey
      ? [{ value: 'keep' as const, label: keepsKey ? startTexts.doNotKeepKey : startTexts.keepKey }]
      : []),
  ];
}

async function changed(session: Session, questions: Questions, plan: Plan, step: Step): Promise<Plan> {
  const [first] = plan.folders;
  if (!first) return plan;
  if (step === 'keep') return { ...plan, keepsKey: !plan.keepsKey };
  if (step === 'schedule') return { ...plan, at: await askTimes(questions) };
  if (step === 'name') return renamed(session, plan, await askNames(session, questions, plan));
  if (step === 'encryption') return { ...plan, encryption: await askEncryption(session, questions, plan) };
  const place = await askPlace(session, questions, texts.whichSecondPlace, {
    kept: null,
    appFolder: first.appFolder,
  });
  const places = plan.places ?? storesFor(plan, first).map((url) => ({ url, isShared: false }));
  return proveFirstPlace(session, { ...plan, places: [...places, place], keys: place.keys ?? plan.keys });
}

/** A prefix is called as its profile: the new one may be taken, and what was said of the old one does not hold for it. */
async function renamed(session: Session, before: Plan, plan: Plan): Promise<Plan> {
  if (!plan.places?.some(({ isShared }) => isShared)) return plan;
  const isRenamed = (app: string): boolean =>
    plan.folders.find(({ appFolder }) => appFolder === app)?.name !==
    before.folders.find(({ appFolder }) => appFolder === app)?.name;
  const isFlag = isSet(session.invocation.flags, 'moved');
  const moved = isFlag ? plan.moved : plan.moved.filter((app) => !isRenamed(app));
  return proveFirstPlace(session, { ...plan, moved });
}

async function askTimes(questions: Questions): Promise<Times | null> {
  const how = await questions.choose<'hourly' | 'times' | 'off'>(startTexts.whichSchedule, [
    { value: 'hourly', label: startTexts.everyHour },
    { value: 'times', label: startTexts.atTimes },
    { value: 'off', label: startTexts.noSchedule },
  ]);
  if (how !== 'times') return how === 'off' ? null : 'hourly';
  const typed = await questions.line(startTexts.whichTimes, {
    unlessTyped: '12:00,17:00',
    check: (times) =>
      tellingErrors(async () => {
        parseTimes(times);
        return null;
      }),
  });
  return parseTimes(typed);
}

async function askEncryption(session: Session, questions: Questions, plan: Plan): Promise<Encryption> {
  const shared = sharedWith(plan.profiles.known);
  const how = await questions.choose<'new' | 'own' | 'shared' | 'none'>(startTexts.howToEncrypt, [
    { value: 'new', label: startTexts.withNewKey },
    { value: 'own', label: startTexts.withSheetKey },
    ...(shared?.kind === 'shared'
      ? [{ value: 'shared' as const, label: startTexts.withKeyOf(shared.with) }]
      : []),
    { value: 'none', label: startTexts.unencrypted },
  ]);
  if (how === 'new') return newKey(session, null);
  if (how === 'none') return { kind: 'none' };
  if (how === 'shared' && shared) return shared;
  const { content, recipients } = await askSheetKey(session, questions);
  return { kind: 'own', recipients: recipients.join(' '), content };
}
