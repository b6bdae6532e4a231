import { number } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/* What is wrong with a database. Proofs keep the English, numbers and all, as it stands here. */

/* Whose a file is. */

export const tableCalled = (name: string): Text => ({ en: `table ${name}`, id: `tabel ${name}` });
export const indexOf = (table: string): Text => ({
  en: `an index of table ${table}`,
  id: `indeks dari tabel ${table}`,
});
export const tableOrIndex: Text = { en: 'a table or index', id: 'sebuah tabel atau indeks' };
export const listOfTables: Text = { en: 'the list of tables and columns', id: 'daftar tabel dan kolom' };
export const ownSettings: Text = {
  en: "the database's own settings",
  id: 'pengaturan milik database itu sendiri',
};

/* service.properties. */

export const propertiesMissing: Text = {
  en: 'The file that makes this folder a database is missing.',
  id: 'File yang menjadikan folder ini sebuah database tidak ada.',
};
export const oldSettingsUsed = (oldFile: string): Text => ({
  en: `The settings were being written anew when the program ended; Derby goes on with ${oldFile}.`,
  id: `Pengaturan database sedang ditulis ulang ketika program berhenti; Derby melanjutkan dengan ${oldFile}.`,
});
export const badEscape: Text = {
  en: 'A backslash in the file is followed by what Derby cannot read.',
  id: 'Di dalam file ini ada garis miring terbalik (\\) yang lanjutannya tidak dapat dibaca Derby.',
};
export const settingMissing = (setting: string): Text => ({
  en: `The file lacks a setting without which Derby cannot open the database (${setting}).`,
  id: `File ini tidak memuat pengaturan yang diperlukan Derby untuk membuka database (${setting}).`,
});
export const notEncrypted: Text = {
  en: 'The file says that the database is encrypted, but it is not: Derby could not open it.',
  id: 'Menurut file ini database terenkripsi, padahal tidak: Derby tidak akan dapat membukanya.',
};

/* The files of tables and indexes; `label` says whose each is. */

export const pageFaults = {
  checksum: {
    en: 'its bytes are not those that were written',
    id: 'isinya tidak sama dengan yang pernah ditulis',
  },
  zero: { en: 'it is empty where data should be', id: 'kosong, padahal seharusnya berisi data' },
  format: { en: 'it is not a page of a database', id: 'bukan halaman database' },
  structure: { en: 'what it holds contradicts itself', id: 'isinya saling bertentangan' },
  alloc: {
    en: 'the list of pages in it contradicts itself',
    id: 'daftar halaman di dalamnya saling bertentangan',
  },
} as const satisfies Readonly<Record<string, Text>>;
export const brokenEntry: Text = {
  en: 'its place in the index, or an entry in it, is not what the rest of the index says',
  id: 'letaknya di dalam indeks, atau salah satu entrinya, tidak sesuai dengan bagian lain dari indeks',
};
export const brokenRow: Text = {
  en: 'a row in it cannot be read, as it goes on where nothing of it is, or holds what is no value',
  id: 'ada baris yang tidak dapat dibaca: lanjutannya tidak ada di tempatnya, atau isinya bukan nilai',
};
export const pageDamaged = (page: number, label: Text, why: Text): Text => ({
  en: `Page ${page} of ${label.en} is damaged: ${why.en}.`,
  id: `Halaman ${page} dari ${label.id} rusak: ${why.id}.`,
});
export const noContainer = (label: Text): Text => ({
  en: `The file of ${label.en} does not begin as a file of the database does.`,
  id: `File dari ${label.id} tidak berawal seperti file database.`,
});
export const frontDamaged = (label: Text): Text => ({
  en: `The front of the file of ${label.en} is damaged.`,
  id: `Bagian awal file dari ${label.id} rusak.`,
});
export const cutShort = (label: Text, missing: number, all: number): Text => ({
  en: `The file of ${label.en} is cut short: ${missing} of ${all} pages are missing.`,
  id: `File dari ${label.id} terpotong: ${number(missing).id} dari ${number(all).id} halaman tidak ada.`,
});
export const endsInPage = (label: Text): Text => ({
  en: `The file of ${label.en} ends in the middle of a page.`,
  id: `File dari ${label.id} berakhir di tengah halaman.`,
});
export const morePages = (more: number, label: Text): Text => ({
  en: `${more} more pages of ${label.en} are damaged.`,
  id: `${number(more).id} halaman lain dari ${label.id} juga rusak.`,
});
export const unusedPages = (pages: number, label: Text): Text => ({
  en: `${pages} unused pages at the end of ${label.en} are damaged; Derby writes them anew before use.`,
  id: `${number(pages).id} halaman yang tidak terpakai di akhir ${label.id} rusak; Derby menulisnya ulang sebelum dipakai.`,
});
/** `file` is whose page it is; null when it is none. */
export const foreignFirstPage = (label: Text, file: string | null): Text => ({
  en: `The first page of ${label.en} is not its own, but ${file === null ? 'none' : `that of ${file}`}.`,
  id: `Halaman pertama dari ${label.id} bukan miliknya, ${file === null ? 'dan bukan pula milik file lain' : `melainkan milik ${file}`}.`,
});
export const moreBroken = (more: number, label: Text): Text => ({
  en: `${more} more rows or pages of ${label.en} are damaged so.`,
  id: `${number(more).id} baris atau halaman lain dari ${label.id} rusak dengan cara yang sama.`,
});
export const unusedFile: Text = {
  en: 'A file that no table or index uses is damaged; it is not needed.',
  id: 'File yang tidak dipakai tabel atau indeks mana pun rusak; file itu tidak diperlukan.',
};
export const unusedBefore: Text = {
  en: 'A file that no table or index used at the last checkpoint is damaged; only Derby can tell whether it is needed.',
  id: 'File yang tidak dipakai tabel atau indeks mana pun saat checkpoint terakhir rusak; hanya Derby yang dapat memastikan apakah file itu diperlukan.',
};
export const droppedDamaged: Text = {
  en: 'What is left of a dropped table is damaged; it is not needed.',
  id: 'Sisa tabel yang sudah dihapus rusak; sisa itu tidak diperlukan.',
};
export const reserveMissing = (files: number, isBackup: boolean): Text => ({
  en: `${files} files lack pages that are only reserved, ${isBackup ? 'as in every backup that Derby itself made' : 'as after encrypting or decrypting in place; nothing is lost'}.`,
  id: `${number(files).id} file tidak memiliki halaman yang hanya disiapkan, ${isBackup ? 'seperti di setiap cadangan buatan Derby sendiri' : 'seperti setelah database dienkripsi atau didekripsi di tempat; tidak ada yang hilang'}.`,
});
export const otherLength = (announced: number, read: number): Text => ({
  en: `The file should have ${announced} bytes, but ${read} were read.`,
  id: `File ini seharusnya berisi ${number(announced).id} byte, tetapi yang terbaca ${number(read).id}.`,
});
export const fileMissing = (label: Text): Text => ({
  en: `The file of ${label.en} is missing.`,
  id: `File dari ${label.id} tidak ada.`,
});

/* The list of tables. */

export const listUnreadable: Text = {
  en: 'The list of tables and columns cannot be read.',
  id: 'Daftar tabel dan kolom tidak dapat dibaca.',
};
export const ownTableUnlisted = (name: string): Text => ({
  en: `The list of tables does not name its own table ${name}.`,
  id: `Daftar tabel tidak memuat tabelnya sendiri, ${name}.`,
});
export const ownFileUnlisted = (file: string): Text => ({
  en: `The list of tables does not name its own file ${file}.`,
  id: `Daftar tabel tidak memuat filenya sendiri, ${file}.`,
});
export const listContradicts = (how: Text): Text => ({
  en: `The list of tables contradicts itself: ${how.en}.`,
  id: `Isi daftar tabel saling bertentangan: ${how.id}.`,
});
export const otherColumns = (table: string, listed: number, stored: number): Text => ({
  en: `The list of columns gives table ${table} ${listed} columns, its file ${stored}.`,
  id: `Menurut daftar kolom, tabel ${table} memiliki ${listed} kolom, menurut filenya ${stored}.`,
});
export const tableWithoutFile = (name: string): Text => ({
  en: `table ${name} has no file`,
  id: `tabel ${name} tidak memiliki file`,
});
export const tableWithoutColumns = (name: string): Text => ({
  en: `table ${name} has no columns`,
  id: `tabel ${name} tidak memiliki kolom`,
});
export const looseFile: Text = {
  en: 'a file belongs to a table that is not listed',
  id: 'ada file milik tabel yang tidak terdaftar',
};
export const looseColumns: Text = {
  en: 'columns belong to a table that is not listed',
  id: 'ada kolom milik tabel yang tidak terdaftar',
};

/* A table and its index. */

export const differs = (table: string, index: string, how: Text): Text => ({
  en: `Table ${table} and its index ${index} ${how.en}. The copy mixes different moments, or changes were lost.`,
  id: `Tabel ${table} dan indeksnya ${index} ${how.id}. Salinan ini mencampur keadaan dari saat yang berbeda, atau ada perubahan yang hilang.`,
});
export const otherCount = (rows: number, entries: number): Text => ({
  en: `do not agree: ${rows} rows, ${entries} entries in the index`,
  id: `tidak cocok: ${number(rows).id} baris, ${number(entries).id} entri di indeks`,
});
export const otherRows: Text = { en: 'name different rows', id: 'menunjuk baris yang berbeda' };
export const noPair: Text = { en: 'do not belong together', id: 'bukan satu pasangan' };
export const otherValues = (column: string): Text => ({
  en: `hold different values of column ${column}`,
  id: `memuat nilai kolom ${column} yang berbeda`,
});

/* The log. */

export const logSaidElsewhere = (folder: string): Text => ({
  en: `service.properties says that the log lies in another folder (${folder}); Derby would not use the one that is here.`,
  id: `Menurut service.properties, log terletak di folder lain (${folder}); Derby tidak akan memakai log yang ada di sini.`,
});
export const logLiesElsewhere = (folder: string): Text => ({
  en: `The log lies in another folder (${folder}, as service.properties says) and is not part of this folder.`,
  id: `Log terletak di folder lain (${folder}, menurut service.properties) dan bukan bagian dari folder ini.`,
});
export const controlMissing: Text = {
  en: 'The file that says where the log begins is missing.',
  id: 'File yang menunjukkan awal log tidak ada.',
};
export const controlsDamaged: Text = {
  en: 'The file that says where the log begins is damaged, and so is its copy.',
  id: 'File yang menunjukkan awal log rusak, begitu pula salinannya.',
};
export const controlDamaged: Text = {
  en: 'The file that says where the log begins is damaged; its copy is good and will be used.',
  id: 'File yang menunjukkan awal log rusak; salinannya baik dan akan dipakai.',
};
export const mirrorMissing: Text = {
  en: 'The copy of log.ctrl is missing; it will be made anew.',
  id: 'Salinan log.ctrl tidak ada; salinan itu akan dibuat ulang.',
};
export const mirrorDamaged: Text = {
  en: 'The copy of log.ctrl is damaged; it will be made anew.',
  id: 'Salinan log.ctrl rusak; salinan itu akan dibuat ulang.',
};
export const mirrorDiffers: Text = {
  en: 'log.ctrl and its copy are of different times.',
  id: 'log.ctrl dan salinannya berasal dari waktu yang berbeda.',
};
export const logUnusable = (why: Text): Text => ({
  en: `The database's log cannot be used: ${why.en}.`,
  id: `Log database tidak dapat dipakai: ${why.id}.`,
});
export const notClosed = (why: Text): Text => ({
  en: `The database was not closed (${why.en}); Derby has to repair it from its log at the next start.`,
  id: `Database tidak ditutup (${why.id}); Derby perlu memulihkannya dari log saat dimulai lagi.`,
});
export const logLeftOver: Text = {
  en: 'A log file of another time lies behind the end of the log; it is not used.',
  id: 'Ada file log dari waktu lain setelah akhir log; file itu tidak dipakai.',
};

/* Why a log cannot be used, or has to be replayed. */

export const noLogFile: Text = {
  en: 'the file does not begin as a log file does',
  id: 'file itu tidak berawal seperti file log',
};
export const logGap: Text = {
  en: 'a log file is missing from the sequence',
  id: 'ada file log yang hilang dari urutannya',
};
export const logBreaksOff: Text = {
  en: 'the log breaks off before its next file',
  id: 'log terputus sebelum file berikutnya',
};
export const startMissing: Text = {
  en: 'the log file of the last checkpoint is missing',
  id: 'file log dari checkpoint terakhir tidak ada',
};
export const beforeCheckpoint: Text = {
  en: 'the program was ended before the first checkpoint',
  id: 'program dihentikan sebelum checkpoint pertama',
};
export const checkpointNotThere: Text = {
  en: 'log.ctrl names a checkpoint that is not in the log',
  id: 'log.ctrl menyebut checkpoint yang tidak ada di log',
};
export const checkpointDamaged: Text = {
  en: 'the last checkpoint is damaged',
  id: 'checkpoint terakhir rusak',
};
export const neededMissing: Text = {
  en: 'a log file that recovery reads is missing',
  id: 'file log yang diperlukan untuk pemulihan oleh Derby tidak ada',
};
export const neededDamaged: Text = {
  en: 'a log file that recovery reads is damaged',
  id: 'file log yang diperlukan untuk pemulihan oleh Derby rusak',
};
export const notOrderly: Text = {
  en: 'the program was not closed in an orderly way',
  id: 'program tidak ditutup dengan semestinya',
};
export const endDamaged: Text = { en: 'the end of the log is damaged', id: 'bagian akhir log rusak' };
export const workAfter: Text = {
  en: 'work began after the last checkpoint',
  id: 'ada pekerjaan yang dimulai setelah checkpoint terakhir',
};
export const workUnderWay: Text = {
  en: 'work was under way at the last checkpoint',
  id: 'ada pekerjaan yang sedang berlangsung saat checkpoint terakhir',
};
export const controlOfDamaged = (database: string): Text => ({
  en: `log.ctrl of ${database} is missing or damaged`,
  id: `log.ctrl dari ${database} tidak ada atau rusak`,
});
