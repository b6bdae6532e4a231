import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A real terminal with what is on its screen: what a person sees, not the bytes that drew it. */
export interface Screen {
  /** What is on it now, without blanks at the ends of lines and empty lines at the end. */
  text(): Promise<string>;
  /** Waits until it shows that; throws with the screen after `timeoutMs` (30 s), or when the program has ended without. */
  waitFor(shown: string | RegExp, timeoutMs?: number): Promise<string>;
  /** Types this as it stands. */
  type(text: string): Promise<void>;
  /** Keys by the names of tmux: `Enter`, `Down`, `Space`, `C-c`. */
  press(...keys: string[]): Promise<void>;
  /** Waits until the program has ended: with its exit code, and the screen as it left it. */
  ended(timeoutMs?: number): Promise<{ readonly code: number; readonly text: string }>;
  close(): Promise<void>;
}

export interface ScreenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** What the shell says once the program has ended. */
const endMark = 'ended-with';
const tickMs = 50;

/** Runs a program in a terminal of tmux, on a server of its own. Nothing of the environment but `env` reaches it. */
export async function openScreen(words: readonly string[], options: ScreenOptions): Promise<Screen> {
  const { env, cwd, columns = 100, rows = 200 } = options;
  const server = `efaktur-test-${randomUUID()}`;
  const tmux = async (...args: string[]): Promise<string> => {
    const command = ['-L', server, '-f', '/dev/null', ...args];
    const { stdout } = await promisify(execFile)('tmux', command, {
      env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: cwd },
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error('a screen needs "tmux" on PATH: apt-get install tmux', { cause: error });
    });
    return stdout;
  };
  const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
  const set = Object.entries({ TERM: 'tmux-256color', LANG: 'C.UTF-8', ...env })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => quote(`${name}=${value}`));
  const call = ['env', '-i', ...set, ...words.map(quote)].join(' ');
  // The shell stays, so that the last screen does.
  const shell = `${call}; printf '\\n${endMark} %s\\n' $?; read -r _`;
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, 'sh', '-c', shell);

  const all = async (): Promise<string> =>
    (await tmux('capture-pane', '-p', '-J', '-S', '-'))
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  const isShown = (shown: string | RegExp, text: string): boolean =>
    typeof shown === 'string' ? text.includes(shown) : shown.test(text);
  const codeIn = (text: string): number | null => {
    const match = new RegExp(`^${endMark} (\\d+)$`, 'm').exec(text);
    return match && Number(match[1]);
  };
  const withoutEnd = (text: string): string => text.replace(new RegExp(`\\n*^${endMark} \\d+$`, 'm'), '');

  const until = async <T>(what: string, timeoutMs: number, look: (text: string) => T | null): Promise<T> => {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const text = await all();
      const found = look(text);
      if (found !== null) return found;
      if (Date.now() > end) throw new Error(`${what} did not appear within ${timeoutMs} ms:\n${text}`);
      await sleep(tickMs);
    }
  };
  return {
    text: async () => withoutEnd(await all()),
    waitFor: (shown, timeoutMs = 30_000) =>
      until(String(shown), timeoutMs, (text) => {
        if (isShown(shown, withoutEnd(text))) return withoutEnd(text);
        if (codeIn(text) !== null) throw new Error(`the program ended before ${shown} appeared:\n${text}`);
        return null;
      }),
    type: async (text) => void (await tmux('send-keys', '-l', '--', text)),
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    ended: (timeoutMs = 60_000) =>
      until('the end', timeoutMs, (text) => {
        const code = codeIn(text);
        return code === null ? null : { code, text: withoutEnd(text) };
      }),
    close: async () => void (await tmux('kill-server').catch(() => '')),
  };
}
