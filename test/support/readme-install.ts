import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { program, type World } from './cli.ts';

const root = join(import.meta.dirname, '../..');

export const readmeNames = ['README.md', 'README.id.md'] as const;

/** The fenced blocks of a README in that language. */
export async function readmeBlocks(name: string, language: string): Promise<string[]> {
  const text = await readFile(join(root, name), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (m) => m[1] ?? '',
  );
}

/**
 * Installs the command as a README says, but for npm's part, which has been done. Resolves with its path below the
 * home folder.
 */
export async function installAsReadme(name: string, world: World, home: string): Promise<string> {
  const lines = (await readmeBlocks(name, 'sh')).find((block) => block.includes('printf')) ?? '';
  const script = lines.replace(/^npm .*\n/m, '');
  // The folder of the repository, as these lines see it.
  await symlink(join(root, 'node_modules'), join(world.folder, 'node_modules'));
  await symlink(dirname(program), join(world.folder, 'dist'));
  await promisify(execFile)('/bin/sh', ['-ec', script], {
    cwd: world.folder,
    env: { HOME: home, PATH: '/usr/bin:/bin' },
  });
  return join(home, '.local/bin/efaktur-cloud');
}
