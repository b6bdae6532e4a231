import type { Text } from '../base/text.ts';

/* What is wrong with an age file (age-header.ts, age-payload.ts, age-range.ts, age.ts), after "NAME is damaged:". */

export const otherBackupOrStore: Text = {
  en: 'Use another backup, or this one from another store; "efaktur-cloud verify --read-data" shows which are sound.',
  id: 'Gunakan cadangan lain, atau cadangan ini dari tempat cadangan lain; "efaktur-cloud verify --read-data" menunjukkan mana yang utuh.',
};

export const beginsNotAsAge: Text = {
  en: 'it does not begin as an age file',
  id: 'awalnya bukan awal file age',
};
export const headerEndless: Text = { en: 'its header does not end', id: 'header filenya tidak berakhir' };
export const headerChanged: Text = { en: 'its header changed', id: 'header filenya berubah' };
export const headerNotValid: Text = { en: 'its header is not valid', id: 'header filenya tidak sah' };
export const cutInHeader: Text = {
  en: 'it is cut off inside its header',
  id: 'file terpotong di bagian headernya',
};

export const chunkChanged = (chunk: number): Text => ({
  en: `its bytes changed (64 KiB chunk ${chunk})`,
  id: `isinya berubah (potongan 64 KiB ke-${chunk})`,
});
export const chunkChangedOrCut = (chunk: number): Text => ({
  en: `its bytes changed or it is cut off (64 KiB chunk ${chunk})`,
  id: `isinya berubah atau file terpotong (potongan 64 KiB ke-${chunk})`,
});
export const cutOff: Text = { en: 'it is cut off', id: 'file terpotong' };
export const goesOn: Text = { en: 'something follows its end', id: 'ada sesuatu sesudah akhirnya' };
export const lastChunkEmpty: Text = { en: 'its last chunk is empty', id: 'potongan terakhirnya kosong' };
export const noAgeLength: Text = {
  en: 'no age file has its length',
  id: 'panjangnya bukan panjang file age',
};
export const endsBefore = (byte: number): Text => ({
  en: `it ends before byte ${byte}`,
  id: `file berakhir sebelum byte ke-${byte}`,
});
export const notArmored: Text = {
  en: 'it is not an armored age text',
  id: 'isinya bukan teks age yang dibungkus',
};
export const noTextInside: Text = { en: 'it holds no text', id: 'isinya bukan teks' };

/* Public keys to encrypt with (age.ts). */

export const noRecipient: Text = {
  en: 'there is no recipient to encrypt for',
  id: 'tidak ada kunci publik untuk mengenkripsi',
};
export const giveRecipient: Text = {
  en: 'Give at least one public key (age1…), as "efaktur-cloud keys new" prints it.',
  id: 'Berikan paling sedikit satu kunci publik (age1…), seperti yang ditampilkan "efaktur-cloud keys new".',
};

export const numberedRecipient = (position: number): Text => ({
  en: `number ${position}`,
  id: `nomor ${position}`,
});
export const notRecipient = (shown: Text): Text => ({
  en: `the recipient ${shown.en} is not an age public key`,
  id: `${shown.id} bukan kunci publik age`,
});
export const thatIsSecret: Text = {
  en: 'That is a secret key. Give its public key (age1…) instead, and remove the secret key from this PC.',
  id: 'Itu kunci rahasia. Berikan kunci publiknya (age1…), dan hapus kunci rahasia itu dari komputer ini.',
};
export const recipientForm: Text = {
  en: 'Give public keys of the form age1… with 62 characters, as "efaktur-cloud keys new" or age-keygen prints them.',
  id: 'Berikan kunci publik berbentuk age1… sepanjang 62 karakter, seperti yang ditampilkan "efaktur-cloud keys new" atau age-keygen.',
};

export const noKeyOpens = (keys: number, name: string): Text => ({
  en: keys === 1 ? `the given key does not open ${name}` : `none of the ${keys} given keys opens ${name}`,
  id:
    keys === 1
      ? `kunci rahasia yang diberikan tidak membuka ${name}`
      : `tidak satu pun dari ${keys} kunci rahasia yang diberikan membuka ${name}`,
});
export const giveFittingKey = (publicKeys: readonly string[]): Text => ({
  en: `Give the key file of a key it was made for. The public keys of those given are ${publicKeys.join(', ')}.`,
  id: `Berikan file kunci rahasia yang cocok dengannya. Kunci publik dari yang diberikan: ${publicKeys.join(', ')}.`,
});

/* Identity files (identity-file.ts). */

export const noIdentityFile: Text = {
  en: 'no key file is given',
  id: 'tidak ada file kunci rahasia yang diberikan',
};
export const nameIdentityFile: Text = {
  en: 'Name it with EFAKTUR_IDENTITY_FILE.',
  id: 'Sebutkan file itu dengan EFAKTUR_IDENTITY_FILE.',
};

/** `is` is one of the texts below. */
export const identityFile = (name: string, is: Text): Text => ({
  en: `the key file ${name} ${is.en}`,
  id: `file kunci rahasia ${name} ${is.id}`,
});
/** The same of a key that was typed. */
export const givenKey = (is: Text): Text => ({
  en: `the secret key that was given ${is.en}`,
  id: `kunci rahasia yang diberikan ${is.id}`,
});

export const hasNoKeyOn = (line: number): Text => ({
  en: `has no age secret key on line ${line}`,
  id: `tidak berisi kunci rahasia age di baris ${line}`,
});
export const eachLine: Text = {
  en: 'Each line must be a whole AGE-SECRET-KEY-1… key, or a comment beginning with #.',
  id: 'Setiap baris harus berupa satu kunci AGE-SECRET-KEY-1… yang lengkap, atau komentar yang diawali #.',
};

export const hasPublicKeyOn = (line: number): Text => ({
  en: `has a public key on line ${line}, which opens nothing`,
  id: `berisi kunci publik di baris ${line}, yang tidak membuka apa pun`,
});
export const giveSecretKey: Text = {
  en: 'Give the file with the secret key, which begins with AGE-SECRET-KEY-1.',
  id: 'Berikan file dengan kunci rahasianya, yang diawali AGE-SECRET-KEY-1.',
};

export const isSpoilt: Text = { en: 'is damaged', id: 'rusak' };
export const otherCopy: Text = {
  en: 'Use another copy of it, such as the printed one.',
  id: 'Gunakan salinan lain, misalnya yang tercetak.',
};

export const notByPassphrase: Text = {
  en: 'is encrypted, but not with a passphrase',
  id: 'terenkripsi, tetapi bukan dengan frasa sandi',
};
export const decryptFirst: Text = {
  en: 'Decrypt it with "age -d -i KEY" first, and give the result.',
  id: 'Buka dahulu dengan "age -d -i KUNCI", lalu berikan hasilnya.',
};

export const needsPassphrase: Text = { en: 'needs its passphrase', id: 'memerlukan frasa sandinya' };
export const runInTerminal: Text = {
  en: 'Run this in a terminal, which asks for it, or give a file without a passphrase.',
  id: 'Jalankan di terminal supaya frasa sandi ditanyakan, atau berikan file tanpa frasa sandi.',
};

export const opensNotSo: Text = {
  en: 'does not open with this passphrase',
  id: 'tidak terbuka dengan frasa sandi ini',
};
export const checkPassphrase: Text = {
  en: 'Check the passphrase (capitals, keyboard layout) and that the file is whole.',
  id: 'Periksa frasa sandinya (huruf besar, tata letak keyboard) dan apakah filenya lengkap.',
};

export const isTooLarge: Text = {
  en: 'is too large to be one',
  id: 'terlalu besar untuk sebuah file kunci rahasia',
};
export const holdsNoKey: Text = { en: 'holds no key', id: 'tidak berisi kunci' };
export const giveIdentityFile: Text = {
  en: 'Give the file that "efaktur-cloud keys new" or age-keygen wrote.',
  id: 'Berikan file yang dibuat oleh "efaktur-cloud keys new" atau age-keygen.',
};

export const emptyPassphrase: Text = { en: 'the passphrase is empty', id: 'frasa sandi kosong' };
export const chooseWords: Text = {
  en: 'Choose four or more random words.',
  id: 'Pilih empat kata acak atau lebih.',
};

/* A key typed off a sheet (identity-text.ts). */

export const hasMistakeOn = (line: number, mistake: Text): Text => ({
  en: `has on line ${line} a typing mistake: ${mistake.en}`,
  id: `berisi salah ketik di baris ${line}: ${mistake.id}`,
});

export const keyBegins: Text = {
  en: 'a key begins with AGE-SECRET-KEY-1',
  id: 'kunci diawali AGE-SECRET-KEY-1',
};
export const typeBeginning: Text = {
  en: 'Type that beginning as it stands here; its last sign is the digit 1.',
  id: 'Ketik awalan itu persis seperti di sini; tanda terakhirnya angka 1.',
};

export const foreignLetter = (letter: string): Text => ({
  en: `no key has the letter "${letter}" after "KEY-1" (the digit 0 and the letter O, 8 and B, L and 1 are easily mistaken)`,
  id: `tidak ada kunci dengan huruf "${letter}" sesudah "KEY-1" (angka 0 dan huruf O, 8 dan B, L dan 1 mudah tertukar)`,
});
export const wrongLength = (letters: number, wanted: number): Text => ({
  en: `${letters} letters stand after "KEY-1" where a key has ${wanted}`,
  id: `ada ${letters} huruf sesudah "KEY-1", padahal kunci punya ${wanted}`,
});
export const wrongChecksum: Text = { en: 'the checksum does not fit', id: 'angka pemeriksanya tidak cocok' };

export const lookAtGroup = (group: number, groups: number, letters: number): Text => ({
  en: `Look at group ${group} of the ${groups} groups of ${letters}.`,
  id: `Lihat kelompok ke-${group} dari ${groups} kelompok berisi ${letters} huruf.`,
});
export const compareWithSheet: Text = {
  en: 'Compare it with the sheet letter by letter, or scan its QR code.',
  id: 'Bandingkan dengan lembar pemulihan huruf demi huruf, atau pindai kode QR-nya.',
};
