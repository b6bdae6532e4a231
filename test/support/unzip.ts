import { createWriteStream } from 'node:fs';
import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks one of our own fixture zips into a folder, which is made. The zip's clock times are taken as UTC+7, unless
 * one time is given for all.
 */
export async function unzip(zipFile: string, folder: string, time?: Date): Promise<void> {
  const zip = await openPromise(zipFile, { lazyEntries: true });
  await mkdir(folder, { recursive: true });
  for await (const entry of zip.eachEntry()) {
    const target = join(folder, entry.fileName);
    if (entry.fileName.endsWith('/')) {
      await mkdir(target, { recursive: true });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    const inZip = new Date(
      entry.getLastModDate({ timezone: 'UTC', forceDosFormat: true }).getTime() - 7 * 3_600_000,
    );
    await utimes(target, time ?? inZip, time ?? inZip);
  }
}
