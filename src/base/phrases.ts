import { inBoth, type Language, type Text } from './text.ts';

/**
 * Numbers, sizes, times and plurals as sentences hold them. By hand: Intl writes Indonesian dates and sizes in other forms than
 * people do, and its first use costs 25 ms. What can be pasted back, tables and JSON have ISO times and plain digits instead.
 */

const nouns = {
  archive: ['archive', 'archives', 'arsip'],
  backup: ['backup', 'backups', 'cadangan'],
  byte: ['byte', 'bytes', 'byte'],
  cell: ['cell', 'cells', 'sel'],
  change: ['change', 'changes', 'perubahan'],
  column: ['column', 'columns', 'kolom'],
  copy: ['copy', 'copies', 'salinan'],
  database: ['database', 'databases', 'database'],
  day: ['day', 'days', 'hari'],
  'empty day folder': ['empty day folder', 'empty day folders', 'folder harian kosong'],
  file: ['file', 'files', 'file'],
  folder: ['folder', 'folders', 'folder'],
  hour: ['hour', 'hours', 'jam'],
  index: ['index', 'indexes', 'indeks'],
  key: ['key', 'keys', 'kunci'],
  'login backup': ['login backup', 'login backups', 'cadangan saat masuk'],
  minute: ['minute', 'minutes', 'menit'],
  month: ['month', 'months', 'bulan'],
  object: ['object', 'objects', 'objek'],
  page: ['page', 'pages', 'halaman'],
  place: ['place', 'places', 'tempat'],
  problem: ['problem', 'problems', 'masalah'],
  profile: ['profile', 'profiles', 'profil'],
  'program backup': ['program backup', 'program backups', 'cadangan program'],
  request: ['request', 'requests', 'permintaan'],
  row: ['row', 'rows', 'baris'],
  second: ['second', 'seconds', 'detik'],
  store: ['store', 'stores', 'tempat cadangan'],
  table: ['table', 'tables', 'tabel'],
  'temp file': ['temp file', 'temp files', 'file sementara'],
  'test object': ['test object', 'test objects', 'objek uji'],
  upload: ['upload', 'uploads', 'unggahan'],
  value: ['value', 'values', 'nilai'],
  version: ['version', 'versions', 'versi'],
  year: ['year', 'years', 'tahun'],
} as const;

export type Noun = keyof typeof nouns;

const thousands: Record<Language, string> = { en: ',', id: '.' };
const decimals: Record<Language, string> = { en: '.', id: ',' };

function written(value: number, digits: number, language: Language): string {
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands[language]);
  return fraction === undefined ? grouped : `${grouped}${decimals[language]}${fraction}`;
}

/** `1,234.5` and `1.234,5`. */
export const number = (value: number, digits = 0): Text =>
  inBoth((language) => written(value, digits, language));

/** `1 row`, `1,234 rows`; Indonesian has one form. */
export function count(value: number, noun: Noun): Text {
  const [one, many, id] = nouns[noun];
  const shown = number(value);
  return { en: `${shown.en} ${value === 1 ? one : many}`, id: `${shown.id} ${id}` };
}

/** The noun alone, as it stands behind that number. */
export function counted(value: number, noun: Noun): Text {
  const [one, many, id] = nouns[noun];
  return { en: value === 1 ? one : many, id };
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `12.3 MB` and `12,3 MB`, in powers of 1000. */
export function bytes(value: number): Text {
  let shown = value;
  let unit = 0;
  while (shown >= 999.5 && unit < units.length - 1) {
    shown /= 1000;
    unit++;
  }
  return inBoth(
    (language) => `${written(shown, unit === 0 || shown >= 100 ? 0 : 1, language)} ${units[unit]}`,
  );
}

const steps = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `36 hours`, `3 days`: in the largest unit of which there are two, or which it is exactly; rounded. */
export function duration(ms: number): Text {
  const seconds = Math.max(0, Math.round(ms / 1000));
  for (const [noun, length] of steps)
    if (seconds >= 2 * length || seconds === length) return count(Math.round(seconds / length), noun);
  return count(0, 'second');
}

const months: Record<Language, readonly string[]> = {
  en: 'January February March April May June July August September October November December'.split(' '),
  id: 'Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember'.split(' '),
};

/** `July` and `Juli`; 1 to 12. */
export const month = (ofYear: number): Text => inBoth((language) => months[language][ofYear - 1] ?? '');

/** `8 July 2023` out of `2023-07-08`; anything else as it is. */
export function day(iso: string): Text {
  const [, year, ofYear, ofMonth] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso) ?? [];
  return inBoth((language) =>
    year === undefined ? iso : `${Number(ofMonth)} ${month(Number(ofYear))[language]} ${year}`,
  );
}

/** `8 July 2023 09:30` and `8 Juli 2023 09.30` out of an RFC 3339 text, in the zone it was written in. */
export function moment(rfc3339: string): Text {
  const date = day(rfc3339.slice(0, 10));
  const time = timeOfDay(rfc3339);
  return { en: `${date.en} ${time.en}`, id: `${date.id} ${time.id}` };
}

/** `09:30` and `09.30` out of an RFC 3339 text. */
export const timeOfDay = (rfc3339: string): Text => ({
  en: rfc3339.slice(11, 16),
  id: rfc3339.slice(11, 16).replace(':', '.'),
});
