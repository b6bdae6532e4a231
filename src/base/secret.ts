import { inspect } from 'node:util';
import { type Text, verbatim } from './text.ts';
import { whatIsSetThere } from './texts.ts';

/** A value that is shown nowhere: not in messages, JSON, `console`, `util.inspect` or an error's properties. */
export interface Secret<T = string> {
  /** The value itself. Call it where the value is used, and keep the result in no object. */
  reveal(): T;
  toString(): string;
  toJSON(): string;
}

const redacted = '[secret]';

/** Wraps a key, a passphrase or a file of keys. The value lives in a closure, so no walk over properties finds it. */
export const secret = <T = string>(value: T): Secret<T> =>
  Object.freeze({
    reveal: () => value,
    toString: () => redacted,
    toJSON: () => redacted,
    [inspect.custom]: () => redacted,
  });

const hiddenAgeKey = 'AGE-SECRET-KEY-…';

/** A text with every secret key of age taken out: somebody may have pasted one where a name or a number belongs. */
export const withoutAgeKeys = (text: string): string =>
  text.replace(/AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+/gi, hiddenAgeKey);

/** Whether a text is a secret key of age and nothing else. */
export const isAgeKey = (text: string): boolean => withoutAgeKeys(text.trim()) === hiddenAgeKey;

/** The least length of what services give out as secret keys and tokens. */
const leastKeyCharacters = 30;
/** Of random letters and digits half are of another kind than the one before; of names made of words a quarter at most. */
const leastChangesPerCharacter = 0.35;

/**
 * Whether a text looks like the secret key of a bucket and not like a name, a path or a number: one long word of random
 * letters and digits, or of hexadecimal ones (as Cloudflare R2 has them). A path that looks so can be written `./PATH`.
 */
export function looksLikeSecret(text: string): boolean {
  const word = text.trim();
  if (isAgeKey(word)) return true;
  if (word.length < leastKeyCharacters || !/^[A-Za-z0-9][A-Za-z0-9+/=]*$/.test(word)) return false;
  if (/^[0-9a-f]+$/i.test(word)) return true;
  const kinds = [...word].map((c) =>
    /[a-z]/.test(c) ? 'a' : /[A-Z]/.test(c) ? 'A' : /[0-9]/.test(c) ? '0' : '/',
  );
  const changes = kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length;
  return changes / word.length >= leastChangesPerCharacter && kinds.includes('a') && kinds.includes('A');
}

/** A value that cannot be, as an error may show it: words and numbers; anything else may be a password. */
export const shownValue = (text: string): Text =>
  /^[a-z/_ ]{1,24}$/i.test(text) || /^[-+]?[\d.,:% ]{1,12}[a-z%/]{0,6}$/i.test(text)
    ? verbatim(`"${text}"`)
    : whatIsSetThere;
