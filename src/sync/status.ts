import { EfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import type { Finding, Warning } from '../base/progress.ts';
import { joined } from '../base/text.ts';
import { programIn } from './program/version.ts';
import { type LocalStatus, localStatus } from './status/local.ts';
import type { StatusRules } from './status/rules.ts';
import { type StoreStatus, storeStatus } from './status/store.ts';

export interface StatusRequest extends StatusRules {
  /** Null when no e-Faktur folder is at hand: then only the stores are looked at. */
  readonly appFolder: string | null;
}

export interface StatusDocument {
  readonly outcome: 'ok' | 'attention';
  readonly stores: readonly StoreStatus[];
  readonly local: LocalStatus | null;
  /** What is wrong, each with what to do. */
  readonly attention: readonly Finding[];
  readonly warnings: readonly Warning[];
}

/** How safe the books are now, from listings and local files alone; `failure` is `attention` when somebody must act. */
export async function status(
  request: StatusRequest,
): Promise<{ document: StatusDocument; failure: EfakturError | null }> {
  const attention: Finding[] = [];
  const warnings: Warning[] = [];
  const stores: StoreStatus[] = [];
  const storedUpTo: number[] = [];
  const program = request.appFolder === null ? null : await programIn(request.appFolder, warnings);
  const storedIn: string[] = [];
  let isUnsure = false;
  let storeFailure: EfakturError | null = null;
  for (const store of request.stores) {
    try {
      const found = { attention, warnings };
      const { status: one, liveStoredMs, storedProgram } = await storeStatus(store, program, request, found);
      stores.push(one);
      if (storedProgram) storedIn.push(store.url);
      isUnsure ||= storedProgram === undefined;
      storedUpTo.push(liveStoredMs);
    } catch (error) {
      keepOrThrow(error);
      storeFailure ??= error;
      isUnsure = true;
      attention.push(reportOf(error));
      stores.push({
        store: store.url,
        backups: 0,
        newest: null,
        newestProven: null,
        lastProven: null,
        damaged: [],
        error: reportOf(error),
      });
    }
  }
  const here = program && { ...program, storedIn: storedIn.length === 0 && isUnsure ? null : storedIn };
  const local =
    request.appFolder === null
      ? null
      : await localStatus(request.appFolder, here, storedUpTo, request, {
          attention,
          warnings,
        });
  const [first] = attention;
  const failure =
    storeFailure ??
    (first
      ? new EfakturError(
          'attention',
          joined(
            attention.map((a) => a.message),
            '; ',
          ),
          first.hint,
        )
      : null);
  return {
    document: { outcome: first ? 'attention' : 'ok', stores, local, attention, warnings },
    failure,
  };
}
