import { withoutAgeKeys } from '../base/secret.ts';
import { inBoth, joined, type Language, type Text, verbatim } from '../base/text.ts';
import type { Io } from './context.ts';
import { ask } from './prompt.ts';
import type { Choice, Questions } from './questions.ts';
import {
  alsoSeveral,
  chooseAtLeastOne,
  numberFrom,
  numberOrEnter,
  numbersOrEnter,
  orEnterFor,
  wentIll,
} from './questions-texts.ts';
import { print } from './voice.ts';

/** Questions as lines that scroll by: nothing is drawn again, so a screen reader reads each once. */
export function plainQuestions(io: Io, language: Language): Questions {
  const tell = (text: Text): void => print(io.stderr, text[language]);
  const answer = async (question: Text, isSecret = false): Promise<string> => {
    const asked = withoutAgeKeys(`${question[language]}: `);
    return ((await ask(io, asked, isSecret)) ?? '').trim();
  };
  const show = (question: Text, choices: readonly Choice<unknown>[], chosen: readonly unknown[]): void => {
    const several = chosen.length > 0;
    const rows = choices.map(({ label, value }, i) => {
      const mark = several ? (chosen.includes(value) ? '[x] ' : '[ ] ') : '';
      return inBoth((l) => `  ${i + 1}  ${mark}${label[l].replaceAll('\n', '\n     ')}`);
    });
    tell(joined([verbatim(''), question, ...rows], '\n'));
  };
  return {
    tell,
    done: tell,
    failed: (text) => tell(wentIll(text)),
    async choose(question, choices, first) {
      show(question, choices, []);
      const usual = Math.max(
        0,
        choices.findIndex(({ value }) => value === first),
      );
      for (let asked = numberOrEnter(usual + 1); ; asked = numberFrom(choices.length)) {
        const typed = await answer(asked);
        const chosen =
          typed === '' ? choices[usual] : /^\d{1,3}$/.test(typed) ? choices[Number(typed) - 1] : undefined;
        if (chosen) return chosen.value;
      }
    },
    async chooseSeveral(question, choices, chosen) {
      show(question, choices, chosen.length === 0 ? [null] : chosen);
      const usual = choices.flatMap(({ value }, i) => (chosen.includes(value) ? [i + 1] : []));
      for (let asked = numbersOrEnter(usual); ; asked = alsoSeveral(choices.length)) {
        const typed = await answer(asked);
        const numbers =
          typed === ''
            ? usual
            : typed
                .split(/[\s,;]+/)
                .filter(Boolean)
                .map(Number);
        const found = numbers.map((number) => choices[number - 1]);
        if (numbers.length === 0) tell(chooseAtLeastOne);
        else if (found.every((one) => one !== undefined))
          return found.flatMap((one) => (one ? [one.value] : []));
      }
    },
    async line(question, { unlessTyped, check } = {}) {
      const asked = unlessTyped === undefined ? question : orEnterFor(question, unlessTyped);
      for (;;) {
        const typed = (await answer(asked)) || (unlessTyped ?? '');
        const wrong = (await check?.(typed)) ?? null;
        if (wrong === null) return typed;
        tell(wentIll(wrong));
      }
    },
    secret: (question) => answer(question, true),
  };
}
