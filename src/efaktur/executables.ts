import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openToRead } from '../base/held-files.ts';
import type { WrittenFiles } from './still-there.ts';

/**
 * Archives keep no modes, as an e-Faktur for Windows has none. Its builds for other systems cannot be started without them, so
 * they are told by their first bytes.
 */

const mark = 0o111;

/** ELF, the kinds of Mach-O, and scripts. */
const beginnings = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', '2321'];

/** Allows to run what can be run here, for everybody who may read it; on Windows nothing is to be done. */
export async function allowToRun(
  folder: string,
  { files }: WrittenFiles,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  if (platform === 'win32') return;
  for (const { path, sizeBytes } of files) {
    // Compiled Java begins as a Mach-O for several processors does.
    if (sizeBytes < 4 || path.endsWith('.class')) continue;
    const whole = join(folder, path);
    if (!(await isRunnable(whole))) continue;
    const { mode } = await stat(whole);
    await chmod(whole, (mode & 0o777) | ((mode >> 2) & mark));
  }
}

async function isRunnable(path: string): Promise<boolean> {
  const file = await openToRead(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const first = buffer.toString('hex', 0, bytesRead);
    return beginnings.some((beginning) => first.startsWith(beginning));
  } finally {
    await file.close();
  }
}
