import type { Text } from './text.ts';
import { didYouMean } from './texts.ts';

/** How many letters were missed, added, changed or swapped with the next one: optimal string alignment. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : substituted;
      next.push(Math.min(substituted, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** One slip in four letters still shows which name was meant; more is another word. */
const lettersPerSlip = 4;
/** Of fewer letters too many names are the beginning. */
const prefixLetters = 3;

/**
 * The known name that a mistyped one was meant to be; null when none is near: a proposal that is a guess leads people
 * astray. Near is one slip in four letters, or that one is the beginning of the other. Large and small letters are one.
 */
export function nearestName(name: string, known: readonly string[]): string | null {
  const typed = name.toLowerCase();
  const slips = Math.max(1, Math.floor(typed.length / lettersPerSlip));
  let best: { readonly name: string; readonly rank: number } | null = null;
  for (const candidate of known) {
    const one = candidate.toLowerCase();
    const d = distance(typed, one);
    const isBeginning =
      Math.min(one.length, typed.length) >= prefixLetters && (one.startsWith(typed) || typed.startsWith(one));
    // A slip is likelier than a name left half typed.
    const rank = d <= slips && d < one.length ? d : isBeginning ? slips + d : Number.POSITIVE_INFINITY;
    if (rank < (best?.rank ?? Number.POSITIVE_INFINITY)) best = { name: candidate, rank };
  }
  return best?.name ?? null;
}

/** `Did you mean X?` where a known name is near, else what else to do; `shown` is how a name is written there. */
export function proposal(
  name: string,
  known: readonly string[],
  otherwise: Text,
  shown: (nearest: string) => string = (nearest) => nearest,
): Text {
  const nearest = nearestName(name, known);
  return nearest === null ? otherwise : didYouMean(shown(nearest));
}
