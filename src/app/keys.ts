import { exec } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { closePipesAfterExit } from '../base/child-pipes.ts';
import { EfakturError, nodeCode, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { duration } from '../base/phrases.ts';
import { isAgeKey, looksLikeSecret, type Secret, secret } from '../base/secret.ts';
import { shellOptions } from '../base/system-programs.ts';
import type { Text } from '../base/text.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import type { IdentityFile } from '../crypto/identity-file.ts';
import type { Config } from '../settings/config.ts';
import { otherEnding } from '../settings/settings-place.ts';
import {
  checkPathAndRights,
  commandFailed,
  commandTooSlow,
  identityNotRead,
  keyNotFile,
  passphraseOf,
  runItByHand,
  saveKeyAsFile,
} from './texts.ts';

/** Keys from the settings, loaded only when they are needed. */

/** The public keys that backups are made for, as they are set. */
export const recipientsOf = (config: Config): string[] =>
  (config.setting('EFAKTUR_RECIPIENTS')?.value ?? '').split(/[\s,;]+/).filter((part) => part !== '');

/** What the encryptor's `keysId` will be, without the tenth of a second that it takes to load. */
export async function loadKeysId(config: Config): Promise<string | null> {
  const recipients = recipientsOf(config);
  if (recipients.length === 0) return null;
  const { keysIdOf } = await import('../crypto/age.ts');
  return keysIdOf(recipients);
}

/** The encryptor for `EFAKTUR_RECIPIENTS`; null when none are set, `usage` when one is none. */
export async function loadEncryptor(config: Config): Promise<Encryptor | null> {
  const recipients = recipientsOf(config);
  if (recipients.length === 0) return null;
  const { createEncryptor } = await import('../crypto/age.ts');
  return createEncryptor(recipients);
}

/**
 * The decryptor for the identities of the settings; null when none are set. `wrong-key` when one cannot be had, as when
 * the command fails or does not end in time.
 */
export async function loadDecryptor(
  config: Config,
  currentFolder: string,
  askSecret: (question: Text) => Promise<string | null>,
  commandTimeoutMs = 120_000,
): Promise<Decryptor | null> {
  const files: IdentityFile[] = [];
  const file = config.setting('EFAKTUR_IDENTITY_FILE');
  if (file)
    files.push({
      name: file.value,
      content: await readIdentityFile(file.value, currentFolder, file.where),
    });
  const command = config.setting('EFAKTUR_IDENTITY_COMMAND');
  if (command)
    files.push({
      name: 'EFAKTUR_IDENTITY_COMMAND',
      content: await runIdentityCommand(command.value, command.where, config.programEnv, commandTimeoutMs),
    });
  return decryptorOf(files, askSecret);
}

/** The decryptor for these; null for none. `wrong-key` when one is none. */
export async function decryptorOf(
  files: readonly IdentityFile[],
  askSecret: (question: Text) => Promise<string | null>,
): Promise<Decryptor | null> {
  if (files.length === 0) return null;
  const { createDecryptor } = await import('../crypto/age.ts');
  return createDecryptor(files, async (name) => {
    const passphrase = await askSecret(passphraseOf(name));
    return passphrase === null ? null : secret(passphrase);
  });
}

async function readIdentityFile(name: string, currentFolder: string, where: Text): Promise<Secret<Buffer>> {
  if (isAgeKey(name) || looksLikeSecret(name)) {
    throw new EfakturError('wrong-key', keyNotFile(where), saveKeyAsFile);
  }
  const path = resolve(currentFolder, name);
  try {
    return secret(await whileHeld(() => readFile(path)));
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    const hint = (await otherEnding(path)) ?? checkPathAndRights;
    throw new EfakturError('wrong-key', identityNotRead(where, path, code), hint, error);
  }
}

async function runIdentityCommand(
  command: string,
  where: Text,
  env: Config['programEnv'],
  timeoutMs: number,
): Promise<Secret<Buffer>> {
  const running = promisify(exec)(command, {
    ...shellOptions(env),
    encoding: 'buffer',
    timeout: timeoutMs,
    maxBuffer: 1 << 20,
  });
  closePipesAfterExit(running.child);
  // There is nothing to read for it, and one that reads would wait for ever.
  running.child.stdin?.end();
  try {
    return secret((await running).stdout);
  } catch (error) {
    // What the command printed may hold the key, so nothing of it is kept.
    const isCut = running.child.killed && nodeCode(error) === null;
    const what = isCut ? commandTooSlow(where, duration(timeoutMs)) : commandFailed(where);
    throw new EfakturError('wrong-key', what, runItByHand);
  }
}
