import type { Text } from '../base/text.ts';

/* Times. */

export const noTimeOfDay = (value: string): Text => ({
  en: `"${value}" is no time of day`,
  id: `"${value}" bukan jam yang benar`,
});
export const noTimes = (most: number): Text => ({
  en: `more than ${most} times a day`,
  id: `lebih dari ${most} jam dalam sehari`,
});
export const writeTimes: Text = {
  en: 'Write the times of this PC with 24 hours and a comma between, such as --at 12:00,17:00; without --at it runs every hour.',
  id: 'Tulis jam komputer ini dalam format 24 jam dengan koma di antaranya, misalnya --at 12:00,17:00; tanpa --at program berjalan setiap jam.',
};

/* Where there is no scheduler. */

export const noScheduler = (platform: string): Text => ({
  en: `no scheduler that this program knows is on this system (${platform})`,
  id: `di sistem ini (${platform}) tidak ada penjadwal yang dikenal program ini`,
});
export const useOwnScheduler: Text = {
  en: 'Let another scheduler call `efaktur-cloud run --scheduled` every hour.',
  id: 'Atur penjadwal lain agar memanggil `efaktur-cloud run --scheduled` setiap jam.',
};
