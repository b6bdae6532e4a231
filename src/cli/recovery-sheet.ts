import { createHash } from 'node:crypto';
import { differentialTexts } from '../archive/differential-texts.ts';
import { joinCommands, stockCommands, stockToolSources, unpackDifferential } from '../catalog/stock-tools.ts';
import { tarSource } from '../catalog/texts.ts';
import { inGroups, keyStart, sheetTitle } from '../crypto/identity-text.ts';

/**
 * The paper that must still be enough in ten years, in Indonesian and English: where the backups are, the secret key, and
 * how to open them without this program. Plain ASCII, so that it survives PowerShell's `>`, Notepad and any printer; the
 * page to print has the key as a QR code, too. A whole sheet is taken as an identity file.
 */

export interface SheetFacts {
  readonly recipient: string;
  /** The lines of the identity file, armored where it has a passphrase. */
  readonly identity: string;
  readonly isProtected: boolean;
  /** The addresses of the stores, each with the host that serves it; none to be filled in by hand. */
  readonly stores: readonly { readonly url: string; readonly host: string | null }[];
  readonly madeOn: string;
  readonly program: string;
}

const rule = '-'.repeat(72);
const blank = '_'.repeat(40);
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** The secret key alone, as it goes into the QR code. */
export const keyOf = (identity: string): string =>
  identity.split('\n').find((line) => line.startsWith(keyStart)) ?? identity.trimEnd();

/** The lines of the key stand as they are: stock age takes no indented ones. */
export function recoverySheet(facts: SheetFacts): string {
  const { identity, isProtected, stores } = facts;
  const full = stockCommands('NAME.tar.zst.age');
  const differential = unpackDifferential('NAME.diff.tar.zst.age', 'FULL.tar.zst.age');
  const scripts = differentialTexts
    .filter(({ name }) => name.startsWith('restore.'))
    .map(({ name, bytes }) => `${name.padEnd(11)} ${createHash('sha256').update(bytes).digest('hex')}`);
  return [
    rule,
    `${sheetTitle}, made on ${facts.madeOn}`,
    'LEMBAR PEMULIHAN: kunci cadangan data e-Faktur',
    "Print it twice and keep it in two places, such as the safe and the owner's home.",
    'Cetak dua kali, simpan di dua tempat, misalnya brankas dan rumah pemilik.',
    `Without the secret key below${isProtected ? ' and its passphrase' : ''} nobody, not even you, can open the backups.`,
    `Tanpa kunci rahasia di bawah ini${isProtected ? ' dan frasa sandinya' : ''} siapa pun, juga Anda, tidak dapat membuka cadangan.`,
    ...(isProtected
      ? [
          'The passphrase does not stand here: write it down and keep it elsewhere.',
          'Frasa sandi tidak tertulis di sini: catat dan simpan di tempat lain.',
        ]
      : []),
    '',
    'Where the backups are / Tempat cadangan:',
    ...(stores.length === 0
      ? [`  Address / Alamat: ${blank}`, `  Provider / Penyedia: ${blank}`]
      : stores.flatMap(({ url, host }) => [`  ${url}`, ...(host === null ? [] : [`  host: ${host}`])])),
    `  Login at the provider / Akun di penyedia: ${blank}`,
    '',
    'Public key (for the PC that makes backups; no secret) / Kunci publik (bukan rahasia):',
    `  EFAKTUR_RECIPIENTS=${facts.recipient}`,
    '',
    'Secret key (only for restoring) / Kunci rahasia (hanya untuk memulihkan):',
    identity.trimEnd(),
    '',
    ...(isProtected
      ? []
      : [
          'The same key in groups, to be typed / Kunci yang sama per kelompok, untuk diketik:',
          ...indented(inGroups(keyOf(identity))),
          'Small letters, blanks and several lines do no harm. 0 is always the digit; the letters B, I, O',
          'and the digit 1 do not occur in the groups. The program tells a typing mistake, and where it is.',
          'Huruf kecil, spasi, dan beberapa baris tidak apa-apa. 0 selalu angka nol; huruf B, I, O dan angka 1',
          'tidak ada di dalam kelompok. Program memberi tahu bila ada salah ketik, dan di mana.',
          '',
        ]),
    `To restore / Memulihkan, with / dengan ${facts.program}:`,
    '  Save the secret key as key.txt (this whole sheet will do), set EFAKTUR_IDENTITY_FILE=key.txt',
    `  and run "efaktur-cloud pull"${isProtected ? '; the passphrase is asked for' : ''}.`,
    '  Simpan kunci rahasia sebagai key.txt (boleh seluruh lembar ini), isikan EFAKTUR_IDENTITY_FILE=key.txt,',
    `  lalu jalankan "efaktur-cloud pull"${isProtected ? '; frasa sandi akan ditanyakan' : ''}.`,
    `  The program came from / Program diperoleh dari: ${blank}`,
    '',
    'Without this program, in ten years / Tanpa program ini, sepuluh tahun lagi:',
    '  README.txt beside the backups says how / README.txt di tempat cadangan menjelaskan caranya.',
    '  key.txt holds the lines of the secret key above and nothing else of this sheet.',
    '  key.txt hanya berisi baris kunci rahasia di atas, tanpa bagian lain lembar ini.',
    `  age   ${stockToolSources.age}`,
    `  zstd  ${stockToolSources.zstd}`,
    `  tar   ${tarSource.en}`,
    '  A full / Cadangan lengkap:',
    ...indented(indented(full)),
    '  A differential with its full / Diferensial bersama full-nya:',
    ...indented(indented(differential)),
    '  and then / lalu, Windows:',
    `    ${joinCommands.powershell}`,
    '  Linux, macOS:',
    `    ${joinCommands.python}`,
    '  SHA-256 of the scripts in a differential / SHA-256 skrip di dalam diferensial:',
    ...indented(indented(scripts)),
    rule,
  ].join('\n');
}

/** Plain ASCII, whatever stands in an address. */
const escaped = (text: string): string =>
  text.replace(/[&<>\u0080-\u{10ffff}]/gu, (char) => `&#${char.codePointAt(0)};`);

/** The sheet as a page to print, which needs nothing from outside, with the secret key as a QR code. */
export async function recoverySheetPage(facts: SheetFacts): Promise<string> {
  const { encodeQR } = await import('qr');
  // A key is letters, digits and dashes: half the room of other text.
  const rows = encodeQR(keyOf(facts.identity), 'raw', { ecc: 'medium', border: 4 });
  const size = rows.length;
  const path = rows
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return `<!doctype html>
<html lang="id">
<meta charset="utf-8">
<title>Recovery sheet</title>
<style>
@page { size: A4; margin: 12mm }
body { margin: 0; color: #000; background: #fff }
svg { display: block; width: 55mm; height: 55mm }
pre { font: 8.5pt/1.25 "Courier New", monospace; margin: 0; white-space: pre-wrap }
</style>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" role="img"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}"/></svg>
<pre>
The QR code is the secret key / Kode QR adalah kunci rahasia
${escaped(recoverySheet(facts))}
</pre>
</html>
`;
}
