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
import { MinioContainer } from '@testcontainers/minio';

/** An S3 service to test against; in order: one given by environment, Docker, a `minio` binary, one built with Go. */
export interface S3Service {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const image = 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z';
/** The same release as a Go module. */
const moduleVersion = 'v0.0.0-20250907161309-07c3a429bfed';
const run = promisify(execFile);

export async function startS3Service(): Promise<{ service: S3Service; stop: () => Promise<void> }> {
  const given = givenService();
  if (given) return { service: given, stop: async () => {} };
  const problems: string[] = [];
  const inDocker = await startInDocker(problems);
  if (inDocker) return inDocker;
  const binary = (await onPath(problems)) ?? (await builtWithGo(problems));
  if (binary !== null) return startBinary(binary);
  throw new Error(
    `The tests need MinIO. Start Docker, or put "minio" on the PATH, or install Go, or set EFAKTUR_TEST_S3_ENDPOINT with ` +
      `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n${problems.join('\n')}`,
  );
}

function givenService(): S3Service | null {
  const endpoint = env.EFAKTUR_TEST_S3_ENDPOINT;
  if (!endpoint) return null;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error('EFAKTUR_TEST_S3_ENDPOINT is set; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too.');
  }
  return { endpoint, region: env.AWS_REGION ?? 'us-east-1', accessKeyId, secretAccessKey };
}

async function startInDocker(problems: string[]) {
  try {
    // Asking the engine first costs a moment; testcontainers would search for it much longer.
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 });
    const { accessKeyId, secretAccessKey } = newKeys();
    const starting = new MinioContainer(image)
      .withUsername(accessKeyId)
      .withPassword(secretAccessKey)
      .start();
    const container = await Promise.race([starting, sleep(180_000, null, { ref: false })]);
    if (!container) throw new Error(`${image} did not start within three minutes`);
    const service = {
      endpoint: container.getConnectionUrl(),
      region: 'us-east-1',
      accessKeyId,
      secretAccessKey,
    };
    return { service, stop: async () => void (await container.stop()) };
  } catch (error) {
    problems.push(`Docker: ${firstLine(error)}`);
    return null;
  }
}

async function onPath(problems: string[]): Promise<string | null> {
  try {
    await run('minio', ['--version'], { timeout: 10_000 });
    return 'minio';
  } catch (error) {
    problems.push(`minio: ${firstLine(error)}`);
    return null;
  }
}

const cache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'efaktur-cloud-test');
const builtName = process.platform === 'win32' ? 'minio.exe' : 'minio';
const builtBinary = join(cache, `minio-${moduleVersion}`, builtName);

/** Whether the service can start within seconds; the first use on a machine may build or pull it for minutes. */
export const isS3ServiceAtHand = (): boolean => givenService() !== null || existsSync(builtBinary);

async function builtWithGo(problems: string[]): Promise<string | null> {
  if (existsSync(builtBinary)) return builtBinary;
  const building = join(cache, `building-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(building, { recursive: true });
    await run('go', ['install', `github.com/minio/minio@${moduleVersion}`], {
      env: { ...env, GOBIN: building },
      timeout: 1_200_000,
    });
    await mkdir(dirname(builtBinary), { recursive: true });
    await rename(join(building, builtName), builtBinary);
    return builtBinary;
  } catch (error) {
    problems.push(`go install: ${firstLine(error)}`);
    return null;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function startBinary(binary: string): Promise<{ service: S3Service; stop: () => Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), 'efaktur-cloud-minio-'));
  const keys = newKeys();
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  // By itself MinIO draws a port for its console that may be the same one, and then does not start.
  let consolePort = port;
  while (consolePort === port) consolePort = await freePort();
  const args = ['--address', address, '--console-address', `127.0.0.1:${consolePort}`, '--quiet'];
  const child = spawn(binary, ['server', data, ...args], {
    env: {
      ...env,
      MINIO_ROOT_USER: keys.accessKeyId,
      MINIO_ROOT_PASSWORD: keys.secretAccessKey,
      MINIO_UPDATE: 'off',
    },
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
  const endpoint = `http://${address}`;
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null || child.pid === undefined) break;
    const answer = await fetch(`${endpoint}/minio/health/live`).catch(() => null);
    if (answer?.ok) return { service: { endpoint, region: 'us-east-1', ...keys }, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${binary} did not start: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(timer);
}

const newKeys = () => ({
  accessKeyId: `test-${randomBytes(6).toString('hex')}`,
  secretAccessKey: randomBytes(20).toString('hex'),
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
