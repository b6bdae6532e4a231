import type { Text } from '../base/text.ts';

/* What run refuses. */

export const storesForSeveral: Text = {
  en: '--store was given, but there are several profiles, each with a store of its own',
  id: '--store diberikan, padahal ada beberapa profil yang masing-masing mempunyai tempat cadangan sendiri',
};
export const nameOneProfile: Text = {
  en: 'Name one with --profile, or leave out --store.',
  id: 'Sebutkan satu dengan --profile, atau hilangkan --store.',
};
export const foundNotRun = (file: string): Text => ({
  en: `run does not read ${file}: a schedule stands in any folder`,
  id: `run tidak membaca ${file}: jadwal dapat berjalan di folder mana saja`,
});
export const keepOrName = (file: string, folder: string): Text => {
  const named = /\s/.test(file) ? `"${file}"` : file;
  return {
    en: `Keep it as .env or NAME.env in ${folder}, or name it with --settings ${named}.`,
    id: `Simpan sebagai .env atau NAMA.env di ${folder}, atau sebutkan dengan --settings ${named}.`,
  };
};

/* The log (history). */

export const noHistory: Text = { en: 'No run is in the log.', id: 'Belum ada putaran di log.' };
