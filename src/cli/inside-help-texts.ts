import type { Text } from '../base/text.ts';

/** What `--help` says of the commands that look inside a backup. */

export const tablesHelp = {
  about: {
    en: 'show the tables of a backup, without e-Faktur',
    id: 'tampilkan tabel sebuah cadangan, tanpa e-Faktur',
  },
} satisfies Record<string, Text>;

export const findHelp = {
  about: {
    en: 'find rows of a backup by text, number or date; all of them must be in one row',
    id: 'cari baris cadangan menurut teks, angka, atau tanggal; semuanya harus ada dalam satu baris',
  },
  first: {
    en: 'say in which stored backup it first appears',
    id: 'sebutkan di cadangan mana baris itu pertama kali muncul',
  },
} satisfies Record<string, Text>;

export const showHelp = {
  about: { en: 'show the rows of a table of a backup', id: 'tampilkan baris sebuah tabel dari cadangan' },
  where: {
    en: 'only rows with this value in this column',
    id: 'hanya baris dengan nilai ini di kolom ini',
  },
  columns: {
    en: 'only these columns, separated by commas',
    id: 'kolom ini saja, dipisahkan dengan koma',
  },
  offset: { en: 'pass over the first N rows', id: 'lewati N baris pertama' },
  limit: {
    en: 'at most so many rows; all with --csv, --jsonl, --xlsx',
    id: 'paling banyak sekian baris; semua bila dengan --csv, --jsonl, --xlsx',
  },
  csv: {
    en: 'write CSV, to stdout or with =FILE to a file',
    id: 'tulis CSV, ke layar atau dengan =FILE ke file',
  },
  jsonl: {
    en: 'write one JSON object a line, to stdout or with =FILE to a file',
    id: 'tulis satu objek JSON per baris, ke layar atau dengan =FILE ke file',
  },
  xlsx: { en: 'write an Excel workbook', id: 'tulis file Excel' },
} satisfies Record<string, Text>;

export const diffHelp = {
  about: {
    en: 'compare two backups, or a backup with the live db: days, ids, paths or "live"',
    id: 'bandingkan dua cadangan, atau cadangan dengan db aktif: tanggal, id, path, atau "live"',
  },
  local: {
    en: 'an e-Faktur folder, a db folder or a login backup in place of B',
    id: 'folder e-Faktur, folder db, atau cadangan saat masuk sebagai B',
  },
  rows: { en: 'show the rows that differ', id: 'tampilkan baris yang berbeda' },
  limit: { en: 'at most so many rows of a table', id: 'paling banyak sekian baris per tabel' },
  xlsx: {
    en: 'write all rows that differ to an Excel workbook',
    id: 'tulis semua baris yang berbeda ke file Excel',
  },
} satisfies Record<string, Text>;

export const exportTablesHelp = {
  about: {
    en: 'write all tables of a backup as CSV files with their schema',
    id: 'tulis semua tabel cadangan sebagai file CSV beserta skemanya',
  },
  to: { en: 'the folder to make', id: 'folder yang akan dibuat' },
  xlsx: {
    en: 'one Excel workbook with a sheet for each table: FILE, or tables.xlsx in the folder',
    id: 'satu file Excel dengan satu lembar per tabel: FILE, atau tables.xlsx di folder itu',
  },
} satisfies Record<string, Text>;
