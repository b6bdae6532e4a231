import { expect, test } from 'vitest';
import { blankOf, filledIn, providerAt, providers } from '../../src/store/providers.ts';

const at = (host: string) => {
  const known = providerAt(host);
  return known && [known.provider.id, known.endpoint.host, known.endpoint.region];
};

test.each([
  ['s3.ap-southeast-3.amazonaws.com', 'aws', 'ap-southeast-3'],
  ['s3.dualstack.ap-southeast-3.amazonaws.com', 'aws', 'ap-southeast-3'],
  ['s3-us-gov-west-1.amazonaws.com', 'aws', 'us-gov-west-1'],
  ['s3.amazonaws.com', 'aws', null],
  ['S3.CN-North-1.amazonaws.com.cn', 'aws', 'cn-north-1'],
  ['is3.cloudhost.id', 'idcloudhost', null],
  ['nos.wjv-1.neo.id', 'biznetgio', 'wjv-1'],
  ['nos.jkt-1.neo.id', 'biznetgio', 'jkt-1'],
  ['s3-id-jkt-1.kilatstorage.id', 'cloudkilat', 'id-jkt-1'],
  ['s3.nevaobjects.id', 'nevaobjects', null],
  ['s3.oss-ap-southeast-5.aliyuncs.com', 'alibaba', 'ap-southeast-5'],
  ['oss-ap-southeast-5.aliyuncs.com', 'alibaba', 'ap-southeast-5'],
  ['oss-cn-hangzhou-internal.aliyuncs.com', 'alibaba', 'cn-hangzhou'],
  ['s3.oss-accelerate.aliyuncs.com', 'alibaba', null],
  ['oss-accelerate-overseas.aliyuncs.com', 'alibaba', null],
  ['cos.ap-jakarta.myqcloud.com', 'tencent', 'ap-jakarta'],
  ['cos.accelerate.myqcloud.com', 'tencent', null],
  ['obs.ap-southeast-4.myhuaweicloud.com', 'huawei', 'ap-southeast-4'],
  ['storage.googleapis.com', 'gcs', 'auto'],
  ['id-cgk-1.linodeobjects.com', 'linode', 'id-cgk-1'],
  ['0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com', 'r2', 'auto'],
  ['0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com', 'r2', 'auto'],
  ['s3.us-west-004.backblazeb2.com', 'b2', 'us-west-004'],
  ['s3.ap-southeast-1.wasabisys.com', 'wasabi', 'ap-southeast-1'],
  ['s3.wasabisys.com', 'wasabi', null],
  ['s3.ap-southeast-1.idrivee2.com', 'idrive', 'ap-southeast-1'],
  ['x3b7.sg.idrivee2-12.com', 'idrive', null],
  ['sgp1.digitaloceanspaces.com', 'digitalocean', 'sgp1'],
  ['s3.sgp.io.cloud.ovh.net', 'ovh', 'sgp'],
])('%s is of %s', (host, id, region) => {
  expect(at(host)).toEqual([id, host.toLowerCase(), region]);
  expect(providerAt(host)?.isDescribed).toBe(true);
  // As the pages of some providers show the address of a bucket.
  expect(at(`kantor-pajak.${host}`)).toEqual([id, host.toLowerCase(), region]);
  expect(at(`kantor.pajak.${host}`)).toEqual([id, host.toLowerCase(), region]);
});

test('a host of the same domain alone is known, but its region and its bucket are not', () => {
  expect(at('bucket.vpce-0a1b.s3.ap-southeast-3.vpce.amazonaws.com')).toEqual([
    ...['aws', 'bucket.vpce-0a1b.s3.ap-southeast-3.vpce.amazonaws.com', null],
  ]);
  expect(providerAt('office.oss-enet.aliyuncs.com')?.isDescribed).toBe(false);
});

test.each([
  ...['localhost', '127.0.0.1', 'minio.example.com', 'notaliyuncs.com', 'amazonaws.com.example.com'],
  ...['s3.example.co.id', 'is3.cloudhost.id.example', 'xis3.cloudhost.id', 'neo.id', ''],
])('%s is of nobody', (host) => {
  expect(providerAt(host)).toBeNull();
});

test('each endpoint that is proposed is found again by its host, as what it is', () => {
  for (const provider of providers)
    for (const endpoint of provider.endpoints) {
      const blank = blankOf(endpoint);
      const values: Record<string, string> = { account: 'f'.repeat(32), region: 'us-west-002' };
      expect(blank === null || blank in values, `${provider.id} ${blank}`).toBe(true);
      const whole = blank === null ? endpoint : filledIn(endpoint, values[blank] ?? '');
      if (!whole) throw new Error(`${provider.id} is not filled in`);
      expect(whole.host).not.toMatch(/[{}]/);
      const known = providerAt(whole.host);
      expect(known?.provider.id).toBe(provider.id);
      expect(known?.endpoint.region).toBe(whole.region);
      expect(known?.isDescribed).toBe(true);
    }
});

test('an endpoint is filled in from what the page of the provider shows, in part or whole', () => {
  const endpointOf = (id: string) => providers.find((one) => one.id === id)?.endpoints[0];
  const [r2, b2] = [endpointOf('r2'), endpointOf('b2')];
  if (!r2 || !b2) throw new Error('two rows have blanks');
  const account = '0123456789abcdef0123456789abcdef';
  for (const shown of [
    account,
    `${account}.r2.cloudflarestorage.com`,
    ` https://${account.toUpperCase()}.r2.cloudflarestorage.com/kantor `,
  ])
    expect(filledIn(r2, shown)?.host).toBe(`${account}.r2.cloudflarestorage.com`);
  expect(filledIn(r2, `${account}.eu.r2.cloudflarestorage.com`)?.host).toBe(
    `${account}.eu.r2.cloudflarestorage.com`,
  );
  for (const shown of [
    'us-west-004',
    's3.us-west-004.backblazeb2.com',
    'kantor.s3.us-west-004.backblazeb2.com',
  ])
    expect(filledIn(b2, shown)).toMatchObject({
      host: 's3.us-west-004.backblazeb2.com',
      region: 'us-west-004',
    });
  for (const shown of ['', 'pt-maju', 'https://s3.example.com', 'not an address', `${account}.example.com`])
    for (const endpoint of [r2, b2]) expect(filledIn(endpoint, shown), shown).toBeNull();
});

test('the rows have names of their own, and a document each', () => {
  expect(new Set(providers.map(({ id }) => id)).size).toBe(providers.length);
  for (const { id, source } of providers) {
    expect(id).toMatch(/^[a-z0-9]+$/);
    if (source !== null) expect(URL.parse(source)?.protocol, id).toBe('https:');
  }
  expect(providers.filter(({ source }) => source === null).map(({ id }) => id)).toEqual([
    ...['cloudkilat', 'nevaobjects'],
  ]);
  expect(providers.filter(({ tested }) => tested).map(({ id }) => id)).toEqual(['minio']);
});
