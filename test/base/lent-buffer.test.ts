import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inPlace, kept, type LentBuffer } from '../../src/base/lent-buffer.ts';

describe('lent bytes', () => {
  test('a copy stays as it is, the bytes in place do not', () => {
    const memory = Buffer.from('e-Faktur');
    const lent: LentBuffer = memory.subarray(2);
    const copy = kept(lent);
    expect(inPlace(lent).toString()).toBe('Faktur');
    memory.fill('x');
    expect(copy.toString()).toBe('Faktur');
    expect(inPlace(lent).toString()).toBe('xxxxxx');
  });

  // What the compiler refuses is what this test is about: it fails in the type check.
  test('fit into nothing that holds Buffers', () => {
    const lent: LentBuffer = Buffer.from('x');
    const parts: Buffer[] = [];
    // @ts-expect-error
    parts.push(lent);
    // @ts-expect-error
    const whole: Buffer = lent;
    // @ts-expect-error
    const part: Buffer = lent.subarray(0, 1);
    // @ts-expect-error
    const byName: Map<string, Uint8Array> = new Map([['a', lent]]);
    async function* lending(): AsyncGenerator<LentBuffer> {
      yield lent;
    }
    // @ts-expect-error
    const stream: AsyncIterable<Buffer> = lending();
    // @ts-expect-error
    createHash('sha256').update(lent);
    expect([parts.length, whole, part, byName.size, stream]).toHaveLength(5);
  });

  test('are kept as such nowhere', () => {
    const keeping =
      /LentBuffer\[\]|(Array|Map|Set)<[^>]*LentBuffer|^ *(readonly )?#?\w+\??: LentBuffer\b.*;/gm;
    const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(join('src', path), 'utf8').match(keeping) ?? []);
    expect(found).toEqual([]);
    expect('  readonly #held: LentBuffer | null = null;'.match(keeping)).not.toBeNull();
  });
});
