import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Measured } from '../../src/sync/doctor/probe.ts';
import {
  type ListJson,
  makeWorld,
  type PullJson,
  type PushJson,
  treeOf,
  type WarningJson,
} from '../support/cli.ts';
import { s3Env, s3Service } from '../support/minio.ts';
import { startMoto, startVersitygw } from '../support/other-servers.ts';
import { noteSecret } from '../support/printed.ts';
import type { StartedService } from '../support/server-binary.ts';

/** What every user does, by the built program, on servers of several makers: the README's table of providers names them. */

const servers: [string, () => Promise<StartedService>][] = [
  ['MinIO', async () => ({ service: await s3Service(), stop: async () => {} })],
  ['versitygw', startVersitygw],
  ['moto', startMoto],
];

interface DoctorJson {
  steps: { step: string; result: string }[];
  measured: Pick<Measured, 'style' | 'multipart' | 'checksums' | 'lock'>[];
  warnings: WarningJson[];
}

const buckets = ['plain', 'with versions', 'with locks'] as const;

describe.each(servers)('%s', (server, start) => {
  let started: StartedService;
  let client: S3Client;

  beforeAll(async () => {
    started = await start();
    const { endpoint, region, accessKeyId, secretAccessKey } = started.service;
    await noteSecret(secretAccessKey);
    const credentials = { accessKeyId, secretAccessKey };
    client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  });

  afterAll(async () => {
    client?.destroy();
    await started?.stop();
  });

  test.each(buckets)('the core path in a bucket %s', async (kind) => {
    const bucket = `core-${randomBytes(6).toString('hex')}`;
    const locks = kind === 'with locks';
    await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: locks }));
    if (kind === 'with versions') {
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    }
    const world = await makeWorld({ backups: [] });
    const env = {
      ...s3Env(started.service),
      // A blank in it, as firms have in their names.
      EFAKTUR_STORE: `s3://${bucket}/PT Maju?endpoint=${started.service.endpoint}`,
      ...(locks && { EFAKTUR_LOCK_DAYS: '1' }),
    };
    const json = async <T>(args: string[], codes = [0]): Promise<T> => {
      const { code, stdout, stderr } = await world.runBuilt([...args, '--json'], { env, timeoutMs: 200_000 });
      expect(codes, `${args.join(' ')}: ${stdout}${stderr}`).toContain(code);
      return JSON.parse(stdout) as T;
    };
    const push = async (): Promise<PushJson['backups'][number]> => {
      const { backups } = await json<PushJson>(['push', '--source', 'live']);
      expect(backups).toHaveLength(1);
      return backups[0] as PushJson['backups'][number];
    };

    // A bucket without versions protects nothing, which doctor says; all else must work.
    const { steps, measured } = await json<DoctorJson>(['doctor'], kind === 'plain' ? [20] : [0, 20]);
    const results = Object.fromEntries(steps.map(({ step, result }) => [step, result]));
    const works = [
      'put',
      'list',
      'clock',
      'get',
      'range',
      'multipart',
      'abort',
      'uploads',
      'delete',
      'cleanup',
    ];
    for (const step of works) expect([step, results[step]]).toEqual([step, 'ok']);
    expect(results.versioning).toBe(kind === 'plain' ? 'failed' : 'ok');
    expect(results.lock).toBe(locks ? 'ok' : 'skipped');
    // An imitation checks nothing, and that is seen.
    const isChecked = server !== 'moto';
    const sum = isChecked ? 'verified' : 'taken';
    expect(measured).toMatchObject([
      {
        style: { inUse: 'path', path: 'works', virtual: 'refused' },
        multipart: 'works',
        checksums: { inUse: 'none', crc32: sum, md5: sum, changedIsRefused: isChecked },
        lock: locks ? 'locked' : 'none',
      },
    ]);
    expect(results.checksums).toBe(isChecked ? 'ok' : 'failed');

    // More than one part, which no compression makes smaller.
    const notes = join(world.app, 'db', 'ETaxInvoice', 'README_DO_NOT_TOUCH_FILES.txt');
    await appendFile(notes, randomBytes(11 << 20));
    const full = await push();
    expect(full).toMatchObject({ outcome: 'created', kind: 'full' });
    expect(full.storedBytes).toBeGreaterThan(11 << 20);
    expect(await push()).toMatchObject({ outcome: 'unchanged', archive: full.archive });
    await appendFile(notes, randomBytes(5000));
    const last = await push();
    expect(last).toMatchObject({ outcome: 'created', kind: 'differential' });
    expect(last.storedBytes).toBeLessThan(1 << 20);

    const { backups } = await json<ListJson>(['list']);
    expect(backups.map(({ archive }) => archive)).toEqual([full.archive, full.archive, last.archive]);
    const verified = await json<{ outcome: string; checked: { ok: boolean }[] }>([
      'verify',
      '--read-data',
      '--all',
    ]);
    expect(verified).toMatchObject({ outcome: 'ok', checked: [{ ok: true }, { ok: true }, { ok: true }] });
    const to = join(world.folder, 'to');
    expect(await json<PullJson>(['pull', '--to', to])).toMatchObject({ outcome: 'restored' });
    expect(await treeOf(join(to, 'db'))).toEqual(await treeOf(join(world.app, 'db')));

    const prune = ['prune', '--keep-last', '1', '--max-delete', '100%', '--yes'];
    const { deleted } = await json<{ deleted: string[] }>(prune);
    expect(deleted).toHaveLength(locks ? 0 : 2);
    const left = await json<ListJson>(['list']);
    expect(left.backups.map(({ id }) => id)).toEqual(locks ? backups.map(({ id }) => id) : [last.id]);
    await json(['verify', '--read-data', '--all']);
    // All lies below the prefix, and nothing of doctor stays but what it had locked.
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const keys = Contents.map(({ Key = '' }) => Key);
    expect(keys.filter((key) => !key.startsWith('PT Maju/'))).toEqual([]);
    if (!locks) expect(keys.filter((key) => key.includes('/doctor/'))).toEqual([]);
  });
});
