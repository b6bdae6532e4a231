import { EfakturError } from '../base/errors.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { setUpNew } from './init-new.ts';
import { setUpRestore } from './init-restore.ts';
import { beginSession } from './init-session.ts';
import * as texts from './init-texts.ts';
import { isConsole } from './prompt.ts';
import { arePlain, type Questions } from './questions.ts';

/** The wizard: from nothing to a verified backup, or a restore on this computer. With `--yes` by flags alone. */
export async function runInit(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, positionals } = invocation;
  if (text(flags, 'settings') !== undefined)
    throw new EfakturError('usage', texts.initWritesProfiles, texts.nameProfileInstead);
  const [action, ...rest] = positionals;
  if (rest.length > 0 || (action !== undefined && action !== 'new' && action !== 'restore'))
    throw new EfakturError('usage', texts.newOrRestoreOnly, texts.writeNewOrRestore);
  const isPlain = arePlain(io, isSet(flags, 'plain'));
  const questions = await questionsOf(invocation, isPlain);
  const session = beginSession(invocation, questions, isPlain);
  try {
    questions?.tell(texts.welcome);
    const what =
      action ??
      (questions === null
        ? 'new'
        : await questions.choose(texts.newOrRestore, [
            { value: 'new', label: texts.newSetup },
            { value: 'restore', label: texts.restoreHere },
          ]));
    return await (what === 'restore' ? setUpRestore(session) : setUpNew(session));
  } catch (error) {
    for (const step of session.takeBack) await step();
    throw error;
  } finally {
    session.close();
  }
}

async function questionsOf({ flags, io, language }: Invocation, isPlain: boolean): Promise<Questions | null> {
  if (isSet(flags, 'yes')) return null;
  if (isSet(flags, 'json') || !isConsole(io))
    throw new EfakturError('usage', texts.needsTerminal, texts.addYes);
  if (isPlain) return (await import('./questions-plain.ts')).plainQuestions(io, language);
  return (await import('./questions-drawn.ts')).drawnQuestions(io, language);
}
