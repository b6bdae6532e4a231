import { bytes, count, number } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

export const noBackups: Text = { en: 'No backups.', id: 'Tidak ada cadangan (backup).' };
export const noPrograms: Text = {
  en: 'No program backups. "efaktur-cloud push --whole-app" stores one.',
  id: 'Tidak ada cadangan program. "efaktur-cloud push --whole-app" menyimpannya.',
};
export function programsToo(stored: number): Text {
  const all = count(stored, 'program backup');
  return {
    en: `The program e-Faktur itself is stored as well (${all.en}): "efaktur-cloud list --programs" shows it.`,
    id: `Program e-Faktur sendiri juga disimpan (${all.id}): lihat dengan "efaktur-cloud list --programs".`,
  };
}

/* Headings. */

export const headings = {
  date: { en: 'DATE', id: 'TANGGAL' },
  captured: { en: 'CAPTURED', id: 'WAKTU PENGAMBILAN' },
  read: { en: 'READ', id: 'DIBACA' },
  uploaded: { en: 'UPLOADED', id: 'DIUNGGAH' },
  kind: { en: 'KIND', id: 'JENIS' },
  stored: { en: 'STORED', id: 'TERSIMPAN' },
  files: { en: 'FILES', id: 'FILE' },
  databaseFiles: { en: 'DATABASE FILES', id: 'FILE DATABASE' },
  source: { en: 'SOURCE', id: 'SUMBER' },
  eFaktur: { en: 'E-FAKTUR', id: 'E-FAKTUR' },
  verdict: { en: 'VERDICT', id: 'HASIL PERIKSA' },
  lastVerified: { en: 'LAST VERIFIED', id: 'TERAKHIR DIVERIFIKASI' },
  stores: { en: 'STORES', id: 'TEMPAT CADANGAN' },
  id: { en: 'ID', id: 'ID' },
} as const satisfies Readonly<Record<string, Text>>;

/* Cells. */

export const archiveMissing: Text = { en: 'ARCHIVE MISSING', id: 'ARSIP HILANG' };
export const never: Text = { en: 'never', id: 'belum pernah' };
export const kinds = {
  full: { en: 'full', id: 'penuh' },
  differential: { en: 'changes only', id: 'perubahan' },
} as const satisfies Readonly<Record<string, Text>>;
export const sources: Readonly<Record<string, Text>> = {
  'login-backup': { en: 'login backup', id: 'cadangan saat masuk' },
  cold: { en: 'e-Faktur closed', id: 'e-Faktur tertutup' },
  hot: { en: 'e-Faktur open', id: 'e-Faktur terbuka' },
};
export const verdicts: Readonly<Record<string, Text>> = {
  clean: { en: 'closed, sound', id: 'tertutup, utuh' },
  'needs-recovery': { en: 'needs recovery', id: 'perlu pemulihan oleh Derby' },
  encrypted: { en: 'encrypted by Derby', id: 'dienkripsi oleh Derby' },
  damaged: { en: 'DAMAGED', id: 'RUSAK' },
};
export const andEncrypted = (what: Text): Text => ({
  en: `${what.en}, encrypted`,
  id: `${what.id}, terenkripsi`,
});
export const filesAndBytes = (files: number, size: number): Text =>
  inBoth((l) => `${number(files)[l]} (${bytes(size)[l]})`);
