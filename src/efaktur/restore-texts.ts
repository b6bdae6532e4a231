import { count, number } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/* Putting restored files in their place. */

export const cannotTakeRestore = (folder: string): Text => ({
  en: `${folder} cannot take a restore`,
  id: `pemulihan tidak dapat dilakukan ke ${folder}`,
});
export const cannotMakeReady = (folder: string): Text => ({
  en: `${folder}: the restored files cannot be made ready`,
  id: `${folder}: file yang dipulihkan tidak dapat disiapkan`,
});

/** Why a step of a swap failed, behind the folder. */
export const refusedBySystem = (folder: string, what: Text, code: string | null): Text =>
  inBoth((l) => `${folder}: ${what[l]} (${code})`);
export const dbUnreadable: Text = { en: 'db cannot be read', id: 'db tidak dapat dibaca' };
export const oldDbStuck: Text = {
  en: 'the old db cannot be moved aside',
  id: 'db lama tidak dapat dipindahkan',
};
export const newDbStuck: Text = {
  en: 'the restored db cannot be moved into place; the old one is back',
  id: 'db yang dipulihkan tidak dapat dipindahkan ke tempatnya; db lama sudah dikembalikan',
};
export const folderStuck: Text = {
  en: 'the restored folder cannot be moved into place',
  id: 'folder yang dipulihkan tidak dapat dipindahkan ke tempatnya',
};
export const leftoverStuck = (name: string): Text => ({
  en: `what a killed restore left cannot be cleared away: ${name}`,
  id: `sisa pemulihan yang terhenti tidak dapat dihapus: ${name}`,
});
export const closeDbPrograms: Text = {
  en: 'Close every program that has files in db open, and try again.',
  id: 'Tutup semua program yang sedang membuka file di db, lalu coba lagi.',
};
export const closeFolderPrograms: Text = {
  en: 'Close every program that looks into that folder, and try again.',
  id: 'Tutup semua program yang sedang membuka folder itu, lalu coba lagi.',
};
export const dbIsLink = (folder: string): Text => ({
  en: `${folder}: db is a link that leads to no folder`,
  id: `${folder}: db adalah tautan yang tidak menuju ke folder mana pun`,
});
export const dbIsFile = (folder: string): Text => ({
  en: `${folder}: db is a file, not a folder`,
  id: `${folder}: db adalah file, bukan folder`,
});
export const moveAwayOrOther: Text = {
  en: 'Move it away, or choose another folder with --to.',
  id: 'Pindahkan, atau pilih folder lain dengan --to.',
};
export const neitherInPlace = (folder: string, code: string | null, backCode: string | null): Text => ({
  en: `${folder}: the restored db cannot be moved into place (${code}), nor the old one back (${backCode})`,
  id: `${folder}: db yang dipulihkan tidak dapat dipindahkan ke tempatnya (${code}), dan db lama tidak dapat dikembalikan (${backCode})`,
});
export const renameOldDb = (previousDb: string): Text => ({
  en: `The old db lies whole in ${previousDb}: rename it to db.`,
  id: `db lama tersimpan utuh di ${previousDb}: ubah namanya menjadi db.`,
});
export const restoreRunning = (folder: string, pid: number, name: string): Text => ({
  en: `a restore into ${folder} is running (process ${pid}, ${name})`,
  id: `pemulihan ke ${folder} sedang berjalan (proses ${pid}, ${name})`,
});
export const waitUntilEnded: Text = {
  en: 'Wait until it has ended, then try again.',
  id: 'Tunggu sampai selesai, lalu coba lagi.',
};
export const notEmpty = (folder: string, names: string): Text => ({
  en: `${folder} is not empty (${names})`,
  id: `${folder} tidak kosong (${names})`,
});
export const nameNewFolder: Text = {
  en: 'Name a folder that is not there yet with --to: a whole e-Faktur is never put among other files.',
  id: 'Sebutkan folder yang belum ada dengan --to: e-Faktur utuh tidak pernah diletakkan di antara file lain.',
};

/* What somebody took away meanwhile. */

export function otherSize(path: string, found: number, expected: number): Text {
  const [is, was] = [count(found, 'byte'), number(expected)];
  return {
    en: `${path} (${is.en} instead of ${was.en})`,
    id: `${path} (${is.id}, seharusnya ${was.id})`,
  };
}
/** `shown` are the first of them. */
export function takenFrom(folder: string, taken: number, shown: readonly Text[]): Text {
  const files = count(taken, 'file');
  const rest = number(taken - shown.length);
  const names = inBoth((l) => shown.map((one) => one[l]).join(', '));
  const isAll = shown.length === taken;
  const more = { en: isAll ? '' : `, and ${rest.en} more`, id: isAll ? '' : `, dan ${rest.id} lainnya` };
  return {
    en: `${files.en} ${taken === 1 ? 'was' : 'were'} taken away from ${folder} or changed after being written there: ${names.en}${more.en}; nothing else was touched`,
    id: `${files.id} hilang dari ${folder} atau berubah setelah ditulis di sana: ${names.id}${more.id}; yang lain tidak disentuh`,
  };
}
export const letScannerLeaveOut: Text = {
  en: 'A virus scanner may have put them into quarantine: let it leave out this folder (or look into its quarantine), and restore again.',
  id: 'Mungkin antivirus mengarantinanya: kecualikan folder ini dari pemindaian (atau lihat karantinanya), lalu pulihkan lagi.',
};
export const cannotLookAt = (path: string): Text => ({
  en: `${path} cannot be looked at`,
  id: `${path} tidak dapat diperiksa`,
});
