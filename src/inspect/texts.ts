import type { Reasoned } from '../base/errors.ts';
import { count } from '../base/phrases.ts';
import { joined, type Text, verbatim } from '../base/text.ts';

/* What opening a state says. */

export const reading: Text = { en: 'read', id: 'membaca' };

/** Of which database, table or place something is said. */
export const about = (name: string, said: Text): Text => joined([verbatim(name), said], ': ');

/** The same of why something failed, which stays apart. */
export const reasonedAbout = (name: string, what: Text, because: Text | null): Text | Reasoned =>
  because === null ? about(name, what) : { what: about(name, what), because };

export const notFolderNorZip = (path: string): Text => ({
  en: `${path} is neither a folder nor a zip`,
  id: `${path} bukan folder dan bukan zip`,
});

export const giveFolderOrZip: Text = {
  en: 'Give an e-Faktur folder, a db folder, or the zip of a login backup.',
  id: 'Berikan folder e-Faktur, folder db, atau zip cadangan saat masuk.',
};

export const changedWhileRead = (path: string): Text => ({
  en: `${path} changed while it was read`,
  id: `${path} berubah ketika sedang dibaca`,
});

export const closeOrUseStored: Text = {
  en: 'Close e-Faktur and try again, or look into a stored backup.',
  id: 'Tutup e-Faktur lalu coba lagi, atau lihat isi cadangan yang tersimpan.',
};

export const unpackedNotTaken = (folder: string): Text => ({
  en: `${folder} cannot take the unpacked backup`,
  id: `cadangan tidak dapat dibongkar ke ${folder}`,
});

/* Of databases and tables by their names. */

export const noDatabase = (name: string): Text => ({
  en: `there is no database ${name}`,
  id: `tidak ada database ${name}`,
});

export const noDatabaseAtAll: Text = {
  en: 'This backup holds no database at all.',
  id: 'Cadangan ini tidak berisi database sama sekali.',
};

export const thereIs = (names: readonly string[]): Text => ({
  en: `There is ${names.join(', ')}.`,
  id: `Yang ada: ${names.join(', ')}.`,
});

export const noTable = (name: string): Text => ({
  en: `there is no table ${name}`,
  id: `tidak ada tabel ${name}`,
});

export const noTablesAtAll: Text = {
  en: 'There are no tables at all.',
  id: 'Tidak ada tabel sama sekali.',
};

/** `meant` asks whether another name was meant; empty where none is near. */
export const tablesShowsAll = (meant: Text): Text => ({
  en: `${meant.en} "efaktur-cloud tables" shows them all.`.trim(),
  id: `${meant.id} "efaktur-cloud tables" menampilkan semuanya.`.trim(),
});

/** A table, and the database it lies in. */
export const tableIn = (table: string, database: string): Text => ({
  en: `${table} in ${database}`,
  id: `${table} di ${database}`,
});

export const severalTables = (name: string, where: readonly Text[]): Text => {
  const all = joined(where, ', ');
  return {
    en: `several tables are called ${name}: ${all.en}`,
    id: `ada beberapa tabel bernama ${name}: ${all.id}`,
  };
};

export const nameDatabaseAndSchema: Text = {
  en: 'Name its database with --database, and its schema as in SCHEMA.TABLE.',
  id: 'Sebutkan databasenya dengan --database, dan skemanya seperti SKEMA.TABEL.',
};

/* Of what is damaged, or not at rest. */

export const logNotWhole = (database: string, file: string, reason: Text): Text => ({
  en: `the log of ${database} is not whole (${file}: ${reason.en}): rows are shown as of the last checkpoint, and newer ones cannot be had`,
  id: `log ${database} tidak lengkap (${file}: ${reason.id}): yang ditampilkan adalah baris per checkpoint terakhir, dan yang lebih baru tidak dapat diperoleh`,
});

export const notClosedProperly = (database: string): Text => ({
  en: `${database} was not closed properly: rows are shown as of the last checkpoint; what was entered just before is not among them`,
  id: `${database} tidak ditutup dengan benar: yang ditampilkan adalah baris per checkpoint terakhir; yang dimasukkan sesaat sebelum itu tidak termasuk`,
});

export const passedOver = (pages: number, rows: number): Text => {
  // The adjective stands between the number and the noun in English, behind both in Indonesian.
  const damaged = (shown: Text): Text => ({
    en: shown.en.replace(' ', ' damaged '),
    id: `${shown.id} rusak`,
  });
  const [badPages, badRows] = [damaged(count(pages, 'page')), damaged(count(rows, 'row'))];
  return {
    en: `${badPages.en} and ${badRows.en} were passed over: what is shown is not all there was`,
    id: `${badPages.id} dan ${badRows.id} dilewati: yang ditampilkan bukan seluruh isi semula`,
  };
};

export const closeOrSalvage: Text = {
  en: 'If e-Faktur has it open, close it and try again; else look into a stored backup, or read with --salvage what is still good.',
  id: 'Jika sedang dibuka oleh e-Faktur, tutup lalu coba lagi; jika tidak, lihat isi cadangan yang tersimpan, atau baca yang masih baik dengan --salvage.',
};

export const rowsAfterRecovery = (database: string, table: string): Text => ({
  en: `${database}: the rows of ${table} cannot be shown before Derby has replayed its log, at the next start of e-Faktur, which drops this table or makes its file anew`,
  id: `${database}: baris ${table} belum dapat ditampilkan sebelum Derby memulihkan lognya pada saat e-Faktur dijalankan lagi, yang menghapus tabel ini atau membuat ulang filenya`,
});

export const cannotReadOn = (database: string, table: string, because: Text): Text => ({
  en: `${database}: ${table} cannot be read on: ${because.en}`,
  id: `${database}: ${table} tidak dapat dibaca lebih lanjut: ${because.id}`,
});

export const backupPassedOver = (id: string, because: Text): Text => ({
  en: `${id} was passed over: ${because.en}`,
  id: `${id} dilewati: ${because.id}`,
});

/* Of columns and conditions. */

export const severalColumns = (table: string, name: string, names: readonly string[]): Text => ({
  en: `table ${table} has several columns ${name}: ${names.join(', ')}`,
  id: `tabel ${table} memiliki beberapa kolom ${name}: ${names.join(', ')}`,
});

export const writeLettersAsTheyAre: Text = {
  en: 'Write its large and small letters as they are.',
  id: 'Tulis huruf besar dan kecilnya persis sama.',
};

export const noColumn = (table: string, name: string): Text => ({
  en: `table ${table} has no column ${name}`,
  id: `tabel ${table} tidak memiliki kolom ${name}`,
});

/** `meant` as for {@link tablesShowsAll}. */
export const columnsAre = (meant: Text, names: readonly string[]): Text => ({
  en: `${meant.en} Its columns are ${names.join(', ')}.`.trim(),
  id: `${meant.id} Kolomnya: ${names.join(', ')}.`.trim(),
});

export const notACondition = (given: string): Text => ({
  en: `--where: "${given}" is not COLUMN=VALUE`,
  id: `--where: "${given}" bukan KOLOM=NILAI`,
});

export const writeCondition: Text = {
  en: 'Write it as --where "NAMA_LAWAN=Gerbang Semesta".',
  id: 'Tulis seperti --where "NAMA_LAWAN=Gerbang Semesta".',
};

export const columnCannotBe = (column: string, type: string, value: string): Text => ({
  en: `--where: column ${column} (${type}) cannot be "${value}"`,
  id: `--where: kolom ${column} (${type}) tidak mungkin berisi "${value}"`,
});

export const writeNumberOrDate: Text = {
  en: 'Write a number as 345000 or 345.000,00, a date as 2023-07-08 or "8 Juli 2023".',
  id: 'Tulis angka seperti 345000 atau 345.000,00, tanggal seperti 2023-07-08 atau "8 Juli 2023".',
};

/* Of what is looked for. */

export const nothingToFind: Text = {
  en: 'there is nothing to look for',
  id: 'tidak ada yang dicari',
};

export const giveSomethingToFind: Text = {
  en: 'Give a name, number or date, such as "Gerbang Semesta" 345000.',
  id: 'Berikan nama, angka, atau tanggal, misalnya "Gerbang Semesta" 345000.',
};

export const notRestoredAsUnread = (expected: string): Text => ({
  en: `"${expected}" cannot be looked for; nothing was changed`,
  id: `"${expected}" tidak dapat dicari; tidak ada yang diubah`,
});

export const notRestoredAsAbsent = (expected: string): Text => ({
  en: `"${expected}" is in no row of this backup; nothing was changed`,
  id: `"${expected}" tidak ada dalam baris mana pun di cadangan ini; tidak ada yang diubah`,
});

export const expectOtherwise: Text = {
  en: 'All words of one --expect must be in one row, each as a part of a value (--expect \'"Gerbang Semesta" 345000\'). Restore another backup ("efaktur-cloud find --first TEXT" says which has it), or leave --expect out.',
  id: 'Semua kata dari satu --expect harus ada dalam satu baris, masing-masing sebagai bagian dari sebuah nilai (--expect \'"Gerbang Semesta" 345000\'). Pulihkan cadangan lain ("efaktur-cloud find --first TEKS" menunjukkan cadangan mana yang memuatnya), atau hilangkan --expect.',
};

export const notShown = (because: Text): Text => ({
  en: `what was restored is not shown: ${because.en}`,
  id: `isi yang dipulihkan tidak ditampilkan: ${because.id}`,
});

/* Of values that are cut. */

export const valueCut = (column: string): Text => ({
  en: `a value of ${column} was cut`,
  id: `sebuah nilai ${column} dipotong`,
});

export const valueCutButInJsonLines = (column: string): Text => ({
  en: `a value of ${column} was cut; --jsonl gives it whole`,
  id: `sebuah nilai ${column} dipotong; --jsonl memberikannya secara utuh`,
});

export const cellsCut = (cells: number): Text => {
  const values = count(cells, 'value');
  return {
    en: `${values.en} ${cells === 1 ? 'was' : 'were'} longer than a cell can be and ${cells === 1 ? 'was' : 'were'} cut; --csv and --jsonl give ${cells === 1 ? 'it' : 'them'} whole`,
    id: `${values.id} melebihi panjang sel dan dipotong; --csv dan --jsonl memberikannya secara utuh`,
  };
};

/* Of files that are written. */

export const cannotBeWritten = (path: string): Text => ({
  en: `${path} cannot be written`,
  id: `${path} tidak dapat ditulis`,
});

export const folderNotThere: Text = {
  en: 'its folder is not there',
  id: 'foldernya tidak ada',
};

export const makeFolderFirst: Text = {
  en: 'Make the folder first, or name another one.',
  id: 'Buat foldernya dahulu, atau sebutkan folder lain.',
};

export const takenByNoFile = (path: string): Text => ({
  en: `${path} is there already and is no file`,
  id: `${path} sudah ada dan bukan file`,
});

export const nameAnotherFile: Text = { en: 'Name another file.', id: 'Sebutkan file lain.' };

export const takenByFile = (path: string): Text => ({
  en: `${path} is there already`,
  id: `${path} sudah ada`,
});

export const nameAnotherOrReplace: Text = {
  en: 'Name another file, or add --yes to replace it.',
  id: 'Sebutkan file lain, atau tambahkan --yes untuk menggantikannya.',
};

export const tablesNotTaken = (folder: string): Text => ({
  en: `${folder} cannot take the tables`,
  id: `tabel tidak dapat ditulis ke ${folder}`,
});

export const folderNotEmpty = (folder: string): Text => ({
  en: `${folder} is not empty`,
  id: `${folder} tidak kosong`,
});

export const nameNewFolder: Text = {
  en: 'Name a folder that is not there yet with --to.',
  id: 'Sebutkan folder yang belum ada dengan --to.',
};

/* What became of a table between two states. */

export const tableRemoved: Text = { en: 'table removed', id: 'tabel dihapus' };
export const tableAdded: Text = { en: 'table added', id: 'tabel ditambahkan' };

export const addedColumns = (names: readonly string[]): Text => ({
  en: `columns added: ${names.join(', ')}`,
  id: `kolom ditambahkan: ${names.join(', ')}`,
});

export const removedColumns = (names: readonly string[]): Text => ({
  en: `columns removed: ${names.join(', ')}`,
  id: `kolom dihapus: ${names.join(', ')}`,
});

/* In workbooks. */

export const tablesSheet: Text = { en: 'Tables', id: 'Tabel' };
export const summarySheet: Text = { en: 'Summary', id: 'Ringkasan' };

export const headings = {
  database: { en: 'Database', id: 'Database' },
  table: { en: 'Table', id: 'Tabel' },
  rows: { en: 'Rows', id: 'Baris' },
  rowsBefore: { en: 'Rows before', id: 'Baris sebelum' },
  rowsAfter: { en: 'Rows after', id: 'Baris sesudah' },
  added: { en: 'Added', id: 'Ditambahkan' },
  removed: { en: 'Removed', id: 'Dihapus' },
  changed: { en: 'Changed', id: 'Diubah' },
  sheet: { en: 'Sheet', id: 'Lembar kerja' },
  note: { en: 'Note', id: 'Catatan' },
  change: { en: 'Change', id: 'Perubahan' },
  columnsChanged: { en: 'Columns changed', id: 'Kolom yang diubah' },
} as const satisfies Record<string, Text>;

/** What became of a row. */
export const rowAdded: Text = { en: 'added', id: 'ditambahkan' };
export const rowRemoved: Text = { en: 'removed', id: 'dihapus' };
export const rowBefore: Text = { en: 'changed: before', id: 'diubah: sebelum' };
export const rowAfter: Text = { en: 'changed: after', id: 'diubah: sesudah' };
