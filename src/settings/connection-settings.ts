/**
 * The names that make a connection, beside our own settings: keys, where the service is, proxies. The list is closed: what
 * stands in a settings file reaches one store and not the process, so each name must be read by somebody. Of the environment
 * itself the AWS SDK reads more.
 */

const secretNames = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
] as const;
/**
 * Where messages go, and with which tokens. Whoever reads one can send in the user's name, and some services have nothing
 * but the address to tell who asks. Their values stand in no message.
 */
export const notifySecrets = [
  'EFAKTUR_PING_URL',
  'EFAKTUR_NOTIFY_TOKEN',
  'EFAKTUR_NOTIFY_TO',
  'EFAKTUR_NOTIFY_URL',
  'EFAKTUR_NOTIFY_HEADERS',
  'EFAKTUR_NOTIFY_BODY',
] as const;
/** Of these the value may stand in a message. */
const shownNames = ['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION'] as const;
/** These name a file; a `~` or variable in them is filled in, and they may stand in a message. */
const pathNames = [
  'AWS_CA_BUNDLE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
] as const;

/** All of AWS that may stand in a settings file. */
export const awsNames: readonly string[] = [
  'AWS_ACCESS_KEY_ID',
  ...secretNames,
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_STS',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  ...shownNames,
  ...pathNames,
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_EC2_METADATA_DISABLED',
];

/** Proxies are known in capitals and in small letters. */
export const connectionNames: readonly string[] = [...awsNames, 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];

export const isConnectionName = (name: string): boolean =>
  awsNames.includes(name) || /^(HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/.test(name);

/**
 * Of AWS what a `./.env` that was merely found may set: the keys that it brings, and where its bucket is. The others name files
 * and programs, lend what belongs to this user or PC (profiles, roles, tokens), or change through whom or on whose word a service
 * is reached.
 */
const foundNames: readonly string[] = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT_URL_S3',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_EC2_METADATA_DISABLED',
];

/** Whether a setting of the connection is taken only from a file that the user has named or keeps. */
export const isOnlyOfUser = (name: string): boolean =>
  isConnectionName(name) && !foundNames.includes(name) && name.toUpperCase() !== 'NO_PROXY';

export const isPathName = (name: string): boolean => (pathNames as readonly string[]).includes(name);

export const isShownName = (name: string): boolean =>
  isPathName(name) || (shownNames as readonly string[]).includes(name);

/** What no program that is asked for a key has a use for. */
export const isOfMessages = (name: string): boolean => /^EFAKTUR_(PING|NOTIFY)_/.test(name);

/** Whether a value of the file is a key, a proxy's password, or an address that anybody could send to. */
export const isSecretSetting = ([name, value]: readonly [string, string]): boolean =>
  value !== '' &&
  ((secretNames as readonly string[]).includes(name) ||
    (notifySecrets as readonly string[]).includes(name) ||
    (/proxy$/i.test(name) && value.includes('@')));
