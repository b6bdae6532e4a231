import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';

const sheetFile = join(import.meta.dirname, '../../src/setup/sheet-file.ts');

/** A process that does nothing but open a page, as the wizard while nobody types: what it says of that, and how it ends. */
async function opened(opener: string | null): Promise<string> {
  const folder = await tempFolder();
  await mkdir(join(folder, 'bin'));
  if (opener !== null) await writeFile(join(folder, 'bin', 'xdg-open'), opener, { mode: 0o755 });
  const path =
    opener === null ? join(folder, 'bin') : [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter);
  const script = `import { openPage } from '${sheetFile}';
    console.log(await openPage('/tmp/page.html', { platform: 'linux' }), 'and goes on');`;
  const words = ['--input-type=module', '-e', script];
  return (await promisify(execFile)(process.execPath, words, { env: { PATH: path } })).stdout.trim();
}

test.each([
  ['opens the page and ends', '#!/bin/sh\nexit 0\n', true],
  ['stays open for as long as its window', '#!/bin/sh\nexec sleep 4\n', true],
  ['finds nothing to show a page with', '#!/bin/sh\nexit 3\n', false],
  ['is not there', null, false],
])('the wizard goes on when what opens pages %s', async (_, opener, isShown) => {
  expect(await opened(opener)).toBe(`${isShown} and goes on`);
});
