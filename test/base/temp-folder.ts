import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder, removed with the test. */
export async function tempFolder(name = 'efaktur-cloud-'): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), name)));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
