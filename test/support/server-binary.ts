import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Servers that run as programs of this machine: how they get here, start and end. */

/** An S3 service to test against. */
export interface S3Service {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface StartedService {
  readonly service: S3Service;
  readonly stop: () => Promise<void>;
}

export const run = promisify(execFile);

/** What is built or fetched once for all runs on this machine. */
export const cacheFolder = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'efaktur-cloud-test');

const isWindows = process.platform === 'win32';

/** Where a Go program of this version is kept. */
export const goBinary = (name: string, version: string): string =>
  join(cacheFolder, `${name}-${version}`, isWindows ? `${name}.exe` : name);

/** Builds a program with `go install` unless that was done before; the path of its binary. */
export async function builtWithGo(modulePath: string, version: string, name: string): Promise<string> {
  const binary = goBinary(name, version);
  await makeOnce(binary, async (building) => {
    await mkdir(building, { recursive: true });
    await run('go', ['install', `${modulePath}@${version}`], {
      env: { ...env, GOBIN: building },
      timeout: 1_200_000,
    });
  });
  return binary;
}

/** Fills the folder of a path by `make`, which gets a folder beside it; a run that is cut off leaves nothing half made. */
export async function makeOnce(path: string, make: (building: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  const building = join(cacheFolder, `building-${randomBytes(6).toString('hex')}`);
  try {
    await make(building);
    await mkdir(dirname(dirname(path)), { recursive: true });
    // Another run may have been faster.
    await rename(building, dirname(path)).catch((error) => {
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

export interface ServerProgram {
  readonly command: string;
  /** `data` is an empty folder of its own. */
  args(at: { readonly host: string; readonly port: number; readonly data: string }): readonly string[];
  /** Made in `data` before it starts. */
  readonly folders?: readonly string[];
  env?(service: S3Service): Readonly<Record<string, string>>;
  /** Whether it answers as it should once it is up. */
  isUp(answer: Response): boolean;
  /** What to ask to find out, below its address. */
  readonly upPath: string;
}

/** Starts a server on a free port and waits until it answers. */
export async function startProgram(server: ServerProgram): Promise<StartedService> {
  const data = await mkdtemp(join(tmpdir(), 'efaktur-cloud-server-'));
  for (const name of server.folders ?? []) await mkdir(join(data, name));
  const [host, port] = ['127.0.0.1', await freePort()];
  const service = { endpoint: `http://${host}:${port}`, region: 'us-east-1', ...newKeys() };
  const child = spawn(server.command, server.args({ host, port, data }), {
    env: { ...env, ...server.env?.(service) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };
  let said = '';
  child.stderr.on('data', (bytes) => {
    said = `${said}${bytes}`.slice(-2000);
  });
  child.on('error', (error) => {
    said += error.message;
  });
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null || child.pid === undefined) break;
    const answer = await fetch(`${service.endpoint}${server.upPath}`).catch(() => null);
    if (answer && server.isUp(answer)) return { service, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${server.command} did not start: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(timer);
}

export const newKeys = () => ({
  accessKeyId: `test-${randomBytes(6).toString('hex')}`,
  secretAccessKey: randomBytes(20).toString('hex'),
});

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
