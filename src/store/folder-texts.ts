import type { Text } from '../base/text.ts';

/* What a folder store says. */

export const filesNotListed: Text = {
  en: 'its files cannot be listed',
  id: 'daftar filenya tidak dapat dibaca',
};
export const leftoversNotListed: Text = {
  en: 'what unfinished puts left cannot be listed',
  id: 'sisa unggahan yang terputus tidak dapat dibaca',
};
export const emptyFolderStays = (key: string): Text => ({
  en: `the empty folder ${key} cannot be removed`,
  id: `folder kosong ${key} tidak dapat dihapus`,
});

export const noFileName = (key: string): Text => ({
  en: `"${key}" cannot be a file name below a folder`,
  id: `"${key}" tidak dapat menjadi nama file di dalam folder`,
});
export const useOtherName: Text = { en: 'Use another name.', id: 'Pakai nama lain.' };

export const noUnfinishedUpload = (uploadId: string, key: string): Text => ({
  en: `"${uploadId}" is no unfinished upload of ${key}`,
  id: `"${uploadId}" bukan unggahan ${key} yang terputus`,
});
export const leaveIt: Text = { en: 'Leave it.', id: 'Biarkan saja.' };

export const noLocks: Text = { en: 'a folder takes no locks', id: 'folder tidak dapat dikunci' };
export const useObjectLock: Text = {
  en: 'Use a bucket with object lock.',
  id: 'Pakai bucket dengan penguncian objek (object lock).',
};

export const notThere = (path: string): Text => ({ en: `${path} is not there`, id: `${path} tidak ada` });
export const connectDrive = (folder: string): Text => ({
  en: `Connect the drive or network folder, or make the folder ${folder}.`,
  id: `Sambungkan drive atau folder jaringannya, atau buat folder ${folder}.`,
});

/* What to do when the system refuses. */

export const withCode = (what: Text, code: string): Text => ({
  en: `${what.en} (${code})`,
  id: `${what.id} (${code})`,
});
export const fatLimit: Text = {
  en: 'A FAT disk takes no file over 4 GB; use NTFS or exFAT.',
  id: 'Disk FAT tidak menerima file di atas 4 GB; pakai NTFS atau exFAT.',
};
export const readOnlyDisk: Text = {
  en: 'The disk is read-only; choose another one.',
  id: 'Disk itu hanya dapat dibaca; pilih disk lain.',
};
export const fullDisk: Text = {
  en: 'The disk is full; make room on it.',
  id: 'Disk penuh; kosongkan sebagian ruangnya.',
};
export const askFolderRights: Text = {
  en: 'Ask for the right to write and read in this folder.',
  id: 'Minta izin menulis dan membaca di folder ini.',
};
export const pathTooLong: Text = {
  en: 'The path is too long for this disk; choose a folder nearer to its top.',
  id: 'Lokasi folder terlalu panjang untuk disk ini; pilih folder yang tidak terlalu dalam.',
};
export const nameTaken: Text = {
  en: 'Something else has this name there; choose another folder.',
  id: 'Nama itu sudah dipakai hal lain di sana; pilih folder lain.',
};
export const checkDriveConnected: Text = {
  en: 'Check that the drive or network folder is connected, and try again.',
  id: 'Pastikan drive atau folder jaringan tersambung, lalu coba lagi.',
};
