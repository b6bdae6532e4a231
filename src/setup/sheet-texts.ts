import type { Text } from '../base/text.ts';

/*
 * The recovery sheet. It outlives who printed it, so it is always in both languages, Indonesian first. Plain ASCII; the lines
 * of the key stand alone and as they are.
 */

/** All that differs from sheet to sheet, and what the stock tools are told. */
export interface SheetParts {
  /** What the program knows a sheet by. */
  readonly title: string;
  readonly day: string;
  readonly pcName: string;
  readonly recipient: string;
  readonly identity: string;
  readonly isProtected: boolean;
  /** The secret key as it is typed; null where it is protected by a passphrase. */
  readonly groups: readonly string[] | null;
  readonly stores: readonly { readonly url: string; readonly host: string | null }[];
  readonly program: string;
  readonly sources: { readonly age: string; readonly zstd: string; readonly tar: Text };
  readonly full: readonly string[];
  readonly changesOnly: readonly string[];
  readonly join: { readonly powershell: string; readonly python: string };
  /** Names of the scripts with their SHA-256. */
  readonly scripts: readonly string[];
}

const rule = '-'.repeat(72);
const blank = '_'.repeat(40);
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

export const sheetLines = (parts: SheetParts): string[] => [
  rule,
  `LEMBAR PEMULIHAN / ${parts.title}`,
  `Dibuat tanggal / Made on ${parts.day}, di / on ${parts.pcName}`,
  'Kunci cadangan (backup) data e-Faktur. Cetak dua kali, simpan di dua tempat, misalnya brankas dan rumah',
  'pemilik.',
  `Tanpa kunci rahasia di bawah ini${parts.isProtected ? ' dan frasa sandinya' : ''} siapa pun, juga Anda, tidak dapat membuka cadangan.`,
  'The key to the e-Faktur backups. Print it twice and keep it in two places, such as the safe and the',
  "owner's home.",
  `Without the secret key below${parts.isProtected ? ' and its passphrase' : ''} nobody, not even you, can open the backups.`,
  ...(parts.isProtected
    ? [
        'Frasa sandi tidak tertulis di sini: catat dan simpan di tempat lain.',
        'The passphrase does not stand here: write it down and keep it elsewhere.',
      ]
    : []),
  '',
  'Tempat cadangan / Where the backups are:',
  ...(parts.stores.length === 0
    ? [`  Alamat / Address: ${blank}`, `  Penyedia / Provider: ${blank}`]
    : parts.stores.flatMap(({ url, host }) => [`  ${url}`, ...(host === null ? [] : [`  host: ${host}`])])),
  `  Akun di penyedia / Login at the provider: ${blank}`,
  '',
  'Kunci publik (bukan rahasia) / Public key (for the PC that makes backups; no secret):',
  `  EFAKTUR_RECIPIENTS=${parts.recipient}`,
  '',
  'Kunci rahasia (hanya untuk memulihkan) / Secret key (only for restoring):',
  parts.identity.trimEnd(),
  '',
  ...(parts.groups === null
    ? []
    : [
        'Kunci yang sama per kelompok, untuk diketik / The same key in groups, to be typed:',
        ...indented(parts.groups),
        'Huruf kecil, spasi, dan beberapa baris tidak apa-apa. 0 selalu angka nol; huruf B, I, O dan angka 1',
        'tidak ada di dalam kelompok. Program memberi tahu bila ada salah ketik, dan di mana.',
        'Small letters, blanks and several lines do no harm. 0 is always the digit; the letters B, I, O',
        'and the digit 1 do not occur in the groups. The program tells a typing mistake, and where it is.',
        '',
      ]),
  `Memulihkan dengan / To restore with ${parts.program}:`,
  '  Simpan kunci rahasia sebagai key.txt (boleh seluruh lembar ini), isikan EFAKTUR_IDENTITY_FILE=key.txt,',
  `  lalu jalankan "efaktur-cloud pull"${parts.isProtected ? '; frasa sandi akan ditanyakan' : ''}.`,
  '  Save the secret key as key.txt (this whole sheet will do), set EFAKTUR_IDENTITY_FILE=key.txt',
  `  and run "efaktur-cloud pull"${parts.isProtected ? '; the passphrase is asked for' : ''}.`,
  `  Program diperoleh dari / The program came from: ${blank}`,
  '',
  'Tanpa program ini, sepuluh tahun lagi / Without this program, in ten years:',
  '  README.txt di tempat cadangan menjelaskan caranya / README.txt beside the backups says how.',
  '  key.txt hanya berisi baris kunci rahasia di atas, tanpa bagian lain lembar ini.',
  '  key.txt holds the lines of the secret key above and nothing else of this sheet.',
  `  age   ${parts.sources.age}`,
  `  zstd  ${parts.sources.zstd}`,
  `  tar   ${parts.sources.tar.id}`,
  `        ${parts.sources.tar.en}`,
  '  Cadangan penuh / A full backup:',
  ...indented(indented(parts.full)),
  '  Cadangan perubahan (.diff) bersama cadangan penuhnya / A changes-only backup (.diff) with its full one:',
  ...indented(indented(parts.changesOnly)),
  '  lalu / and then, Windows:',
  `    ${parts.join.powershell}`,
  '  Linux, macOS:',
  `    ${parts.join.python}`,
  '  SHA-256 skrip di dalam cadangan perubahan / SHA-256 of the scripts in a changes-only backup:',
  ...indented(indented(parts.scripts)),
  rule,
];

/** The page to print: a QR code of so many modules a side, drawn by `path`, above the sheet. */
export const sheetPage = (size: number, path: string, sheet: string): string => `<!doctype html>
<html lang="id">
<meta charset="utf-8">
<title>Lembar pemulihan / Recovery sheet</title>
<style>
@page { size: A4; margin: 12mm }
body { margin: 0; color: #000; background: #fff }
svg { display: block; width: 55mm; height: 55mm }
pre { font: 8.5pt/1.25 "Courier New", monospace; margin: 0; white-space: pre-wrap }
</style>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}"/></svg>
<pre>
Kode QR adalah kunci rahasia / The QR code is the secret key
${sheet}
</pre>
</html>
`;
