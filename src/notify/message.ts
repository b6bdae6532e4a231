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

/** What a message is about beside how its profiles are. */
export interface Circumstances {
  readonly occasion: Occasion;
  /** Whether the last message said that all are well. */
  readonly wasWell: boolean;
  /** What the user calls this PC, as several may write to one chat. */
  readonly office: string | null;
}

/** What a message to one address says of these profiles, at least one. */
export function messageFor(
  profiles: readonly NamedSummary[],
  circumstances: Circumstances,
  language: Language,
): Fields {
  const { occasion, wasWell, office } = circumstances;
  const wrong = profiles.filter(({ outcome }) => outcome !== 'ok').sort(byRank);
  const [worst] = wrong;
  const [first] = profiles;
  const one = profiles.length === 1 && first ? first : null;
  const say = (text: Text): string => text[language];
  const status = say(one ? statusOf(one, occasion, wasWell) : countsOf(profiles, occasion, wasWell));
  const age = ageOf(oldestOf(worst ? wrong : profiles));
  const hint = say(worst ? hintOf(worst) : nothingToDo);
  const name = one ? one.name : worst ? namesIn(wrong, say) : say(count(profiles.length, 'profile'));
  const head = [headOf(office), ...(occasion === 'weekly' ? [say(weekly)] : [])].join(', ');
  const what = one ? `${one.name}: ${status}` : status;
  const how = one
    ? [`${say(newestBackupIs(age))}${codeOf(one)}`]
    : worst
      ? linesOf(wrong, say)
      : [say(oldestIs(age))];
  const toDo = worst ? [...new Set(wrong.map(hintOf))].slice(0, mostHints).map(say) : [hint];
  return {
    status,
    name: office === null ? name : `${office}: ${name}`,
    age: say(age),
    hint,
    text: [`${head}: ${what}`, ...how, ...toDo].join('\n'),
    outcome: worst?.outcome ?? 'ok',
    exit: String(worst?.exitCode ?? 0),
  };
}

const headOf = (office: string | null): string => (office === null ? product : `${product} (${office})`);

function namesIn(wrong: readonly NamedSummary[], say: (text: Text) => string): string {
  const more = wrong.length - mostLines;
  const names = wrong.slice(0, mostLines).map(({ name }) => name);
  return [...names, ...(more > 0 ? [say(andMore(more))] : [])].join(', ');
}

function linesOf(wrong: readonly NamedSummary[], say: (text: Text) => string): string[] {
  const more = wrong.length - mostLines;
  const lines = wrong.slice(0, mostLines).map((profile) => {
    const how = `${say(statusOf(profile, 'first', false))}, ${say(newestBackupIs(ageOf(profile.ageHours)))}`;
    return `- ${profile.name}: ${how}${codeOf(profile)}`;
  });
  return [...lines, ...(more > 0 ? [`- ${say(andMore(more))}`] : [])];
}

/** Marked, and saying nothing of how these profiles are. */
export function testMessageFor(names: readonly string[], office: string | null, language: Language): Fields {
  const name = names.join(', ');
  const [status, age, hint] = [testMessage[language], ageNotKnown[language], testHint[language]];
  const text = `${headOf(office)}, ${status} (${name})\n${hint}`;
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
