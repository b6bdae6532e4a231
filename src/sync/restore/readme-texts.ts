/*
 * README.txt of exports: for people who have no other program, perhaps in ten years, so always in both languages, Indonesian
 * first. Plain ASCII but for the names of databases.
 */

/** What every README begins with; `when` is for both languages. */
interface ReadmeFacts {
  readonly id: string;
  readonly when: string;
  readonly files: number;
  readonly bytes: number;
  /** Name and version of this program. */
  readonly program: string;
}

const head = ({ files, bytes, id, program }: ReadmeFacts): string[] => [
  `Isi / Content  : ${files} file, ${bytes} byte`,
  `Nomor / Id     : ${id}`,
  `Dibuat / Made  : ${program}`,
];

/** How to restore the `db` beside it by hand. */
export const dataReadme = (
  facts: ReadmeFacts & { readonly databases: readonly string[]; readonly derbyVersion: string | null },
): string[] => [
  'CADANGAN DATA e-FAKTUR  /  e-FAKTUR BACKUP',
  '',
  `Tanggal / Date : ${facts.when}`,
  `Database       : ${facts.databases.join(', ')}`,
  ...(facts.derbyVersion === null ? [] : [`Derby          : ${facts.derbyVersion}`]),
  ...head(facts),
  '',
  '',
  'CARA MEMULIHKAN DATA INI (tanpa program tambahan)',
  '',
  '1. Tutup e-Faktur di semua komputer yang memakainya.',
  '2. Siapkan folder e-Faktur yang versinya sama dengan saat cadangan (backup) ini dibuat, atau lebih baru.',
  '3. Di dalam folder e-Faktur itu, ganti nama folder "db" menjadi "db_lama". Jangan dihapus.',
  '4. Salin folder "db" yang ada di sebelah file ini ke dalam folder e-Faktur.',
  '5. Jika e-Faktur lebih baru dari cadangan ini, jalankan ETaxInvoiceUpd satu kali.',
  '6. Jalankan ETaxInvoice dan login.',
  '7. Buka Faktur Pajak Keluaran dan cari satu faktur yang Anda kenal.',
  '8. Jika bukan data yang Anda cari: tutup e-Faktur, pindahkan "db" itu ke tempat lain, lalu ganti nama',
  '   "db_lama" kembali menjadi "db".',
  '',
  'Jangan menaruh atau menghapus file apa pun di dalam folder "db": e-Faktur tidak akan bisa membukanya lagi.',
  'Simpan folder ini: pembukuan wajib disimpan sepuluh tahun (Pasal 28 ayat (11) UU KUP).',
  '',
  '',
  'HOW TO RESTORE THIS BY HAND (no other program needed)',
  '',
  '1. Close e-Faktur on every PC that uses it.',
  '2. Have an e-Faktur folder of the same version as when this backup was made, or a newer one.',
  '3. In that e-Faktur folder, rename the folder "db" to "db_lama". Do not delete it.',
  '4. Copy the folder "db" that lies beside this file into the e-Faktur folder.',
  '5. If e-Faktur is newer than this backup, run ETaxInvoiceUpd once.',
  '6. Start ETaxInvoice and log in.',
  '7. Open Faktur Pajak Keluaran and look for an invoice that you know.',
  '8. If it is not the data you look for: close e-Faktur, move that "db" elsewhere, and rename "db_lama"',
  '   back to "db".',
  '',
  'Never put a file into the folder "db" or take one out of it: e-Faktur could not open it any more.',
  'Keep this folder: books must be kept for ten years (KUP art. 28(11)).',
  '',
];

/** How to use the program folder beside it. */
export const programReadme = (facts: ReadmeFacts & { readonly version: string | null }): string[] => [
  'PROGRAM e-FAKTUR (TANPA DATA)  /  THE e-FAKTUR PROGRAM (WITHOUT DATA)',
  '',
  `Tanggal / Date : ${facts.when}`,
  ...(facts.version === null ? [] : [`Versi / Version: ${facts.version}`]),
  ...head(facts),
  '',
  '',
  'CARA MEMAKAI DI KOMPUTER BARU (tanpa program tambahan)',
  '',
  '1. Salin folder "e-Faktur" yang ada di sebelah file ini ke komputer baru, ke folder yang boleh ditulisi.',
  '2. Salin folder "db" dari cadangan (backup) data ke dalam folder "e-Faktur" itu.',
  '3. Jika program ini lebih baru dari cadangan data, jalankan ETaxInvoiceUpd satu kali.',
  '4. Jika e-Faktur tidak mau mulai, kecilkan angka di belakang -Xmx di file .config.',
  '5. Jalankan ETaxInvoice dan login.',
  '6. Salin sertifikat (.p12) sendiri dan pilih lagi letaknya di e-Faktur (jika tidak: error ETAX-30002).',
  '7. Buka Faktur Pajak Keluaran dan cari satu faktur yang Anda kenal.',
  '',
  'Tidak ada di sini: folder "db", "backup", dan "log", dan kunci privat (kecuali disimpan dengan sengaja).',
  '',
  '',
  'HOW TO USE IT ON A NEW PC (no other program needed)',
  '',
  '1. Copy the folder "e-Faktur" that lies beside this file to the new PC, into a folder that may be written to.',
  '2. Copy the folder "db" of a backup into that folder "e-Faktur".',
  '3. If this program is newer than the backup, run ETaxInvoiceUpd once.',
  '4. If e-Faktur does not start, make the number after -Xmx in the .config files smaller.',
  '5. Start ETaxInvoice and log in.',
  '6. Copy the certificate (.p12) by hand, and choose its place again in e-Faktur (else: error ETAX-30002).',
  '7. Open Faktur Pajak Keluaran and look for an invoice that you know.',
  '',
  'Not in here: the folders "db", "backup" and "log", and private keys (unless they were stored on purpose).',
  '',
];
