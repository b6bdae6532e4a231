import { trustSystemCertificates } from '../base/trusted-certificates.ts';
import { endpointInProfile as setInProfile } from './address-texts.ts';
import { parseEndpoint } from './endpoint.ts';
import { openS3Store, type S3StoreOptions } from './s3.ts';
import { type AwsEnv, readAwsProfile } from './s3-aws-files.ts';
import { credentialsOf } from './s3-credentials.ts';
import type { ObjectStore } from './store.ts';

export interface S3Account {
  /** `AWS_*` of this store. */
  readonly env: AwsEnv;
  /** The environment of programs that print credentials; null for that of this process. */
  readonly programEnv: AwsEnv | null;
}

/** Opens a bucket with the keys that its settings lead to; where address and settings say nothing, the profile does. */
export async function openS3Account(
  options: Omit<S3StoreOptions, 'credentials'>,
  { env, programEnv }: S3Account,
): Promise<ObjectStore> {
  trustSystemCertificates(options.platform ?? process.platform);
  const profile = await readAwsProfile(env, options.profile ?? 'default');
  const inProfile = profile.endpointOf('s3');
  return openS3Store({
    ...options,
    endpoint: options.endpoint ?? (inProfile === null ? null : parseEndpoint(inProfile, setInProfile)),
    region: options.region ?? (options.endpoint === null ? profile.region : null),
    credentials: credentialsOf({ env, profileName: options.profile, profile, programEnv }),
  });
}
