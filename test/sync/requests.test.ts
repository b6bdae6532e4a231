import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, type PullJson, type PushJson } from '../support/cli.ts';
import { makeBucket, useKeys } from '../support/minio.ts';
import { recordingProxy } from '../support/recording-proxy.ts';

/** How often a store is asked. */

test.each([{ versioning: false }, { versioning: true }])(
  'pull --date asks at most three times before the first byte of an archive, %o',
  async (options) => {
    const bucket = await makeBucket(options);
    useKeys(bucket);
    const { endpoint, seen } = await recordingProxy(bucket.endpoint);
    const world = await makeWorld();
    const env = { EFAKTUR_STORE: `s3://${bucket.bucket}/pc?endpoint=${endpoint}` };
    const { backups } = await world.json<PushJson>(['push', '--source', 'backup', '--all'], { env });
    // The last one leans on the first: two archives are read.
    expect(backups.at(-1)?.kind).toBe('differential');
    seen.length = 0;
    const pulled = await world.json<PullJson>(
      ['pull', '--date', '2023-07-08', '--to', join(world.folder, 'new')],
      { env },
    );
    expect(pulled.outcome).toBe('restored');
    const first = seen.findIndex(({ url }) => /\.tar\.zst$/.test(url.pathname));
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(3);
  },
);

test('a push in clear looks for encrypted backups with one listing, from where all was seen in clear', async () => {
  const bucket = await makeBucket();
  useKeys(bucket);
  const { endpoint, seen } = await recordingProxy(bucket.endpoint);
  const world = await makeWorld({ backups: [] });
  const env = { EFAKTUR_STORE: `s3://${bucket.bucket}/pc?endpoint=${endpoint}` };
  const pushed: PushJson['backups'][number][] = [];
  const looks: (string | null)[][] = [];
  for (const _ of [1, 2, 3, 4]) {
    seen.length = 0;
    const { backups } = await world.json<PushJson>(['push', '--full'], { env });
    pushed.push(...backups);
    const whole = seen.filter(
      ({ url }) => url.searchParams.get('prefix') === 'pc/' && !url.searchParams.has('uploads'),
    );
    looks.push(whole.map(({ url }) => url.searchParams.get('start-after')));
  }
  const names = pushed.map(({ archive }) => `pc/${archive}`);
  expect(looks).toEqual([[null], [null], [names[0]], [names[1]]]);
});
