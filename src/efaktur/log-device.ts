import { buffer } from 'node:stream/consumers';
import type { Text } from '../base/text.ts';
import { propertiesNames } from '../derby/properties-names.ts';
import { logDeviceOf, parseServiceProperties } from '../derby/service-properties.ts';
import type { DatabaseSet } from './database-files.ts';
import { logElsewhere } from './texts.ts';

const maxPropertiesBytes = 1 << 16;

/** A sentence for each database whose log is missing because its settings put it into another folder. */
export async function logsElsewhere({ files, databases }: DatabaseSet): Promise<Text[]> {
  const found: Text[] = [];
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
    if (folder) found.push(logElsewhere(database, folder));
  }
  return found;
}
