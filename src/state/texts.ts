import type { Text } from '../base/text.ts';

/* Of the block indexes. */

export const indexUnreadable = (path: string): Text => ({
  en: `the block index ${path} cannot be read`,
  id: `indeks blok ${path} tidak dapat dibaca`,
});

export const indexNotKept = (folder: string): Text => ({
  en: `the block index in ${folder} cannot be kept`,
  id: `indeks blok di ${folder} tidak dapat disimpan`,
});

/* Of runs and what they leave. */

export const stateFolderUnusable = (folder: string): Text => ({
  en: `the state folder ${folder} cannot be used`,
  id: `folder catatan lokal ${folder} tidak dapat dipakai`,
});

export const stateFolderUnreadable = (folder: string): Text => ({
  en: `the state folder ${folder} cannot be read`,
  id: `folder catatan lokal ${folder} tidak dapat dibaca`,
});

export const cannotBeMade = (path: string): Text => ({
  en: `${path} cannot be made`,
  id: `${path} tidak dapat dibuat`,
});

export const notNoted = (path: string): Text => ({
  en: `${path}, where this run notes what it leaves, cannot be written`,
  id: `${path}, tempat proses ini mencatat apa yang ditinggalkannya, tidak dapat ditulis`,
});

export const removedByNextPush = (folder: string): Text => ({
  en: `${folder} cannot be removed; the next push removes it`,
  id: `${folder} tidak dapat dihapus; push berikutnya akan menghapusnya`,
});

export const leftByDeadRun = (folder: string, code: string): Text => ({
  en: `${folder}, left by a run that was cut off, cannot be removed (${code})`,
  id: `${folder}, sisa dari proses yang terputus, tidak dapat dihapus (${code})`,
});

/* Of the records and lists. */

export const recordUnreadable = (path: string): Text => ({
  en: `the local record ${path} cannot be read`,
  id: `catatan lokal ${path} tidak dapat dibaca`,
});

export const recordNotWritten = (path: string): Text => ({
  en: `the local record ${path} cannot be written`,
  id: `catatan lokal ${path} tidak dapat ditulis`,
});

export const recordOfNewerVersion = (path: string): Text => ({
  en: `the local record ${path} was written by a newer version`,
  id: `catatan lokal ${path} ditulis oleh versi yang lebih baru`,
});

export const updateOrOtherStateFolder: Text = {
  en: 'Update efaktur-cloud, or set another EFAKTUR_STATE_DIR.',
  id: 'Perbarui efaktur-cloud, atau atur EFAKTUR_STATE_DIR yang lain.',
};

export const listUnreadable = (path: string): Text => ({
  en: `the list ${path} cannot be read`,
  id: `daftar ${path} tidak dapat dibaca`,
});

export const listNotWritten = (path: string): Text => ({
  en: `the list ${path} cannot be written`,
  id: `daftar ${path} tidak dapat ditulis`,
});

/* Of the runs (run-record.ts). */

export const runsUnreadable = (path: string): Text => ({
  en: `the record of runs ${path} cannot be read`,
  id: `catatan run ${path} tidak dapat dibaca`,
});

export const runsNotNoted = (path: string): Text => ({
  en: `the record of runs ${path} cannot be written`,
  id: `catatan run ${path} tidak dapat ditulis`,
});
