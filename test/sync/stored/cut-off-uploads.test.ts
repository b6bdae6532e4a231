import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { day } from '../../../src/base/phrases.ts';
import { type Changes, changingProxy, type PassingRequest, refusal } from '../../support/changing-proxy.ts';
import { makeWorld, type World } from '../../support/cli.ts';
import { makeBucket, type TestBucket, useKeys } from '../../support/minio.ts';

/** Uploads of runs that were killed, or whose beginning nobody heard of. */

const archive = '2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst';
const index = 'index/3f9a1c2e77d0.idx.zst.age';
const isListing = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.searchParams.has('uploads');

async function beginUploads(bucket: TestBucket, ...keys: string[]): Promise<void> {
  for (const Key of keys)
    await bucket.client.send(new CreateMultipartUploadCommand({ Bucket: bucket.bucket, Key }));
}

const uploadsIn = async ({ client, bucket }: TestBucket): Promise<string[]> => {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads.map(({ Key }) => Key ?? '').sort();
};

/** A bucket of its own, as the store of a world, with a service between that does as it is told. */
async function worldBehind(
  changes: Changes,
): Promise<{ bucket: TestBucket; world: World; env: { EFAKTUR_STORE: string } }> {
  const bucket = await makeBucket();
  useKeys(bucket);
  const { endpoint } = await changingProxy(bucket.endpoint, changes);
  const world = await makeWorld({ backups: [] });
  return { bucket, world, env: { EFAKTUR_STORE: `s3://${bucket.bucket}?endpoint=${endpoint}` } };
}

/** Lets all uploads seem to have begun some time ago. */
const begun = (days: number): Changes => ({
  answer: (request, answer) =>
    isListing(request)
      ? {
          ...answer,
          body: String(answer.body).replace(
            /<Initiated>[^<]*</g,
            `<Initiated>${new Date(Date.now() - days * 24 * 3600_000).toISOString()}<`,
          ),
        }
      : answer,
});

test.each([
  [8, [`other/${archive}`, 'a.iso']],
  [6, [archive, index, `other/${archive}`, 'a.iso']],
])('what others began %d days ago, after a push and after a prune', async (days, left) => {
  const { bucket, world, env } = await worldBehind(begun(days));
  const begin = () => beginUploads(bucket, archive, index, `other/${archive}`, 'a.iso');
  await begin();
  // Only where something is sent: a push that finds nothing new asks for no more than it must.
  await world.json(['push'], { env });
  expect(await uploadsIn(bucket)).toEqual([...left].sort());
  for (const { Key, UploadId } of (
    await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.bucket }))
  ).Uploads ?? [])
    await bucket.client.send(new AbortMultipartUploadCommand({ Bucket: bucket.bucket, Key, UploadId }));
  await begin();
  await world.json(['prune'], { env });
  expect(await uploadsIn(bucket)).toHaveLength(4);
  await world.json(['prune', '--yes'], { env });
  expect(await uploadsIn(bucket)).toEqual([...left].sort());
});

test('a key that may not list or remove them pushes and prunes all the same', async () => {
  for (const isDenied of [
    isListing,
    ({ method, url }: PassingRequest) => method === 'DELETE' && url.searchParams.has('uploadId'),
  ]) {
    const { bucket, world, env } = await worldBehind({
      ...begun(8),
      instead: (request) => (isDenied(request) ? refusal(403, 'AccessDenied') : null),
    });
    await beginUploads(bucket, archive);
    const pushed = await world.json(['push'], { env });
    expect(pushed.warnings.filter(({ code }) => code === 'upload-left')).toEqual([]);
    await world.json(['prune', '--yes'], { env });
    expect(await uploadsIn(bucket)).toEqual([archive]);
  }
});

test('an upload that began, but whose id a killed run had not noted, is found by the key it had planned', async () => {
  const { bucket, world, env } = await worldBehind({});
  await world.json(['push'], { env });
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const job = join(world.stateDir, 'jobs', `20230708T023000Z-${child.pid}-abcdef`);
  await mkdir(job, { recursive: true });
  const note = { store: env.EFAKTUR_STORE, key: archive, uploadId: null };
  await writeFile(join(job, 'uploads.jsonl'), `${JSON.stringify(note)}\n`);
  // The answer to the first try was lost, so that there are two; another key begins like it.
  await beginUploads(bucket, archive, archive, `${archive}.age`);
  await world.json(['push'], { env });
  expect(await uploadsIn(bucket)).toEqual([`${archive}.age`]);
  expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
});

test('doctor tells of them', async () => {
  const { bucket, world, env } = await worldBehind(begun(3));
  await beginUploads(bucket, archive, 'a.iso');
  const began = day(new Date(Date.now() - 3 * 24 * 3600_000).toISOString().slice(0, 10));
  const { stdout } = await world.run(['doctor'], { env });
  expect(stdout).toMatch(new RegExp(`ok +uploads +1 upload .* since ${began.en} \\(${archive}\\)`));
});
