import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settingNames } from '../../src/settings/config.ts';
import { awsNames, connectionNames } from '../../src/settings/connection-settings.ts';
import { beaten, over, overEach, type Values, valuesOf } from '../../src/settings/layers.ts';

const keyNames = [
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
];

/** What counts for itself: the place of a bucket, the way to it, whom this PC trusts, how long to wait for a machine's own keys. */
const apart = [
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_STS',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_CA_BUNDLE',
  'AWS_EC2_METADATA_DISABLED',
];

const namesIn = (values: Values): string[] => [...values.keys()];
const valueIn = (values: Values, name: string): string | undefined => values.get(name)?.value;
const all = [...settingNames, ...connectionNames, 'https_proxy', 'http_proxy', 'no_proxy'];
const source = fc
  .dictionary(fc.constantFrom(...all), fc.constantFrom('1', '2', ''), { maxKeys: 12 })
  .map((values) => valuesOf(values, null));

test('each name of AWS was thought of: by itself, or as part of who asks for the keys', () => {
  expect([...awsNames].sort()).toEqual([...keyNames, ...apart, 'AWS_ROLE_SESSION_NAME'].sort());
});

describe('who asks for the keys of a bucket is said by one source', () => {
  test.each(keyNames)('%s above leaves none of them below', (name) => {
    const lower = valuesOf(Object.fromEntries(awsNames.map((one) => [one, 'lower'])), null);
    const merged = over(valuesOf({ [name]: 'upper' }, null), lower);
    const ofLower = namesIn(merged).filter((one) => valueIn(merged, one) === 'lower');
    expect(ofLower.sort()).toEqual([...apart].sort());
    expect(valueIn(merged, name)).toBe('upper');
  });

  test.each(['AWS_ROLE_SESSION_NAME', 'AWS_EC2_METADATA_DISABLED', 'AWS_REGION', 'EFAKTUR_NAME'])(
    '%s above leaves the keys below as they are',
    (name) => {
      const lower = valuesOf({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, null);
      expect(namesIn(over(valuesOf({ [name]: 'x' }, null), lower)).sort()).toEqual(
        ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', name].sort(),
      );
    },
  );
});

test('the second name of a thing, and a token for another address, do not get past the upper source', () => {
  const merged = (upper: Record<string, string>, lower: Record<string, string>): string[] =>
    namesIn(over(valuesOf(upper, null), valuesOf(lower, null))).sort();
  expect(merged({ AWS_ENDPOINT_URL: 'a' }, { AWS_ENDPOINT_URL_S3: 'b' })).toEqual(['AWS_ENDPOINT_URL']);
  expect(merged({ AWS_DEFAULT_REGION: 'a' }, { AWS_REGION: 'b' })).toEqual(['AWS_DEFAULT_REGION']);
  expect(merged({ https_proxy: 'a' }, { HTTPS_PROXY: 'b', NO_PROXY: 'c' })).toEqual([
    'NO_PROXY',
    'https_proxy',
  ]);
  expect(merged({ EFAKTUR_IDENTITY_FILE: 'a' }, { EFAKTUR_IDENTITY_COMMAND: 'b' })).toEqual([
    'EFAKTUR_IDENTITY_FILE',
  ]);
  expect(
    merged({ EFAKTUR_NOTIFY_URL: 'a' }, { EFAKTUR_NOTIFY_PRESET: 'b', EFAKTUR_NOTIFY_HEADERS: 'c' }),
  ).toEqual(['EFAKTUR_NOTIFY_URL']);
  // A number of its own at the office's service.
  expect(
    merged({ EFAKTUR_NOTIFY_TO: 'a' }, { EFAKTUR_NOTIFY_PRESET: 'b', EFAKTUR_NOTIFY_TOKEN: 'c' }),
  ).toEqual(['EFAKTUR_NOTIFY_PRESET', 'EFAKTUR_NOTIFY_TO', 'EFAKTUR_NOTIFY_TOKEN']);
});

test('whatever lies below, the upper source says what it says, and nothing comes from nowhere', () => {
  fc.assert(
    fc.property(source, source, source, (top, middle, bottom) => {
      const merged = over(top, over(middle, bottom));
      for (const [name, held] of top) expect(merged.get(name)).toEqual(held);
      for (const [name, held] of merged)
        expect([top.get(name), middle.get(name), bottom.get(name)]).toContainEqual(held);
      // Of keys all come from one source.
      const sources = [top, middle, bottom];
      const owner = sources.find((one) => keyNames.some((name) => one.has(name)));
      for (const name of keyNames) expect(merged.get(name)).toEqual(owner?.get(name));
      expect([...over(over(top, middle), bottom)].sort()).toEqual([...merged].sort());
    }),
  );
});

test('what is set in vain is what does not count as it is set', () => {
  fc.assert(
    fc.property(source, source, (upper, lower) => {
      const merged = over(upper, lower);
      const vain = [...lower].filter(([name, { value }]) => merged.get(name)?.value !== value);
      expect([...beaten(upper, lower)].sort()).toEqual(vain.map(([name]) => name).sort());
      for (const [name, held] of upper) expect(overEach(upper, lower).get(name)).toEqual(held);
    }),
  );
});

test('an empty value is none, and leaves the keys of the lower source whole', () => {
  const upper = valuesOf({ AWS_ACCESS_KEY_ID: '', AWS_PROFILE: undefined, EFAKTUR_NAME: '' }, null);
  const lower = valuesOf({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', EFAKTUR_NAME: 'c' }, null);
  expect(over(upper, lower)).toEqual(lower);
});
