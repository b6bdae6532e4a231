import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  builtWithGo,
  cacheFolder,
  firstLine,
  makeOnce,
  run,
  type StartedService,
  startProgram,
} from './server-binary.ts';

/** Servers that are no MinIO: the core path runs on them, too. */

const versitygwVersion = 'v1.8.0';
const motoVersion = '5.2.5';

/** The Versity S3 gateway over a folder: `versitygw` on the PATH, or one built with Go. */
export async function startVersitygw(): Promise<StartedService> {
  const command = await versitygw();
  return startProgram({
    command,
    args: ({ host, port, data }) => [
      ...['--port', `${host}:${port}`, '--quiet', 'posix'],
      ...['--versioning-dir', join(data, 'versions'), join(data, 'buckets')],
    ],
    folders: ['versions', 'buckets'],
    env: ({ accessKeyId, secretAccessKey }) => ({
      ROOT_ACCESS_KEY_ID: accessKeyId,
      ROOT_SECRET_ACCESS_KEY: secretAccessKey,
    }),
    upPath: '/',
    // A list of buckets is for those who sign.
    isUp: ({ status }) => status === 403,
  });
}

async function versitygw(): Promise<string> {
  if (await isThere('versitygw')) return 'versitygw';
  try {
    return await builtWithGo('github.com/versity/versitygw/cmd/versitygw', versitygwVersion, 'versitygw');
  } catch (error) {
    throw new Error(
      `The tests need versitygw. Install Go, or put "versitygw" on the PATH. go install: ${firstLine(error)}`,
    );
  }
}

/** moto, an imitation of Amazon's services in Python, from PyPI. It takes any keys. */
export async function startMoto(): Promise<StartedService> {
  const folder = join(cacheFolder, `moto-${motoVersion}`);
  const bin = process.platform === 'win32' ? 'Scripts' : 'bin';
  const python = join(folder, 'venv', bin, 'python');
  try {
    await makeOnce(join(folder, 'whole'), async (building) => {
      // A venv holds its own path in its scripts, which the module does not need.
      await run('python3', ['-m', 'venv', join(building, 'venv')], { timeout: 300_000 });
      await run(
        join(building, 'venv', bin, 'python'),
        ['-m', 'pip', 'install', '--quiet', `moto[s3,server]==${motoVersion}`],
        { timeout: 900_000 },
      );
      await writeFile(join(building, 'whole'), '');
    });
  } catch (error) {
    throw new Error(
      `The tests need moto ${motoVersion}. Install python3 with venv (Debian: python3-venv). ${firstLine(error)}`,
    );
  }
  return startProgram({
    command: python,
    args: ({ host, port }) => ['-m', 'moto.server', '-H', host, '-p', String(port)],
    upPath: '/moto-api/',
    isUp: ({ ok }) => ok,
  });
}

const isThere = (command: string): Promise<boolean> =>
  run(command, ['--version'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
