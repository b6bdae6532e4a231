import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { compactUtc, localDay } from '../../src/base/local-time.ts';
import { verbatim } from '../../src/base/text.ts';
import type { Proof } from '../../src/catalog/names.ts';
import { defaultPolicy } from '../../src/catalog/prune-defaults.ts';
import {
  noRules,
  parseKeepCount,
  parseSpan,
  planRetention,
  type RetainableBackup,
  type RetentionPolicy,
} from '../../src/catalog/retention.ts';

const zone = 'Asia/Jakarta';
const now = new Date('2024-03-15T12:00:00+07:00');

/** A backup named by its Jakarta time; `+` proven, `!` found damaged (in that order), `?` its archive missing, `*` disputed; `@` and when it came. */
function backupOf(text: string, index: number): { backup: RetainableBackup; proofs: Proof[] } {
  const [, when = '', marks = '', uploaded] = /^([0-9T:-]+)([+!?*]*)(?:@([0-9T:-]+))?$/.exec(text) ?? [];
  const instant = (part: string): Date => new Date(`${part.includes('T') ? part : `${part}T09:00`}:00+07:00`);
  const capturedAt = instant(when);
  const uploadedAt = uploaded === undefined ? null : instant(uploaded);
  const tag = index.toString(16).padStart(12, '0');
  const proof = (result: Proof['result'], minute: number): Proof => ({
    tag,
    level: 'data',
    result,
    at: new Date(Date.UTC(2024, 2, 1, 3, minute)),
  });
  return {
    backup: {
      id: `${compactUtc(capturedAt)}-${tag}`,
      capturedAt,
      uploadedAt,
      tag,
      isWhole: !marks.includes('?'),
      isDisputed: marks.includes('*'),
    },
    proofs: [...marks].flatMap((mark, minute) =>
      mark === '+' ? [proof('clean', minute)] : mark === '!' ? [proof('damaged', minute)] : [],
    ),
  };
}

function kept(names: readonly string[], policy: Partial<RetentionPolicy>, at = now, inZone = zone): string[] {
  const made = names.map((name, i) => ({ name, ...backupOf(name, i) }));
  const proofs = new Map(made.map(({ backup, proofs: p }) => [backup.tag, p]));
  const decisions = planRetention(
    made.map((m) => m.backup),
    { ...noRules, ...policy },
    { now: at, zone: inZone, proofs },
  );
  for (const { reason } of decisions) expect([reason.en, reason.id]).not.toContain('');
  return decisions
    .filter((d) => d.keep)
    .map((d) => made.find((m) => m.backup.id === d.backup.id)?.name ?? '');
}

describe('golden cases', () => {
  const cases: [string, string[], Partial<RetentionPolicy>, string[]][] = [
    ['nothing stored', [], { last: 3 }, []],
    ['no rule: the newest', ['2024-01-01', '2024-01-02'], {}, ['2024-01-02']],
    [
      'no rule: the newest and the newest proven',
      ['2024-01-01+', '2024-01-02+', '2024-01-03', '2024-01-04'],
      {},
      ['2024-01-02+', '2024-01-04'],
    ],
    ['keep-last', ['2024-01-01', '2024-01-02', '2024-01-03'], { last: 2 }, ['2024-01-02', '2024-01-03']],
    [
      'keep-last unlimited',
      ['2022-01-01', '2024-01-02', '2024-01-03'],
      { last: Number.POSITIVE_INFINITY },
      ['2022-01-01', '2024-01-02', '2024-01-03'],
    ],
    [
      'keep-daily takes the newest of each day, days without a backup do not count',
      ['2024-01-01T08:00', '2024-01-01T17:00', '2024-01-20T08:00', '2024-01-20T17:00', '2024-02-01'],
      { daily: 3 },
      ['2024-01-01T17:00', '2024-01-20T17:00', '2024-02-01'],
    ],
    [
      'a proven backup fills a day before a newer unproven one',
      ['2024-01-01T08:00+', '2024-01-01T12:00+', '2024-01-01T17:00', '2024-02-01'],
      { daily: 2 },
      ['2024-01-01T12:00+', '2024-02-01'],
    ],
    [
      'one found damaged fills a day only when there is no other',
      ['2024-01-01T08:00', '2024-01-01T17:00!', '2024-01-02!', '2024-02-01'],
      { daily: 3 },
      ['2024-01-01T08:00', '2024-01-02!', '2024-02-01'],
    ],
    [
      'proven and found damaged later on the same day counts as damaged',
      ['2024-01-01T08:00', '2024-01-01T17:00+!', '2024-02-01'],
      { daily: 2 },
      ['2024-01-01T08:00', '2024-02-01'],
    ],
    [
      'found damaged and proven later on the same day counts as proven',
      ['2024-01-01T08:00', '2024-01-01T17:00!+', '2024-02-01'],
      { daily: 2 },
      ['2024-01-01T17:00!+', '2024-02-01'],
    ],
    [
      'days are those of the zone: 23:30 and 00:30 in Jakarta are one day in UTC',
      ['2024-01-01T23:30', '2024-01-02T00:30', '2024-02-01'],
      { daily: 9 },
      ['2024-01-01T23:30', '2024-01-02T00:30', '2024-02-01'],
    ],
    [
      'ISO weeks: Sunday 31 December 2023 is in week 52, Monday the first in week 1',
      ['2023-12-30', '2023-12-31', '2024-01-01', '2024-01-07', '2024-01-08'],
      { weekly: 9 },
      ['2023-12-31', '2024-01-07', '2024-01-08'],
    ],
    [
      'ISO weeks: 1 January 2023 belongs to the last week of 2022',
      ['2022-12-31', '2023-01-01', '2023-01-02'],
      { weekly: 9 },
      ['2023-01-01', '2023-01-02'],
    ],
    [
      'keep-monthly',
      ['2023-11-30', '2023-12-01', '2023-12-31', '2024-01-01', '2024-01-31', '2024-02-29'],
      { monthly: 3 },
      ['2023-12-31', '2024-01-31', '2024-02-29'],
    ],
    [
      'keep-yearly: the year-end, and the newest proven beside it while it is not proven',
      ['2021-12-31', '2022-03-01+', '2022-12-30', '2023-12-31+', '2024-01-02', '2024-01-03'],
      { yearly: 3 },
      ['2022-03-01+', '2022-12-30', '2023-12-31+', '2024-01-03'],
    ],
    [
      'keep-within counts from the newest backup, not from today',
      ['2023-01-30', '2023-01-31', '2023-02-15', '2023-02-28'],
      { within: parseSpan('28d', verbatim('test')) },
      ['2023-01-31', '2023-02-15', '2023-02-28'],
    ],
    [
      'keep-within by the calendar: a month before 31 March is the last of February',
      ['2023-02-27', '2023-02-28', '2023-03-31'],
      { within: parseSpan('1m', verbatim('test')) },
      ['2023-02-28', '2023-03-31'],
    ],
    [
      'keep-within of years, months, days and hours',
      ['2022-07-24T06:59', '2022-07-24T07:00', '2023-12-31'],
      { within: parseSpan('1y5m7d2h', verbatim('test')) },
      ['2022-07-24T07:00', '2023-12-31'],
    ],
    [
      'keep-within longer than time itself keeps all',
      ['2001-01-01', '2023-12-31'],
      { within: parseSpan('999999y', verbatim('test')) },
      ['2001-01-01', '2023-12-31'],
    ],
    [
      'what is captured after the server time is neither counted nor deleted',
      ['2024-03-13', '2024-03-14', '2024-03-16', '2030-01-01+', '2031-01-01'],
      { last: 1, yearly: 1 },
      ['2024-03-14', '2024-03-16', '2030-01-01+', '2031-01-01'],
    ],
    [
      'what claims a time after its upload counts from its upload, and takes no bucket from the others',
      ['2022-12-30', '2022-12-31@2022-03-01', '2023-12-30', '2023-12-31+@2023-03-01', '2024-03-01'],
      { yearly: 3 },
      ['2022-12-30', '2023-12-31+@2023-03-01', '2023-12-30', '2024-03-01'],
    ],
    [
      'a clock that was two years ahead: its backups are pruned as if it had been right',
      ['2026-01-01@2024-01-01', '2026-01-02@2024-01-02', '2026-02-01@2024-02-01', '2024-03-01'],
      { monthly: 9 },
      ['2026-01-02@2024-01-02', '2026-02-01@2024-02-01', '2024-03-01'],
    ],
    [
      'what came late takes nothing from what was there, proven or not',
      [
        '2023-06-30@2023-07-01',
        '2023-12-30@2023-12-30',
        '2023-12-31T17:00+@2024-02-01',
        '2023-06-30T17:00+@2024-02-01',
        '2024-03-01@2024-03-01',
      ],
      { monthly: 9 },
      [
        '2023-06-30@2023-07-01',
        '2023-06-30T17:00+@2024-02-01',
        '2023-12-30@2023-12-30',
        '2023-12-31T17:00+@2024-02-01',
        '2024-03-01@2024-03-01',
      ],
    ],
    [
      'inside a batch of late ones the capture time decides: of three years stored at once the year-ends stay',
      [
        '2021-06-01@2024-03-01T08:00',
        '2021-12-31@2024-03-01T08:01',
        '2022-06-01@2024-03-01T08:02',
        '2022-12-31@2024-03-01T08:03',
        '2023-12-31@2024-03-01T08:04',
        '2024-03-01@2024-03-01T08:05',
      ],
      { yearly: 9 },
      [
        '2021-12-31@2024-03-01T08:01',
        '2022-12-31@2024-03-01T08:03',
        '2023-12-31@2024-03-01T08:04',
        '2024-03-01@2024-03-01T08:05',
      ],
    ],
    [
      'a day between two late uploads parts two batches, and the later one takes nothing from the earlier',
      [
        '2023-01-10@2024-02-01T09:00',
        '2023-01-20@2024-02-02T08:59',
        '2023-01-30@2024-02-03T08:59',
        '2024-03-01@2024-03-01',
      ],
      { monthly: 9 },
      ['2023-01-20@2024-02-02T08:59', '2023-01-30@2024-02-03T08:59', '2024-03-01@2024-03-01'],
    ],
    [
      'what came a week after its time is not late, a minute more is',
      [
        '2024-02-10@2024-02-10',
        '2024-02-20T09:00@2024-02-27T09:00',
        '2024-02-21T09:00@2024-02-28T09:01',
        '2024-03-01@2024-03-01',
      ],
      { monthly: 9 },
      ['2024-02-20T09:00@2024-02-27T09:00', '2024-02-21T09:00@2024-02-28T09:01', '2024-03-01@2024-03-01'],
    ],
    [
      'an upload before the capture is one clock behind another, up to a quarter of an hour',
      ['2023-12-30', '2023-12-31T09:15@2023-12-31', '2024-03-01T09:00', '2024-03-01T09:16@2024-03-01'],
      { yearly: 2 },
      ['2023-12-31T09:15@2023-12-31', '2024-03-01T09:00', '2024-03-01T09:16@2024-03-01'],
    ],
    [
      'an upload long after the capture, as after a copy to another disk, changes nothing',
      ['2022-12-30@2024-03-01', '2022-12-31@2024-03-01', '2024-03-01@2024-03-02'],
      { yearly: 2 },
      ['2022-12-31@2024-03-01', '2024-03-01@2024-03-02'],
    ],
    [
      'a disputed backup never fills a bucket and never goes',
      ['2023-12-28', '2023-12-29', '2023-12-30+*', '2023-12-31+*', '2024-03-01'],
      { yearly: 2 },
      ['2023-12-29', '2023-12-30+*', '2023-12-31+*', '2024-03-01'],
    ],
    [
      'a backup without its archive fills nothing',
      ['2024-01-01T08:00', '2024-01-01T09:00?', '2024-01-02?', '2024-02-01', '2024-02-02?'],
      { last: 1, daily: 2 },
      ['2024-01-01T08:00', '2024-02-01', '2024-02-02?'],
    ],
    [
      'rules add up',
      [
        '2022-05-01',
        '2022-12-31',
        '2023-06-01',
        '2023-12-31',
        '2024-03-13T08:00',
        '2024-03-13T17:00',
        '2024-03-14',
      ],
      { last: 2, yearly: 2 },
      ['2023-12-31', '2024-03-13T17:00', '2024-03-14'],
    ],
  ];
  test.each(cases)('%s', (_, names, policy, expected) => {
    expect(kept(names, policy)).toEqual(expected);
    expect(kept(names.toReversed(), policy).sort()).toEqual([...expected].sort());
  });

  test('the zone decides about the day', () => {
    // 23:30 and 00:30 in Jakarta are 01:30 and 02:30 of one day in Jayapura.
    const names = ['2024-01-01T23:30', '2024-01-02T00:30', '2024-02-01'];
    expect(kept(names, { daily: 9 }, now, 'Asia/Jayapura')).toEqual(['2024-01-02T00:30', '2024-02-01']);
  });

  test('what goes is told why', () => {
    const made = ['2023-05-01?', '2023-05-02', '2024-01-01T08:00', '2024-01-01T17:00', '2024-02-01'].map(
      (name, i) => backupOf(name, i).backup,
    );
    const decisions = planRetention(made, { ...noRules, daily: 2 }, { now, zone, proofs: new Map() });
    expect(decisions.map((d) => [d.keep, d.reason.en])).toEqual([
      [false, 'its archive is missing, so no rule counts it'],
      [false, 'no rule reaches back to it'],
      [false, `for the day 2024-01-01, ${made[3]?.id} is kept`],
      [true, 'the newest of the day 2024-01-01'],
      [true, 'the newest; the newest of the day 2024-02-01'],
    ]);
    expect(decisions.slice(2).map((d) => d.reason.id)).toEqual([
      `untuk hari 2024-01-01 yang disimpan adalah ${made[3]?.id}`,
      'yang terbaru pada hari 2024-01-01',
      'yang terbaru; yang terbaru pada hari 2024-02-01',
    ]);
  });
});

const markArb = fc.constantFrom('', '', '', '+', '!', '?');
const backupArb = fc.tuple(fc.integer({ min: 0, max: 6 * 366 * 24 * 4 }), markArb).map(([quarters, mark]) => {
  const at = new Date(Date.parse('2019-01-01T00:00:00+07:00') + quarters * 900_000);
  return `${new Date(at.getTime() + 7 * 3600_000).toISOString().slice(0, 16)}${mark}`;
});
const namesArb = fc.uniqueArray(backupArb, { maxLength: 60, selector: (name) => name.slice(0, 16) });
const countArb = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(Number.POSITIVE_INFINITY));
const withinArb = fc.option(
  fc.record({
    years: fc.integer({ min: 0, max: 2 }),
    months: fc.integer({ min: 0, max: 14 }),
    days: fc.integer({ min: 0, max: 40 }),
    hours: fc.integer({ min: 0, max: 50 }),
  }),
);
const policyArb = fc.record({
  last: countArb,
  daily: countArb,
  weekly: countArb,
  monthly: countArb,
  yearly: countArb,
  within: withinArb,
});
/** As `namesArb`, each with when it came: at once, up to three years late, or before the time it names. */
const uploadedArb = fc
  .array(fc.tuple(backupArb, fc.integer({ min: -30 * 96, max: 3 * 365 * 96 }), fc.boolean()), {
    maxLength: 40,
  })
  .map((list) => [
    ...new Map(
      list.map(([name, quarters, atOnce]) => {
        const at = new Date(`${name.slice(0, 16)}:00+07:00`).getTime();
        const uploaded = new Date(at + (atOnce ? 0 : quarters * 900_000) + 7 * 3600_000);
        return [name.slice(0, 16), `${name}@${uploaded.toISOString().slice(0, 16)}`];
      }),
    ).values(),
  ]);
const uploadOf = (name: string): string => name.slice(-16);
const newestOf = (names: readonly string[]): string | undefined => names.toSorted().at(-1);
const isPast = (name: string): boolean => new Date(`${name.slice(0, 16)}:00+07:00`) <= now;

describe('properties', () => {
  test('never the newest, never the newest proven, never one from the future', () => {
    fc.assert(
      fc.property(namesArb, policyArb, (names, policy) => {
        const left = kept(names, policy);
        const past = names.filter(isPast);
        const mustStay = [
          newestOf(past),
          newestOf(past.filter((n) => n.endsWith('+'))),
          ...names.filter((n) => !isPast(n)),
        ];
        for (const name of mustStay) if (name !== undefined) expect(left).toContain(name);
      }),
    );
  });

  test('a further rule or a higher count never lets more go', () => {
    fc.assert(
      fc.property(namesArb, policyArb, policyArb, (names, policy, more) => {
        const wider: RetentionPolicy = {
          last: policy.last + more.last,
          daily: policy.daily + more.daily,
          weekly: policy.weekly + more.weekly,
          monthly: policy.monthly + more.monthly,
          yearly: policy.yearly + more.yearly,
          within: policy.within ?? more.within,
        };
        const left = new Set(kept(names, wider));
        for (const name of kept(names, policy)) expect(left).toContain(name);
      }),
    );
  });

  test('deciding again about what was kept lets nothing go', () => {
    fc.assert(
      fc.property(namesArb, policyArb, (names, policy) => {
        // Tags follow the order, so the names go in sorted and come out sorted.
        const left = kept(names.toSorted(), policy);
        expect(kept(left, policy)).toEqual(left);
      }),
    );
  });

  test('whatever is uploaded late, however much of it and proven or not, lets nothing go that was there', () => {
    const batchArb = fc.array(fc.tuple(backupArb, fc.integer({ min: 0, max: 400 * 24 * 60 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(uploadedArb, batchArb, policyArb, (names, forged, policy) => {
        // Uploaded from a day after the last true one on, so that it is no part of a true batch.
        const last = Date.parse(`${[...names.map(uploadOf), '2025-06-01T00:00'].sort().at(-1)}:00Z`);
        const late = forged
          .filter(([name]) => !names.some((n) => n.startsWith(name.slice(0, 16))))
          .map(([name, minutes]) => {
            const at = new Date(last + 8 * 24 * 3600_000 + minutes * 60_000);
            return `${name}@${at.toISOString().slice(0, 16)}`;
          });
        const at = new Date(last + 900 * 24 * 3600_000);
        // Tags are drawn by position, and forged ones come last.
        const left = kept([...names, ...late], policy, at);
        for (const name of kept(names, policy, at)) expect(left).toContain(name);
      }),
    );
  });

  test('with uploads at any time, too, deciding again lets nothing go and a further rule keeps more', () => {
    fc.assert(
      fc.property(uploadedArb, policyArb, fc.integer({ min: 0, max: 9 }), (names, policy, more) => {
        const at = new Date('2030-01-01T00:00:00Z');
        const left = kept(names, policy, at);
        expect(new Set(kept(left, policy, at))).toEqual(new Set(left));
        const wider = new Set(kept(names, { ...policy, monthly: policy.monthly + more }, at));
        for (const name of left) expect(wider).toContain(name);
      }),
    );
  });

  test('the default policy, applied every month, keeps ten years of year-ends', () => {
    const start = Date.parse('2013-01-01T09:00:00+07:00');
    const random = (day: number): number => ((day * 2654435761) >>> 0) / 2 ** 32;
    let stored: string[] = [];
    const yearEnds = new Map<string, string>();
    for (let day = 0; day < 14 * 365.25; day++) {
      const at = new Date(start + day * 24 * 3600_000);
      // Offices close on some days, and only some backups are ever proven.
      if (random(day) > 0.6) continue;
      const name = `${localDay(at, zone)}T09:00${random(day + 7919) > 0.9 ? '+' : ''}`;
      stored.push(name);
      yearEnds.set(name.slice(0, 4), name);
      if (day % 30 === 0) stored = kept(stored, defaultPolicy, at);
    }
    const at = new Date(start + 14 * 365.25 * 24 * 3600_000);
    stored = kept(stored, defaultPolicy, at);
    for (let year = 2017; year <= 2026; year++) expect(stored).toContain(yearEnds.get(`${year}`));
    expect(stored.length).toBeLessThan(110);
  });
});

test('spans and counts as restic writes them; anything else is usage', () => {
  expect(parseSpan('1y5m7d2h', verbatim('x'))).toEqual({ years: 1, months: 5, days: 7, hours: 2 });
  expect(parseSpan('90d', verbatim('x'))).toEqual({ years: 0, months: 0, days: 90, hours: 0 });
  expect(parseKeepCount('7', verbatim('x'))).toBe(7);
  expect(parseKeepCount('unlimited', verbatim('x'))).toBe(Number.POSITIVE_INFINITY);
  const bad = [
    ...['', '7', 'd', '1w', '1d1d', '-1d', '1.5d', '1d ', '1D'].map(
      (text) => () => parseSpan(text, verbatim('--keep-within')),
    ),
    ...['', '-1', '1.5', 'all', '1e3'].map((text) => () => parseKeepCount(text, verbatim('--keep-last'))),
  ];
  for (const parse of bad) {
    let thrown: unknown = null;
    try {
      parse();
    } catch (error) {
      thrown = error;
    }
    expect(isEfakturError(thrown, 'usage')).toBe(true);
  }
});
