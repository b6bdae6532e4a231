/*
 * Text as Derby stores it: Java's modified UTF-8, where a character outside the first plane is two three-byte forms and
 * E0 00 00, which is no character, ends a text whose length was not known. Layout: Derby's SQLChar.
 */
import { u16 } from './page.ts';

const isEndMark = (b: Buffer, at: number, to: number): boolean =>
  b[at] === 0xe0 && at + 2 < to && b[at + 1] === 0 && b[at + 2] === 0;

/** Decodes modified UTF-8 up to `to` or the end mark; what is no character becomes U+FFFD. */
export function decodeModifiedUtf8(b: Buffer, from: number, to: number): string {
  let at = from;
  while (at < to && (b[at] as number) < 0x80) at++;
  if (at >= to) return b.toString('latin1', from, to);
  const parts: string[] = [b.toString('latin1', from, at)];
  let units: number[] = [];
  while (at < to) {
    const first = b[at] as number;
    if (first < 0x80) {
      units.push(first);
      at += 1;
    } else if ((first & 0xe0) === 0xc0 && at + 1 < to) {
      units.push(((first & 0x1f) << 6) | ((b[at + 1] as number) & 0x3f));
      at += 2;
    } else if (isEndMark(b, at, to)) {
      break;
    } else if ((first & 0xf0) === 0xe0 && at + 2 < to) {
      const unit =
        ((first & 0x0f) << 12) | (((b[at + 1] as number) & 0x3f) << 6) | ((b[at + 2] as number) & 0x3f);
      units.push(unit);
      at += 3;
    } else {
      units.push(0xfffd);
      at += 1;
    }
    if (units.length >= 4096) {
      parts.push(String.fromCharCode(...units));
      units = [];
    }
  }
  parts.push(String.fromCharCode(...units));
  return parts.join('');
}

/**
 * A stored text: a u16 byte length (0: up to the end) before the characters. `dataAt` is where they begin when the header
 * is another one.
 */
export function decodeText(b: Buffer, from: number, to: number, dataAt = 0): string {
  if (dataAt > 0) return decodeModifiedUtf8(b, dataAt, to);
  if (to - from < 2) return '';
  const end = from + 2 + u16(b, from);
  return decodeModifiedUtf8(b, from + 2, end === from + 2 || end > to ? to : end);
}

/** Decodes a text that comes in pieces cut anywhere. No piece of the result ends inside a character. */
export function textDecoder(): { write(piece: Buffer): string; end(): string } {
  let rest: Buffer = Buffer.alloc(0);
  let held = '';
  let ended = false;
  const hold = (text: string): string => {
    const whole = held + text;
    const last = whole.charCodeAt(whole.length - 1);
    held = last >= 0xd800 && last < 0xdc00 ? whole.slice(-1) : '';
    return whole.slice(0, whole.length - held.length);
  };
  return {
    write(piece) {
      if (ended) return '';
      const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
      const cut = lastWhole(bytes);
      const mark = bytes.indexOf(endMark);
      ended = mark >= 0 && mark < cut;
      rest = Buffer.from(bytes.subarray(cut));
      return hold(decodeModifiedUtf8(bytes, 0, ended ? mark : cut));
    },
    end() {
      return ended ? held : held + decodeModifiedUtf8(rest, 0, rest.length);
    },
  };
}

const endMark = Buffer.from([0xe0, 0, 0]);

/** Offset after the last character that is whole. */
function lastWhole(b: Buffer): number {
  const n = b.length;
  if (n >= 1 && (b[n - 1] as number) >= 0xc0) return n - 1;
  return n >= 2 && (b[n - 2] as number) >= 0xe0 ? n - 2 : n;
}
