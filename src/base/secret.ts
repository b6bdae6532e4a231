import { inspect } from 'node:util';

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
