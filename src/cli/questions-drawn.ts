import type { Readable, Writable } from 'node:stream';
import { text as askText, isCancel, log, multiselect, password, select } from '@clack/prompts';
import { EfakturError } from '../base/errors.ts';
import { withoutAgeKeys } from '../base/secret.ts';
import { inBoth, type Language, type Text } from '../base/text.ts';
import type { Io } from './context.ts';
import type { Questions } from './questions.ts';
import { byArrows, byArrowsAndBlank, chooseAtLeastOne } from './questions-texts.ts';
import { noAnswer, runWhenReady } from './texts.ts';

/** The room that the line on the left takes. */
const marginCharacters = 4;

/**
 * With line breaks at blanks, as wide as the terminal is; what is longer than that, as a path, stays in one piece. What goes on in a
 * line below is indented as its beginning: a row of a table as its value.
 */
export function wrapped(text: string, { stderr }: Pick<Io, 'stderr'>): string {
  const width = Math.max(40, (stderr.columns ?? 80) - marginCharacters);
  return text
    .split('\n')
    .flatMap((line) => {
      const lines: string[] = [];
      const indent = ' '.repeat(/^ +(?:\S+ {2,})?/.exec(line)?.[0].length ?? 0);
      let rest = line;
      while (rest.length > width) {
        const at = rest.lastIndexOf(' ', width);
        const cut = at > Math.max(indent.length, width / 3) ? at : rest.indexOf(' ', width);
        if (cut < 0) break;
        lines.push(rest.slice(0, cut));
        rest = indent + rest.slice(cut + 1);
      }
      return [...lines, rest];
    })
    .join('\n');
}

/**
 * Questions drawn on a terminal. What the library says by itself is English, so none of it is let in: its instructions are off, and
 * answers are judged here. Its spinner is not used either: it ends the process at Ctrl-C by itself.
 */
export function drawnQuestions(io: Io, language: Language): Questions {
  const say = (text: Text): string => withoutAgeKeys(text[language]);
  const streams: { input: Readable; output: Writable; signal: AbortSignal } = {
    input: io.stdin,
    output: io.stderr,
    signal: io.signal,
  };
  const on = { output: io.stderr };
  /** Where the terminal is gone with its window the library never comes to tell it. */
  const stopped = new Promise<never>((_, reject) => {
    io.signal.addEventListener('abort', () => reject(io.signal.reason), { once: true });
  });
  stopped.catch(() => {});
  /** What was answered; closing a question is no answer. */
  const answered = async <T>(asked: Promise<T | symbol>): Promise<T> => {
    const answer = await Promise.race([asked, stopped]);
    if (!isCancel(answer)) return answer as T;
    io.signal.throwIfAborted();
    throw new EfakturError('interrupted', noAnswer, runWhenReady);
  };
  const withKeys = (question: Text, keys: Text): string => say(inBoth((l) => `${question[l]} ${keys[l]}`));
  const line: Questions['line'] = async (question, { unlessTyped, check } = {}) => {
    let typed = unlessTyped ?? '';
    for (;;) {
      const asked = askText({ ...streams, message: say(question), initialValue: typed });
      typed = ((await answered<string | undefined>(asked)) ?? '').trim() || (unlessTyped ?? '');
      const wrong = (await check?.(typed)) ?? null;
      if (wrong === null) return typed;
      log.error(wrapped(say(wrong), io), on);
    }
  };
  return {
    tell: (text) => log.message(wrapped(say(text), io), on),
    done: (text) => log.success(wrapped(say(text), io), on),
    failed: (text) => log.error(wrapped(say(text), io), on),
    async choose(question, choices, first) {
      const at = choices.findIndex(({ value }) => value === first);
      const asked = select<number>({
        ...streams,
        message: withKeys(question, byArrows),
        options: choices.map(({ label }, value) => ({ value, label: say(label) })),
        initialValue: Math.max(0, at),
        showInstructions: false,
      });
      const chosen = choices[await answered<number>(asked)];
      if (!chosen) throw new TypeError('a choice that was not offered');
      return chosen.value;
    },
    async chooseSeveral(question, choices, chosen) {
      let initialValues = choices.flatMap(({ value }, i) => (chosen.includes(value) ? [i] : []));
      for (;;) {
        const asked = multiselect<number>({
          ...streams,
          message: withKeys(question, byArrowsAndBlank),
          options: choices.map(({ label }, value) => ({ value, label: say(label) })),
          initialValues,
          required: false,
          showInstructions: false,
        });
        initialValues = [...(await answered<number[]>(asked))].sort((a, b) => a - b);
        if (initialValues.length > 0) return initialValues.flatMap((i) => choices[i]?.value ?? []);
        log.error(say(chooseAtLeastOne), on);
      }
    },
    line,
    async secret(question) {
      const asked = password({ ...streams, message: say(question) });
      return ((await answered<string | undefined>(asked)) ?? '').trim();
    },
  };
}
