import { existsSync, readdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { makeWorld, type PushJson, type World } from '../support/cli.ts';
import { type Derby, placeDatabase } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { storedManifest } from './golden-world.ts';

/** Rounds of `push --source live` while real Derby has the live db open; the short and the long run differ in their number. */

export const pushLive = ['push', '--source', 'live'];

/** A world with one real database, and more beside it. */
export async function openWorld({
  version,
  others = [],
}: {
  version?: DerbyVersion;
  others?: string[];
} = {}): Promise<{ world: World; database: string }> {
  const world = await makeWorld({ live: null, backups: [] });
  for (const name of ['ETaxInvoice', ...others])
    await placeDatabase(join(world.app, 'db', name), { invoices: 60, seed: 5, ...(version && { version }) });
  return { world, database: join(world.app, 'db', 'ETaxInvoice') };
}

/** What writes as e-Faktur does: steadily, with a checkpoint now and then. */
const writing = { pauseMs: 10, checkpointEveryMs: 2000 };

/** Starts the writer and waits until it is at work: before that, two reads agree. */
export async function startWork(live: Derby, database: string): Promise<void> {
  await live.startWriting(database, writing);
  await live.waitForCommits(database, 10);
}

export async function invoicesIn(derby: Derby, database: string): Promise<number> {
  const { rows } = await derby.query(database, 'SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN');
  return Number(rows[0]?.[0]);
}

/** Restores the backup, and real Derby must open it and find every table sound. Resolves with its number of invoices. */
export async function expectRestores(
  world: World,
  derby: Derby,
  document: PushJson,
  name = 'ETaxInvoice',
): Promise<number> {
  const id = document.backups[0]?.id ?? '';
  const to = join(world.folder, `to-${name}`);
  await world.json(['pull', '--id', id, '--to', to]);
  const check = await derby.checkCopy(join(to, 'db', name));
  const wrong = check.tables.filter((table) => !table.ok);
  expect({ states: check.states, wrong }, id).toEqual({ states: [], wrong: [] });
  expect(check.ok, id).toBe(true);
  await rm(to, { recursive: true });
  return check.tables.find((table) => table.table === 'FAKTUR_KELUARAN')?.rows ?? 0;
}

/** Nothing of a push stays behind beside its record. */
export const jobsOf = async (world: World): Promise<string[]> =>
  readdir(join(world.stateDir, 'jobs')).catch(() => []);

/** The writer goes on all the time: each round stores a hot copy with all that was committed before it. */
export async function writerRounds(rounds: number, live: Derby, checker: Derby): Promise<void> {
  const { world, database } = await openWorld(live);
  await startWork(live, database);
  for (let round = 1; round <= rounds; round++) {
    const before = await invoicesIn(live, database);
    const document = await world.json(pushLive);
    expect(document.outcome).toBe('created');
    const { source, private: facts } = await storedManifest(world, document.backups[0]);
    expect(source).toBe('hot');
    expect(['clean', 'needs-recovery']).toContain(facts.verdict);
    expect(facts.noCommonInstant).toBeUndefined();
    expect(await jobsOf(world)).toEqual([]);
    expect(await expectRestores(world, checker, document)).toBeGreaterThanOrEqual(before);
  }
  expect(await live.stopWriting(database)).toBeGreaterThan(rounds);
  await live.shutdown(database);
}

/** Open and idle, with commits that no checkpoint has written yet: each round stores exactly what is committed. */
export async function idleRounds(rounds: number, live: Derby, checker: Derby): Promise<void> {
  const { world, database } = await openWorld(live);
  for (let round = 1; round <= rounds; round++) {
    await live.workday(database, { date: '2024-02-01', invoices: 3, seed: 70 + round });
    const committed = await invoicesIn(live, database);
    const document = await world.json(pushLive);
    const codes = document.warnings.map((w) => w.code).filter((code) => code !== 'program-not-stored');
    expect(codes).toEqual(['needs-recovery', 'same-disk']);
    const { source, private: facts } = await storedManifest(world, document.backups[0]);
    expect([source, facts.verdict]).toEqual(['hot', 'needs-recovery']);
    expect(await expectRestores(world, checker, document)).toBe(committed);
  }
  await live.shutdown(database);
}

/** When the writer is killed: some time after the push began, or while it makes its hot copy. */
export type KillMoment = 'while it reads' | 'while it copies';

/** The writer is killed in the middle of a push, a round for each moment: what was stored is sound all the same. */
export async function killRounds(
  moments: readonly KillMoment[],
  start: () => Promise<Derby>,
  checker: Derby,
): Promise<void> {
  const { world, database } = await openWorld();
  const jobs = join(world.stateDir, 'jobs');
  const isCopying = (): boolean =>
    existsSync(jobs) && readdirSync(jobs).some((job) => existsSync(join(jobs, job, 'hot', 'ETaxInvoice')));
  for (const [round, moment] of moments.entries()) {
    const live = await start();
    await startWork(live, database);
    const before = await invoicesIn(live, database);
    let pushing: Promise<PushJson>;
    let isDone: boolean;
    let pushes = 0;
    do {
      expect(++pushes, 'no push lasts until the kill').toBeLessThan(6);
      isDone = false;
      pushing = world.json(pushLive).finally(() => {
        isDone = true;
      });
      if (moment === 'while it reads') await sleep(500 + (1500 * (round + 1)) / moments.length);
      else while (!isDone && !isCopying()) await sleep(2);
      // A writer that waits for a slow disk lets two reads agree: that push was sound, and the kill comes in another.
      if (isDone) expect(await expectRestores(world, checker, await pushing)).toBeGreaterThanOrEqual(before);
    } while (isDone);
    await live.kill();
    const document = await pushing;
    const { source } = await storedManifest(world, document.backups[0]);
    // Before the push had looked who is there, nobody was.
    if (moment === 'while it copies') expect(source).toBe('hot');
    expect(await expectRestores(world, checker, document)).toBeGreaterThanOrEqual(before);
    expect(await jobsOf(world)).toEqual([]);
  }
}
