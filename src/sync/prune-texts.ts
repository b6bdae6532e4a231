import { count, day, number } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/* What is asked for. */

export const keepsNewestOnly: Text = {
  en: 'the policy keeps nothing but the newest backup',
  id: 'aturan retensi ini hanya menyimpan cadangan terbaru',
};
export const giveKeepRule: Text = {
  en: 'Give at least one rule that keeps something, such as --keep-yearly 10; without any the default policy counts.',
  id: 'Berikan setidaknya satu aturan yang menyimpan sesuatu, misalnya --keep-yearly 10; tanpa aturan apa pun, aturan bawaan yang berlaku.',
};

/** More backups would go than one run may delete; `limit` as it is given. */
export function overMaxDelete(store: string, going: number, all: number, limit: string): Text {
  const [some, backups] = [number(going), count(all, 'backup')];
  return {
    en: `${store}: ${some.en} of ${backups.en} would be deleted, more than --max-delete ${limit} allows`,
    id: `${store}: ${some.id} dari ${backups.id} akan dihapus, melebihi batas --max-delete ${limit}`,
  };
}
/** To somebody who looks at the plan. */
export const allowMore: Text = {
  en: 'Where that is what you want, allow it with --max-delete, for example --max-delete 100%.',
  id: 'Bila memang itu yang Anda inginkan, izinkan dengan --max-delete, misalnya --max-delete 100%.',
};
export const lookAtPlan: Text = {
  en: 'Look at the plan (without --yes); if it is what you want, allow it with --max-delete, for example --max-delete 100%.',
  id: 'Lihat rencananya (tanpa --yes); bila memang itu yang Anda inginkan, izinkan dengan --max-delete, misalnya --max-delete 100%.',
};

/* What stops a run, and what must be told of the times in a store. */

export const notPrunedToEnd = (store: string, why: Text): Text => ({
  en: `${store} was not pruned to its end: ${why.en}`,
  id: `${store} belum selesai dirapikan: ${why.id}`,
});
export const soNothingDeleted = (why: Text): Text => ({
  en: `${why.en}; nothing was deleted`,
  id: `${why.id}; tidak ada yang dihapus`,
});
/** `days`: those on which they were uploaded, ISO, of which the first few are said. */
export function uploadedLate(store: string, late: number, days: readonly string[]): Text {
  const backups = count(late, 'backup');
  const shown = days.slice(0, 3).map(day);
  const on = inBoth(
    (l) => `${shown.map((one) => one[l]).join(', ')}${days.length > shown.length ? ', …' : ''}`,
  );
  return {
    en:
      late === 1
        ? `${store}: ${backups.en} was uploaded more than a week after the time it names, on ${on.en}; nothing that was there before goes because of it`
        : `${store}: ${backups.en} were uploaded more than a week after the time they name, on ${on.en}; nothing that was there before goes because of them`,
    id: `${store}: ${backups.id} diunggah lebih dari seminggu setelah waktu pengambilannya, pada ${on.id}; yang sudah ada sebelumnya tidak dihapus karenanya`,
  };
}
export const orPushKeyStolen: Text = {
  en: 'If nobody stored old backups then, somebody else may have the key that pushes: see docs/SECURITY.md, "The upload key is stolen".',
  id: 'Bila saat itu tidak ada yang menyimpan cadangan lama, mungkin orang lain memegang kunci unggah: lihat docs/SECURITY.md, "The upload key is stolen".',
};
