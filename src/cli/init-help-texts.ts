import { type Text, verbatim } from '../base/text.ts';

/* The flags of `init`, as its help says them. */

export const newOrRestorePlaceholder = verbatim('new|restore');
export const someTimes: Text = { en: 'TIMES', id: 'JAM' };
export const someKeys: Text = { en: 'KEYS', id: 'KUNCI' };

export const initHelp = {
  about: {
    en: 'the wizard: from nothing to a verified backup (new), or restore on this computer (restore); with --yes by flags alone',
    id: 'pemandu: dari nol sampai cadangan terverifikasi (new), atau memulihkan di komputer ini (restore); dengan --yes cukup lewat flag',
  },
  app: {
    en: 'new: the e-Faktur folder; may be given more than once, one for each PKP',
    id: 'new: folder e-Faktur; boleh diberikan beberapa kali, satu untuk setiap PKP',
  },
  name: {
    en: 'new: name of the profile, for one e-Faktur folder; else taken from the folder',
    id: 'new: nama profil, untuk satu folder e-Faktur; bila tidak, diambil dari nama folder',
  },
  keysFile: {
    en: "the bucket's two keys: CSV from the provider, two lines, or an AWS credentials file; - reads stdin",
    id: 'dua kunci akses bucket: CSV dari penyedia, dua baris, atau file credentials AWS; - membaca stdin',
  },
  sheet: {
    en: 'new, with --yes: make a new key and write its recovery sheet, a page to print, to this file',
    id: 'new, dengan --yes: buat kunci baru dan tulis lembar pemulihannya, halaman untuk dicetak, ke file ini',
  },
  recipients: {
    en: 'new: encrypt to these public keys (age1…) instead of a new one',
    id: 'new: enkripsi dengan kunci publik ini (age1…), bukan kunci baru',
  },
  unencrypted: {
    en: 'new: do not encrypt; whoever finds the backups can read them',
    id: 'new: tanpa enkripsi; siapa pun yang menemukan cadangan dapat membacanya',
  },
  keyFile: {
    en: 'file with the secret key, as a saved recovery sheet: to read the first backup back, or to restore',
    id: 'file berisi kunci rahasia, misalnya lembar pemulihan yang disimpan: untuk membaca kembali cadangan pertama, atau memulihkan',
  },
  keepKey: {
    en: 'new: keep the secret key on this PC, for its owner only',
    id: 'new: simpan kunci rahasia di komputer ini, hanya untuk pemiliknya',
  },
  moved: {
    en: 'new: this e-Faktur moved here: go on with the history that the store holds',
    id: 'new: e-Faktur ini dipindahkan ke sini: lanjutkan riwayat yang ada di tempat cadangan',
  },
  schedule: {
    en: 'new: when it runs by itself: 12:00,17:00, hourly (the default) or off',
    id: 'new: kapan berjalan sendiri: 12:00,17:00, hourly (setiap jam, bawaan) atau off',
  },
  to: {
    en: 'restore: the folder to restore into, made if absent',
    id: 'restore: folder tujuan pemulihan, dibuat bila belum ada',
  },
  expect: {
    en: 'restore: restore only if one row has all of these words, numbers and dates; may be given more than once',
    id: 'restore: pulihkan hanya bila satu baris memuat semua kata, angka, dan tanggal ini; boleh diberikan beberapa kali',
  },
  plain: {
    en: 'ask in plain lines with numbers, for screen readers; so does ACCESSIBLE=1 in the environment',
    id: 'bertanya dengan baris biasa dan angka, untuk pembaca layar; begitu pula ACCESSIBLE=1 di variabel lingkungan',
  },
  yes: {
    en: 'ask nothing: all answers come as flags',
    id: 'tidak bertanya: semua jawaban diberikan sebagai flag',
  },
} satisfies Record<string, Text>;
