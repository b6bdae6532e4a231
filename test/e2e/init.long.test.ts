import { expect, test } from 'vitest';
import { breakOff } from './init-rounds.ts';

/** The key, the profile, the sheet and the note of them: where it matters most. */
const ofTheEnd = /\.config|sheet\.html|made\.jsonl/;

test('killed at any step, all of it is there or nothing', { timeout: 600_000 }, async () => {
  expect(await breakOff(11, undefined, 'SIGKILL')).toContain('nothing');
  expect(await breakOff(1, ofTheEnd, 'SIGKILL')).toEqual(new Set(['nothing']));
});

test('interrupted before it writes, nothing is left at once', { timeout: 600_000 }, async () => {
  expect(await breakOff(13, undefined, 'SIGINT')).toEqual(new Set(['nothing']));
});
