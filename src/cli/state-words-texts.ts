import { joined, type Text, verbatim } from '../base/text.ts';

/** What is wrong, in a word or two, for lines of many; the sentences stand below them. */
const states: Readonly<Record<string, Text>> = {
  'no-backup': { en: 'no backup', id: 'belum ada cadangan' },
  'old-backup': { en: 'late', id: 'terlambat' },
  unproven: { en: 'not verified', id: 'belum diverifikasi' },
  shrinking: { en: 'shrinking', id: 'menyusut' },
  damaged: { en: 'damaged', id: 'rusak' },
  tampering: { en: 'altered by somebody', id: 'diubah orang lain' },
  'not-stored': { en: 'changes not stored', id: 'perubahan belum tersimpan' },
  'stub-db': { en: 'no databases here', id: 'tidak ada database di sini' },
  'newest-missing': { en: 'newest is missing', id: 'yang terbaru hilang' },
  'clock-off': { en: 'clock is wrong', id: 'jam salah' },
  'two-computers': { en: 'two computers', id: 'dua komputer' },
  'shared-place': { en: 'shares a place', id: 'tempatnya dipakai bersama' },
  usage: { en: 'settings are wrong', id: 'pengaturan salah' },
  'store-unavailable': { en: 'not reachable', id: 'tidak terjangkau' },
  'access-denied': { en: 'access denied', id: 'akses ditolak' },
  'source-unusable': { en: 'no e-Faktur', id: 'e-Faktur tidak ada' },
  'newer-format': { en: 'newer version', id: 'versi lebih baru' },
};
const safe: Text = { en: 'safe', id: 'aman' };
/** Nothing is wrong, but nobody has read it back. */
const notYetVerified: Text = { en: 'not verified yet', id: 'belum diverifikasi' };

/** Of the codes of what is wrong, each once; without one it is safe as far as it was read back. */
export function stateWords(codes: readonly string[], isProven: boolean): Text {
  if (codes.length === 0) return isProven ? safe : notYetVerified;
  return joined(
    [...new Set(codes)].map((code) => states[code] ?? verbatim(code)),
    ', ',
  );
}
