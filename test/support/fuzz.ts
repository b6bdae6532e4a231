import { isEfakturError } from '../../src/base/errors.ts';
import { generator } from './faulty-store.ts';

/** Input as nobody would write it, drawn from a seed: the same seed gives the same inputs. */
export interface Fuzz {
  /** From 0 to below `below`. */
  number(below: number): number;
  pick<T>(from: readonly T[]): T;
  /** Bytes with a few of them changed, cut, doubled, moved or joined. */
  bytes(whole: Buffer): Buffer;
  /** A JSON text in which some values are others, fields are missing, doubled or of other names. */
  json(text: string): Buffer;
}

/** Values that have broken readers of JSON. */
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -0,
  '',
  ' ',
  '..',
  '../../x',
  '/etc/passwd',
  'C:\\x',
  'con',
  '\u0000',
  '\ud800',
  'a'.repeat(70_000),
  '9999-99-99T99:99:99Z',
  '__proto__',
  [],
  [null],
  [[[[[[[[[[]]]]]]]]]],
  {},
  { __proto__: 1 },
  { length: 3 },
];

export function fuzz(seed: number): Fuzz {
  const draw = generator(seed);
  const number = (below: number): number => Math.floor(draw() * below);
  const pick = <T>(from: readonly T[]): T => from[number(from.length)] as T;

  const bytes = (whole: Buffer): Buffer => {
    let out = Buffer.from(whole);
    for (let changes = 1 + number(4); changes > 0; changes--) {
      const at = number(out.length + 1);
      const length = number(Math.min(64, out.length - at + 1));
      const piece = out.subarray(at, at + length);
      switch (number(7)) {
        case 0:
          if (at < out.length) out[at] = (out[at] ?? 0) ^ (1 << number(8));
          break;
        case 1:
          if (at < out.length) out[at] = number(256);
          break;
        case 2:
          out = out.subarray(0, at);
          break;
        case 3:
          out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
          break;
        case 4:
          out = Buffer.concat([out.subarray(0, at), piece, piece, out.subarray(at + length)]);
          break;
        case 5:
          if (at + 4 <= out.length) out.writeUInt32LE(pick([0, 1, 0xffff, 0x7fffffff, 0xffffffff]), at);
          break;
        default:
          out = Buffer.concat([
            out.subarray(0, at),
            Buffer.from(Array.from({ length }, () => number(256))),
            out.subarray(at),
          ]);
      }
    }
    return Buffer.from(out);
  };

  const changed = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || number(6) === 0) return pick(oddValues);
    if (Array.isArray(value)) {
      const list = [...value];
      const at = number(list.length + 1);
      const how = number(3);
      if (how === 0) list.splice(at, 0, pick([...list, ...oddValues]));
      else if (how === 1) list.splice(at, 1);
      else if (at < list.length) list[at] = changed(list[at]);
      return list;
    }
    const entries = Object.entries(value);
    const at = number(entries.length);
    const [name, field] = entries[at] ?? ['', null];
    switch (number(6)) {
      case 0:
        entries.splice(at, 1);
        break;
      case 1:
        entries.push([pick(['__proto__', 'constructor', 'toString', '', name]), pick(oddValues)]);
        break;
      default:
        entries[at] = [name, changed(field)];
    }
    return Object.fromEntries(entries);
  };

  return {
    number,
    pick,
    bytes,
    json(text) {
      let value: unknown = JSON.parse(text);
      for (let changes = 1 + number(3); changes > 0; changes--) value = changed(value);
      const out = Buffer.from(JSON.stringify(value) ?? 'null');
      return number(5) === 0 ? bytes(out) : out;
    },
  };
}

/** What a step threw with one of these codes, or null; any other error comes out with the seed that made it. */
export async function refused(
  codes: readonly Parameters<typeof isEfakturError>[1][],
  seed: number,
  step: () => unknown,
): Promise<boolean> {
  try {
    await step();
    return false;
  } catch (error) {
    if (isEfakturError(error) && codes.includes(error.code)) return true;
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  }
}
