import type { Encryptor } from '../../crypto/age.ts';
import type { Job } from '../../state/job.ts';
import type { PushingContext } from '../context.ts';

/** For whatever a push packs and sends: a state, or a program folder. */
export interface StoringContext
  extends Pick<PushingContext, 'zone' | 'program' | 'keysId' | 'signal' | 'progress'> {
  /** Sends an archive even where nothing has changed. */
  readonly full: boolean;
  readonly dryRun: boolean;
  /** Null without keys. */
  readonly encryptor: Encryptor | null;
  /** Null for a dry run. */
  readonly job: Job | null;
}
