import type { Text } from '../base/text.ts';

/* A lock that ends before those of what leans on it. */

export const lockEndsBefore = (store: string, key: string): Text => ({
  en: `${store}: the lock of ${key} ends before those of the backups that were copied now and need it`,
  id: `${store}: penguncian ${key} berakhir lebih dahulu daripada penguncian cadangan yang baru disalin dan memerlukannya`,
});
export const lengthenLock: Text = {
  en: 'Whoever may change locks there can make it longer; or copy to a new prefix.',
  id: 'Siapa pun yang berizin mengubah penguncian di sana dapat memperpanjangnya; atau salin ke prefix baru.',
};
