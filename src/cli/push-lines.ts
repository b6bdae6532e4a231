import type { Text } from '../base/text.ts';
import type { PushDocument } from '../sync/push.ts';
import { storeLine } from './push-texts.ts';

/** How each store took what was pushed, of databases or of a program folder. */
export const storeLines = (stores: PushDocument['backups'][number]['stores'], verbose: boolean): Text[] =>
  stores.map(({ store, outcome, id, error, uploadedBytes, requests }) =>
    storeLine({
      store,
      took: outcome === 'failed' ? { error } : { outcome, id: outcome === 'planned' ? null : id },
      sentBytes: outcome === 'created' || uploadedBytes > 0 ? uploadedBytes : null,
      requests: verbose ? requests : null,
    }),
  );
