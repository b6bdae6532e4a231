import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EfakturError, systemCode } from '../base/errors.ts';
import { expandPath } from '../base/path-variables.ts';
import { type Secret, secret } from '../base/secret.ts';
import { verbatim } from '../base/text.ts';
import { generateIdentity, identityFileText, readIdentities } from '../crypto/identity-file.ts';
import type { KnownProfile, PlannedFolder } from '../setup/plan.ts';
import { checkedRecipients } from '../setup/recipients.ts';
import { isSet, text } from './command.ts';
import { tellingErrors, unquoted } from './init-places.ts';
import { type Encryption, isEncryptedAlready } from './init-plan.ts';
import type { Session } from './init-session.ts';
import * as texts from './init-start-texts.ts';
import type { Questions } from './questions.ts';

/**
 * By flags, else what is set already, else the key that this PC's other profiles have, so that one sheet opens all; else a
 * new one. An existing key is never replaced.
 */
export async function chooseEncryption(
  session: Session,
  folders: readonly PlannedFolder[],
  known: readonly KnownProfile[],
): Promise<Encryption> {
  const { invocation, config, questions } = session;
  const { flags } = invocation;
  const [sheet, recipients, keyFile] = [
    text(flags, 'sheet'),
    text(flags, 'recipients'),
    text(flags, 'key-file'),
  ];
  const isUnencrypted = isSet(flags, 'unencrypted');
  const wishes = [sheet, recipients, isUnencrypted || undefined].filter((wish) => wish !== undefined);
  if (wishes.length > 1) throw new EfakturError('usage', texts.oneWayToEncrypt, texts.chooseOneWay);
  const content = keyFile === undefined ? null : await readKeyFile(keyFile, session);
  if (folders.every(isEncryptedAlready)) {
    if (wishes.length > 0) throw new EfakturError('usage', texts.keyIsSet, texts.leaveKeyOut);
    return { kind: 'kept' };
  }
  if (isUnencrypted) {
    const set = config.setting('EFAKTUR_RECIPIENTS');
    if (set) throw new EfakturError('usage', texts.keyIsSetIn(set.where), texts.unsetFirst);
    return { kind: 'none' };
  }
  if (recipients !== undefined)
    return { kind: 'own', recipients: await checkedRecipients(recipients), content };
  if (content !== null && keyFile !== undefined) return ownKey(content, keyFile);
  if (sheet !== undefined) return newKey(session, sheet);
  if (config.setting('EFAKTUR_RECIPIENTS') !== null) return { kind: 'kept' };
  const shared = sharedWith(known);
  if (shared) return shared;
  if (questions === null) throw new EfakturError('usage', texts.noKeyNamed, texts.waysToEncrypt);
  return newKey(session, null);
}

/** The key of a profile that is there. */
export function sharedWith(known: readonly KnownProfile[]): Encryption | null {
  for (const { name, config } of known) {
    const recipients = config.setting('EFAKTUR_RECIPIENTS')?.value;
    if (recipients !== undefined)
      return {
        kind: 'shared',
        recipients,
        keyFile: config.setting('EFAKTUR_IDENTITY_FILE')?.value ?? null,
        with: name,
      };
  }
  return null;
}

export async function newKey({ invocation, config }: Session, sheet: string | null): Promise<Encryption> {
  const { io } = invocation;
  const pair = await generateIdentity();
  return {
    kind: 'new',
    pair,
    content: identityFileText(pair, io.now(), config.zone),
    sheet: sheet === null ? null : resolve(io.around.currentFolder, sheet),
  };
}

/** A whole key file, or a saved sheet. */
export async function readKeyFile(path: string, { invocation }: Session): Promise<Secret> {
  try {
    return secret(await readFile(resolve(invocation.io.around.currentFolder, path), 'utf8'));
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    throw new EfakturError('wrong-key', texts.keyFileNotRead(path, code), texts.checkKeyFile, error);
  }
}

const identityFileOf = (content: Secret, name: string | null) => ({
  name,
  content: secret(Buffer.from(content.reveal())),
});

async function ownKey(content: Secret, path: string): Promise<Encryption> {
  const { recipients } = await readIdentities([identityFileOf(content, path)]);
  return { kind: 'own', recipients: recipients.join(' '), content };
}

/**
 * Asks for the secret key on a sheet: typed in one line, pasted, or the file that it was saved as. Typing mistakes are told, with
 * the group they are in. `wrong-key` never leaves here: it is asked again.
 */
export async function askSheetKey(
  session: Session,
  questions: Questions,
): Promise<{ readonly content: Secret; readonly recipients: readonly string[] }> {
  const { around } = session.invocation.io;
  for (;;) {
    const typed = unquoted(await questions.secret(texts.keyOnSheet));
    if (typed === '') continue;
    let content = secret(typed);
    const found: (readonly string[])[] = [];
    const wrong = await tellingErrors(async () => {
      const path = isPath(typed) ? expandPath(typed, verbatim('--key-file'), around) : null;
      if (path !== null) content = await readKeyFile(path, session);
      const { recipients, identities } = await readIdentities(
        [identityFileOf(content, path)],
        async (name) => {
          const passphrase = await questions.secret(texts.passphraseFor(name));
          return passphrase === '' ? null : secret(passphrase);
        },
      );
      content = secret(identities.map((one) => `${one.reveal()}\n`).join(''));
      found.push(recipients);
      return null;
    });
    const [recipients] = found;
    if (recipients) return { content, recipients };
    if (wrong) questions.failed(wrong);
  }
}

/** No key has any of these in it, but for the blanks between its groups. */
const isPath = (typed: string): boolean => /[\\/:.]/.test(typed);
