import { count, day, moment } from '../base/phrases.ts';
import { inBoth, joined, type Text } from '../base/text.ts';

/** After a restore that was cut off. */
export const dbInPlaceNow: Text = {
  en: 'its db is in place now',
  id: 'db hasilnya sudah di tempatnya',
};

/* What was not stored. Times are RFC 3339. */

export const stillWritten = (path: string): Text => ({
  en: `${path} is still being written; the next push stores it`,
  id: `${path} masih sedang ditulis; push berikutnya akan menyimpannya`,
});
export const noOtherState = (what: Text): Text => ({
  en: `${what.en}; there is no other state to store`,
  id: `${what.id}; tidak ada keadaan lain untuk disimpan`,
});
/** `name`: of the login backup that was stored. */
export function notInBackupSince(capturedAt: string, name: string | null): Text {
  const [when, named] = [moment(capturedAt), name === null ? '' : ` (${name})`];
  return {
    en: `e-Faktur is open: what was entered since ${when.en}${named} is not in this backup`,
    id: `e-Faktur sedang terbuka: data yang dimasukkan sejak ${when.id}${named} tidak ada di cadangan ini`,
  };
}
export function knownUnusable(files: readonly { readonly path: string; readonly foundAt: string }[]): Text {
  const backups = count(files.length, 'login backup');
  const which = inBoth((l) =>
    files
      .map(
        ({ path, foundAt }) => `${path} (${{ en: 'since', id: 'sejak' }[l]} ${day(foundAt.slice(0, 10))[l]})`,
      )
      .join(', '),
  );
  return {
    en:
      files.length === 1
        ? `${backups.en} that is known to be unusable was passed over: ${which.en}`
        : `${backups.en} that are known to be unusable were passed over: ${which.en}`,
    id: `${backups.id} yang sudah diketahui tidak dapat dipakai dilewati: ${which.id}`,
  };
}

/** `stored`: what was taken in the place of what is unusable. */
export function unusableStates(
  errors: readonly Text[],
  stored: { readonly source: string; readonly capturedAt: string } | null,
  dryRun: boolean,
): Text {
  const what = joined(errors, '; ');
  if (!stored) return what;
  const when = moment(stored.capturedAt);
  const state = { en: `${stored.source} of ${when.en}`, id: `${stored.source} dari ${when.id}` };
  return dryRun
    ? {
        en: `${what.en}; would be stored instead: ${state.en}`,
        id: `${what.id}; yang akan disimpan sebagai gantinya: ${state.id}`,
      }
    : {
        en: `${what.en}; stored instead: ${state.en}`,
        id: `${what.id}; yang disimpan sebagai gantinya: ${state.id}`,
      };
}
