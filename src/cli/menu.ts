import { resolve } from 'node:path';
import { isEfakturError } from '../base/errors.ts';
import { inBoth, joined, type Text, verbatim } from '../base/text.ts';
import { restoreByMenu } from './menu-restore.ts';
import {
  chooseFrom,
  chooseOne,
  enterEnds,
  helpLabel,
  leaveLabel,
  nothingSetUp,
  pullLabel,
  pushLabel,
  settingsAre,
  setUpLabel,
  statusLabel,
  title,
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
  { label: statusLabel, words: ['status'], run: (menu) => menu.run(['status']) },
  { label: pushLabel, words: ['push', 'backup'], run: (menu) => menu.run(['push']) },
  { label: pullLabel, words: ['pull', 'restore'], run: restoreByMenu },
  { label: setUpLabel, words: ['setup', 'init'], run: (menu) => menu.run(['init']) },
  { label: helpLabel, words: ['help', '?'], run: (menu) => menu.run(['--help']) },
];

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

async function choose({ io, config, hasStore, tell, ask }: Menu): Promise<Entry | null> {
  const lines = [
    title(io.version),
    ...(config?.settingsFile ? [settingsAre(resolve(io.around.currentFolder, config.settingsFile))] : []),
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
