import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StatusDocument } from '../../src/sync/status.ts';
import { newKey } from '../crypto/age-files.ts';
import { makeWorld, type World } from '../support/cli.ts';
import { setTimes } from '../support/efaktur-folder.ts';
import { makeBucket } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';
import { keysFor, type SessionKeys, withKeys } from '../support/s3-rights.ts';
import { goldenWorld } from './golden-world.ts';

/** What `status` says where a proof cannot be made: it must never advise what cannot work there. */

const dayMs = 24 * 3600_000;
const live = ['push', '--source', 'live'];
const patient = ['--max-age', '1000'];
/** A second and a half. */
const impatient = ['--max-unproven', '0.0000174'];
const later = (days: number): Date => new Date(Date.now() + days * dayMs);

interface Seen {
  readonly code: number | null;
  readonly document: StatusDocument;
}

async function statusOf(world: World, now: Date, ...args: string[]): Promise<Seen> {
  const { code, stdout } = await world.run(['status', '--json', ...patient, ...args], { now });
  return { code, document: JSON.parse(stdout) as StatusDocument };
}

async function worldOnS3(): Promise<{ world: World; keys(role: string): Promise<SessionKeys>; url: string }> {
  const bucket = await makeBucket({ versioning: true });
  const world = await goldenWorld('clean');
  await setTimes(join(world.app, 'db'), later(-1));
  const url = `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}&region=us-east-1`;
  Object.assign(world.env, { EFAKTUR_STORE: url });
  return {
    world,
    url,
    keys: async (role) => keysFor(JSON.parse((await world.run(['doctor', '--print-policy', role])).stdout)),
  };
}

test('a PC with only the push key: a note at first, then exit 20 with what to run elsewhere', async () => {
  const { world, keys, url } = await worldOnS3();
  const pushKey = await keys('push');
  await withKeys(pushKey, async () => {
    await world.json(live);
    const { code, document } = await statusOf(world, later(0));
    expect([code, document.outcome, document.attention]).toEqual([0, 'ok', []]);
    expect(document.stores).toMatchObject([
      { mayRead: false, newest: { verdict: 'clean', verdictFrom: 'push' } },
    ]);
    const [note, ...others] = document.warnings;
    expect(others).toEqual([]);
    expect(note?.code).toBe('unproven');
    expect(note?.message).toContain('it cannot be verified here');
    expect(note?.message).toContain('the newest was sound when it was pushed');
    const text = await world.run(['status', ...patient]);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain('of 1; closed, sound when it was pushed');
    expect(text.stderr).toContain('Note: no backup in');

    // A bucket has a clock of its own, whose seconds are whole.
    await sleep(2500);
    const due = await statusOf(world, later(0), ...impatient);
    expect([due.code, due.document.attention.map((a) => a.code)]).toEqual([20, ['unproven']]);
    const hint = due.document.attention[0]?.hint ?? '';
    expect(hint).toContain(`efaktur-cloud verify --read-data --store "${url}"`);
    expect(hint).toContain(`efaktur-cloud doctor --print-policy verify --store "${url}"`);
  });

  // What the hint says, on another computer: nothing of the first is there but the address of the store.
  const other = await goldenWorld('clean');
  await withKeys(await keys('verify'), () => other.json(['verify', '--read-data', '--store', url]));
  await withKeys(pushKey, async () => {
    const proven = await statusOf(world, later(0));
    expect([proven.code, proven.document.warnings]).toEqual([0, []]);
    expect(proven.document.stores[0]).not.toHaveProperty('mayRead');
    await sleep(2500);
    const again = await statusOf(world, later(0), ...impatient);
    expect([again.code, again.document.attention[0]?.hint]).toEqual([
      20,
      expect.stringContaining('On another computer'),
    ]);
  });
});

test('a key that may read is told to prove at once, here', async () => {
  const { world, keys } = await worldOnS3();
  await world.json(live);
  await withKeys(await keys('verify'), async () => {
    const { code, document } = await statusOf(world, later(0));
    expect([code, document.attention[0]?.hint]).toEqual([20, 'Run "efaktur-cloud verify --read-data".']);
  });
});

test('without the secret key a proof is for another computer, too', async () => {
  const world = await goldenWorld('clean');
  await setTimes(join(world.app, 'db'), later(-1));
  const key = await newKey();
  await noteSecret(key.identity.reveal());
  await world.json(live, { env: { EFAKTUR_RECIPIENTS: key.recipient } });
  const note = await statusOf(world, later(0));
  expect([note.code, note.document.warnings.map((w) => w.code)]).toEqual([0, ['unproven']]);
  const due = await statusOf(world, later(40));
  expect(due.code).toBe(20);
  expect(due.document.attention[0]?.hint).toBe(
    `On another computer, with the secret key in EFAKTUR_IDENTITY_FILE, run: efaktur-cloud verify --read-data --store ${world.store}`,
  );
  await writeFile(join(world.folder, 'key.txt'), key.fileText);
  Object.assign(world.env, { EFAKTUR_IDENTITY_FILE: 'key.txt' });
  expect((await statusOf(world, later(0))).code).toBe(20);
});

test('the first push of an old history is not overdue on its first day', async () => {
  const { world, keys } = await worldOnS3();
  const history = await makeWorld({ live: null });
  Object.assign(history.env, { EFAKTUR_STORE: world.env.EFAKTUR_STORE });
  await withKeys(await keys('push'), async () => {
    await history.json(['push', '--all']);
    const { document } = await statusOf(history, later(0));
    expect(document.attention.map((a) => a.code)).not.toContain('unproven');
    expect(document.warnings.map((w) => w.code)).toContain('unproven');
  });
});
