import { resolve } from 'node:path';
import { isEfakturError } from '../base/errors.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import { shownProfile } from '../settings/profiles.ts';
import { restoreByMenu } from './menu-restore.ts';
import {
  chooseFrom,
  chooseOne,
  enterEnds,
  helpLabel,
  leaveLabel,
  noSuchProfileHere,
  nothingSetUp,
  pullLabel,
  pushLabel,
  settingsAre,
  setUpLabel,
  severalProfiles,
  statusLabel,
  title,
  whichProfile,
} from './menu-texts.ts';
import { type Menu, type MenuStart, menuFrom } from './menu-window.ts';

/**
 * What a double click shows. It asks what to do and runs the command that somebody else would have typed, with its own
 * questions; nothing is wired a second time here.
 */

interface Entry {
  readonly label: Text;
  /** What may be typed in place of the number. */
  readonly words: readonly string[];
  run(menu: Menu): Promise<number>;
}

const entries: readonly Entry[] = [
  {
    label: statusLabel,
    words: ['status'],
    run: (menu) => menu.run(ofAll(menu, ['status', '--all'], ['status'])),
  },
  { label: pushLabel, words: ['push', 'backup'], run: (menu) => menu.run(ofAll(menu, ['run'], ['push'])) },
  { label: pullLabel, words: ['pull', 'restore'], run: restoreOne },
  { label: setUpLabel, words: ['setup', 'init'], run: (menu) => menu.run(['init']) },
  { label: helpLabel, words: ['help', '?'], run: (menu) => menu.run(['--help']) },
];

/** What concerns every profile, where there are several. */
const ofAll = ({ profiles }: Menu, all: readonly string[], one: readonly string[]): readonly string[] =>
  profiles.length > 0 ? all : one;

/** A restore is of one profile. */
async function restoreOne(menu: Menu): Promise<number> {
  const { profiles, tell, ask } = menu;
  if (profiles.length === 0) return restoreByMenu(menu);
  tell(
    joined([verbatim(''), ...profiles.map((name, i) => verbatim(`  ${i + 1}  ${shownProfile(name)}`))], '\n'),
  );
  for (let question = whichProfile; ; question = noSuchProfileHere) {
    const answer = await ask(question);
    if (answer === '') return 0;
    const same = (name: string): boolean => name.toLowerCase() === answer.toLowerCase();
    const name = profiles[Number(answer) - 1] ?? profiles.find(same);
    if (name !== undefined) return restoreByMenu(await menu.ofProfile(name));
  }
}

/**
 * Shows the menu until the user leaves; resolves with the exit code of the last command. The window stays until Enter is
 * pressed, whatever became of it. `interrupted` when the question itself is cut off.
 */
export async function runMenu(start: MenuStart): Promise<number> {
  const { io } = start;
  let code = 0;
  for (;;) {
    // Settings may have been written while the window was open.
    const menu = await menuFrom(start);
    const entry = await choose(menu);
    if (entry === null) return code;
    code = await entry.run(menu).catch(start.sayFailure);
    if (io.signal.aborted || !(await wantsMore(menu))) return code;
    menu.tell(verbatim(''));
  }
}

async function choose({ io, config, profiles, hasStore, tell, ask }: Menu): Promise<Entry | null> {
  const lines = [
    title(io.version),
    ...(profiles.length > 0 ? [severalProfiles(profiles.length)] : []),
    ...(config?.settingsFile && profiles.length === 0
      ? [settingsAre(resolve(io.around.currentFolder, config.settingsFile))]
      : []),
    ...(hasStore ? [] : [nothingSetUp]),
    verbatim(''),
    ...entries.map(({ label }, i) => inBoth((l) => `  ${i + 1}  ${label[l]}`)),
    inBoth((l) => `  0  ${leaveLabel[l]}`),
    verbatim(''),
  ];
  tell(joined(lines, '\n'));
  for (let question = chooseOne; ; question = chooseFrom(entries.length)) {
    const answer = (await ask(question)).toLowerCase();
    if (['0', 'q', 'exit', leaveLabel.en, leaveLabel.id].includes(answer)) return null;
    const entry = entries.find(
      ({ label, words }, i) => [String(i + 1), label.en, label.id].includes(answer) || words.includes(answer),
    );
    if (entry) return entry;
  }
}

/** Whoever closes the question itself wants to leave. */
async function wantsMore({ tell, ask }: Menu): Promise<boolean> {
  tell(verbatim(''));
  try {
    return /^m/i.test(await ask(enterEnds));
  } catch (error) {
    if (isEfakturError(error, 'interrupted')) return false;
    throw error;
  }
}
