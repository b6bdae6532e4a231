import { open, rm } from 'node:fs/promises';
import { asTargetError, syncFile } from '../base/atomic-file.ts';
import { EfakturError, isKept, reportOf, systemCode } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import { closeToOthers } from '../base/owner-only.ts';
import type { Warning } from '../base/progress.ts';
import { type Secret, secret } from '../base/secret.ts';
import { joined } from '../base/text.ts';
import { writeSetup } from '../setup/commit.ts';
import type { InitDocument, SetUpFolder } from '../setup/document.ts';
import { type Draft, draftConfig } from '../setup/draft.ts';
import { makeFirstBackup, proveFirstBackup } from '../setup/first-backup.ts';
import { isSynced } from '../setup/places.ts';
import type { PlannedFolder } from '../setup/plan.ts';
import { recoverySheetPage } from '../setup/recovery-sheet.ts';
import { isEnding, openPage, plainAscii, sheetStores, writeSheet } from '../setup/sheet-file.ts';
import type { Job } from '../state/job.ts';
import type { CommandResult } from './command.ts';
import { lastScreen } from './init-end-texts.ts';
import { contentOf, draftFor, isEncryptedAlready, type Plan, storesFor } from './init-plan.ts';
import { installed } from './init-schedule.ts';
import type { Session } from './init-session.ts';
import * as startTexts from './init-start-texts.ts';
import * as texts from './init-texts.ts';

/**
 * Sheet, first backups, their verification, and then all files at once, and the schedule. Broken off before that, nothing is left of
 * it on this PC; what is in the stores by then are whole backups.
 */
export async function carryOut(session: Session, plan: Plan, job: Job): Promise<CommandResult> {
  const sheet = await printSheet(session, plan, job);
  try {
    return await backUpAll(session, plan, job, sheet);
  } catch (error) {
    if (sheet !== null) await rm(sheet, { force: true });
    throw error;
  }
}

async function backUpAll(
  session: Session,
  plan: Plan,
  job: Job,
  sheet: string | null,
): Promise<CommandResult> {
  const results: SetUpFolder[] = [];
  const warnings: Warning[] = [...plan.unsafe];
  const drafts: Draft[] = [];
  let failure: EfakturError | null = null;
  for (const folder of plan.folders) {
    try {
      const {
        done,
        draft,
        failure: ofFolder,
      } = await untilDone(session, () => backUpOne(session, plan, folder, warnings));
      results.push(done);
      drafts.push(draft);
      failure ??= ofFolder;
    } catch (error) {
      if (plan.folders.length === 1 || !isKept(error)) throw error;
      failure ??= error;
      results.push({ ...atStart(plan, folder), outcome: 'failed', error: reportOf(error) });
      session.tell(startTexts.folderFailed(folder.appFolder));
    }
  }
  if (drafts.length === 0) throw failure ?? new TypeError('no folder, and nothing wrong');
  session.invocation.io.signal.throwIfAborted();
  const kept = keptKey(plan);
  const written = await writeSetup(drafts, kept, job);
  for (const path of written.open)
    warnings.push({ code: 'keys-readable', message: startTexts.notClosed(path) });
  const { schedule, failure: ofSchedule } = await installed(session, plan, warnings);
  const { encryption } = plan;
  const document: InitDocument = {
    outcome: worst(results),
    profiles: results,
    recipient: encryption.kind === 'new' ? encryption.pair.recipient : null,
    keyFile: written.keyFile,
    sheet,
    schedule,
    warnings,
  };
  const lines = lastScreen(document, session.config.stateDir);
  const { say } = session.invocation;
  return { document, text: say(lines), failure: failure ?? ofSchedule };
}

/** What failed may be mended by now: a cable, a full disk. */
async function untilDone<T>({ questions, clear }: Session, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (questions === null || !isKept(error)) throw error;
      clear();
      questions.failed(joined([error.text, error.hint], '\n'));
      const isAgain = await questions.choose(texts.whatNow, [
        { value: true, label: texts.tryAgain },
        { value: false, label: texts.giveUp },
      ]);
      if (!isAgain) throw error;
    }
  }
}

const worst = (results: readonly SetUpFolder[]): InitDocument['outcome'] =>
  (['failed', 'stored'] as const).find((one) => results.some(({ outcome }) => outcome === one)) ?? 'proven';

const keptKey = ({ encryption, keepsKey }: Plan): { readonly content: Secret } | null => {
  const content = contentOf(encryption);
  return keepsKey && content !== null ? { content } : null;
};

const atStart = (plan: Plan, folder: PlannedFolder): Omit<SetUpFolder, 'outcome'> => ({
  profile: folder.name,
  file: folder.path,
  app: folder.appFolder,
  stores: storesFor(plan, folder),
  encrypted: plan.encryption.kind !== 'none' || isEncryptedAlready(folder),
  backup: null,
  proof: null,
});

async function backUpOne(
  session: Session,
  plan: Plan,
  folder: PlannedFolder,
  warnings: Warning[],
): Promise<{ readonly done: SetUpFolder; readonly draft: Draft; readonly failure: EfakturError | null }> {
  const { around } = session.invocation.io;
  const draft = await draftFor(plan, folder, around);
  const content = isEncryptedAlready(folder) ? null : contentOf(plan.encryption);
  const identities =
    content === null
      ? undefined
      : [
          {
            name: null,
            content: secret(Buffer.from(content.reveal())),
          },
        ];
  const workplace = await session.open(await draftConfig(around, draft), identities);
  session.tell(startTexts.backingUp(folder.appFolder));
  const pushed = await makeFirstBackup(workplace, plan.moved.includes(folder.appFolder));
  session.tell(startTexts.readingBack);
  const proof = await proveFirstBackup(workplace, pushed.document);
  session.clear();
  if (proof.failure) throw proof.failure;
  const synced = storesFor(plan, folder).filter((url) => !/^s3:/i.test(url) && isSynced(url));
  const isKnown = ({ message }: Warning): boolean =>
    [...session.config.warnings, ...warnings].some((one) => one.message.en === message.en);
  const told = workplace.warningsWith([
    ...pushed.document.warnings,
    ...synced.map((url) => ({ code: 'synced-folder' as const, ...texts.isSyncedFolder(url) })),
    ...proof.warnings,
  ]);
  warnings.push(...told.filter((one) => !isKnown(one)));
  const backup = pushed.document.backups[0] ?? null;
  return {
    draft,
    failure: pushed.failure,
    done: {
      ...atStart(plan, folder),
      encrypted: (await workplace.keysId()) !== null,
      backup,
      proof: proof.depth,
      outcome: proof.depth === 'data' && pushed.failure === null ? 'proven' : 'stored',
    },
  };
}

/**
 * Brings the secret key onto paper: a page in the folder of this run, opened to be printed and gone once its last characters were read
 * off it; or the file that a flag names, whose path is given back.
 */
async function printSheet(
  session: Session,
  { encryption, folders, ...plan }: Plan,
  job: Job,
): Promise<string | null> {
  if (encryption.kind !== 'new') return null;
  const { invocation, questions, config } = session;
  const { io, workplace } = invocation;
  const stores = folders.flatMap((folder) => storesFor(plan, folder));
  const page = await recoverySheetPage({
    recipient: encryption.pair.recipient,
    identity: encryption.content.reveal(),
    isProtected: false,
    stores: sheetStores(stores, config, io.around.platform),
    day: localDay(io.now(), config.zone),
    pcName: plainAscii(io.around.hostName),
    program: workplace.context.program,
  });
  if (encryption.sheet !== null) {
    const paths = folders.map(({ path }) => path);
    await job.noteMade(encryption.sheet, paths, encryption.pair.recipient);
    await writeNamedSheet(encryption.sheet, page);
    return encryption.sheet;
  }
  if (questions === null) throw new EfakturError('usage', startTexts.noKeyNamed, startTexts.waysToEncrypt);
  const path = await writeSheet(job, page);
  try {
    questions.tell(startTexts.printSheet(path, await openPage(path, io.around)));
    await questions.line(startTexts.lastCharacters, {
      check: async (typed) => (isEnding(typed, encryption.pair.identity) ? null : startTexts.notTheEnding),
    });
  } finally {
    await rm(path, { force: true });
  }
  questions.done(startTexts.sheetIsGone);
  return null;
}

/** A sheet is never written over another. */
async function writeNamedSheet(path: string, page: string): Promise<void> {
  let isMade = false;
  try {
    const handle = await open(path, 'wx', 0o600);
    isMade = true;
    try {
      await closeToOthers(path, 'file');
      await handle.writeFile(page);
      await syncFile(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMade) await rm(path, { force: true });
    if (systemCode(error) === 'EEXIST')
      throw new EfakturError('usage', startTexts.sheetIsThere(path), startTexts.otherSheet, error);
    throw asTargetError(error, startTexts.sheetNotWritten(path));
  }
}
