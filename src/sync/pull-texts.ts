import { joined, type Text } from '../base/text.ts';

/** Phases of the progress. */
export const restoring: Text = { en: 'restore', id: 'memulihkan' };
export const exporting: Text = { en: 'export', id: 'mengekspor' };

/* Before a restore. */

export const itsDbIsReplaced: Text = {
  en: 'its db is the one replaced now',
  id: 'db hasilnya yang diganti sekarang',
};
export const notInBackup = (database: string): Text => ({
  en: `the database ${database} is in db now but not in the backup`,
  id: `database ${database} sekarang ada di db, tetapi tidak ada di cadangan`,
});
export const calledOff: Text = {
  en: 'the restore was called off; nothing was changed',
  id: 'pemulihan dibatalkan; tidak ada yang diubah',
};
export const runWhenReady: Text = {
  en: 'Run it again when you are ready.',
  id: 'Jalankan lagi bila Anda sudah siap.',
};
export const databaseIsOpen = (databases: readonly string[], target: string): Text => ({
  en: `the database ${databases.join(', ')} in ${target} is open`,
  id: `database ${databases.join(', ')} di ${target} sedang terbuka`,
});
export const runsFrom = (processes: readonly string[], target: string): Text => ({
  en: `${processes.join(', ')} runs from ${target}`,
  id: `${processes.join(', ')} berjalan dari ${target}`,
});
export const runsSomewhere = (processes: readonly string[], target: string): Text => ({
  en: `${processes.join(', ')} runs, and from which folder cannot be told: it may be updating the db in ${target}`,
  id: `${processes.join(', ')} sedang berjalan dan foldernya tidak dapat diketahui: mungkin sedang memperbarui db di ${target}`,
});
export const appIsRunning: Text = { en: 'e-Faktur is running', id: 'e-Faktur sedang berjalan' };
export const closeAndRestoreAgain: Text = {
  en: 'Close e-Faktur and run the restore again; nothing was changed.',
  id: 'Tutup e-Faktur, lalu jalankan pemulihan lagi; tidak ada yang diubah.',
};

/* An older e-Faktur in the target. */

/** `compared`: how the two differ. */
export const nothingChanged = (compared: Text): Text => ({
  en: `${compared.en}; nothing was changed`,
  id: `${compared.id}; tidak ada yang diubah`,
});
/** `program`: the id of a stored program folder. */
export const storeHoldsProgram = (store: string, program: string): Text => ({
  en: `${store} holds the folder: "efaktur-cloud pull --whole-app --program ${program} --to FOLDER" makes a new folder with it`,
  id: `${store} menyimpan foldernya: "efaktur-cloud pull --whole-app --program ${program} --to FOLDER" membuat folder baru dengan program itu`,
});
/** `offer`: where that program is stored; null where it is not. */
export function restoreIntoNewer(offer: Text | null): Text {
  const [en, id] = offer ? [`${offer.en}. `, `${offer.id}. `] : ['', ''];
  return {
    en: `Restore into a folder with that e-Faktur or a newer one. ${en}To restore it here all the same, add --other-version.`,
    id: `Pulihkan ke folder dengan e-Faktur itu atau yang lebih baru. ${id}Untuk tetap memulihkan di sini, tambahkan --other-version.`,
  };
}

/* Damaged backups. */

const areDamaged = (problems: Text): Text => ({
  en: `the databases of this backup are damaged: ${problems.en}`,
  id: `database di cadangan ini rusak: ${problems.id}`,
});
export const damagedNotRestored = (problems: Text): Text => nothingChanged(areDamaged(problems));
export const damagedNotWritten = (problems: Text): Text =>
  joined([areDamaged(problems), { en: 'nothing was written', id: 'tidak ada yang ditulis' }], '; ');
export const damagedAndHasDb = (problems: Text, target: string): Text => {
  const what = areDamaged(problems);
  return { en: `${what.en}, and ${target} has a db`, id: `${what.id}, dan ${target} sudah berisi db` };
};
export const restoreOther: Text = {
  en: 'Restore another backup (see "efaktur-cloud list --long"); to look at this one, restore it into a new folder with --force-damaged.',
  id: 'Pulihkan cadangan lain (lihat "efaktur-cloud list --long"); untuk melihat isi cadangan ini, pulihkan ke folder baru dengan --force-damaged.',
};
export const exportOther: Text = {
  en: 'Export another backup (see "efaktur-cloud list --long"); to look at this one, use "pull --force-damaged --to" a new folder.',
  id: 'Ekspor cadangan lain (lihat "efaktur-cloud list --long"); untuk melihat isi cadangan ini, jalankan "pull --force-damaged --to" ke folder baru.',
};
export const nameNewFolder: Text = {
  en: 'Name a new folder with --to: a damaged db never replaces another.',
  id: 'Sebutkan folder baru dengan --to: db yang rusak tidak pernah menggantikan db lain.',
};

/* Putting the new db in its place. */

export const rightsNotSet = (target: string): Text => ({
  en: `${target}: the rights of the new db cannot be set`,
  id: `${target}: izin db yang baru tidak dapat diatur`,
});
export const belongsToThisUser = (target: string): Text => ({
  en: `the new db in ${target} belongs to this user, and not to whom the old one did`,
  id: `db yang baru di ${target} menjadi milik pengguna ini, bukan milik pengguna db lama`,
});
export const giveToUser: Text = {
  en: 'If e-Faktur cannot write in it, give it to the user who runs e-Faktur (chown -R; on Windows in Properties, Security), or restore as that user.',
  id: 'Bila e-Faktur tidak dapat menulis di dalamnya, serahkan ke pengguna yang menjalankan e-Faktur (chown -R; di Windows lewat Properties, Security), atau pulihkan sebagai pengguna itu.',
};
export const notOfTheBackup = (path: string): Text => ({
  en: `${path} lies in the restored db, but is no part of the backup: something else put it there`,
  id: `${path} ada di db yang dipulihkan, tetapi bukan bagian dari cadangan: program lain yang menaruhnya di sana`,
});
export const moveElsewhere: Text = {
  en: 'Move it elsewhere if e-Faktur does not start.',
  id: 'Pindahkan ke tempat lain bila e-Faktur tidak mau dibuka.',
};
export const notSynced = (target: string): Text => ({
  en: `${target}: the db is restored, but the disk could not be asked to keep that through a power cut`,
  id: `${target}: db sudah dipulihkan, tetapi belum pasti tersimpan di disk bila listrik padam`,
});
export const checkDiskAndCopy: Text = {
  en: 'Check that disk, and copy what lies on it elsewhere.',
  id: 'Periksa disk itu, dan salin isinya ke tempat lain.',
};
