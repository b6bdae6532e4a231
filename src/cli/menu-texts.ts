import { count, day, timeOfDay } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/* The menu of a console (menu.ts). */

export const title = (version: string): Text => ({
  en: `efaktur-cloud ${version}: backups of e-Faktur's databases`,
  id: `efaktur-cloud ${version}: cadangan (backup) database e-Faktur`,
});
export const settingsAre = (file: string): Text => ({
  en: `Settings: ${file}`,
  id: `Pengaturan: ${file}`,
});
export const severalProfiles = (profiles: number): Text => ({
  en: `${profiles} profiles`,
  id: `${profiles} profil`,
});
export const whichProfile: Text = {
  en: 'Which profile? Type its number or its name; Enter alone to go back: ',
  id: 'Profil yang mana? Ketik nomornya atau namanya; Enter saja untuk batal: ',
};
export const noSuchProfileHere: Text = {
  en: 'There is no such profile. Its number or name: ',
  id: 'Profil itu tidak ada. Nomor atau namanya: ',
};
export const nothingSetUp: Text = {
  en: 'Nothing says yet where backups go: begin with 4.',
  id: 'Tempat cadangan belum diatur: mulailah dengan 4.',
};

export const statusLabel: Text = {
  en: 'status: is everything backed up?',
  id: 'status: apakah semuanya sudah dicadangkan?',
};
export const pushLabel: Text = { en: 'back up now', id: 'cadangkan sekarang' };
export const pullLabel: Text = { en: 'restore', id: 'pulihkan' };
export const setUpLabel: Text = { en: 'set up', id: 'pengaturan awal' };
export const helpLabel: Text = { en: 'help', id: 'bantuan' };
export const leaveLabel: Text = { en: 'leave', id: 'keluar' };

export const chooseOne: Text = {
  en: 'Type a number and press Enter: ',
  id: 'Ketik angkanya lalu tekan Enter: ',
};
export const chooseFrom = (last: number): Text => ({
  en: `Type a number from 0 to ${last}: `,
  id: `Ketik angka dari 0 sampai ${last}: `,
});
export const enterEnds: Text = {
  en: 'Press Enter to close, or m and Enter for the menu: ',
  id: 'Tekan Enter untuk menutup, atau m lalu Enter untuk menu: ',
};

/** The command that is run, as it could be typed. */
export const asTyped = (words: string): Text => inBoth(() => `\n> efaktur-cloud ${words}\n`);

/* Restoring (menu-restore.ts). */

export const lookingUpDays: Text = {
  en: 'Looking up which days are stored.',
  id: 'Mencari hari yang tersimpan.',
};
export const nothingStored: Text = {
  en: 'No backup is stored yet, so there is nothing to restore.',
  id: 'Belum ada cadangan yang tersimpan, jadi belum ada yang dapat dipulihkan.',
};
export const storedDays: Text = {
  en: 'Stored days, the newest first:',
  id: 'Hari yang tersimpan, mulai dari yang terbaru:',
};
export const dayWith = (iso: string, backups: number, newest: string): Text => {
  const time = timeOfDay(newest);
  return {
    en: `${day(iso).en}, ${count(backups, 'backup').en}${backups > 1 ? `, the newest of ${time.en}` : ` of ${time.en}`}`,
    id: `${day(iso).id}, ${count(backups, 'backup').id}${backups > 1 ? `, yang terbaru pukul ${time.id}` : ` pukul ${time.id}`}`,
  };
};
export const olderDays = (days: number, oldest: string): Text => ({
  en: `and ${count(days, 'day').en} more, back to ${day(oldest).en}`,
  id: `dan ${count(days, 'day').id} lagi, sampai ${day(oldest).id}`,
});
export const whichDay: Text = {
  en: 'Which day? Type its number or its date (8 July 2023); Enter alone to go back: ',
  id: 'Hari apa? Ketik nomornya atau tanggalnya (8 Juli 2023); Enter saja untuk batal: ',
};
export const noSuchDay: Text = {
  en: 'No backup of that day is stored. Its number or date: ',
  id: 'Tidak ada cadangan dari hari itu. Nomor atau tanggalnya: ',
};
export const whereTo = (app: string | null): Text => ({
  en: `Into which folder? Enter alone for the e-Faktur folder${app === null ? '' : ` ${app}`} itself; or type another one: `,
  id: `Ke folder mana? Enter saja untuk folder e-Faktur${app === null ? '' : ` ${app}`}; atau ketik folder lain: `,
});
export const theEfakturFolder: Text = { en: 'the e-Faktur folder', id: 'folder e-Faktur' };
export const willRestore = (iso: string, newest: string, target: Text): Text => ({
  en: `The newest backup of ${day(iso).en}, of ${timeOfDay(newest).en}, will be restored into ${target.en}. Go on?`,
  id: `Cadangan terbaru dari ${day(iso).id}, pukul ${timeOfDay(newest).id}, akan dipulihkan ke ${target.id}. Lanjutkan?`,
});
export const nothingRestored: Text = { en: 'Nothing was restored.', id: 'Tidak ada yang dipulihkan.' };
