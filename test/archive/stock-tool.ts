import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemCode } from '../../src/base/errors.ts';

const packages = {
  zstd: 'zstd',
  sh: 'a POSIX shell',
  tar: 'tar',
  zip: 'zip',
  '7z': 'p7zip-full',
  python3: 'python3',
} as const;

/** Runs a program that anybody has; where it is not installed the test fails and says so. */
export async function stock(
  tool: keyof typeof packages,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  try {
    return (await promisify(execFile)(tool, args, { cwd, maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new Error(`This test needs the program "${tool}": install ${packages[tool]}.`, { cause: error });
    throw error;
  }
}
