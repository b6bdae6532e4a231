import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxJsonDepth, maxJsonParts, parseJson } from '../../src/base/json.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text));

test('what JSON.parse makes of any value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
  for (const text of ['{"a":"\\\\"}', '{"a":"\\\\\\""}', '"[[["', '{"]}":"}{\\"["}', ' [1] '])
    expect(parse(text), text).toEqual(JSON.parse(text));
});

test('what is none is a SyntaxError', () => {
  for (const text of ['', '{', '"', '"\\', '[1', ']', 'nul', '{"a":"b}', '\u0000'])
    expect(() => parse(text), text).toThrow(SyntaxError);
});

test('depth and number have limits, which brackets in texts do not count for', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  expect(() => parse(nested(maxJsonDepth))).not.toThrow();
  expect(() => parse(nested(maxJsonDepth + 1))).toThrow('nested too deep');
  expect(parse(JSON.stringify('['.repeat(5000)))).toBe('['.repeat(5000));
  const many = (parts: number): string => `[${Array.from({ length: parts - 1 }, () => '[]').join(',')}]`;
  expect(() => parse(many(maxJsonParts))).not.toThrow();
  expect(() => parse(many(maxJsonParts + 1))).toThrow('too many parts');
});

test('a bomb is refused before it is parsed', () => {
  const startedAt = performance.now();
  for (const bomb of ['['.repeat(15 << 20), '{"a":'.repeat(3 << 20), `[${'[],'.repeat(10 << 20)}`])
    expect(() => parse(bomb)).toThrow(SyntaxError);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
