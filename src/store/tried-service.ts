import { endpointInProfile as setInProfile } from './address-texts.ts';
import { parseEndpoint } from './endpoint.ts';
import { firstForms, knownAt, otherForms, styleAt } from './known-service.ts';
import type { ChecksumForm, Manners } from './manners.ts';
import { endpointOf, openStore, parseStoreUrl, type StoreSettings } from './open.ts';
import type { KnownService, Style } from './providers.ts';
import type { ObjectStore } from './store.ts';

/** The service behind a store's address, to be tried out: what is known of it beforehand, and the store in single manners. */
export interface TriedService {
  /** Of the service, without a bucket. */
  readonly host: string;
  /** Null for a service that no row describes. */
  readonly known: KnownService | null;
  /** Where the bucket's name goes at first. */
  readonly style: Style;
  /** The checksums that a put without a lock is sent with: the first, and what follows where that is refused. */
  readonly checksums: readonly ChecksumForm[];
  /** The same store, which sends so and in no other way. Whoever opens it closes it. */
  inManner(manners: Manners): Promise<ObjectStore>;
}

/** How long a single try may be silent. */
const silenceMs = 15_000;

/** The service of a store; null for a folder. Reads the AWS files where neither address nor settings name an endpoint. */
export async function triedService(url: string, settings: StoreSettings): Promise<TriedService | null> {
  const address = parseStoreUrl(url, settings.platform ?? process.platform);
  if (address.kind === 'folder') return null;
  const endpoint = endpointOf(address, settings) ?? (await endpointInProfile(address.profile, settings));
  const region = address.region ?? (settings.env.AWS_REGION || settings.env.AWS_DEFAULT_REGION);
  const known = knownAt(endpoint ?? (region ? `https://s3.${region}.amazonaws.com` : null));
  const { plain } = firstForms(known?.provider.checksums ?? null);
  return {
    host: known?.endpoint.host ?? new URL(endpoint ?? '').hostname,
    known,
    style: address.style ?? styleAt(endpoint),
    checksums: [plain, ...otherForms[plain]],
    inManner: (manners) => openStore(url, { ...settings, manners, idleTimeoutMs: silenceMs }),
  };
}

async function endpointInProfile(named: string | null, { env }: StoreSettings): Promise<string | null> {
  const { readAwsProfile } = await import('./s3-aws-files.ts');
  const profile = await readAwsProfile(env, named ?? (env.AWS_PROFILE || 'default'));
  const endpoint = profile.endpointOf('s3');
  return endpoint === null ? null : parseEndpoint(endpoint, setInProfile);
}
