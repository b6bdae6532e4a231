import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Looks for secrets in what the command lines of a test run printed (see printed.ts). */

/** One JSON text a line. */
export const secretsFile = (folder: string): string => join(folder, 'secrets.jsonl');

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const ageKey = /AGE-SECRET-KEY-(?:PQ-)?1[02-9A-Z]{20}/i;

/** The command lines that printed a secret: a noted one, or any secret key but a new one that was asked for. */
export function leaksIn(folder: string): string[] {
  const secrets = [
    ...new Set(lines(readIfThere(secretsFile(folder))).map((line) => JSON.parse(line) as string)),
  ];
  const leaks: string[] = [];
  for (const name of readdirSync(folder).filter((file) => file.startsWith('printed-'))) {
    for (const line of lines(readFileSync(join(folder, name), 'utf8'))) {
      const { args, outputs } = JSON.parse(line) as { args: string[]; outputs: string[] };
      const text = [...args, ...outputs].join('\n');
      // Whoever asks for a new key is shown it.
      const isNewKey = args[0] === 'keys' && args[1] === 'new';
      const found = secrets.some((value) => text.includes(value) && !(isNewKey && ageKey.test(value)));
      if (found || (!isNewKey && ageKey.test(text))) leaks.push(args.join(' '));
    }
  }
  return leaks;
}

/** The command lines that printed a value in place of its text. */
export function unwordedIn(folder: string): string[] {
  const printed = readdirSync(folder).filter((file) => file.startsWith('printed-'));
  return printed.flatMap((name) =>
    lines(readFileSync(join(folder, name), 'utf8')).flatMap((line) => {
      const { args, outputs } = JSON.parse(line) as { args: string[]; outputs: string[] };
      return outputs.some((output) => output.includes('[object Object]')) ? [args.join(' ')] : [];
    }),
  );
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
