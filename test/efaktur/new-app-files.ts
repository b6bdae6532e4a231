import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const program = ['ETaxInvoiceMain.exe', 'ETaxInvoice.exe', 'java/bin/java.exe', 'lib/derby.jar'];
const db = ['ETaxInvoice/service.properties', 'ETaxInvoice/seg0/c10.dat'];

/** All of a small e-Faktur folder, as `treeOf` shows it: each file holds its path. */
export const newAppFiles = [...program, ...db.map((path) => `db/${path}`)].sort();

export const listOfNewApp = {
  files: newAppFiles.map((path) => ({ path, sizeBytes: path.length })),
  emptyFolders: ['lib/empty', 'db/ETaxInvoice/tmp'],
};

/** Without the calls that are counted. */
export async function writeNewApp(staging: { readonly app: string; readonly db: string }): Promise<void> {
  const write = (root: string, path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const path of program) write(staging.app, path, path);
  for (const path of db) write(staging.db, path, `db/${path}`);
  mkdirSync(join(staging.app, 'lib/empty'));
  mkdirSync(join(staging.db, 'ETaxInvoice/tmp'));
}
