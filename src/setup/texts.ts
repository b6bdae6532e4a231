import type { Text } from '../base/text.ts';

/* The two keys of a bucket (bucket-keys.ts). */

export const keysFileNotRead = (path: string, code: string): Text => ({
  en: `the file of access keys ${path} cannot be read (${code})`,
  id: `file kunci akses ${path} tidak dapat dibaca (${code})`,
});
export const noBucketKeysIn = (where: Text): Text => ({
  en: `${where.en} is empty`,
  id: `${where.id} kosong`,
});
export const keysFileUnclear = (where: Text): Text => ({
  en: `${where.en}: the two keys of a bucket are not to be found in it`,
  id: `${where.id}: dua kunci akses bucket tidak ditemukan di dalamnya`,
});
export const giveBucketKeys: Text = {
  en: 'Give the file as the provider gave it (CSV), or write the access key ID on its first line and the secret access key on the second.',
  id: 'Berikan file seperti dari penyedia (CSV), atau tulis access key ID di baris pertama dan secret access key di baris kedua.',
};
export const severalKeysIn = (where: Text): Text => ({
  en: `${where.en} holds more than one pair of keys`,
  id: `${where.id} berisi lebih dari satu pasang kunci akses`,
});
export const takeOneKey: Text = {
  en: 'Keep only the pair for this bucket in the file.',
  id: 'Sisakan hanya pasangan untuk bucket ini di file itu.',
};
export const temporaryKeysIn = (where: Text): Text => ({
  en: `${where.en} holds temporary keys (with a session token), which soon end`,
  id: `${where.id} berisi kunci akses sementara (dengan session token), yang segera berakhir`,
});
export const takeLastingKey: Text = {
  en: 'Make an access key that lasts, best one that may only add backups to this bucket.',
  id: 'Buat kunci akses yang berlaku terus, sebaiknya kunci unggah yang hanya boleh menambah cadangan di bucket ini.',
};

/* A profile's file (profile-file.ts). */

/** The first line of a new one. */
export const setsByInit: Text = {
  en: 'Made by "efaktur-cloud init". Lines may be added and changed by hand; init changes only what it asks.',
  id: 'Dibuat oleh "efaktur-cloud init". Baris boleh ditambah dan diubah sendiri; init hanya mengubah yang ditanyakannya.',
};
export const cannotWriteProfile = (path: string): Text => ({
  en: `the settings file ${path} cannot be written`,
  id: `file pengaturan ${path} tidak dapat ditulis`,
});
export const valueNotWritable = (name: string): Text => ({
  en: `the value of ${name} cannot stand in a settings file`,
  id: `nilai ${name} tidak dapat ditulis di file pengaturan`,
});
export const takeOtherValue: Text = {
  en: 'Take one without line breaks, characters that cannot be seen, and both kinds of quotes at once.',
  id: 'Pakai nilai tanpa ganti baris, karakter yang tidak terlihat, dan kedua jenis tanda kutip sekaligus.',
};

/* The sheet (sheet-file.ts). */

export const sheetNotWritten = (path: string): Text => ({
  en: `the recovery sheet ${path} cannot be written`,
  id: `lembar pemulihan ${path} tidak dapat ditulis`,
});
/** As the sheet names the service of a store; the same in both languages. */
export const hostInRegion = (host: string, region: string): string => `${host}, region ${region}`;
export const amazon = 'Amazon S3';

/* What is written (commit.ts). */

export const cannotWriteKey = (path: string): Text => ({
  en: `the key file ${path} cannot be written`,
  id: `file kunci rahasia ${path} tidak dapat ditulis`,
});

/* What the environment sets (draft.ts). */

export const theEnvironment: Text = { en: 'the environment', id: 'variabel lingkungan' };
