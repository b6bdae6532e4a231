import type { Text } from '../base/text.ts';
import type { NotifyCode } from './summary.ts';

/** What to do about a code, in one sentence that is the same for everybody: it is sent over services of others. */
export const hints: Readonly<Record<NotifyCode, Text>> = {
  'access-denied': {
    en: 'The backup place refused its key: check the two keys of the bucket, and run "efaktur-cloud doctor" on that PC.',
    id: 'Tempat cadangan menolak kuncinya: periksa kedua kunci bucket, lalu jalankan "efaktur-cloud doctor" di komputer itu.',
  },
  'app-running': {
    en: 'e-Faktur is open and has made no backup of its own: close it once at the end of the day.',
    id: 'e-Faktur sedang terbuka dan belum membuat cadangan saat masuk: tutup e-Faktur sekali di akhir hari.',
  },
  attention: {
    en: 'Run "efaktur-cloud status" on that PC: it says what to do.',
    id: 'Jalankan "efaktur-cloud status" di komputer itu untuk melihat apa yang perlu dilakukan.',
  },
  bug: {
    en: 'The program met a mistake of its own: run "efaktur-cloud history" on that PC and report what it shows.',
    id: 'Ada kesalahan di dalam program: jalankan "efaktur-cloud history" di komputer itu, lalu laporkan isinya.',
  },
  damaged: {
    en: 'A stored backup is damaged: run "efaktur-cloud verify" on that PC, and keep what is stored elsewhere.',
    id: 'Ada cadangan yang rusak: jalankan "efaktur-cloud verify" di komputer itu, dan simpan cadangan yang ada di tempat lain.',
  },
  interrupted: {
    en: 'The run was stopped; the next one goes on.',
    id: 'Proses dihentikan; putaran berikutnya akan melanjutkan.',
  },
  'newer-format': {
    en: 'A newer version of efaktur-cloud stored there: update efaktur-cloud on that PC.',
    id: 'Ada cadangan dari versi efaktur-cloud yang lebih baru: perbarui efaktur-cloud di komputer itu.',
  },
  'no-backup': {
    en: 'Nothing is stored yet: run "efaktur-cloud push" on that PC.',
    id: 'Belum ada cadangan: jalankan "efaktur-cloud push" di komputer itu.',
  },
  'no-such-backup': {
    en: 'A backup that was there is not found: run "efaktur-cloud list" on that PC.',
    id: 'Cadangan yang pernah ada tidak ditemukan: jalankan "efaktur-cloud list" di komputer itu.',
  },
  'not-in-backup': {
    en: 'A backup does not hold what was asked for: run "efaktur-cloud status" on that PC.',
    id: 'Cadangan tidak berisi yang dicari: jalankan "efaktur-cloud status" di komputer itu.',
  },
  'not-stored': {
    en: 'The newest state is not stored yet: run "efaktur-cloud push" on that PC.',
    id: 'Keadaan terbaru belum tersimpan: jalankan "efaktur-cloud push" di komputer itu.',
  },
  'old-backup': {
    en: 'The newest backup is old: see whether e-Faktur is still used on that PC, and run "efaktur-cloud status" there.',
    id: 'Cadangan terbaru sudah lama: periksa apakah e-Faktur masih dipakai di komputer itu, lalu jalankan "efaktur-cloud status" di sana.',
  },
  'source-changed': {
    en: 'e-Faktur was at work all the time: close it once, and the next run stores it.',
    id: 'e-Faktur terus bekerja selama pencadangan: tutup e-Faktur sekali, lalu putaran berikutnya akan mencadangkannya.',
  },
  'source-unusable': {
    en: 'The databases of e-Faktur are missing or damaged: run "efaktur-cloud push" on that PC and read what it says before anybody works on.',
    id: 'Database e-Faktur tidak ada atau rusak: jalankan "efaktur-cloud push" di komputer itu dan baca hasilnya sebelum bekerja lagi.',
  },
  'store-unavailable': {
    en: 'The backup place was not reached: connect the USB disk, or check the internet of that PC; the next run tries again.',
    id: 'Tempat cadangan tidak terjangkau: sambungkan disk USB, atau periksa internet komputer itu; putaran berikutnya akan mencoba lagi.',
  },
  'stub-db': {
    en: 'The db of e-Faktur is as good as empty: find out on that PC whether it was replaced.',
    id: 'Folder db e-Faktur hampir kosong: periksa di komputer itu apakah db pernah diganti.',
  },
  tampering: {
    en: 'Something stored was altered or deleted by somebody: run "efaktur-cloud status" on that PC at once.',
    id: 'Ada cadangan yang diubah atau dihapus orang lain: segera jalankan "efaktur-cloud status" di komputer itu.',
  },
  'target-not-writable': {
    en: 'A disk is full or may not be written: free some space on that PC, and on the backup place.',
    id: 'Disk penuh atau tidak boleh ditulisi: kosongkan ruang di komputer itu dan di tempat cadangan.',
  },
  unproven: {
    en: 'No backup was verified lately: run "efaktur-cloud verify --read-data" on a PC that has the key.',
    id: 'Belum ada cadangan yang terverifikasi belakangan ini: jalankan "efaktur-cloud verify --read-data" di komputer yang memiliki kunci.',
  },
  usage: {
    en: 'A setting is wrong: run "efaktur-cloud doctor" on that PC.',
    id: 'Ada pengaturan yang salah: jalankan "efaktur-cloud doctor" di komputer itu.',
  },
  'wrong-key': {
    en: 'The secret key is missing or is another one: check the key file on that PC against the recovery sheet.',
    id: 'Kunci rahasia tidak ada atau bukan yang benar: cocokkan file kunci di komputer itu dengan lembar pemulihan.',
  },
};

/** Where nothing is wrong. */
export const nothingToDo: Text = { en: 'There is nothing to do.', id: 'Tidak ada yang perlu dilakukan.' };
