import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { barrierMs, isHeldOnWindows, type OpenAlone } from '../../src/derby/windows-lock.ts';

/** Windows with some files that others hold, or that are not there, and what happened in which order. */
function windows(
  codes: Readonly<Record<string, string | readonly string[]>>,
): OpenAlone & { events: string[] } {
  const events: string[] = [];
  const asked = new Map<string, number>();
  const open = (path: string): (() => void) => {
    const name = basename(path);
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    const answer = codes[name] ?? '';
    const code = typeof answer === 'string' ? answer : (answer[times] ?? '');
    events.push(`${name} ${code || 'open'}`);
    if (code !== '') throw Object.assign(new Error(code), { code });
    return () => {
      events.push(`${name} closed`);
    };
  };
  return Object.assign(open, { events });
}

test('a table that somebody holds says that the database is open, and db.lck is not touched', async () => {
  const open = windows({ 'c10.dat': 'EBUSY' });
  expect(await isHeldOnWindows('db', open)).toBe(true);
  expect(open.events).toEqual(Array(5).fill('c10.dat EBUSY'));
});

test('where that table has left the cache, db.lck tells, tried while the table is held', async () => {
  const open = windows({ 'db.lck': 'EBUSY' });
  expect(await isHeldOnWindows('db', open)).toBe(true);
  expect(open.events.slice(0, 3)).toEqual(['c10.dat open', 'db.lck EBUSY', 'c10.dat closed']);
  expect(open.events).toHaveLength(15);
});

test('after a clean end nothing is held longer than it takes to look', async () => {
  const open = windows({ 'db.lck': 'ENOENT' });
  expect(await isHeldOnWindows('db', open)).toBe(false);
  expect(open.events).toEqual(['c10.dat open', 'db.lck ENOENT', 'c10.dat closed']);
});

test('a lock that a crash left is let go at once, and the table only when a Derby that met it must have come there', async () => {
  const open = windows({});
  const began = performance.now();
  expect(await isHeldOnWindows('db', open)).toBe(false);
  expect(performance.now() - began).toBeGreaterThanOrEqual(barrierMs - 5);
  expect(open.events).toEqual(['c10.dat open', 'db.lck open', 'db.lck closed', 'c10.dat closed']);
});

test('a scanner that holds one of them for a moment is waited for', async () => {
  expect(await isHeldOnWindows('db', windows({ 'c10.dat': ['EBUSY', 'EBUSY'], 'db.lck': ['EBUSY'] }))).toBe(
    false,
  );
});

test('a db.lck that is being deleted refuses for a moment; one that refuses for good is an error', async () => {
  expect(await isHeldOnWindows('db', windows({ 'db.lck': ['EPERM', 'EPERM', 'ENOENT'] }))).toBe(false);
  const open = windows({ 'db.lck': 'EPERM' });
  const error = await isHeldOnWindows('db', open).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'source-unusable' });
  expect(open.events.filter((event) => event === 'db.lck EPERM')).toHaveLength(5);
  expect(open.events.at(-1)).toBe('c10.dat closed');
});

test('a database without its tables is told by db.lck alone', async () => {
  expect(await isHeldOnWindows('db', windows({ 'c10.dat': 'ENOENT', 'db.lck': 'EBUSY' }))).toBe(true);
  expect(await isHeldOnWindows('db', windows({ 'c10.dat': 'ENOENT' }))).toBe(false);
});

test('what the disk does not let tell is an error of the source, and nothing stays held', async () => {
  const open = windows({ 'db.lck': 'EIO' });
  const error = await isHeldOnWindows('db', open).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'source-unusable' });
  expect(open.events.at(-1)).toBe('c10.dat closed');
});
