import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { secret } from '../../src/base/secret.ts';

test('a secret is shown nowhere but by reveal', () => {
  const held = secret('kopi tubruk');
  const error = Object.assign(new Error(`failed with ${held}`), { held });
  const shown = [
    String(held),
    `${held}`,
    JSON.stringify({ held }),
    inspect(held),
    inspect({ held }, { depth: 9, showHidden: true }),
    inspect(held, { customInspect: false, showHidden: true, depth: 9 }),
    inspect(error, { depth: 9, showHidden: true }),
    Object.values(held).map(String).join(),
  ];
  for (const text of shown) expect(text).not.toContain('kopi');
  expect(JSON.stringify(held)).toBe('"[secret]"');
  expect(held.reveal()).toBe('kopi tubruk');
});
