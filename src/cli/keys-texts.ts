import type { Text } from '../base/text.ts';

export const whatToDoMissing: Text = {
  en: 'keys needs to know what to do',
  id: 'keys perlu tahu apa yang harus dikerjakan',
};
export const newOrShow: Text = {
  en: 'Use "efaktur-cloud keys new --out FILE" or "efaktur-cloud keys show".',
  id: 'Jalankan "efaktur-cloud keys new --out FILE" atau "efaktur-cloud keys show".',
};

/* keys new */

export const jsonNeedsFile: Text = {
  en: '--json never shows a secret key, so it needs a file for it',
  id: '--json tidak pernah menampilkan kunci rahasia, jadi perlu file untuk menyimpannya',
};
export const addOutOrSheet: Text = {
  en: 'Add --out FILE or --sheet FILE.',
  id: 'Tambahkan --out FILE atau --sheet FILE.',
};
export const keyIsIn = (path: string): Text => ({
  en: `The secret key lies in ${path}. Take this file away from the PC that makes backups (a USB stick in the safe): that PC needs only the public key.`,
  id: `Kunci rahasia ada di ${path}. Pindahkan file ini dari komputer yang mencadangkan (misalnya ke flash disk di brankas): komputer itu hanya perlu kunci publik.`,
});
export const keyOnlyShown: Text = {
  en: 'The secret key was not written to a file.',
  id: 'Kunci rahasia tidak ditulis ke file.',
};
export const keyOnlyOnSheet: Text = {
  en: 'The secret key was not written to a file but to the sheet.',
  id: 'Kunci rahasia tidak ditulis ke file, hanya ke lembar pemulihan.',
};
export const sheetIsIn = (path: string): Text => ({
  en: `Recovery sheet: ${path}. It holds the secret key: print it twice, then delete the file.`,
  id: `Lembar pemulihan: ${path}. Isinya kunci rahasia: cetak dua kali, lalu hapus filenya.`,
});
export const publicKeyIs = (recipient: string): Text => ({
  en: `Public key (no secret): EFAKTUR_RECIPIENTS=${recipient}`,
  id: `Kunci publik (bukan rahasia): EFAKTUR_RECIPIENTS=${recipient}`,
});

export const askPassphrase: Text = {
  en: 'Passphrase for the key file: ',
  id: 'Frasa sandi untuk file kunci rahasia: ',
};
export const askAgain: Text = { en: 'The same again: ', id: 'Ketik sekali lagi: ' };
export const noTerminal: Text = {
  en: '--passphrase asks for it on a terminal, and there is none',
  id: '--passphrase menanyakannya di terminal, dan terminal tidak ada',
};
export const runInTerminal: Text = {
  en: 'Run the command in a terminal window, or leave out --passphrase.',
  id: 'Jalankan perintah ini di jendela terminal, atau tanpa --passphrase.',
};
export const notTheSame: Text = {
  en: 'the two passphrases are not the same, or empty',
  id: 'kedua frasa sandi tidak sama, atau kosong',
};
export const runAgainNothingWritten: Text = {
  en: 'Run the command again; nothing was written.',
  id: 'Jalankan perintah ini lagi; tidak ada yang ditulis.',
};

export const isThereAlready = (path: string): Text => ({
  en: `${path} is there already, and a key is never overwritten`,
  id: `${path} sudah ada, dan kunci tidak pernah ditimpa`,
});
export const otherName = (flag: string): Text => ({
  en: `Choose another name with ${flag}.`,
  id: `Pilih nama lain dengan ${flag}.`,
});
export const keyNotWritten = (path: string, code: string): Text => ({
  en: `the key file ${path} cannot be written (${code})`,
  id: `file kunci rahasia ${path} tidak dapat ditulis (${code})`,
});
export const sheetNotWritten = (path: string, code: string): Text => ({
  en: `the recovery sheet ${path} cannot be written (${code})`,
  id: `lembar pemulihan ${path} tidak dapat ditulis (${code})`,
});
export const otherPlace = (flag: string): Text => ({
  en: `Choose another place with ${flag}.`,
  id: `Pilih tempat lain dengan ${flag}.`,
});

/* keys show */

export const encryptedTo = (recipients: readonly string[]): Text => {
  const keys = recipients.join(', ');
  return {
    en: `Pushes are encrypted to: ${keys || 'nobody (in clear)'}`,
    id: `Cadangan dienkripsi untuk: ${keys || 'tidak ada (tanpa enkripsi)'}`,
  };
};
export const secretKeysFor = (identities: readonly string[]): Text => {
  const keys = identities.join(', ');
  return {
    en: `Secret keys at hand for: ${keys || 'none (set EFAKTUR_IDENTITY_FILE)'}`,
    id: `Kunci rahasia yang tersedia untuk: ${keys || 'tidak ada (atur EFAKTUR_IDENTITY_FILE)'}`,
  };
};
/** What the keys at hand do with a backup. */
export const opening = {
  clear: { en: 'not encrypted', id: 'tidak terenkripsi' },
  opens: { en: 'opens', id: 'dapat dibuka' },
  'opens-not': { en: 'DOES NOT OPEN', id: 'TIDAK DAPAT DIBUKA' },
} as const satisfies Readonly<Record<string, Text>>;
