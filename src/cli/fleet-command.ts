import { dirname, resolve } from 'node:path';
import { asTargetError, removeDeadTemps, writeFileAtomic } from '../base/atomic-file.ts';
import { hourMs } from '../base/durations.ts';
import { EfakturError, isKept } from '../base/errors.ts';
import { bytes } from '../base/phrases.ts';
import type { PrefixStatus } from '../sync/fleet/prefix.ts';
import { type FleetDocument, fleet } from '../sync/fleet.ts';
import { type CommandResult, type Invocation, isSet, text, texts } from './command.ts';
import { fleetMetrics, fleetUnseenMetrics } from './fleet-metrics.ts';
import { computersOfPrefix, fleetHeadings, leftOut, metricsNotWritten, wholeStore } from './fleet-texts.ts';
import { formatMoment, formatTable, needyFirst } from './format.ts';
import { never } from './profiles-texts.ts';
import { stateWords } from './state-words-texts.ts';
import { rulesOf } from './status-one.ts';
import { ageOf } from './status-texts.ts';

/** Every history of a bucket or folder on a line, and as a file for monitoring. */
export async function runFleet(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, say, workplace } = invocation;
  const { config, context } = workplace;
  const rules = rulesOf(flags);
  const url = text(flags, 'fleet') ?? '';
  const store = await workplace.openStore(url, config, 'many');
  const metrics = text(flags, 'metrics');
  const path = metrics === undefined ? null : resolve(io.around.currentFolder, metrics);
  try {
    const { document, failure } = await fleet({
      ...context,
      ...rules,
      store,
      except: texts(flags, 'except').map((prefix) => prefix.replace(/^\/+|\/+$/g, '')),
    });
    if (path !== null) await writeMetrics(path, fleetMetrics(document));
    // Of a hundred prefixes the table says enough.
    const findings = isSet(flags, 'verbose') ? document.prefixes.flatMap(({ attention }) => attention) : [];
    return { document, text: tableOf(document, say), findings, failure };
  } catch (error) {
    // Without this the numbers of yesterday would stand for today.
    if (path !== null && isKept(error) && error.code !== 'usage')
      await writeMetrics(path, fleetUnseenMetrics(store.url, context.now()));
    throw error;
  }
}

/** Whole or not at all: a collector may read at any moment. Its account is another one, so that everybody may read it. */
async function writeMetrics(path: string, content: string): Promise<void> {
  try {
    await removeDeadTemps(dirname(path));
    await writeFileAtomic(path, content);
  } catch (error) {
    if (error instanceof EfakturError) throw error;
    throw asTargetError(error, metricsNotWritten(path));
  }
}

function tableOf({ prefixes }: FleetDocument, say: Invocation['say']): string {
  if (prefixes.length === 0) return '';
  const { prefix, newest, age, backups, stored, lastVerified, computer, state } = fleetHeadings;
  const rows = needyFirst(prefixes).map((one) => [
    one.prefix === '' ? say(wholeStore) : one.prefix,
    one.newest ? formatMoment(one.newest.capturedAt) : '-',
    one.newest ? say(ageOf(one.newest.ageHours * hourMs)) : '-',
    String(one.backups),
    say(bytes(one.storedBytes)),
    one.newestProven?.provenOn ?? say(never),
    say(computersOfPrefix(namesOf(one))),
    say(one.outcome === 'left-out' ? leftOut : wordsFor(one)),
  ]);
  const header = [prefix, newest, age, backups, stored, lastVerified, computer, state].map(say);
  return formatTable([header, ...rows]);
}

const wordsFor = ({ attention, newestProven }: PrefixStatus) =>
  stateWords(
    attention.map(({ code }) => code),
    newestProven !== null,
  );

/** The owner last. */
const namesOf = ({ computers }: PrefixStatus): string[] => {
  const owner = computers.at(-1)?.name;
  const others = new Set(computers.map(({ name }) => name).filter((name) => name !== owner));
  return [...others, ...(owner === undefined ? [] : [owner])];
};
