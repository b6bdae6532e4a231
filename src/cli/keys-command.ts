import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { syncFile } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Secret } from '../base/secret.ts';
import { secret } from '../base/secret.ts';
import { generateIdentity, identityFileText, protectIdentity } from '../crypto/identity-file.ts';
import { recoverySheet, recoverySheetPage, type SheetFacts } from '../setup/recovery-sheet.ts';
import { plainAscii, sheetStores } from '../setup/sheet-file.ts';
import { type NewKeysDocument, showKeys } from '../sync/keys.ts';
import { type CommandResult, type Invocation, isSet, text, texts } from './command.ts';
import { formatTable } from './format.ts';
import {
  addOutOrSheet,
  askAgain,
  askPassphrase,
  encryptedTo,
  isThereAlready,
  jsonNeedsFile,
  keyIsIn,
  keyNotWritten,
  keyOnlyOnSheet,
  keyOnlyShown,
  newOrShow,
  noTerminal,
  notTheSame,
  opening,
  otherName,
  otherPlace,
  publicKeyIs,
  runAgainNothingWritten,
  runInTerminal,
  secretKeysFor,
  sheetIsIn,
  sheetNotWritten,
  whatToDoMissing,
} from './keys-texts.ts';

export async function runKeys(invocation: Invocation): Promise<CommandResult> {
  const [action, ...rest] = invocation.positionals;
  if (rest.length === 0 && action === 'new') return newKeys(invocation);
  if (rest.length === 0 && action === 'show') return listKeys(invocation);
  throw new EfakturError('usage', whatToDoMissing, newOrShow);
}

async function newKeys(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, say, workplace } = invocation;
  const [out, sheet] = [text(flags, 'out'), text(flags, 'sheet')];
  const json = isSet(flags, 'json');
  if (json && out === undefined && sheet === undefined) {
    throw new EfakturError('usage', jsonNeedsFile, addOutOrSheet);
  }
  const fullPath = (name: string | undefined): string | null =>
    name === undefined ? null : resolve(io.around.currentFolder, name);
  const [path, sheetPath] = [fullPath(out), fullPath(sheet)];
  const stores = await storesOnSheet(invocation);
  const pair = await generateIdentity();
  const plain = identityFileText(pair, io.now(), workplace.config.zone);
  const isProtected = isSet(flags, 'passphrase');
  const kept = isProtected ? await protectIdentity(plain, await newPassphrase(invocation)) : plain.reveal();
  const facts: SheetFacts = {
    recipient: pair.recipient,
    identity: kept,
    isProtected,
    stores,
    day: localDay(io.now(), workplace.config.zone),
    pcName: plainAscii(io.around.hostName),
    program: workplace.context.program,
  };
  if (path !== null) await writeOwnerOnly(path, '--out', kept);
  if (sheetPath !== null) {
    const isPage = /\.html?$/i.test(sheetPath);
    const page = isPage ? await recoverySheetPage(facts) : `${recoverySheet(facts)}\n`;
    await writeOwnerOnly(sheetPath, '--sheet', page).catch(async (error: unknown) => {
      // Half of what was asked for is a key that somebody may lose or forget.
      if (path !== null) await rm(path, { force: true });
      throw error;
    });
  }
  const document: NewKeysDocument = {
    recipient: pair.recipient,
    identityFile: path,
    ...(sheetPath !== null && { sheet: sheetPath }),
    protected: isProtected,
    warnings: [],
  };
  const whereKeyIs = path !== null ? keyIsIn(path) : sheetPath === null ? keyOnlyShown : keyOnlyOnSheet;
  const shown =
    sheetPath === null
      ? recoverySheet(facts)
      : `${say(sheetIsIn(sheetPath))}\n${say(publicKeyIs(pair.recipient))}`;
  return { document, text: `${shown}\n${say(whereKeyIs)}`, showsAgeKey: sheetPath === null };
}

/** None where none are set. */
async function storesOnSheet({ flags, io, workplace }: Invocation): Promise<SheetFacts['stores']> {
  const { config } = workplace;
  if (texts(flags, 'store').length === 0 && config.setting('EFAKTUR_STORE') === null) return [];
  const urls = (await workplace.stores()).map(({ url }) => url);
  return sheetStores(urls, config, io.around.platform);
}

async function newPassphrase({ askSecret }: Invocation): Promise<Secret> {
  const first = await askSecret(askPassphrase);
  const second = first === null ? null : await askSecret(askAgain);
  if (first === null) throw new EfakturError('usage', noTerminal, runInTerminal);
  if (first === '' || first !== second) throw new EfakturError('usage', notTheSame, runAgainNothingWritten);
  return secret(first);
}

async function writeOwnerOnly(path: string, flag: '--out' | '--sheet', content: string): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await syncFile(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new EfakturError('usage', isThereAlready(path), otherName(flag), error);
    }
    const code = systemCode(error);
    if (code === null) throw error;
    const notWritten = flag === '--out' ? keyNotWritten : sheetNotWritten;
    throw new EfakturError('target-not-writable', notWritten(path, code), otherPlace(flag), error);
  }
}

async function listKeys(invocation: Invocation): Promise<CommandResult> {
  const { flags, say, workplace } = invocation;
  const decryptor = await workplace.decryptor();
  const encryptor = await workplace.encryptor();
  const document = await showKeys({
    stores: await workplace.stores(),
    encryptor,
    decryptor,
    ...workplace.context,
  });
  const rows = document.backups.map((b) => [
    b.id,
    b.store,
    say(opening[b.opens === null ? 'clear' : b.opens ? 'opens' : 'opens-not']),
  ]);
  const keys = [say(encryptedTo(document.recipients)), say(secretKeysFor(document.identities))];
  return {
    document,
    text: [...keys, ...(isSet(flags, 'quiet') || rows.length === 0 ? [] : [formatTable(rows)])].join('\n'),
  };
}
