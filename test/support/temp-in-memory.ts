import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { env, platform } from 'node:process';

const memory = '/dev/shm';
/** The whole run takes less than a third of it. */
const neededBytes = 4 * 1024 ** 3;

/**
 * Gives the run a temp folder in memory, where the system has one with room enough and TMPDIR names no other: programs,
 * Derby and MinIO sync each file to disk, 12 ms on a virtual disk, and a run does so some ten thousand times. All that
 * tests left there goes with the run.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => {};
  if (platform !== 'linux' || env.TMPDIR) return nothing;
  const disk = await statfs(memory).catch(() => null);
  if (disk === null || disk.bavail * disk.bsize < neededBytes) return nothing;
  const folder = await mkdtemp(join(memory, 'efaktur-tests-'));
  // As /tmp: some tests become another user.
  await chmod(folder, 0o1777);
  env.TMPDIR = folder;
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
