import { joined, listed, type Text, verbatim } from '../base/text.ts';
import type { Times } from '../schedule/times.ts';

/* Keys (init-encryption.ts). */

export const oneWayToEncrypt: Text = {
  en: '--sheet, --recipients and --unencrypted are three ways, of which one can be gone',
  id: '--sheet, --recipients, dan --unencrypted adalah tiga cara, hanya satu yang dapat dipakai',
};
export const chooseOneWay: Text = { en: 'Give one of them.', id: 'Berikan salah satunya.' };
export const keyIsSet: Text = {
  en: 'the profile has a key already, and a key is never replaced',
  id: 'profil itu sudah mempunyai kunci, dan kunci tidak pernah diganti',
};
export const leaveKeyOut: Text = {
  en: 'Leave the flag out; who wants another key changes EFAKTUR_RECIPIENTS in the profile by hand and keeps the old sheet.',
  id: 'Hilangkan flag itu; bila perlu kunci lain, ubah EFAKTUR_RECIPIENTS di profil secara manual dan simpan lembar yang lama.',
};
export const keyIsSetIn = (where: Text): Text => ({
  en: `${where.en} sets a key, and --unencrypted wants none`,
  id: `${where.id} mengatur kunci, sedangkan --unencrypted tidak memakainya`,
});
export const unsetFirst: Text = {
  en: 'Take the setting away, or leave --unencrypted out.',
  id: 'Hapus pengaturan itu, atau hilangkan --unencrypted.',
};
export const noKeyNamed: Text = {
  en: 'nothing says how backups are to be encrypted',
  id: 'belum disebutkan bagaimana cadangan dienkripsi',
};
export const waysToEncrypt: Text = {
  en: 'Give --sheet FILE.html for a new key on a sheet to print, --recipients age1… for a public key that you have, or --unencrypted.',
  id: 'Berikan --sheet FILE.html untuk kunci baru di lembar yang dicetak, --recipients age1… untuk kunci publik yang sudah Anda punya, atau --unencrypted.',
};
export const keyFileNotRead = (path: string, code: string): Text => ({
  en: `the key file ${path} cannot be read (${code})`,
  id: `file kunci rahasia ${path} tidak dapat dibaca (${code})`,
});
export const checkKeyFile: Text = { en: 'Check the path.', id: 'Periksa lokasinya.' };
export const passphraseFor = (name: string | null): Text => ({
  en: `Passphrase of ${name ?? 'the key'}`,
  id: `Frasa sandi untuk ${name ?? 'kunci itu'}`,
});
export const keyOnSheet: Text = {
  en: 'Secret key from the recovery sheet: type it in groups or paste it, on one line, or name the file that holds it (it is not shown)',
  id: 'Kunci rahasia dari lembar pemulihan: ketik per kelompok atau tempel, dalam satu baris, atau sebutkan file yang berisi kunci itu (tidak ditampilkan)',
};

/* Before the start (init-start.ts). */

const schedulePhrase = (at: Times | null): Text => {
  if (at === null) return { en: 'not by itself', id: 'tidak dengan sendirinya' };
  if (at === 'hourly') return { en: 'by itself, every hour', id: 'dengan sendirinya, setiap jam' };
  const dotted = at.map((time) => verbatim(time));
  const times = listed(dotted);
  return {
    en: `by itself, every day at ${times.en}`,
    id: `dengan sendirinya, setiap hari pukul ${times.id}`,
  };
};

interface Planned {
  readonly folders: readonly {
    readonly appFolder: string;
    readonly name: string;
    readonly before: string | null;
  }[];
  readonly encryption: { readonly kind: 'new' | 'own' | 'shared' | 'kept' | 'none' };
  readonly keepsKey: boolean;
  readonly moved: readonly string[];
  readonly at: Times | null;
}

const encryptionPhrase = ({ encryption, keepsKey, moved }: Planned): Text => {
  const kept: Text = keepsKey
    ? { en: 'the secret key also stays on this PC', id: 'kunci rahasia juga tetap di komputer ini' }
    : { en: 'the secret key does not stay on this PC', id: 'kunci rahasia tidak disimpan di komputer ini' };
  switch (encryption.kind) {
    case 'new':
      return {
        en: `with a new key; you print it now as a recovery sheet; ${moved.length > 0 ? 'what is stored already still needs its old sheet; ' : ''}${kept.en}`,
        id: `dengan kunci baru; Anda mencetaknya sekarang sebagai lembar pemulihan; ${moved.length > 0 ? 'yang sudah tersimpan tetap memerlukan lembar lamanya; ' : ''}${kept.id}`,
      };
    case 'own':
      return {
        en: `with the key that you gave; ${kept.en}`,
        id: `dengan kunci yang Anda berikan; ${kept.id}`,
      };
    case 'shared':
      return {
        en: 'with the key of the profiles that are here already; their recovery sheet opens these backups, too',
        id: 'dengan kunci profil yang sudah ada di sini; lembar pemulihannya juga membuka cadangan ini',
      };
    case 'kept':
      return { en: 'with the key that is set already', id: 'dengan kunci yang sudah diatur' };
    case 'none':
      return {
        en: 'NO: whoever finds the backups can read them',
        id: 'TIDAK: siapa pun yang menemukan cadangan dapat membacanya',
      };
  }
};

/** `stores`: of each folder. */
export const whatWillBeDone = (plan: Planned, stores: readonly (readonly string[])[]): Text =>
  joined(
    [
      { en: 'This will be done:', id: 'Ini yang akan dilakukan:' },
      ...plan.folders.flatMap(({ appFolder, name, before }, i): Text[] => [
        {
          en: `  e-Faktur   ${appFolder} (profile ${name}${before === null ? '' : ', which is there already'})`,
          id: `  e-Faktur   ${appFolder} (profil ${name}${before === null ? '' : ', sudah ada'})`,
        },
        {
          en: `  store      ${(stores[i] ?? []).join('\n             ')}`,
          id: `  disimpan   ${(stores[i] ?? []).join('\n             ')}`,
        },
      ]),
      { en: `  encrypted  ${encryptionPhrase(plan).en}`, id: `  enkripsi   ${encryptionPhrase(plan).id}` },
      {
        en: `  runs       ${schedulePhrase(plan.at).en}`,
        id: `  berjalan   ${schedulePhrase(plan.at).id}`,
      },
      {
        en: 'First comes a backup, which is read back in full; then it is set up.',
        id: 'Pertama dibuat cadangan, yang dibaca kembali seluruhnya; baru setelah itu diatur.',
      },
    ],
    '\n',
  );
export const startOrChange: Text = { en: 'Start, or change something?', id: 'Mulai, atau ubah sesuatu?' };
export const startNow: Text = { en: 'Start', id: 'Mulai' };
export const addPlace: Text = {
  en: 'Add a second place (recommended: a disk breaks, an account is lost)',
  id: 'Tambah tempat kedua (disarankan: disk bisa rusak, akun bisa hilang)',
};
export const changeSchedule: Text = { en: 'Other times', id: 'Waktu lain' };
export const changeName: Text = { en: 'Another name for the profile', id: 'Nama lain untuk profil' };
export const changeEncryption: Text = { en: 'Another key', id: 'Kunci lain' };
export const keepKey: Text = {
  en: 'Keep the secret key on this PC as well (then it verifies backups in full by itself; a thief of the PC can read them)',
  id: 'Simpan juga kunci rahasia di komputer ini (komputer ini lalu memverifikasi cadangan sepenuhnya; pencuri komputer dapat membacanya)',
};
export const doNotKeepKey: Text = {
  en: 'Do not keep the secret key on this PC',
  id: 'Jangan simpan kunci rahasia di komputer ini',
};
export const whichSchedule: Text = { en: 'When shall it run?', id: 'Kapan program dijalankan?' };
export const everyHour: Text = { en: 'every hour', id: 'setiap jam' };
export const atTimes: Text = { en: 'at certain times of the day', id: 'pada jam tertentu setiap hari' };
export const noSchedule: Text = { en: 'not by itself', id: 'tidak dengan sendirinya' };
export const whichTimes: Text = {
  en: 'Which times? Such as 12:00,17:00',
  id: 'Pukul berapa? Misalnya 12:00,17:00',
};
export const whichName = (appFolder: string): Text => ({
  en: `Name of the profile for ${appFolder}`,
  id: `Nama profil untuk ${appFolder}`,
});
export const howToEncrypt: Text = { en: 'Which key?', id: 'Kunci mana?' };
export const withNewKey: Text = {
  en: 'A new key, with a recovery sheet to print',
  id: 'Kunci baru, dengan lembar pemulihan untuk dicetak',
};
export const whichKeyOfMoved: Text = {
  en: 'What is stored there opens only with the sheet it was made with; with a new key you need both sheets. Which key?',
  id: 'Yang sudah tersimpan di sana hanya terbuka dengan lembar pemulihannya sendiri; dengan kunci baru, Anda memerlukan kedua lembar. Kunci mana?',
};
export const withSheetKey: Text = {
  en: 'The key on a recovery sheet that I have',
  id: 'Kunci di lembar pemulihan yang saya punya',
};
export const withKeyOf = (profile: string): Text => ({
  en: `The key of the profile ${profile}`,
  id: `Kunci profil ${profile}`,
});
export const unencrypted: Text = {
  en: 'Not encrypted (whoever finds the backups can read them)',
  id: 'Tanpa enkripsi (siapa pun yang menemukan cadangan dapat membacanya)',
};

/* Sheet, backup, verification (init-carry-out.ts). */

export const printSheet = (path: string, isOpened: boolean): Text => ({
  en: `${isOpened ? 'The recovery sheet was opened to be printed' : 'Open the recovery sheet in a browser and print it'}: ${path}\nPrint it twice and keep it in two places: without it nobody, not even you, can open the backups. The file goes from this PC when the next question is answered.`,
  id: `${isOpened ? 'Lembar pemulihan sudah dibuka untuk dicetak' : 'Buka lembar pemulihan di browser lalu cetak'}: ${path}\nCetak dua kali dan simpan di dua tempat: tanpa lembar ini siapa pun, juga Anda, tidak dapat membuka cadangan. File ini dihapus dari komputer setelah pertanyaan berikut dijawab.`,
});
export const lastCharacters: Text = {
  en: 'Type the last 6 characters of the secret key, as they stand on the paper',
  id: 'Ketik 6 karakter terakhir kunci rahasia, seperti yang tertulis di kertas',
};
export const notTheEnding: Text = {
  en: 'The key does not end so. Look at the end of the line AGE-SECRET-KEY-1… on the sheet.',
  id: 'Itu bukan akhir kuncinya. Lihat ujung baris AGE-SECRET-KEY-1… di lembar itu.',
};
export const sheetIsGone: Text = {
  en: 'The sheet is on paper, and its file is gone from this PC.',
  id: 'Lembar itu sudah dicetak, dan filenya sudah dihapus dari komputer ini.',
};
export const sheetIsThere = (path: string): Text => ({
  en: `${path} is there already, and a sheet is never overwritten`,
  id: `${path} sudah ada, dan lembar pemulihan tidak pernah ditimpa`,
});
export const otherSheet: Text = {
  en: 'Choose another name with --sheet.',
  id: 'Pilih nama lain dengan --sheet.',
};
export const sheetNotWritten = (path: string): Text => ({
  en: `the recovery sheet ${path} cannot be written`,
  id: `lembar pemulihan ${path} tidak dapat ditulis`,
});
export const backingUp = (appFolder: string): Text => ({
  en: `Backing up ${appFolder}`,
  id: `Mencadangkan ${appFolder}`,
});
export const readingBack: Text = {
  en: 'Reading the backup back from the store',
  id: 'Membaca kembali cadangan dari tempat cadangan',
};
export const folderFailed = (appFolder: string): Text => ({
  en: `${appFolder} is not set up; the others go on.`,
  id: `${appFolder} tidak diatur; yang lain dilanjutkan.`,
});
export const notClosed = (path: string): Text => ({
  en: `${path} holds keys, and this disk cannot close it to other users of this PC`,
  id: `${path} berisi kunci, dan disk ini tidak dapat menutupnya dari pengguna lain komputer ini`,
});
