import type { StatusRules } from '../status/rules.ts';

/** What is judged of one history among many. */
export interface FleetRules
  extends Pick<StatusRules, 'maxAgeMs' | 'maxUnprovenMs' | 'zone' | 'now' | 'signal'> {
  /** Nobody must act on it. */
  readonly isLeftOut: boolean;
}
