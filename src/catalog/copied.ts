import { parseJson } from '../base/json.ts';

/**
 * Notes under `copied/` (FORMAT.md "Copied"): when the store that backups were copied from had got them. In the store that
 * they are copied to all of them came late, and this is what tells a copy from somebody's forgery: no push key may write
 * there.
 */

const copiedFormat = 1;

/** When each manifest, by its key, came to the store it was copied from. */
export type CopiedUploads = ReadonlyMap<string, Date>;

export const encodeCopied = (at: Date, program: string, uploads: CopiedUploads): Buffer =>
  Buffer.from(
    `${JSON.stringify(
      {
        format: copiedFormat,
        at: at.toISOString(),
        program,
        uploaded: Object.fromEntries([...uploads].map(([key, time]) => [key, time.toISOString()])),
      },
      null,
      2,
    )}\n`,
  );

/** Whether one time is before another for certain: some stores tell their objects' times in whole seconds. */
export const isSecondsBefore = (one: Date, other: Date): boolean =>
  Math.floor(one.getTime() / 1000) < Math.floor(other.getTime() / 1000);

/** What a note says: `newer` where a later version wrote it, null where it is none. Entries that are none are left out. */
export function parseCopied(bytes: Buffer): CopiedUploads | 'newer' | null {
  let json: { format?: unknown; uploaded?: unknown } | null;
  try {
    json = parseJson(bytes) as typeof json;
  } catch {
    return null;
  }
  if (typeof json?.format === 'number' && json.format > copiedFormat) return 'newer';
  if (json?.format !== copiedFormat || typeof json.uploaded !== 'object' || json.uploaded === null)
    return null;
  const uploads = new Map<string, Date>();
  for (const [key, time] of Object.entries(json.uploaded)) {
    const at = typeof time === 'string' ? new Date(time) : null;
    if (at && !Number.isNaN(at.getTime())) uploads.set(key, at);
  }
  return uploads;
}
