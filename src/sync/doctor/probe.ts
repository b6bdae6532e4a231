import { type EfakturError, type ErrorCode, isEfakturError } from '../../base/errors.ts';
import type { Finding, Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import type { WarningCode } from '../../base/warning-codes.ts';
import { doctorRunPrefix } from '../../catalog/names.ts';
import type { ChecksumForm } from '../../store/manners.ts';
import type { Style } from '../../store/providers.ts';
import { bytesBody } from '../../store/small-object.ts';
import type { ObjectStore, Receipt } from '../../store/store.ts';
import { isIdentityError } from '../../store/store-errors.ts';
import { inStore } from '../../store/texts.ts';
import type { TriedService } from '../../store/tried-service.ts';
import type { KeepingRules, VerbContext } from '../context.ts';

/** One run of `doctor` in one store: what it may use and where it notes what it finds. */

export interface ProbeRequest extends KeepingRules, Pick<VerbContext, 'now' | 'signal' | 'progress'> {}

export type StepName =
  | 'provider'
  | 'put'
  | 'list'
  | 'clock'
  | 'style'
  | 'get'
  | 'range'
  | 'checksums'
  | 'multipart'
  | 'abort'
  | 'uploads'
  | 'versioning'
  | 'delete'
  | 'lock'
  | 'bypass'
  | 'far-lock'
  | 'cleanup';

export interface DoctorStep {
  readonly store: string;
  readonly step: StepName;
  /** `denied`: a right is missing. `unknown`: this key cannot find out. `skipped`: the store has no such thing. */
  readonly result: 'ok' | 'denied' | 'failed' | 'unknown' | 'skipped';
  readonly message: Text;
  /** The right that is missing, as S3 calls it. */
  readonly missingRight?: string;
}

/** `unknown`: nothing could be seen of it, whether for a missing right or a line that failed. */
export type Tried = 'works' | 'refused' | 'unknown';

/** `verified`: taken, and a wrong one is refused; `taken`: a wrong one is taken, too. */
export type TriedChecksum = 'verified' | 'taken' | 'refused' | 'unknown';

/** What the tests of one store add up to, whatever was believed of its service. Null for what it does not have, as a folder. */
export interface Measured {
  readonly store: string;
  /** The row of the table of providers that its host belongs to. */
  provider: string | null;
  /** Where the bucket's name goes: into the path or the host name, and what is in use. */
  style: { inUse: Style | null; path: Tried; virtual: Tried } | null;
  multipart: Tried | null;
  /** `inUse`: what a put without a lock carries; `changedIsRefused`: whether bytes that changed on their way are. */
  checksums: {
    inUse: ChecksumForm | null;
    crc32: TriedChecksum;
    md5: TriedChecksum;
    changedIsRefused: boolean | null;
  } | null;
  /** Whether what is pushed there is locked: seen to hold, not to be proven with this key, or not. */
  lock: 'locked' | 'unproven' | 'none';
}

/** A test object that was written. */
export interface TestObject extends Receipt {
  readonly key: string;
  readonly sizeBytes: number;
}

export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly error: EfakturError };

export interface Probe extends ProbeRequest {
  readonly store: ObjectStore;
  /** What it sends by, to be tried out; null for a folder. */
  readonly service: TriedService | null;
  readonly measured: Measured;
  /** What all test keys of this run begin with. */
  readonly prefix: string;
  readonly written: TestObject[];
  /** Stores a test object and notes it in `written`. */
  put(name: string, content: Buffer, options?: Parameters<ObjectStore['put']>[2]): Promise<TestObject>;
  /** The same into the same place, by a store that sends in another manner. */
  putBy(store: ObjectStore, name: string, content: Buffer): Promise<TestObject>;
  note(step: StepName, result: DoctorStep['result'], message: Text, missingRight?: string): void;
  /** Somebody must act; an event is `attention`. */
  problem(code: ProblemCode, message: Text, hint: Text): void;
  warn(code: WarningCode, message: Text): void;
}

/** Something wrong has the code of its event, or of the error that it would be elsewhere. */
export type ProblemCode = Exclude<WarningCode, 'attention' | 'interrupted'>;

/** Where all runs gather what they find. */
export interface Findings {
  readonly steps: DoctorStep[];
  readonly measured: Measured[];
  /** What somebody must act on. */
  readonly problems: (Finding & { readonly code: ProblemCode })[];
  /** What is good to know. */
  readonly notes: Warning[];
}

export function beginProbe(
  store: ObjectStore,
  service: TriedService | null,
  request: ProbeRequest,
  findings: Findings,
): Probe {
  const prefix = doctorRunPrefix(request.now());
  const written: TestObject[] = [];
  const measured: Measured = {
    store: store.url,
    provider: service?.known?.provider.id ?? null,
    style: service && { inUse: null, path: 'unknown', virtual: 'unknown' },
    multipart: store.traits.parts ? 'unknown' : null,
    checksums: service && { inUse: null, crc32: 'unknown', md5: 'unknown', changedIsRefused: null },
    lock: store.traits.locks ? 'unproven' : 'none',
  };
  findings.measured.push(measured);
  const putBy = async (
    by: ObjectStore,
    name: string,
    content: Buffer,
    options?: Parameters<ObjectStore['put']>[2],
  ): Promise<TestObject> => {
    const key = prefix + name;
    const receipt = await by.put(key, bytesBody(content), { signal: request.signal, ...options });
    const object = { ...receipt, key, sizeBytes: content.length };
    written.push(object);
    return object;
  };
  return {
    ...request,
    store,
    service,
    measured,
    prefix,
    written,
    put: (name, content, options) => putBy(store, name, content, options),
    putBy,
    note: (step, result, message, missingRight) =>
      findings.steps.push({ store: store.url, step, result, message, ...(missingRight && { missingRight }) }),
    problem: (code, message, hint) =>
      findings.problems.push({ code, message: inStore(store.url, message), hint }),
    warn: (code, message) => findings.notes.push({ code, message: inStore(store.url, message) }),
  };
}

/** The result of a step, or its error where that is one of these codes, and not about who asks. */
export async function attempt<T>(step: Promise<T>, ...codes: ErrorCode[]): Promise<Attempt<T>> {
  try {
    return { done: true, value: await step };
  } catch (error) {
    if (isEfakturError(error, ...codes) && !isIdentityError(error)) return { done: false, error };
    throw error;
  }
}
