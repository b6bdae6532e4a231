import { inBoth, type Text } from '../base/text.ts';
import { profileNames } from '../settings/texts.ts';

/* What is written, and stores, among e-Faktur's own files (folders.ts). */

export const atThat = (where: Text, what: Text): Text => inBoth((l) => `${where[l]}: ${what[l]}`);
export const theStore: Text = { en: 'the store', id: 'tempat cadangan' };
export const chooseOutside: Text = {
  en: 'Choose a folder outside of e-Faktur.',
  id: 'Pilih folder di luar e-Faktur.',
};
export const chooseOtherDisk: Text = {
  en: 'Choose another folder, best on another disk.',
  id: 'Pilih folder lain, sebaiknya di disk lain.',
};
export const chooseOutsideOf = (appFolder: string): Text => ({
  en: `Choose a folder outside of ${appFolder}, best on another disk.`,
  id: `Pilih folder di luar ${appFolder}, sebaiknya di disk lain.`,
});

/* Keys (keys.ts). */

export const passphraseOf = (name: string | null): Text => ({
  en: `Passphrase of ${name ?? 'the key'}: `,
  id: `Frasa sandi untuk ${name ?? 'kunci itu'}: `,
});

export const keyNotFile = (where: Text): Text => ({
  en: `${where.en}: that is a key, not a file`,
  id: `${where.id}: itu kunci, bukan file`,
});
export const saveKeyAsFile: Text = {
  en: 'Save the key as a file that only its owner may read, and set the name of that file.',
  id: 'Simpan kunci itu sebagai file yang hanya boleh dibaca pemiliknya, lalu isi dengan nama file itu.',
};

export const identityNotRead = (where: Text, path: string, code: string): Text => ({
  en: `${where.en}: the key file ${path} cannot be read (${code})`,
  id: `${where.id}: file kunci rahasia ${path} tidak dapat dibaca (${code})`,
});
export const checkPathAndRights: Text = {
  en: 'Check the path, and that this user may read the file.',
  id: 'Periksa lokasinya, dan apakah pengguna ini boleh membaca file itu.',
};

export const commandTooSlow = (where: Text, limit: Text): Text => ({
  en: `${where.en}: the command did not end within ${limit.en}`,
  id: `${where.id}: perintahnya tidak selesai dalam ${limit.id}`,
});
export const commandFailed = (where: Text): Text => ({
  en: `${where.en}: the command ended with an error`,
  id: `${where.id}: perintahnya berakhir dengan kesalahan`,
});
export const runItByHand: Text = {
  en: 'Run it by hand: it must print the identity (AGE-SECRET-KEY-1…), and may read no input.',
  id: 'Jalankan sendiri: perintah itu harus menampilkan kunci rahasia (AGE-SECRET-KEY-1…), dan tidak boleh meminta masukan.',
};

/* Stores (workplace.ts, store-notes.ts). */

export const noStoreGiven: Text = { en: 'no store was given', id: 'tempat cadangan belum disebutkan' };
/** `profiles`: those that might have been meant. */
export function nameProfile(profiles: readonly string[]): Text {
  const names = profileNames(profiles);
  return {
    en: `Name a profile with --profile (${names.en}), or a store with --store.`,
    id: `Sebutkan profil dengan --profile (${names.id}), atau tempat cadangan dengan --store.`,
  };
}
export function nameProfileOrFolder(profiles: readonly string[]): Text {
  const names = profileNames(profiles);
  return {
    en: `Name a profile with --profile (${names.en}), or the folder with --app.`,
    id: `Sebutkan profil dengan --profile (${names.id}), atau foldernya dengan --app.`,
  };
}
export const nameStore: Text = {
  en: 'Set it up with "efaktur-cloud init", or name it with --store or EFAKTUR_STORE: s3://BUCKET/PREFIX, or a folder.',
  id: 'Atur dengan "efaktur-cloud init", atau sebutkan dengan --store atau EFAKTUR_STORE: s3://BUCKET/PREFIX, atau sebuah folder.',
};

export const notSynced = (url: string): Text => ({
  en: `${url}: this folder cannot be told to write through to its disk (fsync), so what was just stored may be lost in a power cut; the next push or verify notices`,
  id: `${url}: folder ini tidak dapat diminta menulis langsung ke disknya (fsync), sehingga yang baru disimpan bisa hilang bila listrik padam; push atau verify berikutnya akan mengetahuinya`,
});

export const openToAll = (url: string): Text => ({
  en: `${url} is open to every user of this PC, and what is stored there is not encrypted`,
  id: `${url} terbuka bagi semua pengguna komputer ini, dan isinya tidak terenkripsi`,
});
export const encryptOrClose = (quoted: string): Text => ({
  en: `Set EFAKTUR_RECIPIENTS, or close the folder: chmod -R o= ${quoted}`,
  id: `Atur EFAKTUR_RECIPIENTS, atau tutup folder itu: chmod -R o= ${quoted}`,
});

export const onSameDisk = (url: string, appFolder: string): Text => ({
  en: `${url} lies on the same disk as e-Faktur (${appFolder}): if that disk breaks, both are gone`,
  id: `${url} berada di disk yang sama dengan e-Faktur (${appFolder}): bila disk itu rusak, keduanya hilang`,
});
export const storeElsewhere: Text = {
  en: 'Store on another disk or in a bucket as well.',
  id: 'Simpan juga di disk lain atau di bucket.',
};

/* A second db of the same e-Faktur. */

interface DbOfFolder {
  readonly folder: string;
  readonly newest: Text | null;
}
export const secondDbThere = (second: DbOfFolder, there: DbOfFolder): Text => ({
  en: `Windows keeps a second db of this e-Faktur for this user in ${second.folder} (newest change ${second.newest?.en}); the one in ${there.folder} ${there.newest ? `last changed ${there.newest.en}` : 'holds no database'}. e-Faktur uses the second one unless it runs as administrator`,
  id: `Windows menyimpan db kedua dari e-Faktur ini untuk pengguna ini di ${second.folder} (perubahan terbaru ${second.newest?.id}); db di ${there.folder} ${there.newest ? `terakhir berubah ${there.newest.id}` : 'tidak berisi database'}. e-Faktur memakai db kedua itu kecuali dijalankan sebagai administrator`,
});
export const lookWhichIsUsed = (secondDb: string): Text => ({
  en: `See in e-Faktur which of them has your newest invoices. The second one is stored with push --source "${secondDb}"; to have only one again, move e-Faktur into a folder of your own, such as D:\\e-Faktur.`,
  id: `Lihat di e-Faktur mana yang berisi faktur terbaru Anda. Db kedua disimpan dengan push --source "${secondDb}"; agar hanya ada satu lagi, pindahkan e-Faktur ke folder Anda sendiri, misalnya D:\\e-Faktur.`,
});

/* All profiles side by side (all-profiles.ts). */

export const folderOfTwo = (folder: string, others: readonly string[]): Text => ({
  en: `the e-Faktur folder ${folder} is also that of ${others.join(', ')}`,
  id: `folder e-Faktur ${folder} juga dipakai profil ${others.join(', ')}`,
});
export const storeOfTwo = (store: string, others: readonly string[]): Text => ({
  en: `the store ${store} is also that of ${others.join(', ')}`,
  id: `tempat cadangan ${store} juga dipakai profil ${others.join(', ')}`,
});
export const giveEachItsOwn: Text = {
  en: 'Each profile needs an e-Faktur folder and a store of its own; correct the line in its file.',
  id: 'Setiap profil memerlukan folder e-Faktur dan tempat cadangannya sendiri; perbaiki baris itu di filenya.',
};
