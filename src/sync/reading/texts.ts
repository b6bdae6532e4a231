import type { Text } from '../../base/text.ts';

/** A phase of the progress. */
export const reading: Text = { en: 'read', id: 'membaca' };

/* `what` is the path of what is read, `file` one of the files in it. */

export const fileUnreadable = (what: string, file: string, code: string): Text => ({
  en: `${what}: ${file} cannot be read (${code})`,
  id: `${what}: ${file} tidak dapat dibaca (${code})`,
});
export const checkRightsAndPrograms: Text = {
  en: 'Check that this user may read it, and that no other program holds it.',
  id: 'Periksa apakah pengguna ini boleh membacanya, dan apakah sedang dipakai program lain.',
};

export const fileChanged = (what: string, file: string): Text => ({
  en: `${what}: ${file} changed while it was read`,
  id: `${what}: ${file} berubah selagi dibaca`,
});
export const keepsChanging = (what: string): Text => ({
  en: `${what} changes while it is read`,
  id: `${what} berubah-ubah selagi dibaca`,
});
export const closeOrPushAgain: Text = {
  en: 'Close e-Faktur, or push again in a moment.',
  id: 'Tutup e-Faktur, atau jalankan push lagi sebentar kemudian.',
};
