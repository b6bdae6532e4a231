import { type PlatformPath, posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EfakturError } from '../base/errors.ts';
import { proposal } from '../base/nearest.ts';
import { refuseImpossible } from '../base/possible-path.ts';
import { realPath } from '../base/real-path.ts';
import { looksLikeSecret } from '../base/secret.ts';
import { folderIdentity } from '../base/store-identity.ts';
import { type Text, verbatim } from '../base/text.ts';
import * as texts from './address-texts.ts';
import { defaultPartSizeBytes } from './body.ts';
import { readCaFile } from './ca-file.ts';
import { parseEndpoint } from './endpoint.ts';
import { openFolderStore } from './folder.ts';
import { defaultIdleTimeoutMs } from './idle-watch.ts';
import { serviceEndpoint } from './known-service.ts';
import type { Manners } from './manners.ts';
import { providerAt, type Style } from './providers.ts';
import { proxiesIn } from './proxies.ts';
import { retrying } from './retrying.ts';
import { s3Traits } from './s3-traits.ts';
import { noTraffic, type ObjectStore } from './store.ts';

/** From a store's address to the store. */

export interface S3Address {
  readonly kind: 's3';
  readonly bucket: string;
  /** Without slashes around it; '' for none. */
  readonly prefix: string;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly profile: string | null;
  readonly style: Style | null;
  readonly storageClass: string | null;
}

export interface FolderAddress {
  readonly kind: 'folder';
  /** As written, or as the file:// address says; may be relative. */
  readonly path: string;
}

export interface StoreSettings {
  /** `AWS_*` and proxy settings of this store. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment of a program that prints credentials; without, that of this process. */
  readonly programEnv?: Readonly<Record<string, string | undefined>>;
  /** What a relative path starts from. */
  readonly currentFolder: string;
  /** Which folders of a folder store are read: see `FolderStoreOptions`. */
  readonly isOwnFolder?: (folder: string) => boolean;
  /** Which files of a folder store are listed. */
  readonly isOwnFile?: (key: string) => boolean;
  /** Which of these go when they are empty. */
  readonly isPassingFolder?: (folder: string) => boolean;
  readonly platform?: NodeJS.Platform;
  readonly idleTimeoutMs?: number;
  /** For a store in which this is tried out: each of its operations is one try. */
  readonly manners?: Manners;
}

const queryNames = ['endpoint', 'region', 'profile', 'style', 'storage-class'];

/**
 * Opens the store at an address; nothing is asked of it yet. `usage` when the address cannot be understood, without
 * showing what may be a secret in it. The S3 client, a quarter of a second of work, is loaded by the first operation.
 */
export async function openStore(url: string, settings: StoreSettings): Promise<ObjectStore> {
  const platform = settings.platform ?? process.platform;
  const address = parseStoreUrl(url, platform);
  if (address.kind === 'folder') {
    const path = platform === 'win32' ? win32 : posix;
    const root = path.resolve(settings.currentFolder, address.path);
    // A relative name means another folder elsewhere, so the label is the whole path.
    return openFolderStore({
      root,
      isOwnFolder: settings.isOwnFolder,
      isOwnFile: settings.isOwnFile,
      isPassingFolder: settings.isPassingFolder,
      idleTimeoutMs: settings.idleTimeoutMs,
      url: isWhole(url, platform) ? url : root,
    });
  }
  const setting = (...names: string[]): string | undefined =>
    names.map((name) => settings.env[name] || undefined).find((value) => value !== undefined);
  const regionName = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((name) => setting(name) !== undefined);
  const region = address.region ?? (regionName === undefined ? null : (setting(regionName) ?? null));
  if (region !== null)
    checkRegion(region, address.region === null ? verbatim(`${regionName}`) : texts.inAddress('region'));
  checkKeys(settings.env);
  const proxies = proxiesIn(settings.env);
  const caFile = setting('AWS_CA_BUNDLE');
  const caBundle = caFile === undefined ? null : await readCaFile(caFile);
  const idleTimeoutMs = settings.idleTimeoutMs ?? defaultIdleTimeoutMs;
  const profile = address.profile ?? setting('AWS_PROFILE') ?? null;
  const options = {
    ...address,
    url,
    endpoint: endpointOf(address, settings),
    region,
    profile,
    proxies,
    caBundle,
    platform,
    idleTimeoutMs,
    traffic: noTraffic(),
    manners: settings.manners,
  };
  const { env, programEnv = null } = settings;
  const store = openedAtFirstUse(options, async () =>
    (await import('./s3-account.ts')).openS3Account(options, { env, programEnv }),
  );
  if (settings.manners) return store;
  return retrying(store, { idleTimeoutMs, maxPutBytes: defaultPartSizeBytes });
}

/**
 * The place an address leads to, the same for every spelling of it, and of what lies inside it with more behind a `/`: a folder by
 * its path on the disk, a bucket by its service. Which service a profile means is not known here, so another profile is another
 * place. Nothing is asked of the store.
 */
export async function storePlace(url: string, settings: StoreSettings): Promise<string> {
  const platform = settings.platform ?? process.platform;
  const address = parseStoreUrl(url, platform);
  if (address.kind === 'folder') {
    const path = platform === 'win32' ? win32 : posix;
    const place = await onDisk(path.resolve(settings.currentFolder, address.path), path);
    return folderIdentity(place, platform);
  }
  const { env } = settings;
  const { bucket, prefix, profile } = address;
  const account = [profile ?? env.AWS_PROFILE, env.AWS_CONFIG_FILE].filter(Boolean).join(' ');
  const service = serviceEndpoint(endpointOf(address, { env }), bucket) ?? account;
  return `s3 ${service} ${bucket}${prefix === '' ? '' : `/${prefix}`}`;
}

/** A path without links, as far as it is there. */
async function onDisk(whole: string, path: PlatformPath): Promise<string> {
  const real = await realPath(whole);
  const parent = path.dirname(whole);
  return real ?? (parent === whole ? whole : path.join(await onDisk(parent, path), path.basename(whole)));
}

/** Where address and environment say the service is; null where they do not, and a profile may. */
export function endpointOf(
  { endpoint }: Pick<S3Address, 'endpoint'>,
  { env }: Pick<StoreSettings, 'env'>,
): string | null {
  if (endpoint !== null) return endpoint;
  const set = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  return set ? parseEndpoint(set, verbatim('AWS_ENDPOINT_URL')) : null;
}

/** Whether an address leads to Amazon's own service, as far as address and environment tell. */
export function isAmazon(address: S3Address, settings: Pick<StoreSettings, 'env'>): boolean {
  const endpoint = endpointOf(address, settings);
  return endpoint === null || providerAt(new URL(endpoint).hostname)?.provider.id === 'aws';
}

/** On Windows a path without a drive or share is of the current drive. */
const isWhole = (url: string, platform: NodeJS.Platform): boolean =>
  /^file:/i.test(url) || (platform === 'win32' ? /^[\\/]{2}|^[a-z]:[\\/]/i.test(url) : posix.isAbsolute(url));

function openedAtFirstUse(
  { url, traffic }: Pick<ObjectStore, 'url' | 'traffic'>,
  open: () => Promise<ObjectStore>,
): ObjectStore {
  let opening: Promise<ObjectStore> | null = null;
  const opened = (): Promise<ObjectStore> => (opening ??= open());
  return {
    url,
    traits: s3Traits,
    traffic,
    put: async (...call) => (await opened()).put(...call),
    get: async (...call) => (await opened()).get(...call),
    async *list(...call) {
      yield* (await opened()).list(...call);
    },
    delete: async (...call) => (await opened()).delete(...call),
    lockOf: async (...call) => (await opened()).lockOf(...call),
    relock: async (...call) => (await opened()).relock(...call),
    discardUpload: async (...call) => (await opened()).discardUpload(...call),
    unfinishedUploads: async (...call) => (await opened()).unfinishedUploads(...call),
    close() {
      opening?.then((store) => store.close()).catch(() => {});
    },
  };
}

/** Understands a store's address. A drive letter or `\\server\share` is always a path, whatever the platform. */
export function parseStoreUrl(text: string, platform: NodeJS.Platform): S3Address | FolderAddress {
  if (text.trim() === '') throw usage(texts.emptyAddress, texts.writeAddress);
  if (/^[a-z]:/i.test(text) || /^[\\/]{2}/.test(text)) return { kind: 'folder', path: text };
  if (/^s3:/i.test(text)) return parseS3(text);
  if (/^file:/i.test(text)) return { kind: 'folder', path: parseFileUrl(text, platform) };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme === undefined) return { kind: 'folder', path: text };
  const hint = /^https?$/i.test(scheme) ? texts.writeS3WithEndpoint : texts.writeAddress;
  throw usage(texts.noKindOfStore(scheme), hint);
}

/** The whole path of a folder store; null for a store of another kind. */
export function folderOf(url: string, currentFolder: string, platform: NodeJS.Platform): string | null {
  const address = parseStoreUrl(url, platform);
  if (address.kind !== 'folder') return null;
  return (platform === 'win32' ? win32 : posix).resolve(currentFolder, address.path);
}

/**
 * The address of a prefix or folder of another name beside a store's; null where there is none beside it: of a whole bucket
 * or drive.
 */
export function addressBeside(url: string, name: string): string | null {
  const [, address = url, query = ''] = /^(s3:[^?]*)(\?.*)?$/is.exec(url) ?? [];
  const isWindowsPath = address.includes('\\') && !address.includes('/');
  const separator = isWindowsPath ? '\\' : '/';
  const own = address.replace(isWindowsPath ? /\\+$/ : /\/+$/, '');
  // A bucket, `file:///`, a drive or a share is no name that another could stand beside.
  const [, top = ''] =
    /^(s3:\/\/[^/]*|file:\/\/[^/]*(?:\/[a-z]:)?|[a-z]:|[\\/]{2}[^\\/]+[\\/][^\\/]+)/i.exec(own) ?? [];
  const below = own.slice(top.length);
  if (below === '') return null;
  const last = below.lastIndexOf(separator);
  const above = below.slice(0, last + 1);
  return `${top}${above}${below.slice(last + 1) === name ? `${name}-2` : name}${query}`;
}

function parseS3(text: string): S3Address {
  const match = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/i.exec(text);
  if (!match) throw usage(texts.notS3Address, texts.writeS3);
  const [, bucket = '', path = '', query = '', fragment] = match;
  if (bucket.includes('@')) throw usage(texts.holdsCredentials(texts.theStoreAddress), texts.setKeysInstead);
  if (looksLikeSecret(bucket) || looksLikeSecret(`${bucket}/${path}`) || /^\w+:/.test(bucket))
    throw usage(texts.bucketLooksLikeKey, texts.writeS3);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(bucket)) {
    throw usage(texts.noBucketName(bucket), texts.writeS3);
  }
  if (fragment !== undefined) throw usage(texts.hashInAddress, texts.otherPrefix);
  const prefix = path.replace(/^\/+|\/+$/g, '');
  if (prefix.split('/').some((part) => part === '.' || part === '..')) {
    throw usage(texts.dotsInPrefix, texts.writeInFull);
  }
  const value = parseQuery(query);
  const endpoint = value('endpoint');
  const style = value('style');
  if (style !== null && style !== 'path' && style !== 'virtual')
    throw usage(texts.noStyle, texts.leaveOutOrOneOfThem);
  const storageClass = value('storage-class');
  if (storageClass !== null && !/^[A-Za-z0-9_-]+$/.test(storageClass))
    throw usage(texts.noStorageClass, texts.writeStorageClass);
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint: endpoint === null ? null : parseEndpoint(endpoint, texts.inAddress('endpoint')),
    region: value('region'),
    profile: value('profile'),
    style,
    storageClass,
  };
}

function parseQuery(query: string): (name: string) => string | null {
  const values = new URLSearchParams(query);
  for (const name of values.keys()) {
    if (!queryNames.includes(name)) {
      throw usage(
        texts.unknownInAddress(name),
        proposal(name, queryNames, texts.knownInAddress(queryNames), (nearest) => `${nearest}=`),
      );
    }
    if (values.getAll(name).length > 1) throw usage(texts.setTwice(name), texts.leaveOneOut);
    if (values.get(name) === '') throw usage(texts.isEmpty(texts.inAddress(name)), texts.giveValue);
  }
  return (name) => values.get(name);
}

function parseFileUrl(text: string, platform: NodeJS.Platform): string {
  const url = /^file:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url) throw usage(texts.notFileAddress, texts.writeFileAddress);
  if (url.search !== '' || url.hash !== '')
    throw usage(texts.queryInside(texts.theFileAddress), texts.encodeThem);
  try {
    const path = fileURLToPath(url, { windows: platform === 'win32' });
    refuseImpossible(path, texts.theFileAddress, platform);
    return path;
  } catch (cause) {
    if (cause instanceof EfakturError) throw cause;
    throw usage(texts.namesNoFolder, texts.writeFileAddress, cause);
  }
}

/** What the SDK takes for part of a host name; anything else it would refuse as if it were a mistake of this program. */
function checkRegion(region: string, where: Text): void {
  if (/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(region)) return;
  throw usage(
    looksLikeSecret(region) ? texts.regionIsKey(where) : texts.noRegionName(where, printable(region)),
    texts.howRegionsLook,
  );
}

/** Never shows the value. */
function checkKeys(env: StoreSettings['env']): void {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
    const wrong = /[^\x21-\x7e]/.exec(env[name] ?? '')?.[0];
    if (wrong === undefined) continue;
    const isBlank = wrong.trim() === '';
    const what = /[\r\n]/.test(wrong) ? texts.lineBreak : isBlank ? texts.blank : texts.character;
    throw usage(texts.noKeyHas(name, what), texts.copyAgain);
  }
}

const printable = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

const usage = (message: Text, hint: Text, cause?: unknown): EfakturError =>
  new EfakturError('usage', message, hint, cause);
