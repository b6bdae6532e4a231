import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Policy } from '../../src/sync/policies.ts';
import { s3Env, s3Service, useKeys } from './minio.ts';
import { noteSecret } from './printed.ts';

/** Keys of a session that may do what an inline policy allows, and nothing else. */
export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export async function keysFor(policy: Policy): Promise<SessionKeys> {
  const { endpoint, region, accessKeyId, secretAccessKey } = await s3Service();
  const client = new STSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const { Credentials: keys } = await client.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::123456789012:role/efaktur-cloud-test',
      RoleSessionName: 'efaktur-cloud-test',
      Policy: JSON.stringify(policy),
    }),
  );
  client.destroy();
  if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken)
    throw new Error('the service gave no session');
  await noteSecret(keys.SecretAccessKey);
  await noteSecret(keys.SessionToken);
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.SessionToken,
  };
}

/** What the built program needs in its environment to use these keys. */
export const sessionEnv = (keys: SessionKeys): Record<string, string> => ({
  ...s3Env(keys),
  AWS_SESSION_TOKEN: keys.sessionToken,
});

/** Runs a step whose in-process stores use these keys; afterwards they are the service's own again. */
export async function withKeys<T>(keys: SessionKeys, step: () => Promise<T>): Promise<T> {
  Object.assign(process.env, sessionEnv(keys));
  try {
    return await step();
  } finally {
    useKeys(await s3Service());
  }
}
