import { isEncryptedKey, isProgramArchiveName } from './names.ts';

/**
 * How to open backups without this program, with `age`, `zstd` and `tar` alone: the one place that knows the commands. They
 * hold no pipe and no `<`, so that each works as it stands in a shell, in PowerShell 5 and in Windows' command prompt.
 */

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Makes `NAME.tar` of an archive that lies in the current folder. */
function toTar(archive: string, name: string): string[] {
  const stored = nameOf(archive);
  return isEncryptedKey(stored)
    ? [`age -d -i key.txt -o ${name}.tar.zst ${stored}`, `zstd -d ${name}.tar.zst -o ${name}.tar`]
    : [`zstd -d ${stored} -o ${name}.tar`];
}

/** Puts a differential together with its full, both unpacked in the current folder: for Windows, and for all others. */
export const joinCommands = {
  powershell: String.raw`powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full`,
  python: 'python3 differential/restore.py full',
};

/** Of a differential: all but the last step, one of {@link joinCommands}. */
export const unpackDifferential = (archive: string, base: string): readonly string[] => [
  ...toTar(base, 'full'),
  'mkdir full',
  'tar xf full.tar -C full',
  ...toTar(archive, 'differential'),
  'tar xf differential.tar',
];

/**
 * The commands that give the folder `db`, or of a program archive the folder `e-Faktur`, in an empty folder that holds the
 * archives (and `key.txt`).
 */
export function stockCommands(archive: string, base: string | null = null): readonly string[] {
  if (base !== null) return [...unpackDifferential(archive, base), joinCommands.python];
  const name = isProgramArchiveName(archive) ? 'program' : 'full';
  return [...toTar(archive, name), `tar xf ${name}.tar`];
}

/** The same as one line for a manifest. */
export const stockRestoreLine = (archive: string, base: string | null = null): string =>
  stockCommands(archive, base).join('; ');

/** Where the stock tools come from. */
export const stockToolSources: Readonly<Record<'zstd' | 'age', string>> = {
  zstd: 'https://github.com/facebook/zstd/releases',
  age: 'https://github.com/FiloSottile/age/releases',
};
