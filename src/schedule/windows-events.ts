import { windowsProgram } from '../base/system-programs.ts';
import type { Ask } from './system-calls.ts';
import { windowsText } from './windows-words.ts';

/**
 * For how long a PC with Windows was on with its user logged on, by the log of the system, whose XML is the same in every language.
 * The time since the start would not do: it goes on while a PC sleeps, and over a fast start.
 */

type EventKind = 'start' | 'on' | 'off' | 'logon' | 'logoff';

/** Provider and number of an event -> what it begins or ends. */
const kinds: Readonly<Record<string, EventKind>> = {
  'Microsoft-Windows-Kernel-General 12': 'start',
  'Microsoft-Windows-Kernel-General 13': 'off',
  // Sleep and hibernation, then standby of newer PCs.
  'Microsoft-Windows-Kernel-Power 42': 'off',
  'Microsoft-Windows-Kernel-Power 107': 'on',
  'Microsoft-Windows-Kernel-Power 506': 'off',
  'Microsoft-Windows-Kernel-Power 507': 'on',
  'Microsoft-Windows-Power-Troubleshooter 1': 'on',
  'Microsoft-Windows-Winlogon 7001': 'logon',
  'Microsoft-Windows-Winlogon 7002': 'logoff',
};

const query = (() => {
  const each = Object.keys(kinds).map((kind) => {
    const [provider, id] = kind.split(' ');
    return `(Provider[@Name='${provider}'] and EventID=${id})`;
  });
  return `*[System[${each.join(' or ')}]]`;
})();

/** A month has some hundred. */
const mostEvents = 2_000;

export interface WindowsEvent {
  readonly at: Date;
  readonly kind: EventKind;
  /** Whom a logon is of. */
  readonly sid: string | null;
}

/** Reads what `wevtutil /f:xml` prints. */
export function parseEvents(xml: string): WindowsEvent[] {
  return [...xml.matchAll(/<Event[\s>].*?<\/Event>/gs)].flatMap(([event]) => {
    const [, , provider] = /<Provider[^>]*\bName=(['"])(.*?)\1/.exec(event) ?? [];
    const [, id] = /<EventID[^>]*>(\d+)</.exec(event) ?? [];
    const [, , time = ''] = /<TimeCreated[^>]*\bSystemTime=(['"])(.*?)\1/.exec(event) ?? [];
    const [, sid = null] = /<Data Name=['"]UserSid['"]>([^<]*)</.exec(event) ?? [];
    const kind = kinds[`${provider} ${id}`];
    const at = new Date(time);
    return kind === undefined || Number.isNaN(at.getTime()) ? [] : [{ at, kind, sid }];
  });
}

/**
 * The time between two moments in which the PC was on and the user logged on. At the first of them both are taken to be so: then a
 * run began. What a PC did before it lost its power without a word counts up to the last event only.
 */
export function loggedOnMs(
  events: readonly WindowsEvent[],
  sid: string | null,
  since: Date,
  now: Date,
): number {
  const ours = events
    .filter((event) => event.at > since && event.at <= now)
    .filter((event) => event.sid === null || sid === null || event.sid === sid)
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  let total = 0;
  let last = since.getTime();
  let isOn = true;
  let isLoggedOn = true;
  for (const { at, kind } of ours) {
    const time = at.getTime();
    // It was not told that the PC went off, so nobody knows when.
    const isGap = (kind === 'start' || kind === 'on') && isOn;
    if (isOn && isLoggedOn && !isGap) total += time - last;
    last = time;
    if (kind !== 'logoff') isOn = kind !== 'off';
    if (kind === 'logon') isLoggedOn = true;
    if (kind === 'logoff' || kind === 'start') isLoggedOn = false;
  }
  return isOn && isLoggedOn ? total + now.getTime() - last : total;
}

/** Null where the log tells nothing. */
export async function windowsCouldRunMs(
  ask: Ask,
  sid: string | null,
  since: Date,
  now: Date,
): Promise<number | null> {
  const args = ['qe', 'System', `/q:${query}`, '/f:xml', '/rd:true', `/c:${mostEvents}`];
  const answer = await ask(windowsProgram('wevtutil.exe'), args);
  if (answer?.code !== 0) return null;
  const events = parseEvents(windowsText(answer.stdout));
  return events.length === 0 ? null : loggedOnMs(events, sid, since, now);
}
