import { join } from 'node:path';
import { getHomeDir, loadSharedConfigFiles } from '@smithy/core/config';

/**
 * The files that the AWS tools share: `config` and `credentials`, with a section for each profile. The SDK would look for
 * their names, and for what they hold, in the environment of the process; here the settings of one store say it.
 */

export type AwsEnv = Readonly<Record<string, string | undefined>>;

/** As the SDK's providers take them. */
export interface AwsFiles {
  readonly filepath: string;
  readonly configFilepath: string;
}

/** What one profile says beside its credentials. */
export interface AwsProfile {
  readonly region: string | null;
  /** Where a service is, by its name of the AWS tools; null for Amazon's own place. */
  endpointOf(service: 's3' | 'sts'): string | null;
}

export const awsFiles = (env: AwsEnv): AwsFiles => ({
  filepath: env.AWS_SHARED_CREDENTIALS_FILE || join(getHomeDir(), '.aws', 'credentials'),
  configFilepath: env.AWS_CONFIG_FILE || join(getHomeDir(), '.aws', 'config'),
});

/** Reads one profile of the files; files that are not there say nothing. */
export async function readAwsProfile(env: AwsEnv, name: string): Promise<AwsProfile> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles(awsFiles(env));
  const inConfig = configFile[name] ?? {};
  const inCredentials = credentialsFile[name] ?? {};
  const profile = { ...inCredentials, ...inConfig };
  const ignored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS || profile.ignore_configured_endpoint_urls;
  // A section of services is read as names of the form `s3.endpoint_url`.
  const services = profile.services === undefined ? {} : (configFile[`services.${profile.services}`] ?? {});
  return {
    region: inCredentials.region ?? inConfig.region ?? null,
    endpointOf: (service) =>
      ignored?.toLowerCase() === 'true'
        ? null
        : services[`${service}.endpoint_url`] || profile.endpoint_url || null,
  };
}
