import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { stockCommands } from '../../src/catalog/stock-tools.ts';
import { program, programKeys, sampleKey } from '../archive/format-1-samples.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { treeOf } from '../support/cli.ts';

/** What a stranger does in ten years to get the program folder back: the frozen samples, their texts and stock tools. */

const run = promisify(execFile);
const root = join(import.meta.dirname, '../fixtures/format-1');

/** The key of a manifest, and the letter of the chapter of README.txt. */
const stored = { clear: ['E', ''], encrypted: ['F', '.age'] } as const;

async function download(how: keyof typeof stored): Promise<string> {
  const folder = await tempFolder();
  const [, suffix] = stored[how];
  const key = `${programKeys[how]}.app.tar.zst${suffix}`;
  await copyFile(join(root, key), join(folder, key.replace(/.*\//, '')));
  if (how === 'encrypted') await writeFile(join(folder, 'key.txt'), `${sampleKey}\n`);
  return folder;
}

async function isWhole(folder: string): Promise<void> {
  const tree = await treeOf(join(folder, 'e-Faktur'));
  for (const [path, bytes] of program.files)
    expect((await readFile(join(folder, 'e-Faktur', path))).equals(bytes), path).toBe(true);
  const files = Object.keys(tree).filter((path) => program.files.some(([file]) => file === path));
  expect(files).toHaveLength(program.files.length);
  for (const empty of program.emptyFolders)
    expect(Object.keys(await treeOf(join(folder, 'e-Faktur', empty)))).toEqual([]);
  // Nothing that could be taken for a database.
  expect(Object.keys(await treeOf(folder)).filter((path) => /^db(\/|$)/.test(path))).toEqual([]);
  const list = JSON.parse(await readFile(join(folder, 'efaktur-program.json'), 'utf8'));
  expect(list.kind).toBe('program');
}

test.each(['clear', 'encrypted'] as const)(
  'what its manifest says restores a program folder, %s',
  async (how) => {
    const folder = await download(how);
    const manifest = JSON.parse(await readFile(join(root, `${programKeys[how]}.app.json`), 'utf8'));
    await run('sh', ['-ec', manifest.restore], { cwd: folder });
    await isWhole(folder);
  },
);

test.each(['clear', 'encrypted'] as const)(
  'what README.txt says restores a program folder, %s',
  async (how) => {
    const folder = await download(how);
    const [letter] = stored[how];
    const readme = await readFile(join(root, 'README.txt'), 'latin1');
    const [chapter = ''] =
      new RegExp(`\\r\\n${letter}\\.  .*?(?=\\r\\n[A-Z]\\.  |$)`, 's').exec(readme) ?? [];
    const lines = [...chapter.matchAll(/^ {4}(\S.*)\r$/gm)].map(([, line = '']) =>
      line.replaceAll('NAME', programKeys[how].replace(/.*\//, '')),
    );
    expect(lines.at(-1)).toBe('tar xf program.tar');
    for (const line of lines) {
      // The Command Prompt and PowerShell 5 must do the same with it.
      expect(line).toMatch(/^[\w./ -]+$/);
      await run('sh', ['-c', line], { cwd: folder });
    }
    await isWhole(folder);
  },
);

test('FORMAT.md shows these commands', async () => {
  const format = await readFile(join(import.meta.dirname, '../../docs/FORMAT.md'), 'utf8');
  for (const suffix of ['', '.age']) {
    const lines = stockCommands(`20230711T020500Z-a1c2e3f40516.app.tar.zst${suffix}`);
    expect(format).toContain(`\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`);
  }
});
