import { rmSync } from 'node:fs';
import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import process, { env, platform } from 'node:process';

const memory = '/dev/shm';
/** The whole run takes less than a third of it. */
const neededBytes = 4 * 1024 ** 3;

/**
 * Gives the run a temp folder in memory, where the system has one with room enough and TMPDIR names no other: programs,
 * Derby and MinIO sync each file to disk, 12 ms on a virtual disk, and a run does so some ten thousand times. All that
 * tests left there goes with the run.
 */
export default async function setup(): Promise<void> {
  if (platform !== 'linux' || env.TMPDIR) return;
  const disk = await statfs(memory).catch(() => null);
  if (disk === null || disk.bavail * disk.bsize < neededBytes) return;
  const folder = await mkdtemp(join(memory, 'efaktur-tests-'));
  // As /tmp: some tests become another user.
  await chmod(folder, 0o1777);
  env.TMPDIR = folder;
  // Not a teardown: none follows one that throws, as that of the look for printed secrets may.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
