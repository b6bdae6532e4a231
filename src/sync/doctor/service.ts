import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { type EfakturError, isKept, systemCode } from '../../base/errors.ts';
import type { Finding } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import type { ChecksumForm, Manners } from '../../store/manners.ts';
import type { Style } from '../../store/providers.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import { isIdentityError, NoAnswerOfS3 } from '../../store/store-errors.ts';
import type { TriedService } from '../../store/tried-service.ts';
import type { Probe, TestObject, Tried, TriedChecksum } from './probe.ts';
import * as texts from './service-texts.ts';

/**
 * The part of `doctor` that measures how a service wants to be asked, each manner by a store that sends in no other, and says
 * where the table of providers is wrong about it.
 */

/** Says what is known of the service beforehand. */
export function tellProvider(probe: Probe): void {
  const { service } = probe;
  if (!service) return;
  const { known, host } = service;
  if (!known) probe.note('provider', 'skipped', texts.nobodys(host));
  else probe.note('provider', 'ok', texts.believed(known));
}

/** What is to be found by a manner that works. */
interface Sought {
  /** Null for a key that may not store: that the bucket is listed is then enough. */
  readonly object: TestObject | null;
  readonly content: Buffer;
  readonly mayList: boolean;
}

/** Looks for the test object, or at the bucket, with its name in the path and in the host name. */
export async function tryStyles(probe: Probe, sought: Sought): Promise<void> {
  const { service, measured } = probe;
  if (!service || !measured.style) return;
  const path = await tryStyle(probe, service, 'path', sought);
  const virtual: Look = isIP(service.host.replace(/^\[|\]$/g, ''))
    ? { tried: 'refused', because: texts.noNamesBelow(service.host), isOfService: false }
    : await tryStyle(probe, service, 'virtual', sought);
  const found = { path, virtual };
  const first = service.style;
  const next = first === 'path' ? 'virtual' : 'path';
  // What could be stored was stored in one of them: a path that is refused is followed by the host name, and a name that cannot
  // be one of a host stands in the path.
  const inUse = found[first].tried === 'refused' && found[next].tried === 'works' ? next : first;
  Object.assign(measured.style, { inUse, path: path.tried, virtual: virtual.tried });
  const other = inUse === 'path' ? 'virtual' : 'path';
  if (path.tried === 'unknown' && virtual.tried === 'unknown')
    probe.note('style', 'unknown', texts.styleUnseen(inUse, found[inUse].because));
  else probe.note('style', 'ok', texts.styles(inUse, found[other].tried, found[other].because));
  tellStyleDiffers(probe, service, found);
}

/**
 * What to say where nothing could be done in the style in use, though the bucket is listed in the other one, which an address can
 * state; null where that is not so.
 */
export async function otherStyle(
  { service, prefix, signal }: Probe,
  error: EfakturError,
): Promise<Pick<Finding, 'message' | 'hint'> | null> {
  // Where nobody answers, the other style would not, either; another name might be known.
  const isUnreachable = ![null, 'ENOTFOUND'].includes(systemCode(error.cause));
  if (!service || isIdentityError(error) || isUnreachable) return null;
  const style = service.style === 'path' ? 'virtual' : 'path';
  const looked = await inManner(service, { style }, async (other) => {
    for await (const _ of other.list(prefix, { signal })) return;
  });
  if (!('value' in looked)) return null;
  return { message: texts.otherStyleWorks(style, error.because ?? error.what), hint: texts.addStyle(style) };
}

interface Look {
  readonly tried: Tried;
  /** Null where it works. */
  readonly because: Text | null;
  /** Whether the service itself said so, and not this PC or the names it knows. */
  readonly isOfService: boolean;
}

async function tryStyle(
  { signal, prefix }: Probe,
  service: TriedService,
  style: Style,
  { object, content, mayList }: Sought,
): Promise<Look> {
  const looking = async (store: ObjectStore): Promise<boolean> => {
    if (object && !mayList) {
      const read = await readObject(store, object.key, content.length, { signal });
      return read?.equals(content) ?? false;
    }
    for await (const { objects } of store.list(object?.key ?? prefix, { signal }))
      return (
        !object || objects.some(({ key, sizeBytes }) => key === object.key && sizeBytes === content.length)
      );
    return !object;
  };
  const looked = await inManner(service, { style }, looking);
  if ('value' in looked)
    return looked.value
      ? { tried: 'works', because: null, isOfService: true }
      : { tried: 'refused', because: texts.otherBucket, isOfService: true };
  const { error } = looked;
  return {
    tried: isRefusal(error) ? 'refused' : 'unknown',
    because: error.because ?? error.what,
    isOfService: isAnswer(error),
  };
}

const isAnswer = ({ cause }: EfakturError): boolean =>
  cause instanceof NoAnswerOfS3 || statusIn(cause) !== null;

/** An answer that will be the same the next time, or a name that nobody has; all else may be the line. */
function isRefusal({ code, cause }: EfakturError): boolean {
  if (code !== 'store-unavailable' || cause instanceof NoAnswerOfS3) return true;
  const status = statusIn(cause);
  return systemCode(cause) === 'ENOTFOUND' || (status !== null && status < 500 && status !== 429);
}

/** Of the answer that the SDK failed at; null without one. */
function statusIn(cause: unknown): number | null {
  if (typeof cause !== 'object' || cause === null || !('$metadata' in cause)) return null;
  return (cause.$metadata as { httpStatusCode?: number }).httpStatusCode ?? null;
}

function tellStyleDiffers(probe: Probe, { known }: TriedService, found: Record<Style, Look>): void {
  if (!known?.isDescribed) return;
  const { provider } = known;
  const other = provider.style === 'path' ? 'virtual' : 'path';
  if (provider.otherStyle === 'refused' && found[other].tried === 'works')
    probe.warn('provider-differs', texts.otherStyleTaken(provider.name, other));
  const isRefused = (style: Style): boolean => found[style].tried === 'refused' && found[style].isOfService;
  if (provider.otherStyle === 'taken' && isRefused(other))
    probe.warn('provider-differs', texts.styleRefused(provider.name, other));
  if (isRefused(provider.style))
    probe.warn('provider-differs', texts.styleRefused(provider.name, provider.style));
}

/** Sends small objects with each checksum, right and wrong, and one whose bytes change behind the signature. */
export async function tryChecksums(probe: Probe): Promise<void> {
  const { service, measured } = probe;
  if (!service || !measured.checksums) return;
  const crc32 = await tryChecksum(probe, service, 'crc32');
  const md5 = await tryChecksum(probe, service, 'md5');
  const accepted = {
    none: await isTaken(probe, service, { checksum: 'none' }),
    crc32: isIn(crc32),
    md5: isIn(md5),
  };
  const inUse = service.checksums.find((form) => accepted[form] === true) ?? null;
  const changed = inUse && (await isTaken(probe, service, { checksum: inUse, fault: 'bytes' }));
  const changedIsRefused = changed === null ? null : !changed;
  Object.assign(measured.checksums, { inUse, crc32, md5, changedIsRefused });
  const found = { crc32, md5, inUse, changedIsRefused };
  if (changedIsRefused === null) probe.note('checksums', 'unknown', texts.checksums(found));
  else if (changedIsRefused) probe.note('checksums', 'ok', texts.checksums(found));
  else {
    probe.note('checksums', 'failed', texts.checksums(found));
    probe.warn('changes-taken', texts.changesTaken);
  }
  tellChecksumsDiffer(probe, service, found);
}

async function tryChecksum(
  probe: Probe,
  service: TriedService,
  checksum: ChecksumForm,
): Promise<TriedChecksum> {
  const taken = await isTaken(probe, service, { checksum });
  if (taken === null) return 'unknown';
  if (!taken) return 'refused';
  const wrong = await isTaken(probe, service, { checksum, fault: 'checksum' });
  if (wrong === null) return 'unknown';
  return wrong ? 'taken' : 'verified';
}

const isIn = (tried: TriedChecksum): boolean | null => (tried === 'unknown' ? null : tried !== 'refused');

/** Whether a put in this manner is taken; null where the line failed. */
async function isTaken(probe: Probe, service: TriedService, manners: Manners): Promise<boolean | null> {
  // A key of its own each: a bucket may let nothing be overwritten.
  const name = `${manners.checksum}${manners.fault ?? ''}`.replace(/\d/g, '');
  const put = await inManner(service, manners, (store) => probe.putBy(store, name, randomBytes(64)));
  if ('value' in put) return true;
  return isRefusal(put.error) ? false : null;
}

function tellChecksumsDiffer(
  probe: Probe,
  { known }: TriedService,
  { crc32, md5 }: { crc32: TriedChecksum; md5: TriedChecksum },
): void {
  if (!known?.isDescribed) return;
  const { name, checksums } = known.provider;
  if (checksums === 'unknown') return;
  if ({ crc32, md5 }[checksums] === 'refused')
    probe.warn('provider-differs', texts.checksumRefused(name, checksums));
  if (checksums === 'md5' && crc32 === 'verified') probe.warn('provider-differs', texts.crc32Taken(name));
}

/** One try; what it ends with but for a bug and Ctrl-C. */
async function inManner<T>(
  service: TriedService,
  manners: Manners,
  step: (store: ObjectStore) => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: EfakturError }> {
  const store = await service.inManner(manners);
  try {
    return { value: await step(store) };
  } catch (error) {
    if (!isKept(error)) throw error;
    return { error };
  } finally {
    store.close();
  }
}
