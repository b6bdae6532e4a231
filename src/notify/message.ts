import { hourMs } from '../base/durations.ts';
import { count, duration } from '../base/phrases.ts';
import { joined, type Language, type Text, verbatim } from '../base/text.ts';
import type { Occasion } from './due.ts';
import { hints, nothingToDo } from './hint-texts.ts';
import type { ProfileSummary } from './summary.ts';
import type { Fields } from './template.ts';
import {
  ageNotKnown,
  andMore,
  failed,
  lessThanAnHour,
  needAttention,
  needsAttention,
  newestBackupIs,
  oldestIs,
  product,
  safe,
  safeAgain,
  stillFailing,
  stillNeedsAttention,
  stillSafe,
  testHint,
  testMessage,
  weekly,
} from './texts.ts';

/** A profile by the name that the user chose for messages. */
export interface NamedSummary extends ProfileSummary {
  readonly name: string;
}

/** As many lines as a phone shows; ntfy makes a file of what is longer than 4096 bytes, and Telegram takes 4096 characters. */
const mostLines = 12;
const mostHints = 4;

/** What a message to one address says of these profiles, at least one. `wasWell` where it was told that all are well before. */
export function messageFor(
  profiles: readonly NamedSummary[],
  occasion: Occasion,
  wasWell: boolean,
  language: Language,
): Fields {
  const wrong = profiles.filter(({ outcome }) => outcome !== 'ok').sort(byRank);
  const [worst] = wrong;
  const one = profiles.length === 1 ? profiles[0] : undefined;
  const status = one ? statusOf(one, occasion, wasWell) : countsOf(profiles, occasion, wasWell);
  const shown = wrong.slice(0, mostLines);
  const named = wrong.length > 0 ? shown : [];
  const age = ageOf(oldestOf(wrong.length > 0 ? wrong : profiles));
  const hint = worst ? hintOf(worst) : nothingToDo;
  const name = one
    ? verbatim(one.name)
    : wrong.length === 0
      ? count(profiles.length, 'profile')
      : joined(
          [
            ...shown.map((p) => verbatim(p.name)),
            ...(wrong.length > shown.length ? [andMore(wrong.length - shown.length)] : []),
          ],
          ', ',
        );
  const say = (text: Text): string => text[language];
  const head = [product, ...(occasion === 'weekly' ? [say(weekly)] : [])];
  const lines = [
    `${head.join(', ')}: ${one ? `${one.name}: ` : ''}${say(status)}`,
    ...(one
      ? [`${say(newestBackupIs(age))}${codeOf(one)}`]
      : [
          ...named.map(
            (p) =>
              `- ${p.name}: ${say(statusOf(p, 'first', false))}, ${say(newestBackupIs(ageOf(p.ageHours)))}${codeOf(p)}`,
          ),
          ...(wrong.length > shown.length ? [`- ${say(andMore(wrong.length - shown.length))}`] : []),
          ...(wrong.length === 0 ? [say(oldestIs(age))] : []),
        ]),
    ...(worst === undefined ? [say(hint)] : [...new Set(wrong.map(hintOf))].slice(0, mostHints).map(say)),
  ];
  return {
    status: say(status),
    name: say(name),
    age: say(age),
    hint: say(hint),
    text: lines.join('\n'),
    outcome: worst?.outcome ?? 'ok',
    exit: String(worst?.exitCode ?? 0),
  };
}

/** Marked, and saying nothing of how these profiles are. */
export function testMessageFor(names: readonly string[], language: Language): Fields {
  const name = names.join(', ');
  const [status, age, hint] = [testMessage[language], ageNotKnown[language], testHint[language]];
  const text = `${product}, ${status} (${name})\n${hint}`;
  return { status, name, age, hint, text, outcome: 'test', exit: '0' };
}

const rank = { ok: 0, attention: 1, failed: 2 } as const;

/** Failures first. */
const byRank = (a: ProfileSummary, b: ProfileSummary): number => rank[b.outcome] - rank[a.outcome];

/** The exit code of a run of these: that of the first that failed, else of the first that needs attention. */
export const exitCodeOf = (profiles: readonly ProfileSummary[]): number =>
  [...profiles].sort(byRank).find(({ outcome }) => outcome !== 'ok')?.exitCode ?? 0;

const hintOf = ({ code }: ProfileSummary): Text => hints[code ?? 'attention'];

const codeOf = ({ outcome, code, exitCode }: ProfileSummary): string =>
  outcome === 'ok' ? '' : ` (${code ?? 'attention'}, ${exitCode})`;

function statusOf({ outcome }: ProfileSummary, occasion: Occasion, wasWell: boolean): Text {
  const isStill = occasion === 'weekly';
  if (outcome === 'failed') return isStill ? stillFailing : failed;
  if (outcome === 'attention') return isStill ? stillNeedsAttention : needsAttention;
  if (isStill) return stillSafe;
  return occasion === 'changed' && !wasWell ? safeAgain : safe;
}

/** `38 safe, 2 need attention`. */
function countsOf(profiles: readonly ProfileSummary[], occasion: Occasion, wasWell: boolean): Text {
  const parts = (['ok', 'attention', 'failed'] as const).flatMap((outcome): Text[] => {
    const some = profiles.filter((profile) => profile.outcome === outcome);
    const [first] = some;
    if (!first) return [];
    const isAll = some.length === profiles.length;
    const said =
      outcome === 'attention' && some.length > 1
        ? needAttention
        : statusOf(first, isAll ? occasion : 'first', wasWell);
    return [joined([verbatim(String(some.length)), said], ' ')];
  });
  return joined(parts, ', ');
}

function oldestOf(profiles: readonly ProfileSummary[]): number | null {
  const ages = profiles.map(({ ageHours }) => ageHours);
  return ages.includes(null) ? null : Math.max(...ages.map(Number));
}

function ageOf(hours: number | null): Text {
  if (hours === null) return ageNotKnown;
  return hours < 1 ? lessThanAnHour : duration(hours * hourMs);
}
