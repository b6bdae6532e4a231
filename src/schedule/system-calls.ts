import { execFile } from 'node:child_process';
import { systemCode } from '../base/errors.ts';

/** What a program of the system answered. */
export interface Answer {
  /** Null when it was ended, for instance as it did not answer in time. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs a program of the system, with bytes for its input; null where there is no such program. Tests answer in its place. */
export type Ask = (program: string, args: readonly string[], input?: Buffer) => Promise<Answer | null>;

const answerWithinMs = 30_000;

/** Programs answer in English and with times in UTC, where they can. */
export const askSystem =
  (env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Ask =>
  (program, args, input) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        [...args],
        {
          encoding: 'buffer',
          env: { ...env, LC_ALL: 'C', TZ: 'UTC' },
          maxBuffer: 64 * 1024 * 1024,
          timeout: answerWithinMs,
          windowsHide: true,
        },
        (error, stdout, stderr) => {
          if (signal.aborted) return reject(signal.reason);
          if (error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error) ?? ''))
            return resolve(null);
          const { exitCode } = child;
          if (error && exitCode === null && systemCode(error) !== null) return reject(error);
          resolve({ code: exitCode, stdout, stderr });
        },
      );
      // One that ends without reading its input is told by its exit code.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });

/** What a program said, for a message: its first line, without what no line may hold. */
export const firstLineOf = ({ stderr, stdout, code }: Answer): string => {
  const lines = `${stderr.toString('utf8')}\n${stdout.toString('utf8')}`.split(/\r?\n/);
  const line = lines.map((one) => one.trim()).find((one) => one !== '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they could change what a terminal shows
  return (line ?? `exit ${code}`).replace(/[\x00-\x1f\x7f\ufffd]+/g, '?').slice(0, 300);
};
