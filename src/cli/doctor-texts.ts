import type { Text } from '../base/text.ts';

/* The policies of doctor --print-policy. */

export const noPolicy = (name: string): Text => ({
  en: `--print-policy: there is no policy "${name}"`,
  id: `--print-policy: tidak ada kebijakan "${name}"`,
});
export const writePolicy = (names: readonly string[]): Text => ({
  en: `Write one of ${names.join(', ')}.`,
  id: `Tulis salah satu dari ${names.join(', ')}.`,
});
export const notOneBucket = (given: number): Text => ({
  en: `--print-policy: a policy is for one bucket, and ${given} were given`,
  id: `--print-policy: kebijakan berlaku untuk satu bucket, sedangkan yang diberikan ${given}`,
});
export const nameBucket: Text = {
  en: 'Name the one with --store s3://BUCKET/PREFIX.',
  id: 'Sebutkan bucket itu dengan --store s3://BUCKET/PREFIX.',
};

/* What was found. */

/** In the column before each step. */
export const marks = {
  ok: { en: 'ok', id: 'baik' },
  denied: { en: 'denied', id: 'ditolak' },
  failed: { en: 'FAILED', id: 'GAGAL' },
  unknown: { en: '?', id: '?' },
  skipped: { en: '-', id: '-' },
} satisfies Record<string, Text>;

export const rulesToSet = (store: string): Text => ({
  en: `Lifecycle rules to set on the bucket of ${store}, for what cut-off uploads and doctor leave`,
  id: `Aturan lifecycle untuk dipasang pada bucket ${store}, untuk sisa unggahan yang terputus dan sisa doctor`,
});
export const ruleForMinio: Text = {
  en: '(MinIO removes cut-off uploads by itself: give it only efaktur-cloud-doctor, it refuses the other):',
  id: '(MinIO menghapus sendiri unggahan yang terputus: pasang hanya efaktur-cloud-doctor, karena yang lain ditolaknya):',
};

export const needsAttention: Text = {
  en: 'Something needs attention.',
  id: 'Ada yang perlu perhatian.',
};
export const needs = {
  backingUp: { en: 'that backups need works', id: 'yang diperlukan untuk mencadangkan berfungsi' },
  restoring: { en: 'that restoring needs works', id: 'yang diperlukan untuk memulihkan berfungsi' },
} satisfies Record<string, Text>;
export const everythingWorks = (what: Text): Text => ({
  en: `Everything ${what.en}.`,
  id: `Semua ${what.id}.`,
});
export const worksWithLess = (what: Text): Text => ({
  en: `All ${what.en}, but protects less than it should: see ${marks.failed.en} above.`,
  id: `Semua ${what.id}, tetapi perlindungannya kurang dari seharusnya: lihat ${marks.failed.id} di atas.`,
});

export const ofProfile = (profile: string, message: Text): Text => ({
  en: `profile ${profile}: ${message.en}`,
  id: `profil ${profile}: ${message.id}`,
});

export const bundleIs = (path: string): Text => ({
  en: `The zip for whoever helps is ${path}: plain text without keys, names, paths or books. Look into it before you send it.`,
  id: `Zip untuk orang yang membantu Anda: ${path}. Isinya teks biasa tanpa kunci, nama, lokasi file, atau data pajak. Lihat dahulu sebelum dikirim.`,
});
