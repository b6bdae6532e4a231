import { existsSync } from 'node:fs';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MinioContainer } from '@testcontainers/minio';
import {
  builtWithGo,
  firstLine,
  freePort,
  goBinary,
  newKeys,
  run,
  type S3Service,
  type ServerProgram,
  type StartedService,
  startProgram,
} from './server-binary.ts';

/** MinIO, which all tests run on; in order: a service given by environment, Docker, a `minio` binary, one built with Go. */

const image = 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z';
/** Below it buckets have host names of their own. */
export const minioDomain = 'minio.example';
/** The same release as a Go module. */
const moduleVersion = 'v0.0.0-20250907161309-07c3a429bfed';

export async function startS3Service(): Promise<StartedService> {
  const given = givenService();
  if (given) return { service: given, stop: async () => {} };
  const problems: string[] = [];
  const inDocker = await startInDocker(problems);
  if (inDocker) return inDocker;
  const binary = (await onPath(problems)) ?? (await built(problems));
  if (binary !== null) return startProgram(await minioAt(binary));
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
      .withEnvironment({ MINIO_DOMAIN: minioDomain })
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

/** Whether the service can start within seconds; the first use on a machine may build or pull it for minutes. */
export const isS3ServiceAtHand = (): boolean =>
  givenService() !== null || existsSync(goBinary('minio', moduleVersion));

async function built(problems: string[]): Promise<string | null> {
  try {
    return await builtWithGo('github.com/minio/minio', moduleVersion, 'minio');
  } catch (error) {
    problems.push(`go install: ${firstLine(error)}`);
    return null;
  }
}

async function minioAt(command: string): Promise<ServerProgram> {
  // By itself MinIO draws a port for its console that may be its own, and then does not start.
  const consolePort = await freePort();
  const consoleAt = (port: number): string => `127.0.0.1:${port === consolePort ? port - 1 : consolePort}`;
  return {
    command,
    args: ({ host, port, data }) => [
      ...['server', data, '--address', `${host}:${port}`],
      ...['--console-address', consoleAt(port), '--quiet'],
    ],
    env: ({ accessKeyId, secretAccessKey }) => ({
      MINIO_ROOT_USER: accessKeyId,
      MINIO_ROOT_PASSWORD: secretAccessKey,
      MINIO_UPDATE: 'off',
      MINIO_DOMAIN: minioDomain,
    }),
    upPath: '/minio/health/live',
    isUp: ({ ok }) => ok,
  };
}
