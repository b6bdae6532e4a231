import { open } from 'node:fs/promises';

import { resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { localDay } from '../base/local-time.ts';
import type { Secret } from '../base/secret.ts';
import { secret } from '../base/secret.ts';
import { generateIdentity, identityFileText, protectIdentity } from '../crypto/identity-file.ts';
import { showKeys } from '../sync/show-keys.ts';
import { type CommandResult, type Invocation, isSet, text } from './command.ts';
import { formatTable } from './format.ts';

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
  const { flags, io, config } = invocation;
  const out = text(flags, 'out');
  const json = isSet(flags, 'json');
  if (json && out === undefined) {
    throw new EfakturError(
      'usage',
      '--json never shows a secret key, so it needs a file for it',
      'Add --out FILE.',
    );
  }
  const pair = await generateIdentity();
  const plain = identityFileText(pair, io.now(), config.zone);
  const kept = isSet(flags, 'passphrase')
    ? await protectIdentity(plain, await newPassphrase(invocation))
    : plain.reveal();
  const path = out === undefined ? null : resolve(io.around.currentFolder, out);
  if (path !== null) await writeOwnerOnly(path, kept);
  const document = {
    recipient: pair.recipient,
    identityFile: path,
    protected: isSet(flags, 'passphrase'),
    warnings: [],
  };
  const made = `${localDay(io.now(), config.zone)} on ${io.around.hostName}`;
  const sheet = recoverySheet(document, kept, made);
  return { document, text: sheet, showsAgeKey: true };
}

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

async function writeOwnerOnly(path: string, content: string): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new EfakturError(
        'usage',
        `${path} is there already, and a key is never overwritten`,
        'Choose another name with --out.',
        error,
      );
    }
    if (systemCode(error) === null) throw error;
    throw new EfakturError(
      'target-not-writable',
      `the identity file ${path} cannot be written (${systemCode(error)})`,
      'Choose another place with --out.',
      error,
    );
  }
}

/** The lines of the key stand as they are: stock age takes no indented ones. */
function recoverySheet(
  keys: { readonly recipient: string; readonly identityFile: string | null; readonly protected: boolean },
  identity: string,
  made: string,
): string {
  const line = '-'.repeat(72);
  return [
    line,
    `RECOVERY SHEET of efaktur-cloud, made on ${made}`,
    "Print it twice and keep it in two places, such as the safe and the owner's home.",
    `Without the secret key below${keys.protected ? ' and its passphrase' : ''} nobody, not even you, can open the backups.`,
    ...(keys.protected ? ['The passphrase does not stand here: write it down and keep it elsewhere.'] : []),
    '',
    'Public key (for the PC that makes backups; no secret):',
    `  EFAKTUR_RECIPIENTS=${keys.recipient}`,
    '',
    'Secret key (only for restoring):',
    identity.trimEnd(),
    '',
    'To restore: save the secret key as key.txt, set EFAKTUR_IDENTITY_FILE=key.txt',
    `and run "efaktur-cloud pull"${keys.protected ? '; the passphrase is asked for' : ''}. Without this program, in ten years:`,
    '  age -d -i key.txt X.tar.zst.age | zstd -d | tar x',
    line,
    keys.identityFile === null
      ? 'The secret key was not written to a file.'
      : `The secret key lies in ${keys.identityFile}. Take this file away from the PC that makes backups (a USB stick in the safe): that PC needs only the public key.`,
  ].join('\n');
}

async function listKeys(invocation: Invocation): Promise<CommandResult> {
  const { io, flags } = invocation;
  const decryptor = await invocation.decryptor();
  const encryptor = await invocation.encryptor();
  const document = await showKeys({
    stores: await invocation.openStores(),
    encryptor,
    decryptor,
    signal: io.signal,
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
