import { describe, expect, test } from 'vitest';
import type { BackupEntry } from '../../../src/catalog/listing.ts';
import type { Proof } from '../../../src/catalog/names.ts';
import { newestDue } from '../../../src/sync/verify/newest-due.ts';

const now = new Date('2026-11-27T03:00:00Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const backup = (tag: string): BackupEntry => ({ id: tag, tag }) as unknown as BackupEntry;
const older = backup('aaaaaaaaaaaa');
const newest = backup('bbbbbbbbbbbb');
const looked = ({ tag }: BackupEntry, result: Proof['result'], days: number): [string, Proof[]] => [
  tag,
  [{ tag, level: 'data', result, at: daysAgo(days) }],
];
const isDue = (...proofs: readonly [string, Proof[]][]): boolean =>
  newestDue([older, newest], new Map(proofs), now) === newest;

describe('the newest backup', () => {
  test('is due where nothing was ever proven, or not for three weeks', () => {
    expect(isDue()).toBe(true);
    expect(isDue(looked(older, 'clean', 20))).toBe(false);
    expect(isDue(looked(older, 'clean', 21))).toBe(true);
    expect(isDue(looked(newest, 'clean', 20))).toBe(false);
    expect(isDue(looked(newest, 'clean', 22))).toBe(true);
    expect(isDue(looked(newest, 'clean', 22), looked(older, 'clean', 1))).toBe(true);
    expect(newestDue([], new Map(), now)).toBeNull();
  });

  test('is not read each day for what can never be proven', () => {
    expect(isDue(looked(newest, 'needs-recovery', 6))).toBe(false);
    expect(isDue(looked(newest, 'needs-recovery', 7))).toBe(true);
    expect(isDue(looked(older, 'needs-recovery', 6))).toBe(false);
    expect(isDue(looked(newest, 'encrypted', 20))).toBe(false);
  });

  test('is due at once in place of one that is damaged', () => {
    expect(isDue(looked(older, 'damaged', 0))).toBe(true);
    expect(isDue(looked(newest, 'damaged', 0))).toBe(false);
  });
});
