import type { ChildProcess } from 'node:child_process';

const graceMs = 2000;

/**
 * Lets a program's `close` come two seconds after its end at the latest. Without, it is waited for until everybody has closed
 * the program's pipes: also what it left running, or a virus scanner that looks into them.
 */
export function closePipesAfterExit(child: ChildProcess): void {
  child.once('exit', () => {
    // What has arrived meanwhile is read before.
    const timer = setTimeout(() => setImmediate(closePipes), graceMs);
    child.once('close', () => clearTimeout(timer));
  });
  const closePipes = (): void => {
    for (const pipe of child.stdio) pipe?.destroy();
  };
}
