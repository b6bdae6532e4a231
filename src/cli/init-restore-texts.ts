import { count, day, month, timeOfDay } from '../base/phrases.ts';
import { inBoth, joined, type Language, type Text } from '../base/text.ts';
import type { FoundFolder } from '../setup/app-folders.ts';
import type { StoredDay } from './days.ts';
import { folderLabel } from './init-texts.ts';

/* Restoring by the wizard (init-restore.ts). */

export const whereAreBackups: Text = { en: 'Where are the backups?', id: 'Di mana cadangannya?' };
export const lookingThere = (stores: readonly string[]): Text => ({
  en: `Looking up what is stored in ${stores.join(', ')}`,
  id: `Mencari yang tersimpan di ${stores.join(', ')}`,
});
export const nothingThere: Text = {
  en: 'no backup lies there',
  id: 'tidak ada cadangan di sana',
};
export const whichHistory: Text = {
  en: 'Several histories lie there, one for each e-Faktur folder. Which one?',
  id: 'Ada beberapa riwayat di sana, satu untuk setiap folder e-Faktur. Yang mana?',
};
export const historyLabel = (prefix: string, backups: number, newest: string): Text => {
  const [many, date] = [count(backups, 'backup'), day(newest)];
  return {
    en: `${prefix}: ${many.en}, the newest of ${date.en}`,
    id: `${prefix}: ${many.id}, yang terbaru ${date.id}`,
  };
};
export const noneOfThem: Text = { en: 'none of these', id: 'bukan salah satunya' };
export const checkPlace: Text = {
  en: 'Check the name of the bucket and the prefix, or the folder: the recovery sheet names them.',
  id: 'Periksa nama bucket dan prefix, atau foldernya: tertulis di lembar pemulihan.',
};
export const isEncrypted: Text = {
  en: 'the backups are encrypted, and no secret key was given',
  id: 'cadangan terenkripsi, dan kunci rahasia belum diberikan',
};
export const giveKey: Text = {
  en: 'Give the key of the recovery sheet with --key-file or EFAKTUR_IDENTITY_FILE.',
  id: 'Berikan kunci dari lembar pemulihan dengan --key-file atau EFAKTUR_IDENTITY_FILE.',
};

/** The months that have backups, the newest of them; days with one stand in brackets. */
const shownMonths = 3;

export function calendar(days: readonly string[]): Text {
  const months = [...new Set(days.map((iso) => iso.slice(0, 7)))].slice(0, shownMonths);
  return joined(
    months.reverse().map((one) => inBoth((l) => monthGrid(one, days, l))),
    '\n',
  );
}

const weekdays: Readonly<Record<Language, string>> = {
  en: ' Mo  Tu  We  Th  Fr  Sa  Su',
  id: ' Sn  Sl  Rb  Km  Jm  Sb  Mg',
};

function monthGrid(yearMonth: string, days: readonly string[], language: Language): string {
  const [year = 0, ofYear = 1] = yearMonth.split('-').map(Number);
  const first = new Date(Date.UTC(year, ofYear - 1, 1));
  const length = new Date(Date.UTC(year, ofYear, 0)).getUTCDate();
  const blanks = Array.from({ length: (first.getUTCDay() + 6) % 7 }, () => '    ');
  const cells = Array.from({ length }, (_, i) => {
    const number = String(i + 1).padStart(2);
    return days.includes(`${yearMonth}-${number.replace(' ', '0')}`) ? `[${number}]` : ` ${number} `;
  });
  const all = [...blanks, ...cells];
  const weeks = Array.from({ length: Math.ceil(all.length / 7) }, (_, i) =>
    all.slice(i * 7, i * 7 + 7).join(''),
  );
  return [`${month(ofYear)[language]} ${year}`, weekdays[language], ...weeks].join('\n');
}

export const whichDay: Text = {
  en: 'Which day? Days with backups stand in brackets above.',
  id: 'Hari apa? Hari yang mempunyai cadangan bertanda kurung di atas.',
};
export const dayLabel = ({ iso, backups, newest }: StoredDay): Text => {
  const [date, time, many] = [day(iso), timeOfDay(newest), count(backups, 'backup')];
  return {
    en: `${date.en}, ${many.en}${backups > 1 ? ', the newest' : ''} of ${time.en}`,
    id: `${date.id}, ${many.id}${backups > 1 ? ', yang terbaru' : ''} pukul ${time.id}`,
  };
};
export const olderDay: Text = { en: 'an older day', id: 'hari yang lebih lama' };
export const typeDay: Text = {
  en: 'Date, such as 8 July 2023',
  id: 'Tanggal, misalnya 8 Juli 2023',
};
export const noSuchDay: Text = {
  en: 'No backup of that day is stored.',
  id: 'Tidak ada cadangan dari hari itu.',
};

export const whichTarget: Text = {
  en: 'Into which e-Faktur folder? A db that is there is kept beside it under another name.',
  id: 'Ke folder e-Faktur mana? Db yang ada di sana tetap disimpan di sebelahnya dengan nama lain.',
};
export const targetLabel = (found: FoundFolder): Text => folderLabel(found);
export const newTarget = (path: string): Text => ({
  en: `a new folder: ${path}`,
  id: `folder baru: ${path}`,
});
export const otherTarget: Text = { en: 'another folder', id: 'folder lain' };
export const typeTarget: Text = {
  en: 'Folder: type it, or drag it into this window',
  id: 'Folder: ketik, atau seret ke jendela ini',
};
export const whichInvoice: Text = {
  en: 'An invoice that must be in it, to be sure: number, customer, amount or date (Enter alone: none)',
  id: 'Faktur yang harus ada di dalamnya, agar yakin: nomor, lawan transaksi, jumlah, atau tanggal (Enter saja: tidak ada)',
};
export const yesReplace: Text = { en: 'Yes, restore', id: 'Ya, pulihkan' };
export const noLeaveIt: Text = { en: 'No, leave everything as it is', id: 'Tidak, biarkan seperti sekarang' };
export const afterRestore: Text = joined(
  [
    {
      en: 'Is this the PC that you work on from now on? Then let it back up, too: efaktur-cloud init new.',
      id: 'Apakah mulai sekarang Anda bekerja di komputer ini? Kalau begitu, cadangkan juga: efaktur-cloud init new.',
    },
    {
      en: 'Nothing of the key or of the store was written on this PC.',
      id: 'Kunci dan tempat cadangan tidak ditulis di komputer ini.',
    },
  ],
  '\n',
);
