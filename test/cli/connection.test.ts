import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld } from '../support/cli.ts';

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}

test('an error of the connection names the host and the port that were tried, and the proxy', async () => {
  const world = await makeWorld(null);
  const port = await closedPort();
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', EFAKTUR_STORE: 's3://bucket/pc' };
  const cases: [Record<string, string>, string][] = [
    [
      { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` },
      `connection to 127.0.0.1:${port} failed (ECONNREFUSED)`,
    ],
    [
      { AWS_ENDPOINT_URL_S3: 'https://no-such-host.invalid' },
      'name of no-such-host.invalid:443 cannot be found',
    ],
    [
      { AWS_ENDPOINT_URL_S3: 'https://s3.example.com', HTTPS_PROXY: `http://127.0.0.1:${port}` },
      `connection to s3.example.com:443 through the proxy 127.0.0.1:${port} failed`,
    ],
  ];
  await Promise.all(
    cases.map(async ([env, words]) => {
      const stateDir = join(world.folder, words);
      const { code, stderr } = await world.runBuilt(['list'], {
        env: { ...keys, ...env, EFAKTUR_STATE_DIR: stateDir },
      });
      expect(code, stderr).toBe(10);
      expect(stderr).toContain(words);
    }),
  );
}, 90_000);
