import type { PushDocument } from '../sync/push.ts';
import { formatBytes } from './format.ts';

/** What every push says, of databases or of a program folder. */

export const notEncrypted =
  'Not encrypted: whoever can read the store can read the books. Set EFAKTUR_RECIPIENTS to change that (see "efaktur-cloud keys new").';

/** How each store took what was pushed. */
export const storeLines = (stores: PushDocument['backups'][number]['stores'], verbose: boolean): string[] =>
  stores.map((s) => {
    const sent =
      s.outcome === 'created' || s.uploadedBytes > 0 ? `, ${formatBytes(s.uploadedBytes)} sent` : '';
    const requests = verbose ? `, ${s.requests} requests` : '';
    const state =
      s.outcome === 'failed'
        ? `FAILED: ${s.error?.message}`
        : `${s.outcome}${s.id && s.outcome !== 'planned' ? ` ${s.id}` : ''}`;
    return `  ${s.store}: ${state}${sent}${requests}`;
  });
