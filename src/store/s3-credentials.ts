import { AsyncLocalStorage } from 'node:async_hooks';
import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { FromIniInit } from '@aws-sdk/credential-provider-ini';
import {
  CredentialsProviderError,
  chain,
  externalDataInterceptor,
  parseKnownFiles,
} from '@smithy/core/config';
import { closePipesAfterExit } from '../base/child-pipes.ts';
import { shellOptions } from '../base/system-programs.ts';
import { type AwsEnv, type AwsProfile, awsFiles } from './s3-aws-files.ts';

/**
 * Where the keys of a store come from, in the order of the AWS SDK: profile, web identity, container, machine. The SDK's
 * own chain reads the environment of the process; here every link is told what the settings of this store say, so that
 * two stores in one process have each their own.
 */

export interface CredentialSettings {
  /** `AWS_*` of this store. */
  readonly env: AwsEnv;
  /** Null when none was named: then the default one, and nothing is amiss when it is not there. */
  readonly profileName: string | null;
  readonly profile: AwsProfile;
  /** The environment of programs that print credentials; null for that of this process. */
  readonly programEnv: AwsEnv | null;
}

type Provider = Exclude<NonNullable<S3ClientConfig['credentials']>, { accessKeyId: string }>;
type Credentials = Awaited<ReturnType<Provider>>;
/** What the SDK tells a provider: the client that asks. */
type Asking = Parameters<ReturnType<typeof import('@aws-sdk/credential-provider-ini').fromIni>>[0];

const silent = (): void => {};
const logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** For one store's client: the keys in its settings, or who gives them when its first request needs them. */
export function credentialsOf(settings: CredentialSettings): NonNullable<S3ClientConfig['credentials']> {
  const keys = keysIn(settings.env);
  if (keys && settings.profileName === null) return keys;
  const provider = (asking?: Asking): Promise<Credentials> =>
    programs.run(settings.programEnv, () =>
      chain(
        () => fromProfile(settings, asking),
        () => fromWebIdentity(settings, asking),
        () => fromMachine(settings),
        async () => {
          throw new CredentialsProviderError('no credentials', { tryNextLink: false, logger });
        },
      )(),
    );
  return provider as Provider;
}

/** The two keys, and the token that goes with temporary ones; null when they do not stand in the settings. */
function keysIn(env: AwsEnv): Credentials | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) return null;
  const sessionToken = env.AWS_SESSION_TOKEN;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** A profile of the AWS files, whatever it leads to: keys, a program, a role, single sign-on. */
async function fromProfile(settings: CredentialSettings, asking: Asking): Promise<Credentials> {
  const { env } = settings;
  const files = awsFiles(env);
  const name = settings.profileName ?? 'default';
  const section = (await parseKnownFiles(files))[name] ?? {};
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  const sts = roleAssumers(settings, asking, section.region);
  if (isSingleSignOn(section)) {
    // By way of `fromIni` it would look for the files elsewhere.
    const { fromSSO } = await import('@aws-sdk/credential-provider-sso');
    return fromSSO({ profile: name, ...files, logger })(asking);
  }
  if (section.credential_source === 'Environment' && section.role_arn !== undefined)
    return fromKeysOfSettings(settings, section, sts);
  return fromIni({ profile: name, ...files, ...sts, ...containerOf(env), logger } as FromIniInit)(asking);
}

/** Whether nothing that comes before single sign-on gives the keys. */
const isSingleSignOn = (section: Readonly<Record<string, string | undefined>>): boolean =>
  (section.sso_session !== undefined || section.sso_start_url !== undefined) &&
  ['role_arn', 'aws_access_key_id', 'web_identity_token_file', 'credential_process'].every(
    (name) => section[name] === undefined,
  );

/** A role that is taken on with the keys of the settings themselves. */
async function fromKeysOfSettings(
  { env }: CredentialSettings,
  section: Readonly<Record<string, string | undefined>>,
  { roleAssumer }: RoleAssumers,
): Promise<Credentials> {
  const keys = keysIn(env);
  if (!keys) throw new CredentialsProviderError('no keys for the role', { logger });
  return roleAssumer(keys, {
    RoleArn: section.role_arn ?? '',
    RoleSessionName: section.role_session_name || `aws-sdk-js-${Date.now()}`,
    ...(section.external_id !== undefined && { ExternalId: section.external_id }),
    DurationSeconds: Number(section.duration_seconds || 3600),
  });
}

async function fromWebIdentity(settings: CredentialSettings, asking: Asking): Promise<Credentials> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME } = settings.env;
  if (!AWS_WEB_IDENTITY_TOKEN_FILE || !AWS_ROLE_ARN)
    throw new CredentialsProviderError('no web identity', { logger });
  const { fromTokenFile } = await import('@aws-sdk/credential-provider-web-identity');
  const { roleAssumerWithWebIdentity } = roleAssumers(settings, asking, undefined);
  return fromTokenFile({
    webIdentityTokenFile: AWS_WEB_IDENTITY_TOKEN_FILE,
    roleArn: AWS_ROLE_ARN,
    roleSessionName: AWS_ROLE_SESSION_NAME || `aws-sdk-js-session-${Date.now()}`,
    roleAssumerWithWebIdentity,
    logger,
  })(asking);
}

/** What the container or the machine itself gives. */
async function fromMachine({ env }: CredentialSettings): Promise<Credentials> {
  const container = containerOf(env);
  if (container.awsContainerCredentialsRelativeUri || container.awsContainerCredentialsFullUri) {
    const { fromHttp } = await import('@aws-sdk/credential-provider-http');
    return fromHttp({ ...container, logger })();
  }
  const { AWS_EC2_METADATA_DISABLED: disabled } = env;
  if (disabled && disabled !== 'false') throw new CredentialsProviderError('not asked', { logger });
  const { fromInstanceMetadata } = await import('@smithy/credential-provider-imds');
  return fromInstanceMetadata({ logger })();
}

/** Empty where nothing is set: what is left out the SDK would read from the environment of the process. */
const containerOf = (env: AwsEnv) => ({
  awsContainerCredentialsRelativeUri: env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? '',
  awsContainerCredentialsFullUri: env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '',
  awsContainerAuthorizationToken: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '',
  awsContainerAuthorizationTokenFile: env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ?? '',
});

type RoleAssumers = Required<Pick<FromIniInit, 'roleAssumer' | 'roleAssumerWithWebIdentity'>>;

/** How roles are taken on: by AWS STS, or what the settings name in its place. Its client is loaded when it is asked. */
function roleAssumers(
  { env, profile }: CredentialSettings,
  asking: Asking,
  region: string | undefined,
): RoleAssumers {
  const endpoint = env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL || profile.endpointOf('sts');
  const options = {
    ...(endpoint ? { endpoint } : {}),
    ignoreConfiguredEndpointUrls: true,
    credentialProviderLogger: logger,
    parentClientConfig: { ...asking?.callerClientConfig, ...(region ? { region } : {}) },
  };
  const sts = () => import('@aws-sdk/nested-clients/sts');
  return {
    roleAssumer: async (...call) => (await sts()).getDefaultRoleAssumer(options)(...call),
    roleAssumerWithWebIdentity: async (...call) =>
      (await sts()).getDefaultRoleAssumerWithWebIdentity(options)(...call),
  };
}

/** The environment for the program that a profile names (`credential_process`), of the store that asks. */
const programs = new AsyncLocalStorage<AwsEnv | null>();

/** The SDK starts it with the environment of the process, and has this one door to say otherwise. */
externalDataInterceptor.getTokenRecord().exec = Object.assign(silent, {
  [promisify.custom]: (command: string) => {
    // biome-ignore lint/style/noProcessEnv: what the SDK itself gives to such a program
    const running = promisify(exec)(command, shellOptions(programs.getStore() ?? process.env));
    closePipesAfterExit(running.child);
    return running;
  },
});
