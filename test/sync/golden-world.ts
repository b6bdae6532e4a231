import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest, PrivateFacts } from '../../src/catalog/manifest.ts';
import { parseBackupId } from '../../src/catalog/names.ts';
import { encodeProgramManifest } from '../../src/catalog/program-manifest.ts';
import { type BackupJson, keysOf, makeWorld, type World } from '../support/cli.ts';
import { type LoginBackup, setTimes } from '../support/efaktur-folder.ts';
import { type Golden, goldens, placeGolden } from '../support/golden.ts';
import { writeZip, zipContentOf } from '../support/zip-writer.ts';

/** e-Faktur folders whose databases are the samples made by real Derby. */

const samples = await goldens();

export function golden(name: string, version = '10.12.1.1'): Golden {
  const found = samples.find((sample) => sample.name === name && sample.version === version);
  if (!found) throw new Error(`there is no sample ${version} ${name}`);
  return found;
}

/** Replaces the live db by a sample, its files as old as told. */
export async function placeLive(world: World, sample: Golden, time = new Date()): Promise<void> {
  const db = join(world.app, 'db');
  await rm(db, { recursive: true, force: true });
  await placeGolden(sample, db);
  await setTimes(db, time);
}

/** A world whose live db is a sample. */
export async function goldenWorld(
  name: string,
  { backups = [], version }: { backups?: readonly LoginBackup[]; version?: string } = {},
): Promise<World> {
  const world = await makeWorld({ live: null, backups });
  await placeLive(world, golden(name, version));
  return world;
}

/** Packs a sample as a login backup does. */
export async function zipGolden(sample: Golden, path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'golden-zip-'));
  try {
    await placeGolden(sample, folder);
    await writeZip(path, await zipContentOf(folder, 'db/'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A manifest as it stands in the store. */
export async function storedManifest(
  world: World,
  { id = '' }: Partial<BackupJson> = {},
): Promise<Omit<Manifest, 'private'> & { private: PrivateFacts }> {
  const key = (await keysOf(world.store)).find((name) => name.endsWith(`/${id}.json`)) ?? '';
  return JSON.parse(await readFile(join(world.store, key), 'utf8'));
}

export const archivesIn = async (store: string): Promise<string[]> =>
  (await keysOf(store)).filter((key) => key.includes('.tar.zst'));

export const manifestsIn = async (store: string): Promise<string[]> =>
  (await keysOf(store)).filter((key) => /^2.*\.json$/.test(key));

export const proofsIn = async (store: string): Promise<string[]> =>
  (await keysOf(store)).filter((key) => key.startsWith('proofs/'));

/** Lays the manifest and the archive of a stored program folder into a store; nobody can open the archive. */
export async function layClosedProgram(world: World, id: string, appProgram: string): Promise<void> {
  const capturedAt = parseBackupId(id)?.capturedAt ?? new Date(0);
  const day = capturedAt.toISOString().slice(0, 10);
  const archive = `${day}/${id}.app.tar.zst`;
  const manifest = encodeProgramManifest({
    id,
    capturedAt,
    kind: 'program',
    origin: 'origin/20240701T000000Z-pc.json',
    program: 'test',
    appProgram,
    archive,
    needs: [{ key: archive, sizeBytes: 4, sha256: createHash('sha256').update('none').digest('hex') }],
    restore: '',
    private: { contentHash: '0'.repeat(64), files: 1, totalBytes: 1, programs: [], memory: [] },
  });
  await mkdir(join(world.store, day), { recursive: true });
  await writeFile(join(world.store, archive), 'none');
  await writeFile(join(world.store, day, `${id}.app.json`), manifest);
}
