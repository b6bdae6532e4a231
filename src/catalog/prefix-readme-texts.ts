import { joinCommands, stockCommands, stockToolSources, unpackDifferential } from './stock-tools.ts';

/**
 * The README.txt of every prefix (FORMAT.md "README.txt"): for a stranger who has nothing but the bucket. It is the same
 * everywhere and says nothing of whose backups these are. Plain ASCII, lines as Notepad wants them.
 */

const full = 'NAME.tar.zst';
const differential = 'NAME.diff.tar.zst';
const program = 'NAME.app.tar.zst';
const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');
const differentialSteps = (suffix: string): string =>
  `${indented(unpackDifferential(`${differential}${suffix}`, `FULL.tar.zst${suffix}`))}

  Windows:
    ${joinCommands.powershell}

  Linux, macOS:
    ${joinCommands.python}`;

const text = `CADANGAN DATA e-FAKTUR  /  e-FAKTUR BACKUPS
Jangan mengubah atau menghapus apa pun di sini.  /  Do not change or delete anything here.


BAHASA INDONESIA

Di sini tersimpan cadangan (backup) data e-Faktur desktop, dibuat oleh program efaktur-cloud. Dengan program
itu, "efaktur-cloud pull" mengembalikan data. Tanpa program itu, ikuti langkah ini di satu komputer Windows,
Linux atau macOS.

Folder dengan nama tanggal (2023-07-08) berisi cadangan hari itu:
  NAME.tar.zst        cadangan lengkap ("full")
  NAME.diff.tar.zst   hanya yang berubah sejak satu full; hanya berguna bersama full itu
  NAME.json           keterangan tentang satu cadangan; buka dengan Notepad
  NAME.app.tar.zst    program e-Faktur itu sendiri, tanpa data; keterangannya di NAME.app.json
  .age di belakang    terenkripsi; perlu kunci rahasia dari lembar pemulihan (recovery sheet)
Nama diawali tanggal dan jam dalam waktu UTC (WIB = UTC + 7 jam). Hanya folder tanggal yang
diperlukan, folder lain tidak.

1. Pilih tanggal, buka folder itu, buka file .json yang diinginkan.
2. Di bawah kata "needs" tertulis satu atau dua "key": file yang harus diunduh (bisa dari folder tanggal lain).
   Unduh semuanya ke dalam SATU folder baru yang kosong. Kalau dua, yang pertama adalah full-nya.
   Supaya yakin utuh: "certutil -hashfile NAMA SHA256" harus sama dengan "sha256" di file .json.
3. Siapkan alat: zstd (${stockToolSources.zstd}); untuk .age juga age
   (${stockToolSources.age}); tar sudah ada di Windows 10 ke atas. Di
   Windows taruh zstd.exe dan age.exe di folder itu. Untuk .age simpan kunci rahasia di situ sebagai key.txt.
4. Buka Command Prompt (cmd) di folder itu. Jalankan perintah A sampai F di bawah, satu per satu, dengan
   nama file yang sebenarnya. Baris "restore" di file .json berisi perintah yang sama, dipisah titik koma.
5. Sekarang ada folder "db". Tutup e-Faktur, ganti nama folder "db" di folder e-Faktur menjadi "db_lama",
   pindahkan folder "db" yang baru ke situ, jalankan ETaxInvoice, login, dan cari faktur yang Anda kenal.
   Kalau program e-Faktur sudah tidak ada: perintah E atau F memberi folder "e-Faktur" dari NAME.app.tar.zst;
   pilih yang "appProgram"-nya sama di NAME.app.json dan di .json cadangan, lalu taruh "db" di dalamnya.
   Tanpa itu pun folder di dalam "db" adalah database Apache Derby (db.apache.org/derby).


ENGLISH

Here lie backups of the data of e-Faktur desktop, the invoice program of Indonesia's tax office, made by the
program efaktur-cloud. With that program, "efaktur-cloud pull" brings the data back. Without it, follow these
steps on a PC with Windows, Linux or macOS.

A folder named as a day (2023-07-08) holds the backups of that day:
  NAME.tar.zst        a whole backup ("full")
  NAME.diff.tar.zst   only what changed since a full; of use only together with that full
  NAME.json           about one backup; open it with Notepad
  NAME.app.tar.zst    the program e-Faktur itself, without data; NAME.app.json is about it
  .age at the end     encrypted; needs the secret key on the recovery sheet
A name begins with date and time in UTC (WIB = UTC + 7 hours). Only the folders named as days
are needed, no other folder.

1. Choose a day, open its folder, and open the .json of the backup that you want.
2. Under the word "needs" there are one or two "key": the files to download (perhaps from another day's folder).
   Download them all into ONE new empty folder. If there are two, the first is the full.
   To be sure that they are whole: "certutil -hashfile NAME SHA256" must be the "sha256" in the .json.
3. Get the tools: zstd (${stockToolSources.zstd}); for .age also age
   (${stockToolSources.age}); Windows 10 and later have tar. On Windows
   put zstd.exe and age.exe into that folder. For .age save the secret key there as key.txt.
4. Open a Command Prompt (cmd) in that folder. Run the commands A to F below, one by one, with the real
   file names. The line "restore" in the .json holds the same commands, separated by semicolons.
5. Now there is a folder "db". Close e-Faktur, rename the folder "db" in the e-Faktur folder to "db_lama", move
   the new folder "db" there, start ETaxInvoice, log in, and look for an invoice that you know.
   If the program e-Faktur is gone: the commands E or F give a folder "e-Faktur" out of a NAME.app.tar.zst;
   take one with the same "appProgram" in NAME.app.json and in the .json of the backup, and put "db" into it.
   Even without it the folders in "db" are Apache Derby databases (db.apache.org/derby).


PERINTAH  /  COMMANDS

A.  ${full}

${indented(stockCommands(full))}

B.  ${full}.age

${indented(stockCommands(`${full}.age`))}

C.  ${differential}  +  FULL.tar.zst

${differentialSteps('')}

D.  ${differential}.age  +  FULL.tar.zst.age

${differentialSteps('.age')}

E.  ${program}

${indented(stockCommands(program))}

F.  ${program}.age

${indented(stockCommands(`${program}.age`))}
`;

export const prefixReadme = Buffer.from(text.replaceAll('\n', '\r\n'), 'ascii');
