import { wallTime } from '../../base/local-time.ts';
import { monthName } from '../../base/written-date.ts';

/** Names and words for people who will read them without this program. */

/** `Backup_Efaktur_08Juli2023` for the day `2023-07-08`. */
export const exportName = (day: string): string => `Backup_Efaktur_${nameOfDay(day)}`;

/** `Program_Efaktur_09Juli2023` for the day `2023-07-09`. */
export const exportedProgramName = (day: string): string => `Program_Efaktur_${nameOfDay(day)}`;

function nameOfDay(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${date}${monthName(Number(month))}${year}`;
}

export interface ExportedFacts {
  readonly id: string;
  readonly capturedAt: Date;
  readonly zone: string;
  readonly databases: readonly string[];
  /** Of the newest database, such as `10.12`; null when it is not known. */
  readonly derbyVersion: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly program: string;
}

/** How to restore by hand, in Indonesian and English; plain ASCII but for database names, lines as Notepad wants them. */
export function exportReadme(facts: ExportedFacts): string {
  const derby = facts.derbyVersion === null ? [] : [`Derby          : ${facts.derbyVersion}`];
  const lines = [
    'CADANGAN DATA e-FAKTUR  /  e-FAKTUR BACKUP',
    '',
    `Tanggal / Date : ${momentOf(facts)}`,
    `Database       : ${facts.databases.join(', ')}`,
    ...derby,
    `Isi / Content  : ${facts.files} file, ${facts.bytes} byte`,
    `Nomor / Id     : ${facts.id}`,
    `Dibuat / Made  : ${facts.program}`,
    '',
    '',
    'CARA MENGEMBALIKAN DATA INI (tanpa program tambahan)',
    '',
    '1. Tutup e-Faktur di semua komputer yang memakainya.',
    '2. Siapkan folder e-Faktur yang versinya sama dengan, atau lebih baru dari, saat cadangan ini dibuat.',
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
  return lines.join('\r\n');
}

function momentOf({ capturedAt, zone }: Pick<ExportedFacts, 'capturedAt' | 'zone'>): string {
  const { year, month, day, hour, minute } = wallTime(capturedAt, zone);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(day)} ${monthName(month)} ${year}, ${two(hour)}:${two(minute)} (${zone})`;
}

export interface ExportedProgramFacts extends Omit<ExportedFacts, 'databases' | 'derbyVersion'> {
  /** Of the main program, such as `4.0.0.0`; null where it states none. */
  readonly version: string | null;
}

/** How to use a program folder without this program, in the same form. */
export function exportedProgramReadme(facts: ExportedProgramFacts): string {
  const version = facts.version === null ? [] : [`Versi / Version: ${facts.version}`];
  const lines = [
    'PROGRAM e-FAKTUR (TANPA DATA)  /  THE e-FAKTUR PROGRAM (WITHOUT DATA)',
    '',
    `Tanggal / Date : ${momentOf(facts)}`,
    ...version,
    `Isi / Content  : ${facts.files} file, ${facts.bytes} byte`,
    `Nomor / Id     : ${facts.id}`,
    `Dibuat / Made  : ${facts.program}`,
    '',
    '',
    'CARA MEMAKAI DI KOMPUTER BARU (tanpa program tambahan)',
    '',
    '1. Salin folder "e-Faktur" yang ada di sebelah file ini ke komputer baru, ke folder yang boleh ditulisi.',
    '2. Salin folder "db" dari cadangan data ke dalam folder "e-Faktur" itu.',
    '3. Jika program ini lebih baru dari cadangan data, jalankan ETaxInvoiceUpd satu kali.',
    '4. Jika e-Faktur tidak mau mulai, kecilkan angka di belakang -Xmx di file .config.',
    '5. Jalankan ETaxInvoice dan login.',
    '6. Salin sertifikat (.p12) sendiri dan pilih lagi letaknya di e-Faktur (jika tidak: kesalahan ETAX-30002).',
    '7. Buka Faktur Pajak Keluaran dan cari satu faktur yang Anda kenal.',
    '',
    'Tidak ada di sini: folder "db", "backup", dan "log", dan kunci pribadi (kecuali disimpan dengan sengaja).',
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
  return lines.join('\r\n');
}
