import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { openS3Store, type S3StoreOptions } from '../../src/store/s3.ts';
import { credentialsOf } from '../../src/store/s3-credentials.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { noteSecret } from './printed.ts';
import type { S3Service } from './server-binary.ts';

export interface UnfinishedUpload {
  readonly id: string;
  readonly arrivedBytes: number;
}

/** A fresh bucket on a real S3 service, and a client to look behind the scenes. */
export interface TestBucket extends S3Service {
  readonly bucket: string;
  /** Store address without a prefix. */
  readonly url: string;
  /** What a child process needs to reach it; nothing of the developer's own AWS settings. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: S3Client;
  /**
   * The multipart uploads of exactly this key (MinIO lists no others) that were neither completed nor aborted, each with
   * the bytes of its parts that have arrived.
   */
  unfinishedUploads(key: string): Promise<UnfinishedUpload[]>;
}

let service: Promise<S3Service> | undefined;

/** The service all test files share; started by the first one that asks. */
export const s3Service = (): Promise<S3Service> => {
  service ??= new Promise((resolve, reject) => {
    // Plain http: fetch gives up after five minutes, and building the server may take longer.
    get(inject('s3Broker'), async (answer) => {
      const body = await text(answer);
      if (answer.statusCode !== 200) return reject(new Error(body));
      const found = JSON.parse(body) as S3Service;
      await noteSecret(found.secretAccessKey);
      resolve(found);
    }).once('error', reject);
  });
  return service;
};

/** The environment with credentials for the SDK and without any AWS setting of this machine. */
export const s3Env = ({
  accessKeyId,
  secretAccessKey,
}: Pick<S3Service, 'accessKeyId' | 'secretAccessKey'>) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** Lets in-process stores use these keys, as the SDK reads them from the environment. */
export function useKeys(keys: Pick<S3Service, 'accessKeyId' | 'secretAccessKey'>): void {
  for (const name of Object.keys(env)) if (/^AWS_/.test(name)) delete env[name];
  Object.assign(env, s3Env(keys));
}

/** What a store that is opened by itself is to have: the keys in use now. */
export const credentialsInUse = () =>
  credentialsOf({
    env,
    profileName: null,
    profile: { region: null, endpointOf: () => null },
    programEnv: null,
  });

/** A store that is opened by itself, with the keys in use now and nothing else but what is told. */
export const openS3With = (
  told: Pick<S3StoreOptions, 'bucket' | 'endpoint'> & Partial<S3StoreOptions>,
): ObjectStore =>
  openS3Store({
    url: 's3://label',
    prefix: '',
    region: null,
    profile: null,
    credentials: credentialsInUse(),
    style: null,
    storageClass: null,
    proxies: {},
    caBundle: null,
    ...told,
  });

/** Makes a bucket of its own for a test file and sets the environment for in-process stores. */
export async function makeBucket(
  options: { versioning?: boolean; objectLock?: boolean } = {},
): Promise<TestBucket> {
  const found = await s3Service();
  useKeys(found);
  const { endpoint, region, accessKeyId, secretAccessKey } = found;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const bucket = `test-${randomBytes(8).toString('hex')}`;
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: options.objectLock ?? false }),
  );
  if (options.versioning) {
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  }
  return {
    ...found,
    bucket,
    url: `s3://${bucket}?endpoint=${endpoint}`,
    env: s3Env(found),
    client,
    async unfinishedUploads(key) {
      const output = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }));
      return Promise.all(
        (output.Uploads ?? []).map(async ({ UploadId: id = '' }) => {
          const { Parts: parts = [] } = await client.send(
            new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: id }),
          );
          return { id, arrivedBytes: parts.reduce((sum, part) => sum + (part.Size ?? 0), 0) };
        }),
      );
    },
  };
}
