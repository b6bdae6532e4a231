import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/* Real shells with a terminal, in which somebody types. */

/** Stands in `screen` behind each call. */
export const told = '<called>';

export type ShellName = 'bash' | 'zsh' | 'fish';

const commands: Readonly<Record<ShellName, string>> = {
  bash: 'bash --norc --noprofile -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};
const first: Readonly<Record<ShellName, string>> = {
  bash: "PS1='ready> '; bind 'set enable-bracketed-paste off'",
  zsh: "PS1='ready> '; autoload -U compinit; compinit -u -D",
  fish: 'function fish_prompt; echo -n "ready> "; end',
};

export interface ShellRequest {
  readonly shell: ShellName;
  /** What completes the program. */
  readonly script: string;
  /** An empty folder for what is needed beside. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Lines with `\t` where Tab is pressed; Enter is pressed behind each. */
  readonly lines: readonly string[];
}

/**
 * Types lines in a shell in which `efaktur-cloud` only writes down its arguments; gives those of each call, and all that appeared.
 * A line that calls nothing fails.
 */
export async function typedIn(
  request: ShellRequest,
): Promise<{ readonly calls: readonly (readonly string[])[]; readonly screen: string }> {
  const { shell, script, folder, cwd, env, lines } = request;
  const calls = join(folder, 'calls');
  const bin = join(folder, 'bin');
  const scriptFile = join(folder, 'completion');
  await mkdir(bin);
  await writeFile(calls, '');
  await writeFile(scriptFile, script);
  const stub = join(bin, 'efaktur-cloud');
  // A word a line, then an empty one; told on the terminal when it is done.
  await writeFile(stub, `#!/bin/sh\nprintf '%s\\n' "$@" '' >> '${calls}'\necho "${told}"\n`);
  await chmod(stub, 0o755);
  const child = spawn('script', ['-q', '-e', '-c', commands[shell], '/dev/null'], {
    cwd,
    env: { HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8', ...env, PATH: `${bin}:${process.env.PATH}` },
    timeout: 60_000,
  });
  let screen = '';
  const waiting: { seen: () => void; isSeen: () => boolean }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (const one of waiting) if (one.isSeen()) one.seen();
  });
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (error) =>
      reject(new Error('needs "script" on PATH: apt-get install bsdutils', { cause: error })),
    );
    child.on('close', () => reject(new Error(`${shell} ended (is it on PATH?): ${screen}`)));
  });
  failed.catch(() => {});
  const appeared = (times: number): Promise<void> => {
    const isSeen = (): boolean => {
      const parts = screen.split(told);
      // What is typed before the prompt is not edited by the shell.
      return parts.length > times && (parts.at(-1)?.includes('ready> ') ?? false);
    };
    const seen = new Promise<void>((resolve) => {
      waiting.push({ seen: resolve, isSeen });
      if (isSeen()) resolve();
    });
    return Promise.race([seen, failed]);
  };
  child.stdin.write(`${first[shell]}; source '${scriptFile}'; efaktur-cloud ready\n`);
  await appeared(1);
  for (const [i, line] of lines.entries()) {
    child.stdin.write(`${line}\n`);
    await appeared(i + 2);
  }
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.write('exit\n');
  await ended;
  const noted = (await readFile(calls, 'utf8')).split('\n\n').slice(1, -1);
  return { calls: noted.map((call) => call.split('\n')), screen };
}
