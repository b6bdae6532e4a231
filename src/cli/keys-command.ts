import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { syncFile } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Secret } from '../base/secret.ts';
import { secret } from '../base/secret.ts';
import { generateIdentity, identityFileText, protectIdentity } from '../crypto/identity-file.ts';
import { parseStoreUrl } from '../store/open.ts';
import { type NewKeysDocument, showKeys } from '../sync/keys.ts';
import { type CommandResult, type Invocation, isSet, text, texts } from './command.ts';
import { formatTable } from './format.ts';
import { recoverySheet, recoverySheetPage, type SheetFacts } from './recovery-sheet.ts';

export async function runKeys(invocation: Invocation): Promise<CommandResult> {
  const [action, ...rest] = invocation.positionals;
  if (rest.length === 0 && action === 'new') return newKeys(invocation);
  if (rest.length === 0 && action === 'show') return listKeys(invocation);
  throw new EfakturError(
    'usage',
    'keys needs to know what to do',
    'Use "efaktur-cloud keys new --out FILE" or "efaktur-cloud keys show".',
  );
}

async function newKeys(invocation: Invocation): Promise<CommandResult> {
  const { flags, io, workplace } = invocation;
  const [out, sheet] = [text(flags, 'out'), text(flags, 'sheet')];
  const json = isSet(flags, 'json');
  if (json && out === undefined && sheet === undefined) {
    throw new EfakturError(
      'usage',
      '--json never shows a secret key, so it needs a file for it',
      'Add --out FILE or --sheet FILE.',
    );
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
    madeOn: `${localDay(io.now(), workplace.config.zone)} on ${plainAscii(io.around.hostName)}`,
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
  const whereKeyIs =
    path === null
      ? `The secret key was not written to a file${sheetPath === null ? '' : ' but to the sheet'}.`
      : `The secret key lies in ${path}. Take this file away from the PC that makes backups (a USB stick in the safe): that PC needs only the public key.`;
  const shown =
    sheetPath === null
      ? recoverySheet(facts)
      : `Recovery sheet: ${sheetPath}. It holds the secret key: print it twice, then delete the file.\nPublic key (no secret): EFAKTUR_RECIPIENTS=${pair.recipient}`;
  return { document, text: `${shown}\n${whereKeyIs}`, showsAgeKey: sheetPath === null };
}

/** What stands on the sheet of the stores that are set: their addresses hold no credentials. */
async function storesOnSheet({ flags, io, workplace }: Invocation): Promise<SheetFacts['stores']> {
  const { config } = workplace;
  if (texts(flags, 'store').length === 0 && config.setting('EFAKTUR_STORE') === null) return [];
  return (await workplace.stores()).map(({ url }) => {
    const address = parseStoreUrl(url, io.around.platform);
    if (address.kind !== 's3') return { url, host: null };
    const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = config.connectionEnv;
    const endpoint = address.endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
    const region = address.region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
    const host = endpoint === undefined ? 'Amazon S3' : (URL.parse(endpoint)?.host ?? endpoint);
    return { url, host: region === undefined ? host : `${host}, region ${region}` };
  });
}

/** What every printer and code page has. */
const plainAscii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

async function newPassphrase({ askSecret }: Invocation): Promise<Secret> {
  const first = await askSecret('Passphrase for the identity file: ');
  const second = first === null ? null : await askSecret('The same again: ');
  if (first === null)
    throw new EfakturError(
      'usage',
      '--passphrase asks for it on a terminal, and there is none',
      'Run the command in a terminal window, or leave out --passphrase.',
    );
  if (first === '' || first !== second)
    throw new EfakturError(
      'usage',
      'the two passphrases are not the same, or empty',
      'Run the command again; nothing was written.',
    );
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
      throw new EfakturError(
        'usage',
        `${path} is there already, and a key is never overwritten`,
        `Choose another name with ${flag}.`,
        error,
      );
    }
    if (systemCode(error) === null) throw error;
    throw new EfakturError(
      'target-not-writable',
      `${flag === '--out' ? 'the identity file' : 'the recovery sheet'} ${path} cannot be written (${systemCode(error)})`,
      `Choose another place with ${flag}.`,
      error,
    );
  }
}

async function listKeys(invocation: Invocation): Promise<CommandResult> {
  const { flags, workplace } = invocation;
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
    b.opens === null ? 'not encrypted' : b.opens ? 'opens' : 'DOES NOT OPEN',
  ]);
  const keys = [
    `Pushes are encrypted to: ${document.recipients.join(', ') || 'nobody (in clear)'}`,
    `Secret keys at hand for: ${document.identities.join(', ') || 'none (set EFAKTUR_IDENTITY_FILE)'}`,
  ];
  return {
    document,
    text: [...keys, ...(isSet(flags, 'quiet') || rows.length === 0 ? [] : [formatTable(rows)])].join('\n'),
  };
}
