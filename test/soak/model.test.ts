import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ListJson, makeWorld, type Outcome, treeOf, type World } from '../support/cli.ts';
import { generator } from '../support/faulty-store.ts';
import { httpFaults } from '../support/http-faults.ts';
import { makeBucket } from '../support/minio.ts';
import { type PassingAnswer, type RewritingProxy, rewritingProxy } from '../support/rewriting-proxy.ts';

/**
 * Everything at random on MinIO and on a folder: pushes, pulls, prunes, verifies, with faults and kills among them, beside a
 * model of what must be there. `npm run soak -- --minutes 10 --seed N`.
 */

const minutes = Number(process.env.SOAK_MINUTES ?? 2);
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));

type Tree = Record<string, string>;

interface Office {
  readonly name: string;
  readonly world: World;
  readonly env: Record<string, string>;
  /** Null for the folder. */
  readonly proxy: RewritingProxy | null;
  /** What must be there: the db of each backup. */
  readonly held: Map<string, Tree>;
  /** What a prune meant to let go, and may or may not have. */
  readonly mayGo: Set<string>;
  readonly counts: Record<string, number>;
}

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function offices(): Promise<Office[]> {
  const bucket = await makeBucket();
  const proxy = await rewritingProxy(bucket.endpoint);
  closing.push(
    () => bucket.client.destroy(),
    () => proxy.close(),
  );
  const made = async (
    name: string,
    env: Record<string, string>,
    via: RewritingProxy | null,
  ): Promise<Office> => ({
    name,
    world: await makeWorld({ backups: [] }),
    env,
    proxy: via,
    held: new Map(),
    mayGo: new Set(),
    counts: {},
  });
  const EFAKTUR_STORE = `s3://${bucket.bucket}/soak?endpoint=${proxy.endpoint}`;
  return [await made('MinIO', { ...bucket.env, EFAKTUR_STORE }, proxy), await made('folder', {}, null)];
}

test(`${minutes} minutes at random, seed ${seed}`, { timeout: minutes * 60_000 + 300_000 }, async () => {
  console.log(`seed ${seed}`);
  const draw = generator(seed);
  const below = (n: number): number => Math.floor(draw() * n);
  const all = await offices();
  const until = Date.now() + minutes * 60_000;

  for (let step = 0; Date.now() < until; step++) {
    const office = all[below(all.length)] as Office;
    const { world, env, held, mayGo, proxy, counts } = office;
    const db = join(world.app, 'db');
    const kind = ['push', 'push', 'push', 'full', 'pull', 'verify', 'prune'][below(7)] ?? '';
    const manner = ['plain', 'plain', 'kill', proxy ? 'fault' : 'kill'][below(4)] ?? '';
    const what = `seed ${seed}, step ${step}: ${office.name}, ${kind}, ${manner}`;
    counts[`${kind} ${manner}`] = (counts[`${kind} ${manner}`] ?? 0) + 1;

    if (kind === 'push' || kind === 'full')
      await appendFile(join(db, 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt'), `${step} `);
    const live = await treeOf(db);
    const to = join(world.folder, 'out');
    await rm(to, { recursive: true, force: true });
    const wanted = [...held.keys()][below(held.size)];
    const keepLast = `${1 + below(5)}`;
    const args: Record<string, string[]> = {
      push: ['push', '--source', 'live'],
      full: ['push', '--source', 'live', '--full'],
      pull: wanted === undefined ? ['list'] : ['pull', '--id', wanted, '--to', to],
      verify: held.size === 0 ? ['list'] : ['verify', '--read-data'],
      prune: ['prune', '--keep-last', keepLast, '--max-delete', '100%'],
    };
    const command = args[kind] as string[];
    if (kind === 'prune') {
      const plan = await world.json<{ decisions: { id: string; keep: boolean }[] }>(command, { env });
      for (const { id, keep } of plan.decisions) if (!keep) mayGo.add(id);
      command.push('--yes');
    }

    const outcome = await carryOut(office, command, manner, below);
    const told = `${what}: ${outcome.code} ${outcome.signal} ${outcome.stderr}`;
    if (outcome.signal === null) expect([0, 4, 10, 20], told).toContain(outcome.code);
    if (manner === 'plain') expect(outcome.code, told).toBe(0);
    expect(outcome.stderr, told).not.toContain('"code":"damaged"');
    if (kind === 'pull' && wanted !== undefined && outcome.code === 0)
      expect(await treeOf(join(to, 'db')), told).toEqual(held.get(wanted));

    // What is there now, seen over a good line.
    const { backups } = await world.json<ListJson>(['list'], { env });
    const ids = new Set(backups.map(({ id }) => id));
    for (const id of held.keys()) {
      if (ids.has(id)) continue;
      expect(mayGo.has(id), `${told}: ${id} is lost`).toBe(true);
      held.delete(id);
    }
    for (const id of ids) {
      if (held.has(id)) continue;
      expect(['push', 'full'], `${told}: ${id} came from nowhere`).toContain(kind);
      held.set(id, live);
    }
    if ((kind === 'push' || kind === 'full') && outcome.code === 0)
      expect([...held.values()], `${told}: the live db is not stored`).toContainEqual(live);
    if (step % 10 === 9 && held.size > 0) await expectAllWhole(office, what);
  }
  for (const office of all) {
    if (office.held.size > 0) await expectAllWhole(office, `seed ${seed}, at the end: ${office.name}`);
    console.log(`${office.name}: ${office.held.size} backups at the end;`, JSON.stringify(office.counts));
  }
});

/** Runs a command plainly, with a fault at one of its requests, or to its death at one of its changes of the disk. */
async function carryOut(
  { world, env, proxy }: Office,
  args: readonly string[],
  manner: string,
  below: (n: number) => number,
): Promise<Outcome> {
  if (manner === 'kill') {
    const at = 1 + below(60);
    return world.runBuilt([...args, '--json'], { env, trap: { call: 'change', at, action: 'SIGKILL' } });
  }
  if (manner === 'fault' && proxy) {
    const kinds = Object.values(httpFaults);
    const fault = kinds[below(kinds.length)];
    const n = proxy.seen.length + below(12);
    proxy.rewrite = async (asked, pass) => {
      let passed: Promise<PassingAnswer> | null = null;
      const once = (): Promise<PassingAnswer> => (passed ??= pass());
      return (
        ((fault?.isForEver ? asked.index >= n : asked.index === n) && (await fault?.befall(asked, once))) ||
        once()
      );
    };
  }
  try {
    return await world.run([...args, '--json'], { env });
  } finally {
    if (proxy) proxy.rewrite = (_, pass) => pass();
  }
}

async function expectAllWhole({ world, env }: Office, what: string): Promise<void> {
  const verified = await world.run(['verify', '--read-data', '--json'], { env });
  expect(verified.code, `${what}: ${verified.stdout} ${verified.stderr}`).toBe(0);
}
