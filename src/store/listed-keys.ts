/**
 * How the keys of a listing are written. Every listing is asked for with `encoding-type=url`, as XML cannot hold each key a
 * bucket may have. What services make of it differs: `+` for a blank or for itself, keys encoded without a word, keys left
 * raw under `<EncodingType>url</EncodingType>`, markers written otherwise than keys. So an answer is read in the way that
 * fits what was asked.
 */

/** Null for what cannot be written in this way. */
type Reading = (text: string) => string | null;

const plain: Reading = (text) => text;

const percent: Reading = (text) => {
  if (!text.includes('%')) return text;
  if (/%(?![0-9a-f]{2})/i.test(text)) return null;
  // Not `decodeURIComponent`: a foreign key may be no UTF-8, and must not stop the listing.
  const bytes = text
    .split(/%([0-9a-f]{2})/i)
    .map((part, i) => Buffer.from(part, i % 2 === 0 ? 'utf8' : 'hex'));
  return Buffer.concat(bytes).toString('utf8');
};

const form: Reading = (text) => percent(text.replaceAll('+', ' '));

/** What URL-encoding leaves, with at least one character encoded. */
const looksEncoded = (keys: readonly string[]): boolean =>
  keys.some((key) => key.includes('%')) &&
  keys.every((key) => /^(?:[\w\-.~!*'()/+:,;=@$&]|%[0-9a-f]{2})*$/i.test(key));

/**
 * The keys of one page as they are in the bucket; null when in no way of reading them each begins with the prefix that was
 * asked for. `isSaidEncoded`: the answer says that they are URL-encoded.
 */
export function readKeys(
  keys: readonly string[],
  prefix: string,
  isSaidEncoded: boolean,
): readonly string[] | null {
  const readings = isSaidEncoded || looksEncoded(keys) ? [form, percent, plain] : [plain, percent, form];
  for (const read of readings) {
    const texts = keys.map(read);
    if (texts.every((text) => text?.startsWith(prefix))) return texts as string[];
  }
  return null;
}

/**
 * A marker in the way of writing in which it goes on from the last key of its page, to which services may add something of
 * their own, or in which it is at least one of the prefix asked for; else as the answer says that it is written.
 */
export function readMarker(
  marker: string,
  lastKey: string | null,
  prefix: string,
  isSaidEncoded: boolean,
): string {
  const readings = isSaidEncoded ? [form, percent, plain] : [plain, percent, form];
  const texts = readings.map((read) => read(marker)).filter((text) => text !== null);
  const begins = (beginning: string) => texts.find((text) => text.startsWith(beginning));
  return (lastKey === null ? undefined : begins(lastKey)) ?? begins(prefix) ?? texts[0] ?? marker;
}

/**
 * Whether a listing says of itself that it is of another prefix, `+` and blank taken for one another. Services write
 * prefixes in so many ways that no other difference says anything.
 */
export function isOtherPrefix(said: string, asked: string): boolean {
  const blank = (text: string): string => text.replaceAll('+', ' ');
  const readings = [form, percent, plain].map((read) => read(said));
  return !readings.includes(asked) && readings.some((text) => text !== null && blank(text) === blank(asked));
}
