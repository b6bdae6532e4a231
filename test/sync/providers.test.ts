import { expect, test } from 'vitest';
import { changingProxy, type PassingRequest, refusal } from '../support/changing-proxy.ts';
import { type ListJson, makeWorld, treeOf } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { makeBucket } from '../support/minio.ts';
import { minioDomain } from '../support/minio-server.ts';

/** The whole way of a backup at services that differ from Amazon's as those of the table do; a proxy plays them. */

const hasNewerChecksum = ({ headers }: PassingRequest): boolean =>
  Object.keys(headers).some((name) => /^x-amz-(checksum-|sdk-checksum)/.test(name));
const isInPath = ({ headers }: PassingRequest): boolean => !(headers.host ?? '').startsWith('test-');
const asks = ({ method, url }: PassingRequest, name: string): boolean =>
  method === 'GET' && url.searchParams.has(name);

test.each<[string, (request: PassingRequest) => ReturnType<typeof refusal> | null]>([
  [
    'Alibaba (the bucket in the host name alone, neither versions nor unfinished uploads are listed)',
    (request) => {
      if (isInPath(request)) return refusal(403, 'SecondLevelDomainForbidden');
      if (asks(request, 'uploads') || asks(request, 'versions')) return refusal(501, 'NotImplemented');
      return hasNewerChecksum(request) ? refusal(400, 'InvalidArgument') : null;
    },
  ],
  [
    'R2 (neither versions nor locks over S3)',
    (request) =>
      asks(request, 'versions') || request.headers['x-amz-object-lock-mode']
        ? refusal(501, 'NotImplemented')
        : null,
  ],
  [
    'Google (no newer checksums)',
    (request) => (hasNewerChecksum(request) ? refusal(501, 'NotImplemented') : null),
  ],
])('at a service like %s', async (_, instead) => {
  const bucket = await makeBucket();
  const world = await makeWorld(null);
  await makeEfakturFolder(world.app, { backups: [] });
  const proxy = await changingProxy(bucket.endpoint, { instead });
  const store = `s3://${bucket.bucket}/kantor?endpoint=http://${minioDomain}`;
  Object.assign(world.env, { EFAKTUR_STORE: store, HTTP_PROXY: proxy.endpoint });
  await world.json(['push']);
  const again = await world.json<{ outcome: string }>(['push']);
  expect(again.outcome).toBe('unchanged');
  const { backups } = await world.json<ListJson>(['list']);
  expect(backups).toHaveLength(2);
  const verified = await world.json<{ outcome: string }>(['verify', '--read-data']);
  expect(verified.outcome).toBe('ok');
  const target = `${world.folder}/restored`;
  await world.json(['pull', '--to', target]);
  expect(await treeOf(`${target}/db`)).toEqual(await treeOf(`${world.app}/db`));
  await world.json(['prune', '--yes']);
  await world.json(['status']);
});
