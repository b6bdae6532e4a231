import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { openScreen, type Screen } from './tmux.ts';

async function screenOf(...words: string[]): Promise<Screen> {
  const screen = await openScreen(words, {
    env: { PATH: '/usr/bin:/bin', WHO: "it's" },
    cwd: await tempFolder(),
  });
  onTestFinished(() => screen.close());
  return screen;
}

test('what is on the screen is what a person sees, and what is typed arrives', async () => {
  // The second line is drawn over the first.
  const screen = await screenOf(
    'sh',
    '-c',
    `printf 'wrong\\rright %s\\n' "$WHO"; read -r a; echo "<$a>"; exit 7`,
  );
  expect(await screen.waitFor('right')).toBe("right it's");
  await screen.type('a b');
  await screen.press('Enter');
  expect(await screen.ended()).toEqual({ code: 7, text: "right it's\na b\n<a b>" });
});

test('what never appears is told with the screen', async () => {
  const waiting = await screenOf('sh', '-c', 'echo here; sleep 60');
  await expect(waiting.waitFor('there', 300)).rejects.toThrow(/there did not appear within 300 ms:\nhere/);
  const ended = await screenOf('sh', '-c', 'echo here');
  await expect(ended.waitFor('there')).rejects.toThrow('the program ended before there appeared:\nhere');
});
