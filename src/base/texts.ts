import type { Text } from './text.ts';

/* Data (errors.ts, file-set.ts). */

export const isDamaged = (thing: Text): Text => ({ en: `${thing.en} is damaged`, id: `${thing.id} rusak` });

export const cannotBeRead = (path: string, code: string): Text => ({
  en: `${path} cannot be read (${code})`,
  id: `${path} tidak dapat dibaca (${code})`,
});

export const isHeld = (code: string): Text => ({
  en: `another program, such as a virus scanner, has it to itself (${code})`,
  id: `program lain, misalnya antivirus, sedang menguncinya (${code})`,
});
export const heldByOther = (path: string, code: string): Text => ({
  en: `${path} cannot be read: ${isHeld(code).en}`,
  id: `${path} tidak dapat dibaca: ${isHeld(code).id}`,
});
export const waitOrClose: Text = {
  en: 'Wait a moment, or close the program that uses it, and try again; let the virus scanner leave out this folder if it comes again.',
  id: 'Tunggu sebentar, atau tutup program yang memakainya, lalu coba lagi; jika terulang, kecualikan folder ini dari antivirus.',
};

/* Why the system does not write (atomic-file.ts), and what to do about it. */

export const diskFull = (code: string): Text => ({
  en: `the disk or its quota is full (${code})`,
  id: `disk atau kuotanya penuh (${code})`,
});
export const freeSpace: Text = {
  en: 'Free some space and try again.',
  id: 'Kosongkan sebagian ruang disk, lalu coba lagi.',
};

export const placeGone = (code: string): Text => ({
  en: `the drive or folder is not there (${code})`,
  id: `drive atau foldernya tidak ada (${code})`,
});
export const connectDrive: Text = {
  en: 'Connect the drive, or choose another folder.',
  id: 'Sambungkan drive itu, atau pilih folder lain.',
};

export const fileInTheWay = (code: string): Text => ({
  en: `a file is in the way (${code})`,
  id: `sudah ada file di tempat itu (${code})`,
});
export const chooseFolder: Text = { en: 'Choose another folder.', id: 'Pilih folder lain.' };

export const writingNotAllowed = (code: string): Text => ({
  en: `writing is not allowed there (${code})`,
  id: `tidak ada izin menulis di sana (${code})`,
});
export const useNotAllowed = (code: string): Text => ({
  en: `this user may not write or read there (${code})`,
  id: `pengguna ini tidak boleh menulis atau membaca di sana (${code})`,
});
export const chooseFolderOrRights: Text = {
  en: 'Choose another folder, or run with the rights to write there.',
  id: 'Pilih folder lain, atau jalankan dengan izin menulis di sana.',
};

export const systemCannot = (code: string): Text => ({
  en: `the system cannot do it (${code})`,
  id: `sistem tidak dapat melakukannya (${code})`,
});
export const closePrograms: Text = {
  en: 'Too many files are open: close other programs and try again.',
  id: 'Terlalu banyak file terbuka: tutup program lain, lalu coba lagi.',
};
export const checkDisk: Text = {
  en: 'Check the disk and its connection, and try again; or choose another folder.',
  id: 'Periksa disk dan sambungannya, lalu coba lagi; atau pilih folder lain.',
};

export const outputNotWritten = (code: string): Text => ({
  en: `the output cannot be written (${code})`,
  id: `keluaran tidak dapat ditulis (${code})`,
});
export const makeRoomForOutput: Text = {
  en: 'Make room on the disk of the log or of the file that the output goes to.',
  id: 'Kosongkan ruang di disk tempat log atau file keluaran ditulis.',
};

/* What a user wrote: names (nearest.ts), values (secret.ts). */

export const didYouMean = (nearest: string): Text => ({
  en: `Did you mean ${nearest}?`,
  id: `Maksud Anda ${nearest}?`,
});

/** In the place of a value that may be a secret. */
export const whatIsSetThere: Text = { en: 'what is set there', id: 'nilai yang tertulis di sana' };

/* Paths that nothing can lie at (possible-path.ts). `where` is the setting or the flag. */

export const hasNoPlaceInPath = (where: Text, before: string, wrong: string): Text => ({
  en: `${where.en}: behind ${before || 'its beginning'} stands ${wrong}, which no path has`,
  id: `${where.id}: setelah ${before || 'awalnya'} ada ${wrong}, yang tidak boleh ada dalam lokasi file`,
});
export const quoteIsTakenIn: Text = {
  en: 'Write "D:\\Backup" without a \\ before the closing quote: that one takes the quote and all behind it into the path.',
  id: 'Tulis "D:\\Backup" tanpa \\ sebelum tanda kutip penutup: \\ itu membuat tanda kutip dan semua sesudahnya ikut terbaca sebagai lokasi.',
};
export const writeWithoutIt: Text = {
  en: 'Write the path without it.',
  id: 'Tulis lokasinya tanpa karakter itu.',
};

export const noSuchName = (code: string): Text => ({
  en: `nothing can have such a name there (${code})`,
  id: `nama seperti itu tidak mungkin ada di sana (${code})`,
});
export const checkName: Text = {
  en: 'Check the path; on Windows no name has " < > | ? * in it.',
  id: 'Periksa lokasinya; di Windows nama tidak boleh berisi " < > | ? *.',
};

/* Paths with `~` and variables in them (path-variables.ts). `where` is the setting or the flag. */

export const notExpanded = (where: Text, what: string): Text => ({
  en: `${where.en}: ${what} is not expanded`,
  id: `${where.id}: ${what} tidak dapat diuraikan menjadi folder`,
});
export const writePathOrDot: Text = {
  en: 'Write the path in full, or ./~… for a folder with such a name.',
  id: 'Tulis lokasi lengkapnya, atau ./~… untuk folder yang memang bernama begitu.',
};

export const variableNotSet = (where: Text, written: string, name: string): Text => ({
  en: `${where.en}: ${written} is in the path, but no variable ${name} is set`,
  id: `${where.id}: ada ${written} di dalamnya, tetapi variabel ${name} belum diatur`,
});
export const writePath: Text = { en: 'Write the path in full.', id: 'Tulis lokasi lengkapnya.' };

export const notExpandedInAddress = (where: Text, what: string): Text => ({
  en: `${where.en}: ${what} is not expanded in such an address`,
  id: `${where.id}: ${what} tidak diuraikan dalam alamat seperti itu`,
});
export const writeFolder: Text = {
  en: 'Write just the folder, without file://.',
  id: 'Tulis foldernya saja, tanpa file://.',
};
export const writeAddress: Text = { en: 'Write the address in full.', id: 'Tulis alamat lengkapnya.' };

/* Days and moments (written-date.ts). */

const examples: Text = {
  en: '2023-07-08, 08-07-2023 (day first) or "8 Juli 2023" in quotes',
  id: '2023-07-08, 08-07-2023 (tanggal di depan) atau "8 Juli 2023" dalam tanda kutip',
};

export const noDay = (where: string, written: string): Text => ({
  en: `${where}: "${written}" is not a day`,
  id: `${where}: "${written}" bukan tanggal`,
});
export const writeDay: Text = { en: `Write it as ${examples.en}.`, id: `Tulis seperti ${examples.id}.` };

export const noDayMonthOrYear = (where: string, written: string): Text => ({
  en: `${where}: "${written}" is not a day, month or year`,
  id: `${where}: "${written}" bukan tanggal, bulan, atau tahun`,
});
export const writeDayMonthOrYear: Text = {
  en: `Write it as ${examples.en}, or 2023-07, or 2023.`,
  id: `Tulis seperti ${examples.id}, atau 2023-07, atau 2023.`,
};

export const noMoment = (where: string, written: string): Text => ({
  en: `${where}: "${written}" is not a day or time`,
  id: `${where}: "${written}" bukan tanggal atau waktu`,
});
export const writeMoment: Text = {
  en: `Write it as ${examples.en}, or with a time, such as 2023-07-08T16:30.`,
  id: `Tulis seperti ${examples.id}, atau dengan jam, misalnya 2023-07-08T16:30.`,
};

/* What a later version of this program wrote. */

export const newerMadeBackup: Text = {
  en: 'Update efaktur-cloud: a newer version made this backup.',
  id: 'Perbarui efaktur-cloud: cadangan ini dibuat versi yang lebih baru.',
};

/* Showing others that a run lives. */

export const cannotShowLife = (code: string): Text => ({
  en: `the system does not let this run show others that it lives (${code}), and they would take it for one that was killed`,
  id: `sistem tidak mengizinkan proses ini menunjukkan bahwa ia masih berjalan (${code}), sehingga akan dianggap terhenti`,
});
export const tryAgainOrRestart: Text = {
  en: 'Try again; if it stays so, restart this PC.',
  id: 'Coba lagi; bila tetap demikian, nyalakan ulang komputer ini.',
};

/* Places of Windows. */

export const driveNotThere = (letter: string): Text => ({
  en: `${letter}: is not there. Connect the drive; if it is mapped to a share, write \\\\server\\share in its place: scheduled tasks and administrators do not have the drives that a user mapped.`,
  id: `${letter}: tidak ada. Sambungkan drive itu; bila drive itu dipetakan ke folder bersama, tulis \\\\server\\share sebagai gantinya: tugas terjadwal dan administrator tidak memiliki drive yang dipetakan pengguna.`,
});
export const runAsAdministrator: Text = {
  en: 'Windows lets only an administrator write there: open the Command Prompt with "Run as administrator" and run the command again.',
  id: 'Windows hanya mengizinkan administrator menulis di sana: buka Command Prompt dengan "Run as administrator", lalu jalankan perintah itu lagi.',
};
