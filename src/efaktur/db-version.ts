import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogContainers } from '../derby/catalog.ts';
import { containerFileName } from '../derby/container.ts';
import { createJudge } from '../derby/judge.ts';
import { propertiesNames } from '../derby/properties-names.ts';

/** What an installed database says of the program that uses it. */
export interface InstalledDatabase {
  readonly name: string;
  /** `major.minor` of the stored format; null when it cannot be told. */
  readonly derbyVersion: string | null;
  readonly schemaFingerprint: string | null;
}

/** The lists of tables and columns, a few hundred kilobytes, tell the schema. */
const catalogFiles = Object.values(catalogContainers).map(containerFileName);

/** Reads version and schema of every database in a `db` folder; what cannot be read is null, as only a hint is wanted. */
export async function installedDatabases(dbFolder: string): Promise<InstalledDatabase[]> {
  const judge = createJudge();
  const feed = async (path: string): Promise<void> => {
    const bytes = await readFile(join(dbFolder, path)).catch(() => null);
    if (!bytes) return;
    const taker = judge.file(path, bytes.length);
    taker.write(bytes);
    taker.end();
  };
  for (const database of await readdir(dbFolder).catch(() => [])) {
    await feed(`${database}/log/log.ctrl`);
    for (const name of catalogFiles) await feed(`${database}/seg0/${name}`);
    for (const name of propertiesNames) await feed(`${database}/${name}`);
  }
  return judge.finish().databases.map(({ database, derbyVersion, schemaFingerprint }) => ({
    name: database,
    derbyVersion,
    schemaFingerprint,
  }));
}
