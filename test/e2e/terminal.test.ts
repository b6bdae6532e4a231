import { expect, test } from 'vitest';
import { makeWorld, treeOf } from '../support/cli.ts';
import { onTerminal } from '../support/terminal.ts';

/** What readline writes before a prompt, and progress before a line. */
const clearLine = '\u001b[1G\u001b[0J';
const redraw = '\r\u001b[K';

test('over a db that is not empty pull asks on a terminal, and does as it is told', async () => {
  const world = await makeWorld({ live: 'seed-6-july' });
  await world.json(['push', '--source', 'backup']);
  const before = await treeOf(world.app, true);
  for (const answer of ['n\n', '\n', '\u0004', '\u0003']) {
    const refused = await onTerminal(world, ['pull'], [[/\(yes\/no\)/, answer]]);
    // What readline clears before it draws the question is not the question.
    expect(refused.output.slice(refused.output.indexOf('(yes/no)'))).not.toContain(clearLine);
    expect(refused.code, JSON.stringify(answer)).toBe(130);
    expect(await treeOf(world.app, true)).toEqual(before);
  }
  const agreed = await onTerminal(world, ['pull'], [[/\(yes\/no\)/, 'y\n']]);
  expect(agreed.code).toBe(0);
  expect(agreed.output).toContain('db.before-restore-');
  const yes = await onTerminal(world, ['pull', '--yes']);
  expect(yes.code).toBe(0);
  expect(yes.output).not.toContain('(yes/no)');
});

test('with --json nobody is asked', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const outcome = await onTerminal(world, ['pull', '--json']);
  expect(outcome.code).toBe(2);
  expect(outcome.output).toContain('--yes');
});

test('progress is drawn on a terminal only, and wiped; -q draws none', async () => {
  const world = await makeWorld({ live: null });
  const drawn = await onTerminal(world, ['push']);
  expect(drawn.code).toBe(0);
  expect(drawn.output).toContain(`${redraw}read: `);
  expect(drawn.output).toContain(`${redraw}Stored`);
  const quiet = await onTerminal(world, ['push', '--full', '-q']);
  expect(quiet).toEqual({ code: 0, output: '' });
  const piped = await world.runBuilt(['push', '--full']);
  expect([piped.stdout, piped.stderr].join()).not.toContain('\u001b');
});
