import { join, resolve } from 'node:path';
import { outsideEfaktur } from '../app/folders.ts';
import type { Workplace } from '../app/workplace.ts';
import { EfakturError, isKept } from '../base/errors.ts';
import { expandPath } from '../base/path-variables.ts';
import { type Secret, secret } from '../base/secret.ts';
import { joined, verbatim } from '../base/text.ts';
import { isoPrefix, parseWrittenDate } from '../base/written-date.ts';
import { profilePath } from '../settings/profiles.ts';
import { splitStores } from '../settings/setting-values.ts';
import { foundFolders } from '../setup/app-folders.ts';
import type { BucketKeys } from '../setup/bucket-keys.ts';
import { draftConfig } from '../setup/draft.ts';
import { below } from '../setup/places.ts';
import { draftOf } from '../setup/plan.ts';
import { type ListedBackup, list } from '../sync/list.ts';
import { verify } from '../sync/verify.ts';
import { type CommandResult, text, texts as textsOf } from './command.ts';
import { type StoredDay, storedDays } from './days.ts';
import { askSheetKey, readKeyFile } from './init-encryption.ts';
import { bucketKeysOf } from './init-keys.ts';
import { askAddress, askKeys, askPlace, tellingErrors, unquoted } from './init-places.ts';
import { remediesFor } from './init-remedies.ts';
import * as texts from './init-restore-texts.ts';
import type { Session } from './init-session.ts';
import { namePlace, noPlaceGiven, nothingTyped, whatNow } from './init-texts.ts';
import { runPull } from './pull-command.ts';
import type { Questions } from './questions.ts';

/** "Restore on this computer": place, key, day, target; then it is `pull`. Nothing is written but the `db`. */

/** Where from, and with what. */
interface Source {
  readonly stores: readonly string[];
  readonly keys: BucketKeys | null;
  readonly content: Secret | null;
  /** Where it came from; null where it was typed, or there is none. */
  readonly keyFile: string | null;
}

export async function setUpRestore(session: Session): Promise<CommandResult> {
  const { invocation, questions } = session;
  const { flags } = invocation;
  const source = await namedSource(session);
  const { workplace, backups } = questions
    ? await untilItOpens(session, questions, source)
    : await opened(session, source);
  const wish = questions ? await askWish(session, questions, backups) : {};
  const confirm = questions
    ? (question: Parameters<typeof invocation.confirm>[0]) =>
        questions.choose(question, [
          { value: false, label: texts.noLeaveIt },
          { value: true, label: texts.yesReplace },
        ])
    : invocation.confirm;
  const { app: _, ...given } = flags;
  session.clear();
  const result = await runPull({ ...invocation, workplace, confirm, flags: { ...given, ...wish } });
  const { document, text: said } = result;
  const shown = said === null ? null : `${said}\n\n${invocation.say(texts.afterRestore)}`;
  return {
    ...result,
    text: shown,
    document: { ...document, warnings: workplace.warningsWith(document.warnings) },
  };
}

/** By flags and environment, as far as they go. */
async function namedSource(session: Session): Promise<Source> {
  const { invocation, questions, config } = session;
  const given = textsOf(invocation.flags, 'store');
  const file = text(invocation.flags, 'key-file');
  const stores = given.length > 0 ? given : splitStores(config.setting('EFAKTUR_STORE')?.value ?? '');
  if (stores.length === 0 && questions === null) throw new EfakturError('usage', noPlaceGiven, namePlace);
  return {
    stores: given.length > 0 || questions === null ? stores : [],
    keys: await bucketKeysOf(session),
    content: file === undefined ? null : await readKeyFile(file, session),
    keyFile: file ?? null,
  };
}

async function open(
  { open: openPlace, invocation }: Session,
  { stores, keys, content, keyFile }: Source,
): Promise<Workplace> {
  const { around } = invocation.io;
  // A profile that is never written: what it would say is what counts.
  const planned = {
    appFolder: around.currentFolder,
    name: 'restore',
    path: profilePath(around, 'restore'),
    before: null,
    config: null,
  };
  const { values, ...draft } = await draftOf(
    planned,
    { stores, keys, recipients: null, keyFile: null, language: null },
    around,
  );
  const { EFAKTUR_APP_DIR: _, ...rest } = values;
  const config = await draftConfig(around, { ...draft, values: rest });
  if (content === null) return openPlace(config);
  return openPlace(config, [{ name: keyFile, content: secret(Buffer.from(content.reveal())) }]);
}

interface Opened {
  readonly workplace: Workplace;
  readonly backups: readonly ListedBackup[];
}

/** Lists what is there, and opens the newest with the key at hand. `wrong-key` where it does not open. */
async function opened(session: Session, source: Source): Promise<Opened> {
  const workplace = await open(session, source);
  const reading = { ...workplace.context, stores: await workplace.stores() };
  const { document, failure } = await list({
    ...reading,
    decryptor: null,
    since: null,
    until: null,
    long: false,
  });
  const newest = document.backups.at(-1);
  if (newest === undefined)
    throw failure ?? new EfakturError('no-such-backup', texts.nothingThere, texts.checkPlace);
  if (newest.encrypted === true) await openNewest(workplace, newest);
  return { workplace, backups: document.backups };
}

/** From the first store that has it. */
async function openNewest(workplace: Workplace, { id }: ListedBackup): Promise<void> {
  const reading = await workplace.readingContext();
  if (reading.decryptor === null) throw new EfakturError('wrong-key', texts.isEncrypted, texts.giveKey);
  let first: unknown = null;
  for (const store of reading.stores) {
    try {
      await verify({
        ...reading,
        stores: [store],
        wanted: { by: 'id', id },
        level: 'present',
        parts: null,
        engine: null,
        lock: null,
      });
      return;
    } catch (error) {
      if (!isKept(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** Asks for what is missing or wrong until the backups open. */
async function untilItOpens(session: Session, questions: Questions, named: Source): Promise<Opened> {
  let source = named.stores.length > 0 ? named : await askSource(session, questions, named);
  for (;;) {
    try {
      questions.tell(texts.lookingThere(source.stores));
      return await opened(session, source);
    } catch (error) {
      if (!isKept(error)) throw error;
      session.clear();
      const isKeyMissing = error.code === 'wrong-key' && source.content === null;
      if (!isKeyMissing && error.code !== 'no-such-backup')
        questions.failed(joined([error.text, error.hint], '\n'));
      if (error.code === 'wrong-key') {
        source = { ...source, content: (await askSheetKey(session, questions)).content, keyFile: null };
        continue;
      }
      const history =
        error.code === 'no-such-backup' ? await chooseHistory(session, questions, source) : null;
      if (history !== null) {
        source = { ...source, stores: [history] };
        continue;
      }
      const what = await questions.choose(whatNow, remediesFor(error, source.stores));
      const [url] = source.stores;
      if (what === 'address' && url !== undefined)
        source = { ...source, stores: [await askAddress(questions, url)] };
      if (what === 'keys') source = { ...source, keys: await askKeys(session, questions) };
      if (what === 'place') source = await askSource(session, questions, source);
    }
  }
}

/**
 * Where nothing lies at an address itself but below it, which of these histories is meant: each e-Faktur folder has a prefix of its
 * own, and on a new computer the name of the bucket may be all that somebody remembers. Null where there is none.
 */
async function chooseHistory(session: Session, questions: Questions, source: Source): Promise<string | null> {
  const [url, ...others] = source.stores;
  const { listPrefixes } = await import('../catalog/prefixes.ts');
  try {
    const workplace = await open(session, source);
    const store = await workplace.openStore(url ?? '', workplace.config, 'many');
    const { prefixes } = await listPrefixes(store, workplace.context.signal);
    const held = prefixes.filter(({ prefix, listing }) => prefix !== '' && listing.backups.length > 0);
    if (url !== undefined && others.length === 0 && held.length > 0) {
      const choices = held.map(({ prefix, listing }) => {
        const name = prefix.replace(/\/$/, '');
        return {
          value: below(url, name),
          label: texts.historyLabel(name, listing.backups.length, listing.backups.at(-1)?.day ?? ''),
        };
      });
      return await questions.choose<string | null>(texts.whichHistory, [
        ...choices,
        { value: null, label: texts.noneOfThem },
      ]);
    }
  } catch (error) {
    if (!isKept(error)) throw error;
    questions.failed(joined([error.text, error.hint], '\n'));
    return null;
  }
  questions.failed(joined([texts.nothingThere, texts.checkPlace], '\n'));
  return null;
}

async function askSource(session: Session, questions: Questions, source: Source): Promise<Source> {
  const set = splitStores(session.config.setting('EFAKTUR_STORE')?.value ?? '');
  const kept = set.length > 0 ? set.join('; ') : null;
  const { url, keys } = await askPlace(session, questions, texts.whereAreBackups, { kept, appFolder: null });
  return { ...source, stores: url === kept ? set : [url], keys: keys ?? source.keys };
}

/** The day, the folder and the invoices to look for, as flags of `pull`. */
async function askWish(session: Session, questions: Questions, backups: readonly ListedBackup[]) {
  const { flags } = session.invocation;
  const isDayNamed = ['date', 'as-of', 'id'].some((name) => flags[name] !== undefined);
  const date = isDayNamed ? {} : { date: await askDay(questions, storedDays(backups)) };
  const to = text(flags, 'to') ?? (await askTarget(session, questions));
  const expected = textsOf(flags, 'expect');
  const typed = expected.length > 0 ? '' : await questions.line(texts.whichInvoice);
  return { ...date, to, expect: typed === '' ? expected : [typed] };
}

/** What of one window's height may be days. */
const shownDays = 12;

async function askDay(questions: Questions, days: readonly StoredDay[]): Promise<string> {
  questions.tell(texts.calendar(days.map(({ iso }) => iso)));
  const chosen = await questions.choose<string | null>(texts.whichDay, [
    ...days.slice(0, shownDays).map((one) => ({ value: one.iso, label: texts.dayLabel(one) })),
    ...(days.length > shownDays ? [{ value: null, label: texts.olderDay }] : []),
  ]);
  if (chosen !== null) return chosen;
  const isoOf = (typed: string): string | undefined => {
    const date = parseWrittenDate(typed);
    return days.find(({ iso }) => date !== null && iso === isoPrefix(date))?.iso;
  };
  const typed = await questions.line(texts.typeDay, {
    check: async (day) => (isoOf(day) === undefined ? texts.noSuchDay : null),
  });
  return isoOf(typed) ?? typed;
}

async function askTarget(session: Session, questions: Questions): Promise<string> {
  const { around } = session.invocation.io;
  const found = await foundFolders(around, session.invocation.workplace.inspectContext);
  const fresh = join(around.homeFolder, 'e-Faktur');
  const whole = (typed: string): string =>
    resolve(around.currentFolder, expandPath(unquoted(typed), verbatim('--to'), around));
  const chosen = await questions.choose<string | null>(texts.whichTarget, [
    ...found.map((one) => ({ value: one.path, label: texts.targetLabel(one) })),
    ...(found.some(({ path }) => path === fresh) ? [] : [{ value: fresh, label: texts.newTarget(fresh) }]),
    { value: null, label: texts.otherTarget },
  ]);
  if (chosen !== null) return chosen;
  const typed = await questions.line(texts.typeTarget, {
    check: (path) =>
      tellingErrors(async () => {
        if (path === '') return nothingTyped;
        await outsideEfaktur(whole(path), verbatim('--to'), around.currentFolder);
        return null;
      }),
  });
  return whole(typed);
}
