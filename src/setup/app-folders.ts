import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { placesOf } from '../app/folders.ts';
import { formatInstant } from '../base/local-time.ts';
import { appFoldersIn, newestChange } from '../efaktur/app-folder.ts';
import type { InspectContext } from '../inspect/backup-files.ts';
import { newestInvoice } from '../inspect/newest-invoice.ts';
import type { Surroundings } from '../settings/surroundings.ts';

/** An e-Faktur folder that could be backed up, with what tells it from its old copies. */
export interface FoundFolder {
  readonly path: string;
  /** RFC 3339, in the zone of the context; null where nothing in it has a time. */
  readonly newestChange: string | null;
  /** Of its databases. */
  readonly sizeBytes: number;
  /** `2023-07-08`; null where none can be told. */
  readonly newestInvoice: string | null;
}

/** What the search may take for one folder's invoices; a size and a time are known at once. */
const invoicesMs = 10_000;

/** The e-Faktur folders of this PC, the one that changed last first. */
export async function foundFolders(around: Surroundings, context: InspectContext): Promise<FoundFolder[]> {
  const found = await appFoldersIn([around.currentFolder, ...(await placesOf(around))]);
  const described: FoundFolder[] = [];
  for (const { path } of found) described.push(await describeFolder(path, context));
  return described.sort((a, b) => ((a.newestChange ?? '') < (b.newestChange ?? '') ? 1 : -1));
}

/** The same of one folder, whatever lies in it. */
export async function describeFolder(path: string, context: InspectContext): Promise<FoundFolder> {
  const changed = await newestChange(path);
  const limit = AbortSignal.timeout(invoicesMs);
  const signal = AbortSignal.any([context.signal, limit]);
  const invoice = await newestInvoice(path, { ...context, signal }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    if (!limit.aborted) throw error;
    return null;
  });
  return {
    path,
    newestChange: changed && formatInstant(changed, context.zone),
    sizeBytes: await sizeOf(join(path, 'db')),
    newestInvoice: invoice,
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) => stat(join(entry.parentPath, entry.name)).catch(() => null));
  return (await Promise.all(sizes)).reduce((sum, info) => sum + (info?.size ?? 0), 0);
}
