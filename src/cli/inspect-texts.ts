import { count, counted, day, number } from '../base/phrases.ts';
import { inBoth, listed, type Text, verbatim } from '../base/text.ts';

/* What is asked of the commands that look inside a backup. */

export const givenTogether = (flags: readonly string[]): Text => {
  const all = listed(flags.map(verbatim));
  return { en: `${all.en} were given together`, id: `${all.id} diberikan bersamaan` };
};

export const giveOne: Text = { en: 'Give one of them.', id: 'Berikan salah satu saja.' };

export const localAndStored: Text = {
  en: '--local and a stored backup were given together',
  id: '--local dan cadangan yang tersimpan diberikan bersamaan',
};

export const giveLocalOrStored: Text = {
  en: 'Give --local, or one of --date, --as-of and --id.',
  id: 'Berikan --local, atau salah satu dari --date, --as-of, dan --id.',
};

export const workbookNeedsName: Text = {
  en: '--xlsx needs the name of a file',
  id: '--xlsx memerlukan nama file',
};

export const giveWorkbookName: Text = {
  en: 'For example --xlsx faktur.xlsx; --csv and --jsonl can go to stdout.',
  id: 'Misalnya --xlsx faktur.xlsx; --csv dan --jsonl dapat dikirim ke stdout.',
};

export const notANumber = (flag: string, value: string, atLeast: number): Text => {
  const isAnyNumber = atLeast === 0;
  return {
    en: `--${flag}: "${value}" is not a number${isAnyNumber ? '' : ` from ${atLeast} on`}`,
    id: `--${flag}: "${value}" bukan angka${isAnyNumber ? '' : ` mulai dari ${atLeast}`}`,
  };
};

export const writeWholeNumber: Text = {
  en: 'Write a whole number, such as 100.',
  id: 'Tulis bilangan bulat, misalnya 100.',
};

/* Where it was looked. */

/** `when` with what else is known of its time. */
export const theBackupOf = (time: Text, id: string): Text => {
  return { en: `the backup of ${time.en} (${id})`, id: `cadangan ${time.id} (${id})` };
};

export const somewhereIn = (what: string, place: Text): Text => ({
  en: `${what} in ${place.en}`,
  id: `${what} di ${place.id}`,
});

/* tables */

export const inPlace = (place: Text): Text => ({ en: `In ${place.en}:`, id: `Dalam ${place.id}:` });

/** What is added to the name of a database, by its state. */
export const stateNotes = {
  clean: verbatim(''),
  'needs-recovery': { en: ', as of the last checkpoint', id: ', per checkpoint terakhir' },
  broken: {
    en: ', as of the last checkpoint (its log is not whole)',
    id: ', per checkpoint terakhir (lognya tidak lengkap)',
  },
} as const satisfies Record<string, Text>;

export const tablesOf = (database: string, state: Text): Text => ({
  en: `Database ${database}${state.en}:`,
  id: `Database ${database}${state.id}:`,
});

export const noTablesIn = (database: string, state: Text): Text => ({
  en: `Database ${database}${state.en}: no tables.`,
  id: `Database ${database}${state.id}: tidak ada tabel.`,
});

export const tableHeadings: readonly Text[] = [
  { en: 'TABLE', id: 'TABEL' },
  { en: 'ROWS', id: 'BARIS' },
  { en: 'COLUMNS', id: 'KOLOM' },
];

export const afterRecovery: Text = { en: 'after recovery', id: 'setelah pemulihan' };
export const damagedTable: Text = { en: 'DAMAGED', id: 'RUSAK' };

/* show */

export const showNeedsTable: Text = { en: 'show needs a table', id: 'show memerlukan nama tabel' };
export const showTakesOneTable: Text = {
  en: 'show takes one table',
  id: 'show hanya menerima satu tabel',
};

export const showForExample: Text = {
  en: 'For example "efaktur-cloud show FAKTUR_KELUARAN"; "efaktur-cloud tables" shows them all.',
  id: 'Misalnya "efaktur-cloud show FAKTUR_KELUARAN"; "efaktur-cloud tables" menampilkan semuanya.',
};

export const giveOneOrFile = (format: string): Text => ({
  en: `Give one of them, or write a file with --${format}=FILE.`,
  id: `Berikan salah satu saja, atau tulis ke file dengan --${format}=FILE.`,
});

export const wroteRows = (written: number, table: string, file: string): Text => {
  const rows = count(written, 'row');
  return { en: `Wrote ${rows.en} of ${table} to ${file}.`, id: `Menulis ${rows.id} ${table} ke ${file}.` };
};

export const noRowsFrom = (offset: number, name: Text): Text => {
  const isAll = offset === 0;
  return {
    en: `No rows${isAll ? '' : ` from ${offset} on`}: ${name.en}.`,
    id: `Tidak ada baris${isAll ? '' : ` mulai dari ${offset}`}: ${name.id}.`,
  };
};

export const rowsShown = (offset: number, shown: number, name: Text, hasMore: boolean): Text => {
  const [from, to] = [number(offset + 1), number(offset + shown)];
  const next = `--offset ${offset + shown}`;
  return {
    en: `Rows ${from.en} to ${to.en} of ${name.en}${hasMore ? `; the next with ${next}` : ''}.`,
    id: `Baris ${from.id} sampai ${to.id} dari ${name.id}${hasMore ? `; selanjutnya dengan ${next}` : ''}.`,
  };
};

/* find */

/** What was looked for, each in quotes. */
export const soughtWords = (words: readonly string[]): Text => {
  const quoted = words.map((word) => `"${word}"`);
  return { en: quoted.join(' and '), id: quoted.join(' dan ') };
};

export const foundRows = (found: number, words: Text, place: Text): Text => {
  const rows = count(found, 'row');
  return {
    en: `${rows.en} with ${words.en} in ${place.en}.`,
    id: `${rows.id} dengan ${words.id} di ${place.id}.`,
  };
};

export const foundFirstRows = (found: number, words: Text, place: Text): Text => {
  const rows = count(found, 'row');
  return {
    en: `The first ${found === 1 ? 'row' : rows.en} with ${words.en} in ${place.en}; more with --limit.`,
    id: `${rows.id} pertama dengan ${words.id} di ${place.id}; selebihnya dengan --limit.`,
  };
};

export const inNoRow = (words: Text, place: Text, isAllRead: boolean): Text => ({
  en: `${words.en}: in no row of ${place.en}${isAllRead ? '' : ', as far as it could be read'}`,
  id: `${words.id}: tidak ada dalam baris mana pun di ${place.id}${isAllRead ? '' : ', sejauh yang dapat dibaca'}`,
});

export const lookIntoAnotherDay: Text = {
  en: 'Look into another day, or let "efaktur-cloud find --first" say which backup has it.',
  id: 'Lihat cadangan tanggal lain, atau cari dengan "efaktur-cloud find --first" cadangan mana yang memuatnya.',
};

export const firstLooksThroughAll: Text = {
  en: '--first looks through all stored backups.',
  id: '--first mencari dalam semua cadangan yang tersimpan.',
};

export const noBackupToLookInto: Text = {
  en: 'there is no backup to look into',
  id: 'tidak ada cadangan yang dapat dilihat',
};

export const pushFirst: Text = {
  en: 'Run "efaktur-cloud push" first.',
  id: 'Jalankan "efaktur-cloud push" dahulu.',
};

export const inNoBackup = (words: Text, stored: number): Text => {
  const backups = number(stored);
  return {
    en: `${words.en}: in none of ${backups.en} stored ${counted(stored, 'backup').en}`,
    id: `${words.id}: tidak ada dalam ${backups.id} cadangan yang tersimpan`,
  };
};

export const lookForLess: Text = {
  en: 'Check the spelling, or look for less of it.',
  id: 'Periksa ejaannya, atau cari sebagian saja.',
};

/** A backup by its time, with what else is known of it, and its id. */
export const timeAndId = (time: Text, id: string): Text => {
  return inBoth((language) => `${time[language]} (${id})`);
};

export const firstAppears = (words: Text, backup: Text): Text => ({
  en: `${words.en} first appears in the backup of ${backup.en}.`,
  id: `${words.id} pertama kali muncul di cadangan ${backup.id}.`,
});

export const notInTheOneBefore = (backup: Text): Text => ({
  en: `The one before, of ${backup.en}, does not have it.`,
  id: `Cadangan sebelumnya, ${backup.id}, tidak memuatnya.`,
});

export const noOlderBackup: Text = {
  en: 'There is no older backup.',
  id: 'Tidak ada cadangan yang lebih lama.',
};

export const lastThatHasIt = (backup: Text): Text => ({
  en: `The last that has it is of ${backup.en}; the newest has it no more.`,
  id: `Yang terakhir memuatnya adalah cadangan ${backup.id}; yang terbaru tidak memuatnya lagi.`,
});

export const notAllLookedInto = (lookedInto: number, backups: number): Text => {
  const [some, all] = [number(lookedInto), count(backups, 'backup')];
  return {
    en: `${some.en} of ${all.en} were looked into: if it was entered, deleted and entered again, an older one may have it too.`,
    id: `${some.id} dari ${all.id} dilihat: jika pernah dimasukkan, dihapus, lalu dimasukkan lagi, cadangan yang lebih lama mungkin juga memuatnya.`,
  };
};

/* diff */

export const diffNeedsTwo: Text = {
  en: 'diff compares two states',
  id: 'diff membandingkan dua keadaan',
};

export const nameBothStates: Text = {
  en: 'Name both by their days, ids or "live", such as "efaktur-cloud diff 2023-07-06 2023-07-08", or one of them with --local PATH.',
  id: 'Sebutkan keduanya dengan tanggal, id, atau "live", misalnya "efaktur-cloud diff 2023-07-06 2023-07-08", atau salah satunya dengan --local PATH.',
};

export const notAState = (name: string): Text => ({
  en: `"${name}" is no day, no id of a backup and no path`,
  id: `"${name}" bukan tanggal, bukan id cadangan, dan bukan lokasi file atau folder`,
});

export const writeState: Text = {
  en: 'Write a day as 2023-07-08 or 08-07-2023 (day first), an id as "efaktur-cloud list" shows it, or "live".',
  id: 'Tulis tanggal seperti 2023-07-08 atau 08-07-2023 (tanggal di depan), id seperti yang ditampilkan "efaktur-cloud list", atau "live".',
};

export const neitherHasTable = (table: string): Text => ({
  en: `neither state has a table ${table}`,
  id: `tabel ${table} tidak ada di kedua keadaan itu`,
});

export const seeTables: Text = { en: 'See "efaktur-cloud tables".', id: 'Lihat "efaktur-cloud tables".' };

export const moreIn = (table: string): Text => ({
  en: `… and more in ${table}; see them with --limit or --xlsx.`,
  id: `… dan masih ada lagi di ${table}; lihat dengan --limit atau --xlsx.`,
});

export const emptyValue: Text = { en: '(empty)', id: '(kosong)' };

export const fromTo = (before: Text, after: Text): Text => ({
  en: `From ${before.en}\nto ${after.en}:`,
  id: `Dari ${before.id}\nke ${after.id}:`,
});

export const diffHeadings: readonly Text[] = [
  { en: 'TABLE', id: 'TABEL' },
  { en: 'BEFORE', id: 'SEBELUM' },
  { en: 'AFTER', id: 'SESUDAH' },
  { en: 'ADDED', id: 'DITAMBAHKAN' },
  { en: 'REMOVED', id: 'DIHAPUS' },
  { en: 'CHANGED', id: 'DIUBAH' },
  verbatim(''),
];

export const othersAreSame = (same: number): Text => {
  const shown = number(same);
  return {
    en: `${shown.en} other ${counted(same, 'table').en} ${same === 1 ? 'is' : 'are'} the same.`,
    id: `${shown.id} tabel lainnya sama.`,
  };
};

export const allAreSame = (same: number): Text => {
  const tables = count(same, 'table');
  return {
    en: `The rows of ${same === 1 ? 'the one table' : `all ${tables.en}`} are the same.`,
    id: `Baris ${same === 1 ? 'satu-satunya tabel itu' : `semua ${tables.id}`} sama.`,
  };
};

export const differingRowsIn = (file: string): Text => ({
  en: `All rows that differ are in ${file}.`,
  id: `Semua baris yang berbeda ada di ${file}.`,
});

/* export-tables */

export const exportTablesNeedsTarget: Text = {
  en: 'export-tables needs a folder to write into',
  id: 'export-tables memerlukan folder tujuan',
};

export const nameFolderOrWorkbook: Text = {
  en: 'Name one that is not there yet with --to, or a workbook with --xlsx FILE.',
  id: 'Sebutkan folder yang belum ada dengan --to, atau file Excel dengan --xlsx FILE.',
};

/** What was written, and of which state. */
export const tablesAndRows = (written: number, all: number, place: Text): Text => {
  const [tables, rows] = [count(written, 'table'), count(all, 'row')];
  return { en: `${tables.en} (${rows.en}) of ${place.en}`, id: `${tables.id} (${rows.id}) dari ${place.id}` };
};

export const wroteTables = (what: Text, folder: string): Text => ({
  en: `Wrote ${what.en} to ${folder}: a CSV file each, and schema.json.`,
  id: `Menulis ${what.id} ke ${folder}: satu file CSV untuk setiap tabel, dan schema.json.`,
});

export const wroteTablesAndWorkbook = (what: Text, folder: string, workbook: string): Text => ({
  en: `Wrote ${what.en} to ${folder}: a CSV file each, and schema.json, and all of them in ${workbook}.`,
  id: `Menulis ${what.id} ke ${folder}: satu file CSV untuk setiap tabel, dan schema.json, serta semuanya dalam ${workbook}.`,
});

export const wroteWorkbook = (what: Text, workbook: string): Text => ({
  en: `Wrote ${what.en} to ${workbook}: a sheet for each that has rows, and a list of them all.`,
  id: `Menulis ${what.id} ke ${workbook}: satu lembar kerja untuk setiap tabel yang berisi baris, dan daftar semuanya.`,
});

/* What a restore has brought back. */

export const whatItHolds: Text = { en: 'What it holds:', id: 'Isinya:' };

export const newestDate = (isoDay: string): Text => {
  const date = day(isoDay);
  return { en: `newest ${date.en}`, id: `terbaru ${date.id}` };
};

export const asOfLastCheckpoint: Text = { en: 'as of the last checkpoint', id: 'per checkpoint terakhir' };
