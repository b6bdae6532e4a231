import { createHash } from 'node:crypto';
import type { Workplace } from '../app/workplace.ts';
import { dayMs } from '../base/durations.ts';
import { localDay } from '../base/local-time.ts';
import { isSecretSetting } from '../settings/connection-settings.ts';
import type { SeenState } from '../state/run-record.ts';
import { lookAtApp, storesHoldNewest } from '../sync/look.ts';

/**
 * When a run may spare itself a push: nothing of the e-Faktur folder looks otherwise than when a push last read all of it, the
 * settings are the same, every store shows what was pushed last, and it is still the same day. So whatever a look from outside
 * cannot show is read on the same day.
 */

/** Of the e-Faktur folder and what is set now; null where the files tell nothing: while e-Faktur is open, or just was. */
export async function lookNow(appFolder: string, workplace: Workplace): Promise<SeenState | null> {
  const { now, program } = workplace.context;
  const at = now();
  const { digest } = await lookAtApp(appFolder, () => at);
  if (digest === null) return null;
  const all = [appFolder, digest, program, ...(await settingsSeen(workplace))];
  const hash = createHash('sha256').update(JSON.stringify(all)).digest('hex');
  return { digest: hash, at: at.toISOString() };
}

/** What of the settings changes what a push does; no secret is among them. */
async function settingsSeen({ config, keysId, stores }: Workplace): Promise<readonly unknown[]> {
  const connection = Object.entries(config.connectionEnv).filter((entry) => !isSecretSetting(entry));
  return [
    [config.zone, config.stateDir, config.originName, config.lock],
    [config.fullEveryDays, config.rereadEveryDays, await keysId()],
    (await stores()).map(({ url }) => url),
    connection.sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
}

/** Whether a push would find nothing new. Throws what the stores fail with where none answers. */
export async function isAsSeen(
  now: SeenState | null,
  before: SeenState | null,
  workplace: Workplace,
): Promise<boolean> {
  if (now === null || before === null || now.digest !== before.digest) return false;
  const [at, then] = [new Date(now.at), new Date(before.at)];
  const ageMs = at.getTime() - then.getTime();
  // A clock that was set back tells nothing.
  if (ageMs < 0 || ageMs >= dayMs) return false;
  const { zone } = workplace.config;
  if (localDay(at, zone) !== localDay(then, zone)) return false;
  return storesHoldNewest({ ...workplace.context, stores: await workplace.stores() });
}
