import type { SettingsFile } from './settings-place.ts';

/**
 * Settings of several sources, one over the other. Most are chosen one by one; some say one thing together, such as who asks for
 * the keys of a bucket: of these the upper source that says any says all, so that no half of one is mixed with half of another.
 */

/** A value and the file that sets it; null for the environment. */
export interface Held {
  readonly value: string;
  readonly file: SettingsFile | null;
}

/** By name, without empty values. */
export type Values = ReadonlyMap<string, Held>;

interface Group {
  /** Whoever sets one of these says the whole. */
  readonly chosenBy: readonly string[];
  /** What counts only beside them. */
  readonly with: readonly string[];
}

/**
 * What says one thing together. The second names of a thing are in it: else the `AWS_ENDPOINT_URL_S3` of a lower source would count
 * more than the `AWS_ENDPOINT_URL` of the upper one.
 */
const groups: readonly Group[] = [
  {
    chosenBy: [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_PROFILE',
      'AWS_CONFIG_FILE',
      'AWS_SHARED_CREDENTIALS_FILE',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_ROLE_ARN',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    ],
    // The last ones are read by the programs that a profile of the AWS files names, and by other AWS tools.
    with: [
      'AWS_ROLE_SESSION_NAME',
      'AWS_DEFAULT_PROFILE',
      'AWS_SECURITY_TOKEN',
      'AWS_CREDENTIAL_EXPIRATION',
      'AWS_ACCOUNT_ID',
    ],
  },
  {
    chosenBy: ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3'],
    with: ['AWS_ENDPOINT_URL_STS', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
  },
  { chosenBy: ['AWS_REGION', 'AWS_DEFAULT_REGION'], with: [] },
  { chosenBy: ['HTTPS_PROXY', 'https_proxy'], with: [] },
  { chosenBy: ['HTTP_PROXY', 'http_proxy'], with: [] },
  { chosenBy: ['NO_PROXY', 'no_proxy'], with: [] },
  { chosenBy: ['EFAKTUR_IDENTITY_FILE', 'EFAKTUR_IDENTITY_COMMAND'], with: [] },
  // Tokens and headers are for the one address, and must not be sent to another.
  {
    chosenBy: ['EFAKTUR_NOTIFY_PRESET', 'EFAKTUR_NOTIFY_URL'],
    with: [
      'EFAKTUR_NOTIFY_TOKEN',
      'EFAKTUR_NOTIFY_TO',
      'EFAKTUR_NOTIFY_METHOD',
      'EFAKTUR_NOTIFY_HEADERS',
      'EFAKTUR_NOTIFY_BODY',
    ],
  },
];

/** One source as it is. */
export const valuesOf = (
  values: Readonly<Record<string, string | undefined>>,
  file: SettingsFile | null,
): Values =>
  new Map(
    Object.entries(values).flatMap(([name, value]) => (value ? [[name, { value, file }] as const] : [])),
  );

/** Of a lower source, what does not count under an upper one because that says the same in other names. */
function unsaid(upper: Values, lower: Values): ReadonlySet<string> {
  const names = groups
    .filter(({ chosenBy }) => chosenBy.some((name) => upper.has(name)))
    .flatMap((group) => [...group.chosenBy, ...group.with]);
  return new Set(names.filter((name) => lower.has(name) && !upper.has(name)));
}

/** One source over another. */
export function over(upper: Values, lower: Values): Values {
  const left = unsaid(upper, lower);
  return new Map([...[...lower].filter(([name]) => !left.has(name)), ...upper]);
}

/** One source over another, name by name: as the environment counts over a settings file. */
export const overEach = (upper: Values, lower: Values): Values => new Map([...lower, ...upper]);

/** Names that a lower source sets otherwise than it is, or in vain, because of an upper one. */
export const beaten = (upper: Values, lower: Values): readonly string[] => [
  ...[...lower.keys()].filter((name) => upper.has(name) && upper.get(name)?.value !== lower.get(name)?.value),
  ...unsaid(upper, lower),
];
