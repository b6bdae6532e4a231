import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
const layout = text.slice(text.indexOf('## Layout'), text.indexOf('## Code'));
const [table = '', answers = ''] = layout.split('### Where would it go?');
const questions = [...answers.matchAll(/^- \*\*(.+?)\*\*((?:.|\n {2})*)/gm)];

/** All paths of this project that stand in backquotes, but those of things that are not there yet. */
const pathsIn = (part: string): string[] =>
  [...part.matchAll(/`((?:src|test|docs)\/[\w./-]+|README(?:\.id)?\.md|\.env\.example)`/g)].map(
    ([, path = '']) => path,
  );

test('each question of where something would go is answered with files that are there', async () => {
  expect(questions.map(([, question]) => question)).toEqual([
    'SFTP as a store.',
    'A new exit code.',
    'A service for messages.',
    'A provider of buckets.',
    'Other retention defaults.',
    'VSS as a source.',
    'Copying backups between stores.',
    'A page that lists and pulls.',
  ]);
  for (const [, question = '', answer = ''] of questions) {
    const paths = pathsIn(answer);
    expect(paths.length, question).toBeGreaterThanOrEqual(3);
    for (const path of paths) expect(await stat(join(root, path)).catch(() => null), path).not.toBeNull();
  }
});

test('the layout has a line for each room', async () => {
  const entries = await readdir(join(root, 'src'), { withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `src/${name}/`);
  const lines = table.split('\n').filter((line) => line.startsWith('| `src/'));
  const named = lines.map((line) => pathsIn(line)[0] ?? '');
  for (const room of rooms) expect(named, room).toContain(room);
  for (const path of named) expect(await stat(join(root, path)).catch(() => null), path).not.toBeNull();
  const parts = await readdir(join(root, 'src/sync'), { withFileTypes: true });
  for (const { name } of parts.filter((entry) => entry.isDirectory())) expect(table).toContain(`${name}/\``);
});
