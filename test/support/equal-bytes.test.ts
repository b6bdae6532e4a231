import { cpuUsage } from 'node:process';
import { expect, test } from 'vitest';

test('bytes are equal when each of them is, alone and inside of others', () => {
  const bytes = Buffer.from('halo');
  const [same, other, longer] = [Buffer.from('halo'), Buffer.from('hala'), Buffer.from('halo!')];
  expect(bytes).toEqual(same);
  expect(new Map([['a', { bytes }]])).toEqual(new Map([['a', { bytes: same }]]));
  for (const wrong of [other, longer, new Uint8Array(other), 'halo', [...bytes]]) {
    expect(bytes).not.toEqual(wrong);
    expect(new Map([['a', [bytes]]])).not.toEqual(new Map([['a', [wrong]]]));
  }
});

test('megabytes are compared in a moment', () => {
  const large = Buffer.alloc(32 << 20, 'efaktur ');
  const begun = cpuUsage();
  expect({ large }).toEqual({ large: Buffer.from(large) });
  const { user, system } = cpuUsage(begun);
  // Of a core: byte by byte it takes 5 s of it.
  expect((user + system) / 1e6).toBeLessThan(1.5);
});
