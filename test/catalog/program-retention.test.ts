import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  keptPrograms,
  planPrograms,
  programRestDays,
  type RetainableProgram,
} from '../../src/catalog/program-retention.ts';

const dayMs = 24 * 3600_000;
const now = new Date('2030-06-01T12:00:00Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * dayMs);

const program = (id: string, appProgram: string, days: number, change = {}): RetainableProgram => ({
  id,
  capturedAt: daysAgo(days),
  uploadedAt: daysAgo(days),
  appProgram,
  isWhole: true,
  isFoundDamaged: false,
  isDisputed: false,
  ...change,
});

const keptOf = (programs: readonly RetainableProgram[], madeWith: readonly string[] = []): string[] =>
  planPrograms(programs, new Set(madeWith), now)
    .filter((d) => d.keep)
    .map((d) => d.program.id);

test('the newest three different ones stay, and those that kept backups were made with', () => {
  const all = ['a', 'b', 'c', 'd', 'e'].map((v, i) => program(v, v, 500 - i * 90));
  expect(keptOf(all)).toEqual(['c', 'd', 'e']);
  expect(keptOf(all, ['a', 'unknown'])).toEqual(['a', 'c', 'd', 'e']);
});

test('of one version stored several times the first and the newest stay', () => {
  const all = [500, 400, 300, 200].map((days, i) => program(`a${i}`, 'a', days));
  expect(keptOf(all)).toEqual(['a0', 'a3']);
  // Only what has lain there long enough lets another go.
  expect(keptOf([...all, program('a4', 'a', programRestDays - 1)])).toEqual(['a0', 'a3', 'a4']);
  const older = ['b', 'c', 'd'].map((v, i) => program(v, v, 150 - i * 10));
  expect(keptOf([...all, ...older])).toEqual(['b', 'c', 'd']);
  expect(keptOf([...all, ...older], ['a'])).toEqual(['a0', 'a3', 'b', 'c', 'd']);
});

test('what is damaged, not whole, disputed, unreadable or of the future takes nothing from others', () => {
  const good = ['a', 'b', 'c'].map((v, i) => program(v, v, 500 - i * 90));
  for (const change of [
    { isFoundDamaged: true },
    { isWhole: false },
    { isDisputed: true },
    { appProgram: null },
    { capturedAt: daysAgo(-40), uploadedAt: null },
  ]) {
    const others = ['x', 'y', 'z'].map((v, i) => program(v, v, 100 - i, change));
    expect(keptOf([...good, ...others])).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    const again = good.map((g) => program(`${g.id}2`, g.appProgram ?? '', 90, change));
    expect(keptOf([...good, ...again])).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  }
  expect(keptOf([program('gone', 'a', 100, { isWhole: false })], ['a'])).toEqual([]);
});

const version = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const anyProgram = fc
  .record({
    appProgram: fc.option(version, { freq: 12 }),
    capturedAt: fc.integer({ min: -3, max: 900 }).map(daysAgo),
    lateDays: fc.constantFrom(0, 0, 0, 3, 40),
    isWhole: fc.boolean(),
    isFoundDamaged: fc.constantFrom(false, false, true),
    isDisputed: fc.constantFrom(false, false, false, true),
  })
  .map(({ lateDays, ...rest }) => ({
    ...rest,
    uploadedAt: new Date(Math.min(now.getTime(), rest.capturedAt.getTime() + lateDays * dayMs)),
  }));
const history = fc
  .array(anyProgram, { maxLength: 25 })
  .map((all) => all.map((p, i): RetainableProgram => ({ ...p, id: `p${String(i).padStart(2, '0')}` })));
const madeWith = fc.uniqueArray(version, { maxLength: 3 });

const isSound = (p: RetainableProgram): boolean => p.isWhole && !p.isFoundDamaged && !p.isDisputed;

test('of every version that a kept backup was made with, and of three different ones, one stays that can be restored', () => {
  fc.assert(
    fc.property(history, madeWith, (all, made) => {
      const kept = new Set(keptOf(all, made));
      const versionsOf = (list: readonly RetainableProgram[]) =>
        new Set(list.filter((p) => isSound(p) && p.appProgram !== null).map((p) => p.appProgram));
      const [there, left] = [versionsOf(all), versionsOf(all.filter((p) => kept.has(p.id)))];
      for (const v of made) if (there.has(v)) expect(left.has(v), v).toBe(true);
      expect(left.size).toBeGreaterThanOrEqual(Math.min(keptPrograms, there.size));
      // Nothing is said of what cannot be read.
      for (const p of all) if (p.appProgram === null || p.isDisputed) expect(kept.has(p.id)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('deciding again about what was kept lets nothing go, and one more kept backup neither', () => {
  fc.assert(
    fc.property(history, madeWith, version, (all, made, more) => {
      const kept = keptOf(all, made);
      const again = all.filter((p) => kept.includes(p.id));
      expect(keptOf(again, made)).toEqual(kept);
      expect(keptOf(all, [...made, more])).toEqual(expect.arrayContaining(kept));
    }),
    { numRuns: 500 },
  );
});

test('whatever is stored within the last month, or late, lets nothing go that was there', () => {
  const forged = fc.record({
    appProgram: version,
    capturedDays: fc.integer({ min: 0, max: 900 }),
    uploadedDays: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(history, madeWith, fc.array(forged, { maxLength: 20 }), (all, made, thieves) => {
      const kept = keptOf(all, made);
      const added = thieves
        .map(({ appProgram, capturedDays, uploadedDays }, i) => ({
          ...program(`x${i}`, appProgram, capturedDays),
          uploadedAt: daysAgo(Math.min(uploadedDays, capturedDays)),
        }))
        // In time, so that it may count, or after all of those that were there.
        .filter((p) => {
          const lain = now.getTime() - p.uploadedAt.getTime();
          const isLate = p.uploadedAt.getTime() - p.capturedAt.getTime() > 7 * dayMs;
          return lain < programRestDays * dayMs || isLate;
        })
        .filter((p) => all.every((a) => (a.uploadedAt ?? a.capturedAt) <= p.uploadedAt));
      expect(keptOf([...all, ...added], made)).toEqual(expect.arrayContaining(kept));
    }),
    { numRuns: 1000 },
  );
});
