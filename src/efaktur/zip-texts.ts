import type { Reasoned } from '../base/errors.ts';
import { number } from '../base/phrases.ts';
import { listed, type Text } from '../base/text.ts';

/* Zips of login backups that cannot be opened. */

export const zipDamaged = (zip: string, because: Text): Reasoned => ({
  what: { en: `the backup ${zip} is damaged`, id: `cadangan ${zip} rusak` },
  because,
});
export const useOlderBackup: Text = {
  en: 'Use an older login backup, or the live db.',
  id: 'Gunakan cadangan saat masuk yang lebih lama, atau db aktif.',
};
export const tableUnreadable: Text = {
  en: 'its table of contents cannot be read',
  id: 'daftar isinya tidak dapat dibaca',
};
export const notOpenedAsZip: Text = {
  en: 'it cannot be opened as a zip',
  id: 'tidak dapat dibuka sebagai zip',
};
export const endMissing: Text = { en: 'the end of the zip is missing', id: 'bagian akhir zip tidak ada' };
export const lacksPart = (folder: string, missing: string): Text => ({
  en: `the database in ${folder} has no ${missing}`,
  id: `database di ${folder} tidak memiliki ${missing}`,
});
export const entryUnreadable = (name: string, code: string | null): Text => {
  const behind = code === null ? '' : ` (${code})`;
  return { en: `${name} cannot be read${behind}`, id: `${name} tidak dapat dibaca${behind}` };
};
export const wrongCrc = (name: string): Text => ({
  en: `${name} has a wrong CRC`,
  id: `CRC ${name} tidak cocok`,
});
export const noZipAtAll = (path: string): Text => ({
  en: `${path} is no zip: it neither begins nor ends as one`,
  id: `${path} bukan zip: awal dan akhirnya bukan seperti zip`,
});
export const useOtherBackup: Text = {
  en: 'Use another login backup, or the live db.',
  id: 'Gunakan cadangan saat masuk yang lain, atau db aktif.',
};

/* Those that nothing is wrong with, but that are not opened here. */

export const extractAndGive: Text = {
  en: 'Extract it and give the folder, with --source or --local, or put the folder into backup.',
  id: 'Ekstrak dan berikan foldernya dengan --source atau --local, atau letakkan folder itu di dalam backup.',
};
export const splitZip = (path: string): Text => ({
  en: `the backup ${path} is a part of a split zip`,
  id: `cadangan ${path} adalah satu bagian dari zip yang terbagi`,
});
export const joinAndExtract: Text = {
  en: 'Put its parts together and extract them, and give the folder, with --source or --local.',
  id: 'Gabungkan semua bagiannya, ekstrak, lalu berikan foldernya dengan --source atau --local.',
};

/** What has the name of a zip and is something else. */
export const foreignFormats = {
  '7z': { en: '7-Zip archive', id: 'arsip 7-Zip' },
  rar: { en: 'RAR archive', id: 'arsip RAR' },
  gzip: { en: 'gzip file', id: 'file gzip' },
  xz: { en: 'xz file', id: 'file xz' },
  zstd: { en: 'Zstandard file', id: 'file Zstandard' },
  bzip2: { en: 'bzip2 file', id: 'file bzip2' },
  tar: { en: 'tar archive', id: 'arsip tar' },
  cabinet: { en: 'cabinet file', id: 'file cabinet' },
  html: { en: 'web page', id: 'halaman web' },
} as const satisfies Readonly<Record<string, Text>>;
export type ForeignFormat = keyof typeof foreignFormats;

export function notZipBut(path: string, format: ForeignFormat): Text {
  const what = foreignFormats[format];
  return { en: `${path} is no zip but a ${what.en}`, id: `${path} bukan zip melainkan ${what.id}` };
}
export function tooManyFiles(path: string, found: number): Text {
  const files = number(found);
  return {
    en: `the backup ${path} holds ${files.en} files, more than any e-Faktur has`,
    id: `cadangan ${path} berisi ${files.id} file, lebih banyak dari e-Faktur mana pun`,
  };
}
export const leadsOut = (path: string, name: string): Text => ({
  en: `the backup ${path} holds ${JSON.stringify(name)}, a name that leads out of it`,
  id: `cadangan ${path} berisi ${JSON.stringify(name)}, nama yang mengarah ke luar zip`,
});
export const tooDeep = (path: string): Text => ({
  en: `a file in the backup ${path} lies deeper, or has a longer name, than any of e-Faktur`,
  id: `ada file di cadangan ${path} yang letaknya lebih dalam atau namanya lebih panjang dari file e-Faktur mana pun`,
});
export const locked = (path: string): Text => ({
  en: `the files in ${path} are locked with a password, which efaktur-cloud does not ask for`,
  id: `file di dalam ${path} dilindungi kata sandi, yang tidak diminta oleh efaktur-cloud`,
});
export function packedBy(path: string, methods: readonly Text[]): Text {
  const by = listed(methods);
  return {
    en: `the files in ${path} are packed by ${by.en}, which efaktur-cloud does not unpack`,
    id: `file di dalam ${path} dipadatkan dengan ${by.id}, yang tidak dapat dibuka oleh efaktur-cloud`,
  };
}
export const method = (code: number): Text => ({ en: `method ${code}`, id: `metode ${code}` });
export function severalRootsInZip(zip: string, found: number, shown: string): Text {
  const all = number(found);
  return {
    en: `the backup ${zip} holds ${all.en} db folders (${shown}), and which is meant cannot be told`,
    id: `cadangan ${zip} berisi ${all.id} folder db (${shown}), dan tidak jelas mana yang dimaksud`,
  };
}
export const extractAndGiveOne: Text = {
  en: 'Extract it and give the one that is meant, with --source or --local.',
  id: 'Ekstrak dan berikan folder yang dimaksud dengan --source atau --local.',
};
export const noDatabaseInZip = (zip: string): Text => ({
  en: `the backup ${zip} holds no database (a folder with service.properties beside seg0)`,
  id: `cadangan ${zip} tidak berisi database (folder dengan service.properties di samping seg0)`,
});
export const butArchive = (what: Text, nested: string): Text => ({
  en: `${what.en}, but ${nested}`,
  id: `${what.id}, tetapi ada ${nested}`,
});
export const giveZipOrDb: Text = {
  en: 'Give the zip of a login backup, or a db folder.',
  id: 'Berikan zip cadangan saat masuk, atau folder db.',
};
export const extractAndGiveInside: Text = {
  en: 'Extract it and give what is in it, with --source or --local.',
  id: 'Ekstrak dan berikan isinya dengan --source atau --local.',
};
