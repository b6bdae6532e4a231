import { type ExecFileOptionsWithBufferEncoding, execFile } from 'node:child_process';
import { systemCode } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { endedWith, noSuchProgram } from './texts.ts';

/** What a program of the system answered. */
export interface Answer {
  /** Null when it was ended, for instance as it did not answer in time. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs a program of the system, with bytes for its input; null where there is no such program. Tests answer in its place. */
export type Ask = (program: string, args: readonly string[], input?: Buffer) => Promise<Answer | null>;

const noProgram: readonly string[] = ['ENOENT', 'ENOTDIR'];

const answerWithinMs = 30_000;

/** Programs answer in English and with times in UTC, where they can. */
export const askSystem =
  (env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Ask =>
  async (program, args, input) => {
    const answer = await answerOf(program, args, input, {
      encoding: 'buffer',
      env: { ...env, LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 64 * 1024 * 1024,
      timeout: answerWithinMs,
    }).catch((error: unknown) => {
      const code = systemCode(error);
      if (code === null) throw error;
      // What is there and may not be started: forbidden by a policy, and the like.
      const why = Buffer.from(`${program}: ${code}`);
      return noProgram.includes(code) ? null : { code: null, stdout: Buffer.alloc(0), stderr: why };
    });
    signal.throwIfAborted();
    return answer;
  };

/** Throws what the system says when a program cannot be started. */
const answerOf = (
  program: string,
  args: readonly string[],
  input: Buffer | undefined,
  options: ExecFileOptionsWithBufferEncoding,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    // Some of what cannot be started is thrown here at once, which ends the promise as well.
    const child = execFile(program, [...args], { ...options, windowsHide: true }, (error, stdout, stderr) => {
      if (error && child.pid === undefined) return reject(error);
      resolve({ code: child.exitCode, stdout, stderr });
    });
    // One that ends without reading its input is told by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });

/** Why a program of the system did not do it: the first line that it said, without what no line may hold. */
export function refusalOf(program: string, answer: Answer | null): Text {
  if (answer === null) return noSuchProgram(program);
  const { stderr, stdout, code } = answer;
  const lines = `${stderr.toString('utf8')}\n${stdout.toString('utf8')}`.split(/\r?\n/);
  const line = lines.map((one) => one.trim()).find((one) => one !== '');
  // They could change what a terminal shows; what is not UTF-8 is in a code page that nobody tells.
  return line === undefined
    ? endedWith(program, code)
    : verbatim(line.replace(/[\p{Cc}\ufffd]+/gu, '?').slice(0, 300));
}
