import { appendFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { secretsFile } from './leaks.ts';

/** Keeps everything that command lines print in a test run, and the secrets that must not be in it (see leaks.ts). */

const printedFile = (): string => join(inject('printedFolder'), `printed-${process.pid}.jsonl`);

/** A value that no command line of this test run may ever print. */
export const noteSecret = (value: string): Promise<void> =>
  appendFile(secretsFile(inject('printedFolder')), `${JSON.stringify(value)}\n`);

/** Keeps what a command line printed. */
export function notePrinted(args: readonly string[], ...outputs: string[]): void {
  appendFileSync(printedFile(), `${JSON.stringify({ args, outputs })}\n`);
}
