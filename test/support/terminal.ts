import { spawn } from 'node:child_process';
import { program, type RunOptions, type World } from './cli.ts';

/** What is typed when something has appeared, behind all that was typed before. */
export type Typed = readonly [prompt: RegExp, answer: string];

/** Runs the built program on a pseudo-terminal; ends with everything that appeared on it. */
export async function onTerminal(
  world: World,
  args: readonly string[],
  typed: readonly Typed[] = [],
  options: RunOptions = {},
): Promise<{ code: number | null; output: string }> {
  const quoted = [process.execPath, '--', program, ...args].map((word) => `'${word}'`).join(' ');
  const env = Object.entries({ ...world.env, ...options.env, TERM: 'xterm' });
  const child = spawn('script', ['-q', '-e', '-c', quoted, '/dev/null'], {
    cwd: options.cwd ?? world.folder,
    env: Object.fromEntries(env.filter(([, value]) => value !== undefined)),
    timeout: 60_000,
  });
  let output = '';
  let seen = 0;
  const left = [...typed];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [next] = left;
    if (next === undefined || !next[0].test(output.slice(seen))) return;
    left.shift();
    seen = output.length;
    child.stdin.write(next[1]);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) =>
      reject(new Error('a terminal needs "script" on PATH: apt-get install bsdutils', { cause: error })),
    );
    child.on('close', resolve);
  });
  if (left.length > 0) throw new Error(`${left[0]?.[0]} did not appear: ${output}`);
  return { code, output };
}
