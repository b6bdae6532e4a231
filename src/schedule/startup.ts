import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, writeFileAtomic } from '../base/atomic-file.ts';
import { isEfakturError, systemCode } from '../base/errors.ts';
import { productName, scheduledTask } from '../base/product.ts';
import { verbatim } from '../base/text.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { Scheduler } from './scheduler.ts';
import { encodeShellLink, parseShellLink } from './shell-link.ts';
import { programOnShare, startupOnly, startupOnlyHint } from './texts.ts';
import { windowsLine, windowsWords } from './windows-words.ts';

/** A shortcut in the Startup folder, for a PC that takes no task of its user: it runs at each logon, and at no other time. */
export function startupScheduler({ env, homeFolder }: Surroundings): Scheduler {
  const roaming = env.APPDATA ?? join(homeFolder, 'AppData', 'Roaming');
  const folder = join(roaming, 'Microsoft', 'Windows', 'Start Menu', 'Programs', 'Startup');
  const place = join(folder, `${scheduledTask}.lnk`);
  return {
    kind: 'startup',
    async install({ command: [target = '', ...words] }) {
      if (/^[\\/]{2}/.test(target)) return { because: programOnShare(target) };
      const link = encodeShellLink({ target, words: windowsLine(words), description: productName });
      try {
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(place, link);
      } catch (error) {
        const told = asTargetError(error, verbatim(place));
        if (!isEfakturError(told)) throw told;
        return { because: told.text };
      }
      return {
        place,
        warnings: [{ code: 'schedule-fallback', message: startupOnly, hint: startupOnlyHint }],
      };
    },
    async read() {
      const bytes = await readFile(place).catch((error: unknown) => {
        if (systemCode(error) === null) throw error;
        return null;
      });
      if (bytes === null) return null;
      const link = parseShellLink(bytes);
      const info = await stat(place).catch(() => null);
      return {
        place,
        at: null,
        command: link && [link.target, ...windowsWords(link.words)],
        env: {},
        installedAt: info?.mtime ?? null,
        isEnabled: true,
        isAsMade: link !== null,
        lastRunAt: null,
        lastResult: null,
        startFailure: null,
      };
    },
    async remove() {
      const isThere = (await stat(place).catch(() => null)) !== null;
      if (isThere) await rm(place);
      return isThere ? place : null;
    },
    // It has no times to be missed.
    couldRunMs: async () => null,
  };
}
