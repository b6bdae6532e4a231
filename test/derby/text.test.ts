import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeModifiedUtf8, decodeText, textDecoder } from '../../src/derby/text.ts';

/** As Java's DataOutput.writeUTF writes characters, save that Derby keeps U+0000 as one byte. */
function encode(text: string): Buffer {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return Buffer.from(bytes);
}

const texts = fc.string({ unit: 'binary', maxLength: 300 });
const endMark = Buffer.from([0xe0, 0, 0]);

test('text comes back, with and without a length', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = encode(text);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      expect(decodeText(Buffer.concat([length, bytes]), 0, bytes.length + 2)).toBe(text);
      const open = Buffer.concat([Buffer.alloc(2), bytes, endMark]);
      expect(decodeText(open, 0, open.length)).toBe(text);
    }),
  );
});

test('text in pieces cut anywhere comes back, and no piece ends inside a character', () => {
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.boolean(),
      (text, sizes, marked) => {
        const bytes = marked ? Buffer.concat([encode(text), endMark]) : encode(text);
        const decoder = textDecoder();
        const parts: string[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          parts.push(decoder.write(bytes.subarray(at, at + size)));
          at += size;
        }
        parts.push(decoder.end());
        expect(parts.join('')).toBe(text);
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
      },
    ),
  );
});

test('bytes that are no text give something, and end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const bytes = Buffer.from(noise);
      expect(decodeModifiedUtf8(bytes, 0, bytes.length).length).toBeLessThanOrEqual(bytes.length);
      const decoder = textDecoder();
      expect(`${decoder.write(bytes)}${decoder.end()}`.length).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
