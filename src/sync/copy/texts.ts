import { count, day, number } from '../../base/phrases.ts';
import type { Text } from '../../base/text.ts';

/* Which backups are meant (choice.ts). */

export const noBackupWithId = (id: string, store: string): Text => ({
  en: `there is no backup ${id} in ${store}`,
  id: `tidak ada cadangan ${id} di ${store}`,
});
export function noBackupSince(isoDay: string, store: string): Text {
  const since = day(isoDay);
  return {
    en: `there is no backup since ${since.en} in ${store}`,
    id: `tidak ada cadangan sejak ${since.id} di ${store}`,
  };
}
export const listAndCheckFrom: Text = {
  en: 'Look at "efaktur-cloud list", and check --from: it must name the prefix as well.',
  id: 'Lihat "efaktur-cloud list", dan periksa --from: prefix-nya harus ikut disebut.',
};

/* Another history in the target (held-stores.ts). `owner`: null where nobody says whose it is. */

export const holdsOtherHistory = (target: string, owner: string | null, source: string): Text => ({
  en: `${target} holds the history of ${owner === null ? 'somebody else' : `"${owner}"`}, which is not that of ${source}`,
  id: `${target} berisi riwayat ${owner === null ? 'pihak lain' : `"${owner}"`}, bukan riwayat ${source}`,
});
/** `beside`: an address that would do; null where none is known. */
export const nameOwnPlace = (beside: string | null): Text => ({
  en: `Name a place of its own with --to${beside === null ? ', a prefix or folder of its own' : `, such as ${beside}`}.`,
  id: `Sebutkan tempat tersendiri dengan --to, ${beside === null ? 'yaitu prefix atau folder yang hanya untuk riwayat ini' : `misalnya ${beside}`}.`,
});

/* Objects on their way (object.ts, transfer.ts). */

/** A phase of the progress. */
export const copying = (key: string): Text => ({ en: `copy ${key}`, id: `menyalin ${key}` });

export const listedAndGone = (store: string, key: string): Text => ({
  en: `${store}: ${key} was listed and is gone now`,
  id: `${store}: ${key} tadi tercantum dan sekarang tidak ada lagi`,
});
export const runAgainAfterDeletes: Text = {
  en: 'Somebody else deletes there; run it again.',
  id: 'Ada pihak lain yang menghapus di sana; jalankan lagi.',
};
export const copyFromHolder: Text = {
  en: 'Copy from another store that has it; "efaktur-cloud verify" names what is missing.',
  id: 'Salin dari tempat cadangan lain yang memilikinya; "efaktur-cloud verify" menyebutkan apa saja yang tidak ada.',
};
export const otherBytesThere = (target: string, key: string, source: string): Text => ({
  en: `${target} has other bytes under ${key} than ${source}; they were left as they are`,
  id: `isi ${key} di ${target} berbeda dari yang di ${source}; isinya dibiarkan apa adanya`,
});
export const verifyBoth: Text = {
  en: 'One of the two was changed by somebody, or is damaged: "efaktur-cloud verify --read-data" of both tells which.',
  id: 'Salah satunya diubah orang lain atau rusak: jalankan "efaktur-cloud verify --read-data" untuk keduanya agar diketahui yang mana.',
};
export function ofOtherSize(store: string, key: string, found: number, stated: number): Text {
  const [size, wanted] = [count(found, 'byte'), number(stated)];
  return {
    en: `${store}: ${key} has ${size.en} instead of ${wanted.en}`,
    id: `${store}: ${key} berukuran ${size.id}, seharusnya ${wanted.id}`,
  };
}
export const copyFromAnother: Text = {
  en: 'Copy from another store that has this backup.',
  id: 'Salin dari tempat cadangan lain yang memiliki cadangan ini.',
};
export const runAgainOrOtherStore: Text = {
  en: 'Run it again; if it stays so, ask the provider or choose another store.',
  id: 'Jalankan lagi; bila tetap begini, tanyakan kepada penyedia atau pilih tempat cadangan lain.',
};
