import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EfakturError, nodeCode } from '../base/errors.ts';
import type { Io } from './context.ts';

/**
 * Asks on the terminal, on stderr so that stdout stays the answer; null where there is no terminal. `interrupted` after
 * Ctrl-C or Ctrl-D.
 */
export async function ask(io: Io, question: string, isSecret = false): Promise<string | null> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) return null;
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
    throw new EfakturError(
      'interrupted',
      'the question was left without an answer',
      'Run it again when you are ready.',
      error,
    );
  } finally {
    lines.close();
  }
}
