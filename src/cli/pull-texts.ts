import { bytes, count } from '../base/phrases.ts';
import { inBoth, joined, type Text } from '../base/text.ts';

/* Which backup is wanted, and where it goes (pull, export). */

export const severalWishes: Text = {
  en: '--date, --as-of and --id were given together',
  id: '--date, --as-of, dan --id diberikan bersamaan',
};
export const giveOneWish: Text = { en: 'Give one of them.', id: 'Berikan salah satunya.' };
export const nameFolderThatGetsDb: Text = {
  en: 'Name the e-Faktur folder that gets the db, or a new folder.',
  id: 'Sebutkan folder e-Faktur yang akan menerima db, atau folder baru.',
};
export const nameAppFolderItself = (appFolder: string): Text => ({
  en: `Name the e-Faktur folder itself: --to ${appFolder}`,
  id: `Sebutkan folder e-Faktur itu sendiri: --to ${appFolder}`,
});
export const exportNeedsFolder: Text = {
  en: 'export needs a folder to write into',
  id: 'export perlu folder tujuan',
};
export const nameItWithTo: Text = {
  en: 'Name it with --to, for example --to E:\\ for a USB drive.',
  id: 'Sebutkan dengan --to, misalnya --to E:\\ untuk flash disk.',
};

/* The question before a db is replaced. */

/** A note before the question. */
export const noteBefore = (note: Text): Text => ({ en: `Note: ${note.en}\n`, id: `Catatan: ${note.id}\n` });
/** `times`: those of the backup. */
export const willBeReplaced = (db: string, times: Text): Text => ({
  en: `${db} will be replaced by the backup of ${times.en}; the old one is kept beside it.`,
  id: `${db} akan diganti dengan cadangan (backup) ${times.id}; db lama tetap disimpan di sampingnya.`,
});
export const noLongerInDb = (databases: readonly string[]): Text => ({
  en: `\nNot in that backup, so no longer in db afterwards: ${databases.join(', ')}.`,
  id: `\nTidak ada di cadangan itu, jadi nanti tidak ada lagi di db: ${databases.join(', ')}.`,
});
export const goOn: Text = { en: '\nGo on?', id: '\nLanjutkan?' };
export const notEmptyNoTerminal = (db: string): Text => ({
  en: `${db} is not empty, and there is no terminal to ask on`,
  id: `${db} tidak kosong, dan tidak ada terminal untuk bertanya`,
});
export const addYesOrElsewhere: Text = {
  en: 'Add --yes to replace it (the old db is kept beside it), or restore elsewhere with --to.',
  id: 'Tambahkan --yes untuk menggantinya (db lama tetap disimpan di sampingnya), atau pulihkan ke tempat lain dengan --to.',
};

/* What was restored or exported. `what` is the backup. */

/** `times`: as in tables, as the id stands beside them. */
export const backupFrom = (times: Text, id: string, store: string): Text => ({
  en: `the backup of ${times.en} (${id}) from ${store}`,
  id: `cadangan ${times.id} (${id}) dari ${store}`,
});

interface Size {
  readonly files: number;
  readonly bytes: number;
}
const sizeOf = (size: Size): Text => joined([count(size.files, 'file'), bytes(size.bytes)], ', ');

export function wouldRestore(
  what: Text,
  target: string,
  size: Size,
  databases: readonly string[],
  isRefused: boolean,
): Text {
  const [all, names] = [sizeOf(size), databases.join(', ')];
  const [en, id] = databases.length > 0 ? [`, databases ${names}`, `, database ${names}`] : ['', ''];
  return {
    en: `${isRefused ? 'Would refuse to restore' : 'Would restore'} ${what.en} into ${target}: ${all.en}${en}.`,
    id: `${isRefused ? 'Akan menolak memulihkan' : 'Akan memulihkan'} ${what.id} ke ${target}: ${all.id}${id}.`,
  };
}
export function wasRestored(what: Text, target: string, size: Size): Text {
  const all = sizeOf(size);
  return {
    en: `Restored ${what.en} into ${target}: ${all.en}, every one checked.`,
    id: `Berhasil memulihkan ${what.id} ke ${target}: ${all.id}, semuanya sudah diperiksa.`,
  };
}
export function wasRestoredDamaged(what: Text, target: string, size: Size): Text {
  const all = sizeOf(size);
  return {
    en: `Restored ${what.en} into ${target}: ${all.en}. They are as they were stored, and DAMAGED: for looking only.`,
    id: `Memulihkan ${what.id} ke ${target}: ${all.id}. Isinya sama seperti saat disimpan, dan RUSAK: hanya untuk dilihat.`,
  };
}
export const doNotWorkWithIt = (target: string): Text => ({
  en: `Do not work with it: e-Faktur may fail on it or show too little. "efaktur-cloud list --long" shows which backups are sound;\n"efaktur-cloud export-tables --salvage --local ${target}" writes out what can still be read.`,
  id: `Jangan bekerja dengannya: e-Faktur bisa gagal atau hanya menampilkan sebagian. "efaktur-cloud list --long" menunjukkan cadangan yang utuh;\n"efaktur-cloud export-tables --salvage --local ${target}" menulis apa yang masih dapat dibaca.`,
});
export function wasExported(what: Text, size: Size): Text {
  const all = sizeOf(size);
  return {
    en: `Exported ${what.en}: ${all.en}, every one checked.`,
    id: `Berhasil mengekspor ${what.id}: ${all.id}, semuanya sudah diperiksa.`,
  };
}
/** `eFaktur`: which one it is. */
export const programFrom = (id: string, eFaktur: Text, store: string): Text => ({
  en: `the program backup ${id}, ${eFaktur.en}, from ${store}`,
  id: `cadangan program ${id}, ${eFaktur.id}, dari ${store}`,
});
export const readmeSaysRestore = (path: string): Text => ({
  en: `It lies in ${path}; its README.txt says how to restore it by hand.`,
  id: `Hasilnya ada di ${path}; README.txt di dalamnya menjelaskan cara memulihkannya tanpa program ini.`,
});
export const readmeSaysUse = (path: string): Text => ({
  en: `It lies in ${path}; its README.txt says how to use it on a new PC.`,
  id: `Hasilnya ada di ${path}; README.txt di dalamnya menjelaskan cara memakainya di komputer baru.`,
});

/* The e-Faktur there. */

/** `made`: its version, where it states one. */
export const samePrograms = (made: Text | null): Text => ({
  en: `The e-Faktur there is the one that this backup was made with${made ? `: ${made.en}` : ''}.`,
  id: `e-Faktur di sana sama dengan yang membuat cadangan ini${made ? `: ${made.id}` : ''}.`,
});
/** e-Faktur is written so at the beginning, too. */
export const asSentence = (what: Text): Text =>
  inBoth((l) => {
    const first = what[l].startsWith('e-Faktur') ? 'e' : what[l].charAt(0).toUpperCase();
    return `${first}${what[l].slice(1)}.`;
  });
/** `offer`: where it is stored. */
export const madeWithStored = (offer: Text): Text => ({
  en: `Of the e-Faktur that this backup was made with, ${offer.en}.`,
  id: `e-Faktur yang membuat cadangan ini: ${offer.id}.`,
});

/* What to do next. */

export const whatToDoNext: Text = { en: 'What to do next:', id: 'Langkah berikutnya:' };
/** `made`: what the backup was made with, `offer`: where that is stored; each null where it is not known. */
export function putProgramThere(target: string, made: Text | null, offer: Text | null): Text {
  const [en, id] = offer ? [` ${offer.en}.`, ` ${offer.id}.`] : ['', ''];
  return {
    en: `Put the program there: copy all but db and backup of an e-Faktur folder into ${target}, of the same version as when this backup was made${made ? `, ${made.en},` : ''} or a newer one.${en}`,
    id: `Taruh programnya di sana: salin semua isi folder e-Faktur, kecuali db dan backup, ke ${target}, dari versi yang sama dengan saat cadangan ini dibuat${made ? ` (${made.id})` : ''} atau yang lebih baru.${id}`,
  };
}
export const runUpdAsNewer: Text = {
  en: 'Run ETaxInvoiceUpd once: this e-Faktur is newer than the backup.',
  id: 'Jalankan ETaxInvoiceUpd satu kali: e-Faktur ini lebih baru dari cadangan.',
};
export const runUpdIfNewer: Text = {
  en: 'If this e-Faktur is newer than the backup, run ETaxInvoiceUpd once.',
  id: 'Bila e-Faktur ini lebih baru dari cadangan, jalankan ETaxInvoiceUpd satu kali.',
};
export const startAndLogIn: Text = {
  en: 'Start e-Faktur and log in.',
  id: 'Buka e-Faktur, lalu masuk (login).',
};
/** `name`: of the folder that holds the old db. */
export const oldDbIsKept = (previousDb: string, name: string): Text => ({
  en: `The db that was there before lies in ${previousDb}. Delete it when you are sure. To undo this restore, close e-Faktur, rename db to something else, and rename ${name} to db.`,
  id: `Db lama ada di ${previousDb}. Hapus bila Anda sudah yakin. Untuk membatalkan pemulihan ini, tutup e-Faktur, ganti nama db menjadi nama lain, lalu ganti nama ${name} menjadi db.`,
});
