import { isText, type Text } from '../../src/base/text.ts';

/** What a value is when each text in it is its English. */
export type English<T> = T extends Text
  ? string
  : T extends Date | Buffer | Error
    ? T
    : T extends object
      ? { [K in keyof T]: English<T[K]> }
      : T;

/** A document of a verb as it is told in English. */
export function english<T>(value: T): English<T> {
  const told = (one: unknown): unknown => {
    if (isText(one)) return one.en;
    if (Array.isArray(one)) return one.map(told);
    if (typeof one !== 'object' || one === null || Object.getPrototypeOf(one) !== Object.prototype)
      return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, told(inner)]));
  };
  return told(value) as English<T>;
}

/** A text in English. */
export const inEnglish = (said: Text | undefined): string => said?.en ?? '';
