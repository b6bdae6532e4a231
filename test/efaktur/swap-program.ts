/** A program for swap.test.ts, killed at its steps: `restore FOLDER` or `settle FOLDER`; prints an error's code. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEfakturError } from '../../src/base/errors.ts';
import { beginStaging, settleSwap } from '../../src/efaktur/swap.ts';

const [, , verb, folder = ''] = process.argv;

async function restore(): Promise<void> {
  const staging = await beginStaging(folder, new Date());
  await mkdir(join(staging.path, 'ETaxInvoice/seg0'), { recursive: true });
  const names = ['service.properties', 'seg0/c10.dat', 'seg0/c20.dat'];
  for (const name of names) await writeFile(join(staging.path, 'ETaxInvoice', name), 'new');
  const files = names.map((name) => ({ path: `ETaxInvoice/${name}`, sizeBytes: 3 }));
  await staging.complete({ files, emptyFolders: [] });
  await staging.swapIn();
}

try {
  await (verb === 'restore' ? restore() : settleSwap(folder));
} catch (error) {
  process.stdout.write(isEfakturError(error) ? error.code : String(error));
}
