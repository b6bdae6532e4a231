import type { Style } from './providers.ts';

/** The checksum that a put carries of itself: `crc32`: `x-amz-checksum-crc32`; `md5`: `Content-MD5`. */
export type ChecksumForm = 'none' | 'md5' | 'crc32';

/**
 * How the requests of a store are sent where that is to be tried out. Nothing is then found out on the way: what is refused
 * is refused, without a try in another form.
 */
export interface Manners {
  readonly style?: Style;
  /** What each put of one request is sent with. */
  readonly checksum?: ChecksumForm;
  /** What is wrong with each put of one request: its checksum, or its bytes, changed after both were signed. */
  readonly fault?: 'checksum' | 'bytes';
}
