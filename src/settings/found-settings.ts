import { EfakturError } from '../base/errors.ts';
import { variablesIn } from '../base/path-variables.ts';
import type { Text } from '../base/text.ts';
import { isOnlyOfUser } from './connection-settings.ts';
import { splitStores } from './setting-values.ts';
import type { SettingsFile } from './settings-place.ts';
import {
  changesTheWay,
  nameOrKeep,
  namesOwnProfile,
  notFromFound,
  putsIn,
  runsCommand,
  sendsMessages,
  settingInFile,
  usesOwnKeys,
} from './texts.ts';

/**
 * What a `.env` may not set that was merely found in the current folder: it may have come with a download, or lie on a share.
 * It says what is backed up, where to and with which keys; it runs nothing, and lends nobody what belongs to this user or PC.
 */

/** Settings of ours by name, or with a `*` at the end all that begin so, and what each would do. */
const refused: Readonly<Record<string, Text>> = {
  EFAKTUR_IDENTITY_COMMAND: runsCommand,
  EFAKTUR_PING_URL: sendsMessages,
  'EFAKTUR_NOTIFY_*': sendsMessages,
};

/** What a path may hold that is the same for every program; any other variable could carry a secret to a share. */
const harmlessVariables =
  /^(HOME|USER|USERNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PUBLIC|PROGRAMDATA|ALLUSERSPROFILE|PROGRAMFILES(\(X86\))?|PROGRAMW6432|ONEDRIVE\w*|SYSTEMDRIVE|SYSTEMROOT|WINDIR|HOMEDRIVE|HOMEPATH|COMPUTERNAME|HOSTNAME|TEMP|TMP|TMPDIR|XDG_\w+)$/i;

/** `usage` for a file that was found and sets what it may not; `kept` is the user's own settings file. An empty value sets nothing. */
export function refuseInFound({ path, values }: SettingsFile, kept: string): void {
  for (const [name, value] of Object.entries(values)) {
    const why = value === '' ? null : whyNot(name, value);
    if (why === null) continue;
    const what = notFromFound(settingInFile(name, path));
    throw new EfakturError('usage', { what, because: why }, nameOrKeep(path, kept));
  }
}

function whyNot(name: string, value: string): Text | null {
  const rule = Object.keys(refused).find((one) =>
    one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one,
  );
  if (rule !== undefined) return refused[rule] ?? null;
  if (isOnlyOfUser(name)) return /(_PROXY|_CA_BUNDLE)$/i.test(name) ? changesTheWay : usesOwnKeys;
  if (name === 'EFAKTUR_STORE' && splitStores(value).some(namesProfile)) return namesOwnProfile;
  // In an address with a scheme no variable is put in.
  const paths = /^EFAKTUR_/.test(name) ? splitStores(value).filter((part) => !/^(s3|file):/i.test(part)) : [];
  const variable = paths.flatMap(variablesIn).find((one) => !harmlessVariables.test(one));
  return variable === undefined ? null : putsIn(variable);
}

/** As the store's address is read: a name in it may be percent-encoded. */
const namesProfile = (address: string): boolean =>
  /^s3:/i.test(address) &&
  new URLSearchParams(address.replace(/^[^?]*/, '').replace(/#.*/s, '')).has('profile');
