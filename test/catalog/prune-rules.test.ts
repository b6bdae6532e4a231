import { describe, expect, test } from 'vitest';
import { verbatim } from '../../src/base/text.ts';
import { defaultPolicy } from '../../src/catalog/prune-defaults.ts';
import { parsePruneRules } from '../../src/catalog/prune-rules.ts';
import { noRules } from '../../src/catalog/retention.ts';

const read = (value: string) => parsePruneRules(value, verbatim('EFAKTUR_PRUNE'));

describe('EFAKTUR_PRUNE', () => {
  test('is the flags of prune, in any order and with blanks', () => {
    expect(read('keep-daily=30, keep-monthly=24')).toEqual({
      policy: { ...noRules, daily: 30, monthly: 24 },
      maxDelete: { percent: 50 },
    });
    expect(read('max-delete=7,--keep-last=unlimited,KEEP-WITHIN=1y2d')).toEqual({
      policy: {
        ...noRules,
        last: Number.POSITIVE_INFINITY,
        within: { years: 1, months: 0, days: 2, hours: 0 },
      },
      maxDelete: { backups: 7 },
    });
  });

  test('default is what prune keeps without a flag, also with another limit', () => {
    expect(read('default')).toEqual({ policy: defaultPolicy, maxDelete: { percent: 50 } });
    expect(read('default,max-delete=10%')).toEqual({ policy: defaultPolicy, maxDelete: { percent: 10 } });
  });

  test('off prunes nothing', () => {
    expect(read('off')).toBeNull();
  });

  test.each([
    'yes',
    'keep-daily',
    'keep-daily=',
    'keep-daily=-1',
    'keep-daily=30 keep-monthly=24',
    'keep-daily=30;keep-monthly=24',
    'keep-daily=30,',
    'keep-daily=30,keep-daily=3',
    'keep-dayly=30,keep-monthly=24',
    'keep-within=soon',
    'max-delete=50%',
    'keep-daily=30,max-delete=200%',
    'default,keep-daily=30',
    'off,keep-daily=30',
    'keep-last=0,keep-daily=0',
    '',
  ])('%s is refused: a rule passed over would delete what it keeps', (value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
