import { bytes } from '../base/phrases.ts';
import type { Progress } from '../base/progress.ts';
import { inBoth, joined, type Language } from '../base/text.ts';
import type { Io } from './context.ts';
import { formatSeconds } from './format.ts';
import { doneOf, timeLeft } from './texts.ts';

const redrawMs = 200;

/** Draws progress as one line on a terminal; elsewhere, and with `-q`, nothing. */
export function terminalProgress(
  io: Io,
  quiet: boolean,
  language: Language,
): { progress: Progress; clear: () => void } {
  if (quiet || io.stderr.isTTY !== true)
    return { progress: { begin: () => {}, advance: () => {} }, clear: () => {} };
  let phase = '';
  let total: number | null = null;
  let done = 0;
  let startedAt = 0;
  let drawnAt = 0;
  let isDrawn = false;
  const draw = (now: number): void => {
    const seconds = (now - startedAt) / 1000;
    const rate = seconds > 0.5 ? done / seconds : 0;
    const parts = [total === null ? bytes(done) : doneOf(bytes(done), bytes(total))];
    if (rate > 0) parts.push(inBoth((l) => `${bytes(rate)[l]}/s`));
    if (rate > 0 && total !== null && done < total)
      parts.push(timeLeft(formatSeconds((total - done) / rate)));
    io.stderr.write(
      `\r\u001b[K${`${phase}: ${joined(parts, ', ')[language]}`.slice(0, (io.stderr.columns || 80) - 1)}`,
    );
    isDrawn = true;
    drawnAt = now;
  };
  return {
    progress: {
      begin(name, totalBytes) {
        [phase, total, done, startedAt] = [name[language], totalBytes, 0, performance.now()];
        draw(startedAt);
      },
      advance(more) {
        done += more;
        const now = performance.now();
        if (now - drawnAt >= redrawMs) draw(now);
      },
    },
    clear() {
      if (isDrawn) io.stderr.write('\r\u001b[K');
      isDrawn = false;
    },
  };
}
