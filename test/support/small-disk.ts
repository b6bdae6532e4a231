import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome, World } from './cli.ts';
import { program } from './cli.ts';

/** A disk of its own for one folder. */
export interface SmallDisk {
  /** The folder that the disk is mounted on; what lay in it before is copied onto the disk. */
  readonly at: string;
  readonly sizeKb: number;
  /** How many files and folders fit on it. */
  readonly inodes?: number;
  readonly isReadOnly?: boolean;
}

/** A command line that puts a folder on a small tmpfs, in a mount namespace that goes with it, and runs what follows there. */
export interface OnSmallDisk {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The words to be put before those of a command; `report` gets the SHA-256 of every file on the disk afterwards. */
export function onSmallDisk(disk: SmallDisk, report: string): OnSmallDisk {
  const script = `
    set -e
    mkdir -p "$DISK" && cp -a "$DISK" "$DISK.before"
    mount -t tmpfs -o size="$SIZE_KB"k,nr_inodes="$INODES" tmpfs "$DISK"
    cp -a "$DISK.before/." "$DISK" && rm -rf "$DISK.before"
    if [ -n "$READ_ONLY" ]; then mount -o remount,ro "$DISK"; fi
    set +e
    "$@"
    code=$?
    cd "$DISK" && { find . -type f -exec sha256sum {} + ; find . -type d -empty -printf 'empty %p\\n'; } > "$REPORT"
    exit $code`;
  // Root needs no user namespace, which some systems forbid; others become root in one.
  const flags = process.getuid?.() === 0 ? '-m' : '-rm';
  return {
    words: ['unshare', flags, 'sh', '-c', script, 'sh'],
    env: {
      DISK: disk.at,
      SIZE_KB: String(disk.sizeKb),
      INODES: String(disk.inodes ?? 10_000),
      READ_ONLY: disk.isReadOnly ? '1' : '',
      REPORT: report,
    },
  };
}

/**
 * Runs the built program where a folder lies on a small tmpfs, in a mount namespace that goes with the process. Resolves
 * with the outcome and the SHA-256 of every file on the disk afterwards, empty folders included.
 */
export async function runOnSmallDisk(
  world: World,
  disk: SmallDisk,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome & { readonly left: Record<string, string> }> {
  const report = join(world.folder, 'left.txt');
  const { words, env: ofDisk } = onSmallDisk(disk, report);
  const [command = '', ...before] = words;
  const child = spawn(command, [...before, process.execPath, '--', program, ...args], {
    cwd: world.folder,
    env: { ...world.env, ...env, ...ofDisk },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const lines = await readFile(report, 'utf8').catch(() => {
    throw new Error(
      `A full disk needs a small tmpfs in a mount namespace (unshare and mount, as root or with user namespaces allowed; in a container --cap-add SYS_ADMIN): ${stderr}`,
    );
  });
  const left = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const [, hash = '', path = ''] = /^(\S+) +(.*)$/.exec(line) ?? [];
      return [path.replace(/^\.\/?/, ''), hash];
    });
  return { code, signal: null, stdout, stderr, left: Object.fromEntries(left) };
}
