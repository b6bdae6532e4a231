import type { Finding, Warning } from '../../base/progress.ts';
import type { StoresContext } from '../context.ts';

export interface StatusRules extends StoresContext {
  readonly maxAgeMs: number;
  readonly maxUnprovenMs: number;
  /** Whether this PC has a secret key set, so that it could open encrypted backups. */
  readonly hasIdentity: boolean;
}

/** What a status collects: what somebody must act on, and what is only worth knowing. */
export interface Findings {
  readonly attention: Finding[];
  readonly warnings: Warning[];
}
