import { buffer } from 'node:stream/consumers';
import { propertiesNames } from '../derby/properties-names.ts';
import { logDeviceOf, parseServiceProperties } from '../derby/service-properties.ts';
import type { DatabaseSet } from './database-files.ts';

const maxPropertiesBytes = 1 << 16;

/** A sentence for each database whose log is missing because its settings put it into another folder. */
export async function logsElsewhere({ files, databases }: DatabaseSet): Promise<string[]> {
  const found: string[] = [];
  for (const database of databases) {
    if (files.some(({ path }) => path === `${database}/log/log.ctrl`)) continue;
    const file = files.find(({ path }) => propertiesNames.some((name) => path === `${database}/${name}`));
    if (!file || file.sizeBytes > maxPropertiesBytes) continue;
    // One that cannot be read, which is told of elsewhere, has nothing to say here.
    const bytes = await file
      .open()
      .then(buffer)
      .catch(() => null);
    const properties = bytes && parseServiceProperties(bytes);
    const folder = properties && logDeviceOf(properties);
    if (folder)
      found.push(
        `the log of ${database} lies in another folder (${folder}), as its service.properties says, and is not part of this folder`,
      );
  }
  return found;
}
