import { joined } from '../base/text.ts';
import { checkProfileName, profilePath } from '../settings/profiles.ts';
import { tellingErrors } from './init-places.ts';
import type { Plan } from './init-plan.ts';
import type { Session } from './init-session.ts';
import * as startTexts from './init-start-texts.ts';
import * as texts from './init-texts.ts';
import type { Questions } from './questions.ts';

/** Names for the profiles that are not there yet; their stores below a shared place are called the same. */
export async function askNames(session: Session, questions: Questions, plan: Plan): Promise<Plan> {
  const { around } = session.invocation.io;
  const folders = [...plan.folders];
  for (const [i, folder] of folders.entries()) {
    if (folder.before !== null) continue;
    const others = [
      ...plan.profiles.names,
      ...folders.filter((one) => one !== folder).map(({ name }) => name),
    ];
    const name = await questions.line(startTexts.whichName(folder.appFolder), {
      unlessTyped: folder.name,
      check: (typed) =>
        tellingErrors(async () => {
          checkProfileName(typed);
          return others.includes(typed) ? joined([texts.nameTaken(typed), texts.otherName], '. ') : null;
        }),
    });
    folders[i] = { ...folder, name, path: profilePath(around, name) };
  }
  return { ...plan, folders };
}
