import { bytes, count, number } from '../../base/phrases.ts';
import type { Text } from '../../base/text.ts';

/* What doctor says of how a store keeps what was written. "Key" is the access key in use. */

/* Older versions (reading.ts, protection.ts). */

export const noOlderVersions: Text = {
  en: 'a folder keeps no older versions',
  id: 'folder tidak menyimpan versi lama',
};
export const noOlderVersionsDeletable: Text = {
  en: `${noOlderVersions.en}: whoever may write there can delete`,
  id: `${noOlderVersions.id}: siapa pun yang boleh menulis di sana dapat menghapus`,
};
export const restoresNoTampered = (what: Text): Text => ({
  en: `${what.en}: it cannot restore what somebody altered`,
  id: `${what.id}: cadangan yang diubah orang lain tidak dapat dipulihkan dengannya`,
});
export const mayNotListVersions: Text = {
  en: 'this key may not list older versions',
  id: 'kunci akses ini tidak berizin menampilkan daftar versi lama',
};
export const mayNotReadVersions: Text = {
  en: 'this key may not read older versions',
  id: 'kunci akses ini tidak berizin membaca versi lama',
};
export const mayReadVersions: Text = {
  en: 'this key may list and read older versions',
  id: 'kunci akses ini dapat menampilkan daftar dan membaca versi lama',
};
export const versionsUnknown: Text = {
  en: 'whether the bucket keeps older versions only a key that may store can tell',
  id: 'apakah bucket menyimpan versi lama hanya dapat diketahui dengan kunci akses yang dapat menyimpan',
};
export const overwrittenStays: Text = {
  en: 'what is overwritten stays',
  id: 'isi lama tetap ada setelah ditimpa',
};
export const overwrittenReadable: Text = {
  en: `${overwrittenStays.en} and can be read`,
  id: `${overwrittenStays.id} dan dapat dibaca`,
};
export const overwrittenUnlisted: Text = {
  en: `${overwrittenStays.en}; this key may not list it, which restoring what was altered needs`,
  id: `${overwrittenStays.id}; kunci akses ini tidak berizin menampilkan daftarnya, padahal itu perlu untuk pemulihan setelah diubah orang lain`,
};
export const overwrittenUnreadable: Text = {
  en: `${overwrittenStays.en}, but this key may not read it`,
  id: `${overwrittenStays.id}, tetapi kunci akses ini tidak berizin membacanya`,
};
export const overwrittenGone: Text = {
  en: 'what is overwritten is gone: the bucket keeps no older versions',
  id: 'isi lama hilang setelah ditimpa: bucket tidak menyimpan versi lama',
};
export const notOverwritten = (because: Text): Text => ({
  en: `what is stored cannot be overwritten (${because.en}), as by a rule of the bucket; how long that holds shows the provider's page alone`,
  id: `yang tersimpan tidak dapat ditimpa (${because.id}), mungkin karena aturan bucket; berapa lama berlakunya hanya tampil di halaman penyedia`,
});
export const versionChanged: Text = {
  en: 'an older version did not come back as it was',
  id: 'versi lama berubah ketika dibaca kembali',
};

/* Deleting (protection.ts). */

export const notProtected: Text = {
  en: 'NOT PROTECTED: whoever has a key that may write can overwrite every backup, and nothing older is kept',
  id: 'TIDAK TERLINDUNGI: siapa pun yang memegang kunci akses untuk menyimpan dapat menimpa semua cadangan, dan isi lamanya tidak disimpan',
};
export const turnOnVersioning: Text = {
  en: 'Turn on versioning for the bucket; better still, use a bucket with object lock and set EFAKTUR_LOCK_DAYS.',
  id: 'Aktifkan versioning pada bucket; lebih baik lagi, pakai bucket dengan penguncian objek (object lock) dan isi EFAKTUR_LOCK_DAYS.',
};
export const keyMayDelete: Text = {
  en: 'this key may delete backups for good, and nothing is locked; keep it away from the PC that pushes ("doctor --print-policy push" shows what that PC needs)',
  id: 'kunci akses ini dapat menghapus cadangan selamanya, dan tidak ada yang terkunci; jangan simpan di komputer yang mencadangkan ("doctor --print-policy push" menampilkan izin yang diperlukan komputer itu)',
};
export const mayDelete: Text = { en: 'this key may delete', id: 'kunci akses ini dapat menghapus' };
export const mayNotDelete: Text = {
  en: 'this key may not delete: just right for a PC that only pushes',
  id: 'kunci akses ini tidak berizin menghapus: tepat untuk komputer yang hanya mencadangkan',
};
export const allDeleted: Text = {
  en: 'all test objects were deleted',
  id: 'semua objek uji sudah dihapus',
};
const testObjectsStay = (stay: number, sizeBytes: number, prefix: string): Text => {
  const [objects, size] = [count(stay, 'test object'), bytes(sizeBytes)];
  return {
    en: `${objects.en} of ${size.en} ${stay === 1 ? 'stays' : 'stay'} under ${prefix}`,
    id: `${objects.id} sebesar ${size.id} tertinggal di ${prefix}`,
  };
};
export function lockedForAWhile(stay: number, sizeBytes: number, prefix: string): Text {
  const { en, id } = testObjectsStay(stay, sizeBytes, prefix);
  return {
    en: `${en}: locked for a while, deleted by a later run`,
    id: `${id}: masih terkunci, dan akan dihapus ketika doctor dijalankan lagi`,
  };
}
export function leftToRule(stay: number, sizeBytes: number, prefix: string): Text {
  const { en, id } = testObjectsStay(stay, sizeBytes, prefix);
  return {
    en: `${en}: locked, or not this key's to delete; the lifecycle rule does`,
    id: `${id}: masih terkunci, atau kunci akses ini tidak berizin menghapus; aturan lifecycle yang menghapusnya`,
  };
}

/* Locks (doctor.ts, protection.ts, lifting.ts). */

export const lockedNowhere: Text = {
  en: 'EFAKTUR_LOCK_DAYS is set, but nothing is locked: no store here takes locks',
  id: 'EFAKTUR_LOCK_DAYS diisi, tetapi tidak ada yang terkunci: tidak satu pun tempat cadangan di sini dapat dikunci',
};
export const addLockingBucket: Text = {
  en: 'Add a bucket with object lock to EFAKTUR_STORE, or leave EFAKTUR_LOCK_DAYS out.',
  id: 'Tambahkan bucket dengan penguncian objek (object lock) pada EFAKTUR_STORE, atau kosongkan EFAKTUR_LOCK_DAYS.',
};
/** `what` is that something takes no locks. */
export const lockDaysInVain = (what: Text): Text => ({
  en: `EFAKTUR_LOCK_DAYS is set, but ${what.en}`,
  id: `EFAKTUR_LOCK_DAYS diisi, tetapi ${what.id}`,
});
/** Whether what is pushed is locked, in one word, before what was seen. */
export const lockStates = {
  locked: (seen: Text): Text => ({ en: `locked: ${seen.en}`, id: `terkunci: ${seen.id}` }),
  unproven: (seen: Text): Text => ({
    en: `cannot be proved: ${seen.en}`,
    id: `tidak dapat dibuktikan: ${seen.id}`,
  }),
  none: (seen: Text): Text => ({ en: `none: ${seen.en}`, id: `tidak ada: ${seen.id}` }),
};
export const nothingAsksForLocks = (before: Text): Text => ({
  en: `${before.en}, but neither EFAKTUR_LOCK_DAYS nor the bucket asks for locks`,
  id: `${before.id}, tetapi EFAKTUR_LOCK_DAYS tidak diisi dan bucket tidak mengunci sendiri`,
});
export const locksByRules: Text = {
  en: "S3 takes no locks here; rules of the bucket lock, on the provider's page",
  id: 'penguncian lewat S3 tidak diterima di sini; aturan bucket yang mengunci, di halaman penyedia',
};
export const setRules: Text = {
  en: "Set a lock rule on the bucket on the provider's page, and leave EFAKTUR_LOCK_DAYS out.",
  id: 'Pasang aturan penguncian pada bucket di halaman penyedia, dan kosongkan EFAKTUR_LOCK_DAYS.',
};
export const mayNotLock: Text = {
  en: 'this key may not lock what it stores',
  id: 'kunci akses ini tidak berizin mengunci yang disimpannya',
};
export const giveLockRight: Text = {
  en: 'Give it s3:PutObjectRetention, as "doctor --print-policy push" shows when EFAKTUR_LOCK_DAYS is set.',
  id: 'Beri izin s3:PutObjectRetention, seperti yang ditampilkan "doctor --print-policy push" jika EFAKTUR_LOCK_DAYS diisi.',
};
export const bucketTakesNoLocks: Text = {
  en: 'the bucket takes no locks',
  id: 'bucket ini tidak dapat dikunci',
};
export const makeLockingBucket: Text = {
  en: 'Make a bucket with object lock (most services can turn it on only then), or leave EFAKTUR_LOCK_DAYS out.',
  id: 'Buat bucket dengan penguncian objek (object lock; pada kebanyakan layanan hanya dapat diaktifkan saat bucket dibuat), atau kosongkan EFAKTUR_LOCK_DAYS.',
};
export const lockDidNotHold: Text = {
  en: 'a lock was taken, but the object could be deleted all the same',
  id: 'objek berhasil dikunci, tetapi tetap dapat dihapus',
};
export const locksDoNotHold: Text = {
  en: 'locks are taken but do not hold',
  id: 'penguncian objek diterima, tetapi tidak mencegah penghapusan',
};
export const lockHeld: Text = {
  en: 'a lock was taken, and it held',
  id: 'objek berhasil dikunci dan tidak dapat dihapus',
};
export const lockTaken: Text = {
  en: 'a lock was taken, a key that may delete can show that it holds',
  id: 'objek berhasil dikunci; apakah benar tidak dapat dihapus hanya dapat diperiksa dengan kunci akses yang dapat menghapus',
};
export function lockedFor(before: Text, days: number, archiveDays: number, mode: string): Text {
  const [time, more] = [count(days, 'day'), number(archiveDays)];
  return {
    en: `${before.en}; what is pushed is locked for ${time.en}, archives and indexes for ${more.en} (${mode})`,
    id: `${before.id}; cadangan dikunci selama ${time.id}, arsip dan indeksnya ${more.id} hari (${mode})`,
  };
}
export const locksUnseen: Text = {
  en: 'whether the bucket locks by itself is not known: this key lacks s3:GetObjectRetention',
  id: 'tidak diketahui apakah bucket mengunci sendiri: kunci akses ini tidak punya izin s3:GetObjectRetention',
};
const bucketLocks = (days: number): Text => {
  const time = count(days, 'day');
  return {
    en: `the bucket locks everything for ${time.en} by itself`,
    id: `bucket mengunci sendiri semua objek selama ${time.id}`,
  };
};
export function defaultLock(days: number, fullEveryDays: number): Text {
  const locks = bucketLocks(days);
  const [all, safe, less] = [number(days), count(days - fullEveryDays, 'day'), number(fullEveryDays)];
  return {
    en: `${locks.en}: what is restorable is safe for ${safe.en} (${all.en} less the ${less.en} of EFAKTUR_FULL_EVERY, as a backup may lean on an archive that old)`,
    id: `${locks.id}: cadangan aman selama ${safe.id} (${all.id} dikurangi ${less.id} dari EFAKTUR_FULL_EVERY, karena cadangan dapat bergantung pada arsip setua itu)`,
  };
}
export function defaultLockShort(days: number, fullEveryDays: number): Text {
  const [locks, old] = [bucketLocks(days), count(fullEveryDays, 'day')];
  return {
    en: `${locks.en}, and a backup may lean on an archive of ${old.en} (EFAKTUR_FULL_EVERY): nothing is safe for sure`,
    id: `${locks.id}, padahal cadangan dapat bergantung pada arsip berumur ${old.id} (EFAKTUR_FULL_EVERY): tidak ada yang pasti aman`,
  };
}
export const lockLonger: Text = {
  en: 'Make the default lock longer, or EFAKTUR_FULL_EVERY shorter.',
  id: 'Perpanjang penguncian bawaan bucket, atau perkecil EFAKTUR_FULL_EVERY.',
};

export const lockStays: Text = {
  en: 'a lock could neither be lifted nor shortened with this key',
  id: 'penguncian objek tidak dapat dilepas atau diperpendek dengan kunci akses ini',
};
const howLifted = {
  lifted: { en: 'lifted', id: 'dilepas' },
  shortened: { en: 'shortened', id: 'diperpendek' },
} satisfies Record<string, Text>;
export function lockLifted(mode: 'governance' | 'compliance', how: keyof typeof howLifted): Text {
  const lifted = howLifted[how];
  const safe: Text =
    mode === 'compliance'
      ? {
          en: 'ask the provider, or choose another one',
          id: 'tanyakan kepada penyedia, atau pilih penyedia lain',
        }
      : {
          en: 'set EFAKTUR_LOCK_MODE=compliance, or give the bucket a default lock in compliance mode and this key no right to lock',
          id: 'isi EFAKTUR_LOCK_MODE=compliance, atau beri bucket penguncian bawaan dalam mode compliance dan cabut izin mengunci dari kunci akses ini',
        };
  return {
    en: `a ${mode} lock could be ${lifted.en} before its time with this key, so it protects nothing from whoever has it; ${safe.en}`,
    id: `penguncian objek mode ${mode} dapat ${lifted.id} sebelum waktunya dengan kunci akses ini, jadi tidak melindungi apa pun dari pemegangnya; ${safe.id}`,
  };
}
export const noFarLock: Text = {
  en: 'this key may lock no longer than backups are locked',
  id: 'kunci akses ini tidak dapat mengunci lebih lama dari masa penguncian cadangan',
};
export const farLock: Text = {
  en: 'this key may lock new objects for any time',
  id: 'kunci akses ini dapat mengunci objek baru untuk waktu berapa pun',
};
export const farLockCosts: Text = {
  en: 'this key may lock new objects until any date, such as 2090: whoever has it could leave what nobody can delete and what you pay for; set a budget alarm at the provider',
  id: 'kunci akses ini dapat mengunci objek baru sampai tanggal mana pun, misalnya tahun 2090: pemegangnya dapat meninggalkan objek yang tidak bisa dihapus siapa pun dan tetap Anda bayar; pasang peringatan anggaran di penyedia',
};
