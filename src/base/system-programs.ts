import { win32 } from 'node:path';

/** Programs that are started: those of the system by their full path, so that none planted in a current folder runs in their place. */

/** The folder of Windows (`%SystemRoot%`); the usual one where the environment names none that is whole. */
export function windowsFolder(): string {
  // biome-ignore lint/style/noProcessEnv: no setting, but where this system lies, which nothing else tells
  const named = process.env.SystemRoot ?? '';
  return /^[a-z]:[\\/]./i.test(named) ? win32.normalize(named) : 'C:\\Windows';
}

/** A program that is part of Windows, by its full path. */
export const windowsProgram = (name: string): string => win32.join(windowsFolder(), 'System32', name);

/**
 * How a command that the user wrote is given to the shell: without a window, and on Windows so that a bare name in it is not
 * looked for in the current folder, whatever lies there.
 */
export const shellOptions = (
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): { env: NodeJS.ProcessEnv; windowsHide: true; shell?: string } =>
  platform === 'win32'
    ? {
        env: { ...env, NoDefaultCurrentDirectoryInExePath: '1' },
        windowsHide: true,
        shell: windowsProgram('cmd.exe'),
      }
    : { env: { ...env }, windowsHide: true };
