import type { Text } from '../base/text.ts';
import * as texts from './provider-texts.ts';

/**
 * What is known beforehand of S3 services, a row a provider: from their documents, not from trying, but where `tested` says so.
 * Nothing here is believed once a service has answered otherwise: `doctor` measures, and requests follow what is refused.
 */

/** Where the bucket's name goes: into the path of the address or into its host name. */
export type Style = 'path' | 'virtual';

/**
 * What a service does with locks: `objects`: S3 Object Lock, on a bucket that was made for it; `rules`: rules on the bucket, set at
 * the provider, that S3 neither sets nor shows; `none`; `unknown`: no document says.
 */
export type LockSupport = 'objects' | 'rules' | 'none' | 'unknown';

/** The checksum that bytes are sent with: `crc32`: `x-amz-checksum-crc32`; `md5`: `Content-MD5` alone; `unknown`: found out by trying. */
export type ChecksumSupport = 'crc32' | 'md5' | 'unknown';

export interface ProviderEndpoint {
  readonly place: Text;
  /** Without `https://`. A name in braces stands for what only the user's own page at the provider shows: see {@link blankOf}. */
  readonly host: string;
  /** Null where the host does not tell it. */
  readonly region: string | null;
}

export interface Provider {
  /** Stable: a word for flags and documents. */
  readonly id: string;
  readonly name: string;
  /** The hosts of the service, without a bucket before them; the group `region` is the region, where the name holds it. */
  readonly hosts: RegExp;
  /** All other hosts that end so are its own, too; null where that says nothing. */
  readonly domain: string | null;
  /** What is proposed, the nearest first. Empty where the user's own address is asked for. */
  readonly endpoints: readonly ProviderEndpoint[];
  /** The one that requests are sent in. */
  readonly style: Style;
  readonly otherStyle: 'taken' | 'refused' | 'unknown';
  readonly lock: LockSupport;
  readonly checksums: ChecksumSupport;
  /** Which keys there are that may do less than all. */
  readonly restrictedKeys: Text;
  /** How a bucket and its keys are made on the pages of the provider. */
  readonly whereToClick: Text;
  /** The document that the row follows; null where none was found, and only programs of others tell of the endpoint. */
  readonly source: string | null;
  /** Whether this program was tried on the service itself. */
  readonly tested: boolean;
}

export const providers: readonly Provider[] = [
  {
    id: 'aws',
    name: 'Amazon S3',
    hosts: /^s3(?:[.-](?:dualstack\.)?(?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/,
    domain: 'amazonaws.com',
    endpoints: [
      { place: texts.jakarta, host: 's3.ap-southeast-3.amazonaws.com', region: 'ap-southeast-3' },
      { place: texts.singapore, host: 's3.ap-southeast-1.amazonaws.com', region: 'ap-southeast-1' },
    ],
    style: 'virtual',
    otherStyle: 'taken',
    lock: 'objects',
    checksums: 'crc32',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickAws,
    source: 'https://docs.aws.amazon.com/general/latest/gr/s3.html',
    tested: false,
  },
  {
    id: 'idcloudhost',
    name: 'IDCloudHost IS3',
    hosts: /^is3\.cloudhost\.id$/,
    domain: null,
    endpoints: [{ place: texts.indonesia, host: 'is3.cloudhost.id', region: null }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.wholeAccountKeys,
    whereToClick: texts.clickIdcloudhost,
    source: 'https://idcloudhost.com/panduan/cara-akses-object-storage-idcloudhost-menggunakan-cyberduck/',
    tested: false,
  },
  {
    id: 'biznetgio',
    name: 'Biznet Gio NEO Object Storage',
    hosts: /^nos\.(?<region>[a-z]{3}-\d)\.neo\.id$/,
    domain: null,
    endpoints: [
      { place: texts.westJava, host: 'nos.wjv-1.neo.id', region: 'wjv-1' },
      { place: texts.jakarta, host: 'nos.jkt-1.neo.id', region: 'jkt-1' },
    ],
    style: 'path',
    otherStyle: 'taken',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.aclKeys,
    whereToClick: texts.clickBiznetgio,
    source:
      'https://support.biznetgio.com/portal/id/kb/articles/mengelola-object-pada-layanan-neo-object-storage',
    tested: false,
  },
  {
    id: 'cloudkilat',
    name: 'CloudKilat Kilat Storage',
    hosts: /^s3-(?<region>[a-z]{2}-[a-z]{3}-\d)\.kilatstorage\.id$/,
    domain: null,
    endpoints: [{ place: texts.jakarta, host: 's3-id-jkt-1.kilatstorage.id', region: 'id-jkt-1' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.unknownKeys,
    whereToClick: texts.clickCloudkilat,
    source: null,
    tested: false,
  },
  {
    id: 'nevaobjects',
    name: 'Neva Objects',
    hosts: /^s3\.nevaobjects\.id$/,
    domain: null,
    endpoints: [{ place: texts.indonesia, host: 's3.nevaobjects.id', region: null }],
    style: 'path',
    otherStyle: 'unknown',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.unknownKeys,
    whereToClick: texts.clickNevaobjects,
    source: null,
    tested: false,
  },
  {
    id: 'alibaba',
    name: 'Alibaba Cloud OSS',
    hosts:
      /^(?:s3\.)?oss-(?:accelerate(?:-overseas)?|(?<region>[a-z]{2}-[a-z0-9-]+?)(?:-internal)?)\.aliyuncs\.com$/,
    domain: 'aliyuncs.com',
    endpoints: [
      { place: texts.jakarta, host: 's3.oss-ap-southeast-5.aliyuncs.com', region: 'ap-southeast-5' },
    ],
    style: 'virtual',
    otherStyle: 'refused',
    lock: 'none',
    checksums: 'unknown',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickAlibaba,
    source: 'https://help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3',
    tested: false,
  },
  {
    id: 'tencent',
    name: 'Tencent Cloud COS',
    hosts: /^cos\.(?:accelerate|(?<region>[a-z]{2,4}-[a-z0-9-]+))\.myqcloud\.com$/,
    domain: 'myqcloud.com',
    endpoints: [{ place: texts.jakarta, host: 'cos.ap-jakarta.myqcloud.com', region: 'ap-jakarta' }],
    style: 'virtual',
    otherStyle: 'refused',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickTencent,
    source: 'https://www.tencentcloud.com/document/product/436/32537',
    tested: false,
  },
  {
    id: 'huawei',
    name: 'Huawei Cloud OBS',
    hosts: /^obs\.(?<region>[a-z]{2}-[a-z0-9-]+)\.myhuaweicloud\.com$/,
    domain: 'myhuaweicloud.com',
    endpoints: [
      { place: texts.jakarta, host: 'obs.ap-southeast-4.myhuaweicloud.com', region: 'ap-southeast-4' },
    ],
    style: 'virtual',
    otherStyle: 'refused',
    lock: 'unknown',
    checksums: 'unknown',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickHuawei,
    source: 'https://developer.huaweicloud.com/intl/en-us/endpoint?OBS',
    tested: false,
  },
  {
    id: 'gcs',
    name: 'Google Cloud Storage',
    hosts: /^storage\.(?:[a-z0-9-]+\.rep\.)?googleapis\.com$/,
    domain: null,
    endpoints: [{ place: texts.placeOfBucket, host: 'storage.googleapis.com', region: 'auto' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'none',
    checksums: 'md5',
    restrictedKeys: texts.serviceAccountKeys,
    whereToClick: texts.clickGcs,
    source: 'https://docs.cloud.google.com/storage/docs/interoperability',
    tested: false,
  },
  {
    id: 'linode',
    name: 'Akamai (Linode) Object Storage',
    hosts: /^(?<region>[a-z]{2}-[a-z]+-\d)\.linodeobjects\.com$/,
    domain: null,
    endpoints: [{ place: texts.jakarta, host: 'id-cgk-1.linodeobjects.com', region: 'id-cgk-1' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'unknown',
    checksums: 'md5',
    restrictedKeys: texts.bucketKeys,
    whereToClick: texts.clickLinode,
    source: 'https://techdocs.akamai.com/cloud-computing/docs/clients-and-tooling',
    tested: false,
  },
  {
    id: 'r2',
    name: 'Cloudflare R2',
    hosts: /^[0-9a-f]{32}\.(?:[a-z]+\.)?r2\.cloudflarestorage\.com$/,
    domain: 'r2.cloudflarestorage.com',
    endpoints: [{ place: texts.placeOfBucket, host: '{account}.r2.cloudflarestorage.com', region: 'auto' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'rules',
    checksums: 'crc32',
    restrictedKeys: texts.bucketKeys,
    whereToClick: texts.clickR2,
    source: 'https://developers.cloudflare.com/r2/api/s3/api/',
    tested: false,
  },
  {
    id: 'b2',
    name: 'Backblaze B2',
    hosts: /^s3\.(?<region>[a-z]{2}-[a-z]+-\d{3})\.backblazeb2\.com$/,
    domain: null,
    endpoints: [{ place: texts.placeOfBucket, host: 's3.{region}.backblazeb2.com', region: '{region}' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'objects',
    checksums: 'md5',
    restrictedKeys: texts.b2Keys,
    whereToClick: texts.clickB2,
    source: 'https://www.backblaze.com/docs/cloud-storage-s3-compatible-app-keys',
    tested: false,
  },
  {
    id: 'wasabi',
    name: 'Wasabi',
    hosts: /^s3\.(?:(?<region>[a-z]{2}-[a-z]+-\d)\.)?wasabisys\.com$/,
    domain: 'wasabisys.com',
    endpoints: [
      { place: texts.singapore, host: 's3.ap-southeast-1.wasabisys.com', region: 'ap-southeast-1' },
    ],
    style: 'path',
    otherStyle: 'taken',
    lock: 'objects',
    checksums: 'unknown',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickWasabi,
    source: 'https://docs.wasabi.com/docs/what-are-the-service-urls-for-wasabis-different-storage-regions',
    tested: false,
  },
  {
    id: 'idrive',
    name: 'IDrive e2',
    hosts: /^(?:s3\.(?<region>[a-z]{2}-[a-z]+-\d)\.idrivee2|[a-z0-9]+\.[a-z0-9]+\.idrivee2-\d+)\.com$/,
    domain: 'idrivee2.com',
    endpoints: [{ place: texts.singapore, host: 's3.ap-southeast-1.idrivee2.com', region: 'ap-southeast-1' }],
    style: 'path',
    otherStyle: 'unknown',
    lock: 'objects',
    checksums: 'unknown',
    restrictedKeys: texts.bucketKeys,
    whereToClick: texts.clickIdrive,
    source: 'https://www.idrive.com/s3-storage-e2/e2-endpoint-urls',
    tested: false,
  },
  {
    id: 'digitalocean',
    name: 'DigitalOcean Spaces',
    hosts: /^(?<region>[a-z]{3}\d)\.digitaloceanspaces\.com$/,
    domain: null,
    endpoints: [{ place: texts.singapore, host: 'sgp1.digitaloceanspaces.com', region: 'sgp1' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'none',
    checksums: 'unknown',
    restrictedKeys: texts.bucketKeys,
    whereToClick: texts.clickDigitalocean,
    source: 'https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/',
    tested: false,
  },
  {
    id: 'ovh',
    name: 'OVHcloud Object Storage',
    hosts: /^s3\.(?<region>[a-z]{2,}(?:-[a-z]+)*)\.io\.cloud\.ovh\.(?:net|us)$/,
    domain: null,
    endpoints: [{ place: texts.singapore, host: 's3.sgp.io.cloud.ovh.net', region: 'sgp' }],
    style: 'path',
    otherStyle: 'taken',
    lock: 'objects',
    checksums: 'unknown',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickOvh,
    source: 'https://help.ovhcloud.com/csm?id=kb_article_view&sysparm_article=KB0069687',
    tested: false,
  },
  {
    id: 'minio',
    name: 'MinIO',
    // It stands wherever its owner put it.
    hosts: /(?!)/,
    domain: null,
    endpoints: [],
    style: 'path',
    otherStyle: 'unknown',
    lock: 'objects',
    checksums: 'crc32',
    restrictedKeys: texts.policyKeys,
    whereToClick: texts.clickMinio,
    source: 'https://docs.min.io/community/minio-object-store/',
    tested: true,
  },
];

export interface KnownService {
  readonly provider: Provider;
  /** Its host is that of the service, without a bucket before it. */
  readonly endpoint: ProviderEndpoint;
  /** Whether the host is one that the row describes, and not only of the same domain. */
  readonly isDescribed: boolean;
}

/** The row of the service at a host name, also with a bucket before it, and which endpoint that is; null for an unknown one. */
export function providerAt(host: string): KnownService | null {
  const asked = host.toLowerCase();
  const labels = asked.split('.');
  for (let skipped = 0; skipped < labels.length; skipped++) {
    const service = labels.slice(skipped).join('.');
    for (const provider of providers) {
      const match = provider.hosts.exec(service);
      if (!match) continue;
      const endpoint = endpointOf(provider, service, match.groups?.region ?? null);
      return { provider, endpoint, isDescribed: true };
    }
  }
  const provider = providers.find(({ domain }) => domain !== null && isBelow(asked, domain));
  return provider ? { provider, endpoint: endpointOf(provider, asked, null), isDescribed: false } : null;
}

const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

function endpointOf({ endpoints }: Provider, host: string, found: string | null): ProviderEndpoint {
  const listed = endpoints.find((one) => one.host === host);
  if (listed) return listed;
  // One region for every address.
  const region = found ?? (endpoints.every((one) => one.region === 'auto') ? 'auto' : null);
  return { place: texts.inRegion(region ?? host), host, region };
}

/** What a host still lacks: `account` of `{account}.r2.cloudflarestorage.com`; null for nothing. */
export const blankOf = ({ host }: ProviderEndpoint): string | null => /\{(\w+)\}/.exec(host)?.[1] ?? null;

/**
 * The endpoint with what the user's own page at the provider shows: the blank alone, or the whole address, with or without
 * `https://` and a bucket. Null for what is neither.
 */
export function filledIn({ place, host, region }: ProviderEndpoint, shown: string): ProviderEndpoint | null {
  const fill = (value: string): ProviderEndpoint => {
    const filled = (text: string): string => text.replace(/\{\w+\}/, value);
    return { place, host: filled(host), region: region && filled(region) };
  };
  const text = shown.trim();
  const whole = /^[A-Za-z0-9-]+$/.test(text)
    ? fill(text).host
    : URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`)?.hostname;
  const known = whole === undefined ? null : providerAt(whole);
  const [before = '', after = ''] = host.split(/\{\w+\}/);
  const found = known?.isDescribed ? known.endpoint.host : '';
  if (!found.startsWith(before) || !found.endsWith(after) || found === '') return null;
  return fill(found.slice(before.length, found.length - after.length));
}
