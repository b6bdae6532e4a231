import type { Text } from '../base/text.ts';

/* Whether somebody has a database open. */

export const openUnknown = (lockFile: string, code: string | null): Text => ({
  en: `${lockFile} cannot be looked at (${code}), so whether e-Faktur is open cannot be told`,
  id: `${lockFile} tidak dapat diperiksa (${code}), sehingga tidak dapat dipastikan apakah e-Faktur sedang terbuka`,
});
export const checkDisk: Text = {
  en: 'Check the disk and its connection, and try again.',
  id: 'Periksa disk dan sambungannya, lalu coba lagi.',
};

/* Copying a database that is in use. */

export const copyUnwritable = (target: string): Text => ({
  en: `The copy ${target} cannot be written`,
  id: `Salinan ${target} tidak dapat ditulis`,
});
export const copyFolderFull = (folder: string): Text => ({
  en: `The folder ${folder} for the copy is not empty`,
  id: `Folder ${folder} untuk salinan tidak kosong`,
});
export const nameEmptyFolder: Text = {
  en: 'Name an empty folder or one that does not exist.',
  id: 'Sebutkan folder kosong atau folder yang belum ada.',
};
export const copyDisturbed = (folder: string, attempts: number, last: Text): Text => ({
  en: `The database ${folder} could not be copied while it is in use, in ${attempts} attempts; in the last one ${last.en}`,
  id: `Database ${folder} tidak dapat disalin selagi dipakai, setelah ${attempts} kali dicoba; pada percobaan terakhir ${last.id}`,
});
export const closeOrWait: Text = {
  en: 'Try again when e-Faktur is less busy, or close it first.',
  id: 'Coba lagi saat e-Faktur tidak terlalu sibuk, atau tutup e-Faktur terlebih dahulu.',
};
export const nothingTried: Text = { en: 'nothing was tried', id: 'tidak ada yang dicoba' };
export const checkpointCame: Text = {
  en: 'a checkpoint came before the copy was done',
  id: 'ada checkpoint sebelum salinan selesai',
};
export const tableFilesChanged: Text = {
  en: 'files of tables came or went',
  id: 'ada file tabel yang muncul atau hilang',
};
export const tableMadeAnew: Text = {
  en: 'a table or an index was made anew',
  id: 'ada tabel atau indeks yang dibuat ulang',
};
export const logMovedOn: Text = {
  en: 'the log moved on to its next file',
  id: 'log berpindah ke file berikutnya',
};
export const settingsChanged: Text = {
  en: 'the settings of the database changed',
  id: 'pengaturan database berubah',
};
export const controlsMissing = (path: string): Text => ({
  en: `${path} and its copy are missing`,
  id: `${path} dan salinannya tidak ada`,
});
export const noDerbyDatabase: Text = {
  en: 'Without them the folder is no Derby database; use a login backup.',
  id: 'Tanpa keduanya folder itu bukan database Derby; gunakan cadangan saat masuk.',
};
export const databaseRefused = (folder: string, code: string): Text => ({
  en: `The database ${folder} may not be read (${code})`,
  id: `Database ${folder} tidak boleh dibaca (${code})`,
});
export const runAsReader: Text = {
  en: 'Run it as a user who may read the files of e-Faktur.',
  id: 'Jalankan sebagai pengguna yang boleh membaca file e-Faktur.',
};
export const databaseNotWhole = (folder: string): Text => ({
  en: `The database ${folder} is not whole: a folder or file that every database has is missing`,
  id: `Database ${folder} tidak lengkap: ada folder atau file wajib yang tidak ditemukan`,
});
export const databaseUnreadable = (folder: string, code: string): Text => ({
  en: `The database ${folder} cannot be read (${code})`,
  id: `Database ${folder} tidak dapat dibaca (${code})`,
});
export const useLoginBackup: Text = {
  en: 'Use a login backup, and have the disk checked.',
  id: 'Gunakan cadangan saat masuk, dan periksakan disknya.',
};

/* Reading tables and rows. */

export const bootPassword = (database: string): Text => ({
  en: `Database ${database} is encrypted with a boot password`,
  id: `Database ${database} dienkripsi dengan boot password`,
});
export const restoreAndOpen: Text = {
  en: 'Restore it and open it with the program that has the password.',
  id: 'Pulihkan, lalu buka dengan program yang memiliki kata sandinya.',
};
export const tableFileDamaged = (table: string, database: string, file: string): Text => ({
  en: `The file of table ${table} of database ${database} is missing or damaged (${file})`,
  id: `File tabel ${table} dari database ${database} tidak ada atau rusak (${file})`,
});
export const listOfTablesDamaged = (database: string): Text => ({
  en: `The list of tables and columns of database ${database} cannot be read`,
  id: `Daftar tabel dan kolom dari database ${database} tidak dapat dibaca`,
});
export const useAnotherBackup: Text = { en: 'Use another backup.', id: 'Gunakan cadangan lain.' };
export const useAnotherOrSalvage: Text = {
  en: 'Use another backup, or read with --salvage what is still good.',
  id: 'Gunakan cadangan lain, atau baca dengan --salvage apa yang masih baik.',
};
export const noColumn = (table: string, column: string): Text => ({
  en: `Table ${table} has no column ${column}`,
  id: `Tabel ${table} tidak memiliki kolom ${column}`,
});
export const columnsAre = (columns: readonly string[]): Text => ({
  en: `Its columns are ${columns.join(', ')}.`,
  id: `Kolomnya: ${columns.join(', ')}.`,
});
export const inTable = (table: string, file: string, what: Text): Text => ({
  en: `Table ${table} (${file}): ${what.en}`,
  id: `Tabel ${table} (${file}): ${what.id}`,
});
export const pageIsDamaged = (page: number): Text => ({
  en: `page ${page} is damaged`,
  id: `halaman ${page} rusak`,
});
export const pageContradicts = (page: number): Text => ({
  en: `page ${page} contradicts itself`,
  id: `isi halaman ${page} saling bertentangan`,
});
export const rowUnreadable = (page: number): Text => ({
  en: `a row in page ${page} cannot be read`,
  id: `ada baris di halaman ${page} yang tidak dapat dibaca`,
});
export const valueBreaksOff = (column: string): Text => ({
  en: `a value of column ${column} breaks off`,
  id: `nilai kolom ${column} terputus`,
});
export const leaveColumnOut: Text = {
  en: 'Use another backup, leave this column out, or read with --salvage what is still good.',
  id: 'Gunakan cadangan lain, lewati kolom ini, atau baca dengan --salvage apa yang masih baik.',
};
