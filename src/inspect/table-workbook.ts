/* A table's rows as a workbook file. */
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asTargetError, syncDirectory, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { cellRows, widthOf } from './cells.ts';
import { type Sheet, writeWorkbook } from './xlsx.ts';

/** Replaces the file as a whole; after an error what was there is still there. `target-not-writable` when it cannot be. */
export async function replaceWorkbook(file: string, sheets: AsyncIterable<Sheet>): Promise<void> {
  const temp = join(dirname(file), `.${basename(file)}.${process.pid}-${randomBytes(3).toString('hex')}.tmp`);
  try {
    await writeWorkbook(temp, sheets);
    await whileBusy(() => rename(temp, file));
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(temp, { force: true });
    if (systemCode(error) === 'ENOENT')
      throw new EfakturError(
        'target-not-writable',
        `${file} cannot be written: its folder is not there`,
        'Make the folder first, or name another one.',
        error,
      );
    throw asTargetError(error, `${file} cannot be written`);
  }
}

/** Counts cells that were cut, for one warning. */
export function cutCells(): { readonly onCut: () => void; warnings(): Warning[] } {
  let cells = 0;
  return {
    onCut() {
      cells++;
    },
    warnings: () =>
      cells === 0
        ? []
        : [
            {
              code: 'value-cut',
              message: `${cells} text(s) were longer than a cell can be and were cut; --csv and --jsonl give them whole`,
            },
          ],
  };
}

/** Writes rows as one sheet (and further ones where Excel's rows do not suffice). */
export async function writeTableWorkbook(
  file: string,
  name: string,
  columns: readonly Column[],
  batches: AsyncIterable<readonly Row[]>,
): Promise<{ rows: number; warnings: Warning[] }> {
  const cut = cutCells();
  let rows = 0;
  const counted = async function* (): AsyncGenerator<readonly Row[]> {
    for await (const batch of batches) {
      rows += batch.length;
      yield batch;
    }
  };
  await replaceWorkbook(
    file,
    (async function* (): AsyncGenerator<Sheet> {
      yield {
        name,
        headers: columns.map((column) => column.name),
        widths: columns.map(widthOf),
        rows: cellRows(columns, counted(), cut.onCut),
      };
    })(),
  );
  return { rows, warnings: cut.warnings() };
}
