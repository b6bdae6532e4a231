import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Runs pack-and-unpack.ts in a process of its own, with little room, and resolves with what it reports. */
async function run(
  content: 'zeros' | 'noise',
): Promise<{ archiveBytes: number; contentBytes: number; peakBytes: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=48',
    join(import.meta.dirname, 'pack-and-unpack.ts'),
    content,
    String(300 << 20),
  ]);
  return JSON.parse(stdout);
}

test.each(['zeros', 'noise'] as const)(
  '300 MB of %s are packed and read back in bounded memory',
  async (content) => {
    const { archiveBytes, contentBytes, peakBytes } = await run(content);
    expect(contentBytes).toBe(300 << 20);
    if (content === 'noise') expect(archiveBytes).toBeGreaterThan(300 << 20);
    else expect(archiveBytes).toBeLessThan(1 << 20);
    // Node itself takes 50 to 60 MB of it.
    expect(peakBytes).toBeLessThan(180 << 20);
  },
  60_000,
);
