import type { Text } from '../base/text.ts';

/** After a restore that was cut off. */
export const lookBeforeAnother: Text = {
  en: 'look at it before you restore another one',
  id: 'periksa hasilnya sebelum Anda memulihkan yang lain',
};
/** `settled`: what became of a restore that was cut off. */
export const andBefore = (error: Text, settled: Text): Text => ({
  en: `${error.en}; ${settled.en}`,
  id: `${error.id}; ${settled.id}`,
});

/* Which program goes with a backup. */

export const theStoredFolder = (id: string): Text => ({
  en: `the stored folder ${id}`,
  id: `folder tersimpan ${id}`,
});
/** `compared`: how the two differ. */
export const nothingWritten = (compared: Text): Text => ({
  en: `${compared.en}; nothing was written`,
  id: `${compared.id}; tidak ada yang ditulis`,
});
export const chooseFitting: Text = {
  en: 'Leave out --program, or choose that e-Faktur or a newer one with it; "efaktur-cloud list --programs" shows them. To take it all the same, add --other-version.',
  id: 'Hilangkan --program, atau pilih dengannya e-Faktur itu atau yang lebih baru; "efaktur-cloud list --programs" menampilkannya. Untuk tetap memakainya, tambahkan --other-version.',
};
export const takeOtherProgram: Text = {
  en: 'Take another program folder with --program ("efaktur-cloud list --programs" shows them), or restore the db alone, without --whole-app.',
  id: 'Pilih folder program lain dengan --program ("efaktur-cloud list --programs" menampilkannya), atau pulihkan db saja, tanpa --whole-app.',
};
export const restoreOtherOrDbAlone: Text = {
  en: 'Restore another backup (see "efaktur-cloud list --long"); to look at this one, restore its db alone into a new folder with --force-damaged.',
  id: 'Pulihkan cadangan lain (lihat "efaktur-cloud list --long"); untuk melihat isi cadangan ini, pulihkan db-nya saja ke folder baru dengan --force-damaged.',
};

/* What lies in the new folder. */

export const notOfWhatWasStored = (path: string): Text => ({
  en: `${path} lies in the restored folder, but is no part of what was stored: something else put it there`,
  id: `${path} ada di folder yang dipulihkan, tetapi bukan bagian dari yang disimpan: program lain yang menaruhnya di sana`,
});
export const appNotSynced = (target: string): Text => ({
  en: `${target} is restored, but the disk could not be asked to keep that through a power cut`,
  id: `${target} sudah dipulihkan, tetapi belum pasti tersimpan di disk bila listrik padam`,
});
export const appOfThisUser = (target: string): Text => ({
  en: `what was restored into ${target} belongs to this user, and not to whom that folder does`,
  id: `yang dipulihkan ke ${target} menjadi milik pengguna ini, bukan milik pemilik folder itu`,
});
/* Listings. */

export const programArchiveMissing = (store: string, id: string): Text => ({
  en: `${store}: the archive of the program folder ${id} is not there`,
  id: `${store}: arsip folder program ${id} tidak ada`,
});
