import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Service } from '../test/support/server-binary.ts';

/** What every program under test can do; each command is one process, timed as a whole. */
export interface Contestant {
  readonly name: string;
  /** Writes into a folder of this machine, so that nothing travels. */
  readonly isLocal?: boolean;
  /** Makes ready for one round: a fresh prefix in the bucket, or a fresh folder. */
  prepare(round: Round): Promise<void> | void;
  push(round: Round): Command;
  restore(round: Round, target: string): Command;
  list(round: Round): Command;
}

export interface Round {
  /** Of its own for every contestant and round. */
  readonly work: string;
  /** The e-Faktur folder with `db`. */
  readonly app: string;
  readonly prefix: string;
  readonly s3: S3Service & { readonly bucket: string };
}

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const program = join(import.meta.dirname, '..', 'dist', 'efaktur-cloud.js');

/** A program by its environment variable or on the PATH; null when it is not there. */
export function findProgram(variable: string, name: string): string | null {
  const given = process.env[variable];
  if (given) return given;
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

const awsEnv = ({ s3 }: Round): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: s3.accessKeyId,
  AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  AWS_REGION: s3.region,
});

/** Runs a step that is not timed; not in line, as what it talks to may be a relay in this process. */
export async function runToEnd({ argv, env }: Command): Promise<void> {
  const [name = '', ...args] = argv;
  const child = spawn(name, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = `${said}${bytes}`.slice(-2000);
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${argv.slice(0, 6).join(' ')} ended with ${status}: ${said}`);
}

const nodeFlags = ['--no-incremental-marking', '--max-semi-space-size=1'];

/** This program, encrypting for a key of its own, as its peers always encrypt. */
export function efakturCloud(keys: { recipient: string; identityFile: string }): Contestant {
  const env = (round: Round): Record<string, string> => ({
    ...awsEnv(round),
    AWS_ENDPOINT_URL_S3: round.s3.endpoint,
    EFAKTUR_STORE: `s3://${round.s3.bucket}/${round.prefix}`,
    EFAKTUR_STATE_DIR: join(round.work, 'state'),
    EFAKTUR_RECIPIENTS: keys.recipient,
    EFAKTUR_IDENTITY_FILE: keys.identityFile,
    EFAKTUR_TIMEZONE: 'Asia/Jakarta',
  });
  const command = (round: Round, ...args: string[]): Command => ({
    // As the README installs it.
    argv: [process.execPath, ...nodeFlags, '--', program, ...args, '-q'],
    env: env(round),
  });
  return {
    name: 'efaktur-cloud',
    prepare: ({ work }) => void mkdirSync(join(work, 'state'), { recursive: true }),
    push: (round) => command(round, 'push', '--app', round.app, '--source', 'live'),
    restore: (round, target) => command(round, 'pull', '--to', target),
    list: (round) => command(round, 'list'),
  };
}

export function restic(binary: string): Contestant {
  const env = (round: Round): Record<string, string> => ({
    ...awsEnv(round),
    RESTIC_REPOSITORY: `s3:${round.s3.endpoint}/${round.s3.bucket}/${round.prefix}`,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: join(round.work, 'cache'),
  });
  const command = (round: Round, ...args: string[]): Command => ({
    argv: [binary, '-q', ...args],
    env: env(round),
  });
  return {
    name: 'restic',
    prepare: (round) => runToEnd(command(round, 'init')),
    // As this program does, every byte is read: a time alone proves nothing.
    push: (round) => command(round, 'backup', '--force', join(round.app, 'db')),
    restore: (round, target) => command(round, 'restore', 'latest', '--target', target),
    list: (round) => command(round, 'snapshots'),
  };
}

export function kopia(binary: string): Contestant {
  const command = (round: Round, ...args: string[]): Command => ({
    argv: [binary, ...args],
    env: {
      ...awsEnv(round),
      KOPIA_PASSWORD: 'bench',
      KOPIA_CONFIG_PATH: join(round.work, 'kopia.config'),
      KOPIA_CACHE_DIRECTORY: join(round.work, 'cache'),
      KOPIA_LOG_DIR: join(round.work, 'log'),
      KOPIA_CHECK_FOR_UPDATES: 'false',
    },
  });
  return {
    name: 'kopia',
    async prepare(round) {
      const { s3, prefix } = round;
      const endpoint = new URL(s3.endpoint).host;
      const place = [
        '--bucket',
        s3.bucket,
        '--endpoint',
        endpoint,
        '--prefix',
        `${prefix}/`,
        '--disable-tls',
      ];
      const keys = ['--access-key', s3.accessKeyId, '--secret-access-key', s3.secretAccessKey];
      await runToEnd(command(round, 'repository', 'create', 's3', ...place, ...keys));
      await runToEnd(command(round, 'policy', 'set', '--global', '--compression', 'zstd'));
    },
    push: (round) =>
      command(round, 'snapshot', 'create', '--force-hash', '100', '--no-progress', join(round.app, 'db')),
    restore: (round, target) =>
      command(round, 'snapshot', 'restore', '--snapshot-time', 'latest', join(round.app, 'db'), target),
    list: (round) => command(round, 'snapshot', 'list'),
  };
}

export function borg(binary: string): Contestant {
  const command = (round: Round, ...args: string[]): Command => ({
    argv: [binary, ...args],
    env: {
      BORG_REPO: join(round.work, 'repository'),
      BORG_PASSPHRASE: 'bench',
      BORG_BASE_DIR: join(round.work, 'borg'),
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
    },
  });
  return {
    name: 'borg (local folder)',
    isLocal: true,
    prepare: (round) => runToEnd(command(round, 'init', '-e', 'repokey')),
    push: (round) =>
      command(
        round,
        'create',
        '--files-cache',
        'disabled',
        '-C',
        'zstd,3',
        '::{now:%Y%m%d%H%M%S%f}',
        join(round.app, 'db'),
      ),
    restore: (round, target) => ({
      ...command(round),
      argv: [
        'sh',
        '-c',
        `mkdir -p "$1" && cd "$1" && "$2" extract "::$("$2" list --last 1 --short)"`,
        'sh',
        target,
        binary,
      ],
    }),
    list: (round) => command(round, 'list'),
  };
}

export function rclone(binary: string): Contestant {
  const command = (round: Round, ...args: string[]): Command => ({
    argv: [binary, ...args],
    env: {
      ...awsEnv(round),
      RCLONE_CONFIG: join(round.work, 'rclone.conf'),
      RCLONE_CONFIG_S3_TYPE: 's3',
      RCLONE_CONFIG_S3_PROVIDER: 'Minio',
      RCLONE_CONFIG_S3_ENV_AUTH: 'true',
      RCLONE_CONFIG_S3_ENDPOINT: round.s3.endpoint,
    },
  });
  const remote = ({ s3, prefix }: Round): string => `s3:${s3.bucket}/${prefix}`;
  return {
    name: 'rclone (a mirror, no history)',
    prepare: () => {},
    push: (round) => command(round, 'sync', '--checksum', join(round.app, 'db'), remote(round)),
    restore: (round, target) => command(round, 'copy', remote(round), target),
    list: (round) => command(round, 'lsf', '-R', remote(round)),
  };
}

export function tarZstd(): Contestant {
  const archive = ({ work }: Round): string => join(work, 'db.tar.zst');
  const shell = (line: string, ...args: string[]): Command => ({ argv: ['sh', '-c', line, 'sh', ...args] });
  return {
    name: 'tar + zstd -3 (local file)',
    isLocal: true,
    prepare: () => {},
    push: (round) => shell('tar c -C "$1" db | zstd -3 -T0 -q -f -o "$2"', round.app, archive(round)),
    restore: (round, target) =>
      shell('mkdir -p "$1" && zstd -dc "$2" | tar x -C "$1"', target, archive(round)),
    list: (round) => shell('ls "$1"', archive(round)),
  };
}
