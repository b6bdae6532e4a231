import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EfakturError, nodeCode } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import type { Io } from './context.ts';
import { noAnswer, runWhenReady, yesOrNo, yesOrNoOnly } from './texts.ts';

/** Whether somebody sits there who can be asked. */
export const isConsole = ({ stdin, stderr }: Io): boolean => stdin.isTTY === true && stderr.isTTY === true;

/**
 * Asks on the terminal, on stderr so that stdout stays the answer; null where there is no terminal. `interrupted` after
 * Ctrl-C or Ctrl-D.
 */
export async function ask(io: Io, question: string, isSecret = false): Promise<string | null> {
  if (!isConsole(io)) return null;
  // What is typed is echoed by readline itself, so a secret is read with an output that shows nothing.
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: isSecret ? nothing : io.stderr, terminal: true });
  try {
    if (isSecret) io.stderr.write(question);
    const answer = await lines.question(isSecret ? '' : question, { signal: io.signal });
    if (isSecret) io.stderr.write('\n');
    return answer;
  } catch (error) {
    io.stderr.write('\n');
    if (io.signal.aborted || nodeCode(error) !== 'ABORT_ERR') throw error;
    throw new EfakturError('interrupted', noAnswer, runWhenReady, error);
  } finally {
    lines.close();
  }
}

const yes = ['y', 'ya', 'yes'];
/** To type nothing is no, too. */
const no = ['', 't', 'tidak', 'n', 'no'];

/**
 * Asks for yes or no, which may be said in either language, until one of them is said; null where there is nobody to ask.
 * `askFor` asks once.
 */
export async function confirm(
  askFor: (question: Text) => Promise<string | null>,
  question: Text,
): Promise<boolean | null> {
  let asked = yesOrNo(question);
  for (;;) {
    const answer = (await askFor(asked))?.trim().toLowerCase();
    if (answer === undefined) return null;
    if (yes.includes(answer)) return true;
    if (no.includes(answer)) return false;
    asked = yesOrNoOnly;
  }
}
