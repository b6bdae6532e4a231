import { openTargets, type TargetOptions } from './push/targets.ts';

/**
 * Throws what would keep a push from these stores because of what they hold: the history of another e-Faktur folder, unless `moved`,
 * or encrypted backups where it would send in clear (`usage`). Nothing is written.
 */
export async function refuseTaken(
  options: Omit<TargetOptions, 'newStore' | 'allowPlaintext' | 'job' | 'listsBackups'>,
): Promise<void> {
  const targets = await openTargets({
    ...options,
    newStore: false,
    allowPlaintext: false,
    job: null,
    listsBackups: false,
  });
  const taken = targets.find(({ error }) => error !== null);
  if (taken?.error) throw taken.error;
}
