import { spawn } from 'node:child_process';
import { closePipesAfterExit } from '../base/child-pipes.ts';
import { systemCode } from '../base/errors.ts';

/** A JVM as a process of its own: what it gets of the environment, and what it said. */

/** What a JVM needs to start, to find its libraries and to write where it may. */
const forJava =
  /^(path|home|user|username|userprofile|logname|lang|language|lc_\w+|tz|tmp|temp|tmpdir|systemroot|systemdrive|windir|comspec|pathext|java_\w+|_java_options|jdk_\w+|(ld|dyld)_library_path|(local)?appdata|display)$/i;

/**
 * Without the keys of a bucket, which nothing that opens a database needs. Java reads names of files by the locale, which a
 * scheduler has none of; they are UTF-8, as Node.js writes them.
 */
export const javaEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && forJava.test(entry[0]),
    ),
  ),
  ...(!/utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '') && { LC_ALL: 'C.UTF-8' }),
});

/** What Derby says, without the page that it shows in hexadecimal: that is rows of somebody's books. */
export const words = (said: string | null | undefined): string => {
  const [first = ''] = (said ?? '').split(/[\s.,:;(]*(?:page dump follows|hex dump)/i);
  const line = first.replace(/\s+/g, ' ').trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
};
const shownCharacters = 500;

export interface JavaRun {
  readonly stdout: string;
  /** Its last words. */
  readonly stderr: string;
  /** A signal, or why it did not start; empty where it ended by itself. */
  readonly end: string;
  readonly code: number | null;
  readonly timedOut: boolean;
}

/** Runs a JVM to its end. Rejects only with the signal's reason. */
export async function runJava(
  java: string,
  args: readonly string[],
  options: {
    cwd?: string;
    env: Readonly<Record<string, string>>;
    signal?: AbortSignal | undefined;
    timeoutMs: number;
  },
): Promise<JavaRun> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
  const child = spawn(java, args, {
    ...cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  closePipesAfterExit(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  let timedOut = false;
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop);
  try {
    const { code, end } = await new Promise<{ code: number | null; end: string }>((resolve) => {
      child.on('error', (error) => resolve({ code: null, end: systemCode(error) ?? error.message }));
      child.on('close', (code, by) => resolve({ code, end: code === null ? `${by}` : '' }));
    });
    signal?.throwIfAborted();
    return { stdout, stderr: stderr.trim(), end, code, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
