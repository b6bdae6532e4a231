import { exec } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { EfakturError, nodeCode, systemCode } from '../base/errors.ts';
import { isAgeKey, looksLikeSecret, type Secret, secret } from '../base/secret.ts';
import type { Said } from '../base/text.ts';
import type { Config } from '../config.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import type { IdentityFile } from '../crypto/identity-file.ts';
import { otherEnding } from '../env-file.ts';

/** Keys from the settings, loaded only when they are needed. */

const recipientsOf = (config: Config): string[] =>
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
  askSecret: (question: Said) => Promise<string | null>,
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
      name: command.where,
      content: await runIdentityCommand(command.value, command.where, config.programEnv, commandTimeoutMs),
    });
  if (files.length === 0) return null;
  const { createDecryptor } = await import('../crypto/age.ts');
  return createDecryptor(files, async (name) => {
    const passphrase = await askSecret(`Passphrase of ${name}: `);
    return passphrase === null ? null : secret(passphrase);
  });
}

async function readIdentityFile(name: string, currentFolder: string, where: string): Promise<Secret<Buffer>> {
  if (isAgeKey(name) || looksLikeSecret(name)) {
    throw new EfakturError(
      'wrong-key',
      `${where}: that is a key, not a file`,
      'Save the key as a file that only its owner may read, and set the name of that file.',
    );
  }
  const path = resolve(currentFolder, name);
  try {
    return secret(await readFile(path));
  } catch (error) {
    if (systemCode(error) === null) throw error;
    throw new EfakturError(
      'wrong-key',
      `${where}: the identity file ${path} cannot be read (${systemCode(error)})`,
      (await otherEnding(path)) ?? 'Check the path, and that this user may read the file.',
      error,
    );
  }
}

async function runIdentityCommand(
  command: string,
  where: string,
  env: Config['programEnv'],
  timeoutMs: number,
): Promise<Secret<Buffer>> {
  const running = promisify(exec)(command, {
    env: { ...env },
    encoding: 'buffer',
    timeout: timeoutMs,
    windowsHide: true,
    maxBuffer: 1 << 20,
  });
  // There is nothing to read for it, and one that reads would wait for ever.
  running.child.stdin?.end();
  try {
    return secret((await running).stdout);
  } catch (error) {
    // What the command printed may hold the key, so nothing of it is kept.
    const isCut = running.child.killed && nodeCode(error) === null;
    throw new EfakturError(
      'wrong-key',
      `${where}: the command ${isCut ? `did not end within ${timeoutMs / 1000} s` : 'ended with an error'}`,
      'Run it by hand: it must print the identity (AGE-SECRET-KEY-1…), and may read no input.',
    );
  }
}
