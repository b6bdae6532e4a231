import { EfakturError } from '../base/errors.ts';
import { type Language, languageOf, verbatim } from '../base/text.ts';
import { chooseLanguage } from '../settings/setting-values.ts';
import { namesAsAsked, type Surroundings } from '../settings/surroundings.ts';
import { valueInWords } from './words.ts';

/**
 * The locale that this user has chosen: what `LANGUAGE` wishes for first of what there is, as gettext reads it, else the locale of
 * messages; `ofSystem` where none is named, as on Windows. In C nothing is wished for.
 */
export function localeOf(env: Surroundings['env'], ofSystem: () => string): string {
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find(Boolean);
  if (locale === undefined) return ofSystem();
  if (/^(?:C|POSIX)$/.test(locale)) return locale;
  return env.LANGUAGE?.split(':').find((one) => languageOf(one) !== null) ?? locale;
}

/**
 * The language of a command line, before anything else of it is understood: `--lang` by the words alone, then the
 * environment, then the system. A wrong one is `wrong`, to be told in both languages.
 */
export function languageFor(
  argv: readonly string[],
  around: Surroundings,
): { readonly language: Language; readonly wrong: EfakturError | null } {
  const bySystem = languageOf(around.systemLocale) ?? 'en';
  const given = [
    { where: verbatim('--lang'), value: valueInWords(argv, 'lang') },
    { where: verbatim('EFAKTUR_LANG'), value: namesAsAsked(around).EFAKTUR_LANG },
  ];
  for (const { where, value } of given) {
    if (value === undefined || value.trim() === '') continue;
    try {
      return { language: chooseLanguage({ where, value }), wrong: null };
    } catch (error) {
      if (error instanceof EfakturError) return { language: bySystem, wrong: error };
      throw error;
    }
  }
  return { language: bySystem, wrong: null };
}
