import { type Text, verbatim } from '../base/text.ts';

/* What `status --fleet` says of every prefix. */

export const fleetHeadings = {
  prefix: verbatim('prefix'),
  newest: { en: 'newest backup', id: 'cadangan terbaru' },
  age: { en: 'age', id: 'umur' },
  backups: { en: 'backups', id: 'cadangan' },
  stored: { en: 'stored', id: 'tersimpan' },
  lastVerified: { en: 'last verified', id: 'terakhir diverifikasi' },
  computer: { en: 'computer', id: 'komputer' },
  state: { en: 'state', id: 'keadaan' },
} as const satisfies Record<string, Text>;

/** In the place of a prefix without a name. */
export const wholeStore: Text = { en: '(no prefix)', id: '(tanpa prefix)' };
export const leftOut: Text = { en: 'left out', id: 'dikecualikan' };
/** `names`: the owner last. */
export function computersOfPrefix(names: readonly string[]): Text {
  const [owner, ...before] = names.toReversed();
  if (owner === undefined) return verbatim('-');
  if (before.length === 0) return verbatim(owner);
  const others = before.join(', ');
  return { en: `${owner} (before: ${others})`, id: `${owner} (sebelumnya: ${others})` };
}
export const metricsNotWritten = (path: string): Text => ({
  en: `the metrics file ${path} cannot be written`,
  id: `file metrik ${path} tidak dapat ditulis`,
});
