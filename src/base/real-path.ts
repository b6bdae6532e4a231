import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemCode } from './errors.ts';

/**
 * The whole path with the links in it followed, on Windows in the letter case of the disk; null when nothing can be found
 * there. Some drives (RAM disks, network drives of their own making) cannot say it though all is there: then the path itself.
 */
export async function realPath(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    const whole = resolve(path);
    return stat(whole).then(
      () => whole,
      () => null,
    );
  }
}
