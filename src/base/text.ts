/** What a person reads, in both languages. A plain object, so that it crosses threads and lies in documents as it is. */
export interface Text {
  readonly en: string;
  readonly id: string;
}

export type Language = keyof Text;

/** What is no word of a language: a path, a key, a code, what another program said. */
export const verbatim = (text: string): Text => ({ en: text, id: text });

export const isText = (value: unknown): value is Text =>
  typeof value === 'object' &&
  value !== null &&
  'en' in value &&
  'id' in value &&
  typeof value.en === 'string' &&
  typeof value.id === 'string';

/** Both languages alike: `make` is called once for each. */
export const inBoth = (make: (language: Language) => string): Text => ({ en: make('en'), id: make('id') });

/** The texts one after the other, with the same between them in both languages. */
export const joined = (texts: readonly Text[], between: string): Text =>
  inBoth((language) => texts.map((text) => text[language]).join(between));

/** `a, b and c`. */
export function listed(texts: readonly Text[]): Text {
  const [last, ...before] = [...texts].reverse();
  if (last === undefined) return verbatim('');
  if (before.length === 0) return last;
  const first = joined(before.reverse(), ', ');
  return { en: `${first.en} and ${last.en}`, id: `${first.id} dan ${last.id}` };
}

/** As JSON and what is stored hold it, whatever the language: each `Text` in it is its English. For `JSON.stringify`. */
export const englishOnly = (_name: string, value: unknown): unknown => (isText(value) ? value.en : value);

/**
 * The language of a locale's name (`id_ID.UTF-8`, `id-ID`, `id`), whatever its region; null for another one. Blanks around it
 * count for nothing: `set EFAKTUR_LANG=id & …` leaves one behind it on Windows.
 */
export function languageOf(locale: string): Language | null {
  const [name = ''] = locale
    .trim()
    .toLowerCase()
    .split(/[-_.@]/);
  return name === 'id' || name === 'en' ? name : null;
}
