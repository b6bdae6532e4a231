import type { StoreTraits } from './store.ts';

/** What S3 services have. Known before their client, which takes long to load. */
export const s3Traits: StoreTraits = { versions: true, locks: true, etags: true, parts: true, clock: true };
