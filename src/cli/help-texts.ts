import { type Text, verbatim } from '../base/text.ts';

/** What `--help` says: a word on each command and each of its flags. */

/* What stands for a value. */

export const aFile = verbatim('FILE');
export const aFolder = verbatim('FOLDER');
export const aPath = verbatim('PATH');
export const aUrl = verbatim('URL');
export const anId = verbatim('ID');
export const aNumber = verbatim('N');
export const numberOrShare = verbatim('N|N%');
export const aPart = verbatim('n/t');
export const aSpeed = verbatim('2MiB/s');
export const aLanguage = verbatim('id|en');
export const aDay = verbatim('YYYY-MM-DD');
export const aMoment = verbatim('YYYY-MM-DDTHH:MM');
export const dayOrMoment = verbatim('YYYY-MM-DD[THH:MM]');
export const days: Text = { en: 'DAYS', id: 'HARI' };
export const aSource: Text = { en: 'SOURCE', id: 'SUMBER' };
export const aText: Text = { en: 'TEXT', id: 'TEKS' };
export const aRole: Text = { en: 'ROLE', id: 'PERAN' };
export const aSpan: Text = { en: 'SPAN', id: 'RENTANG' };
export const aName: Text = { en: 'NAME', id: 'NAMA' };
export const aTable: Text = { en: 'TABLE', id: 'TABEL' };
export const columnValue: Text = { en: 'COLUMN=VALUE', id: 'KOLOM=NILAI' };
export const twoColumns = verbatim('A,B');
export const someTexts: Text = { en: 'TEXT…', id: 'TEKS…' };
export const twoSides = verbatim('A B');
export const newOrShow = verbatim('new|show');
export const aShell = verbatim('bash|zsh|fish|powershell');
export const installStatusRemove = verbatim('install|status|remove');

/* Flags of several commands. */

export const commonHelp = {
  store: {
    en: 'where backups lie: s3://BUCKET/PREFIX or a folder',
    id: 'tempat cadangan: s3://BUCKET/PREFIX atau sebuah folder',
  },
  limitUpload: { en: 'send no faster than this', id: 'kirim tidak lebih cepat dari ini' },
  limitDownload: { en: 'fetch no faster than this', id: 'ambil tidak lebih cepat dari ini' },
  json: { en: 'print one JSON document', id: 'tampilkan satu dokumen JSON' },
  lang: { en: 'the language of what is printed', id: 'bahasa yang ditampilkan' },
  quiet: { en: 'print errors only', id: 'tampilkan kesalahan saja' },
  verbose: { en: 'print more', id: 'tampilkan lebih banyak' },
  settings: { en: 'read settings from this file', id: 'baca pengaturan dari file ini' },
  profile: {
    en: 'read the settings of this profile, which count more than the environment',
    id: 'baca pengaturan profil ini, yang didahulukan atas variabel lingkungan',
  },
  app: { en: 'the e-Faktur folder', id: 'folder e-Faktur' },
  replace: { en: 'replace a file that is there', id: 'ganti file yang sudah ada' },
  delete: { en: 'delete them', id: 'hapus cadangan itu' },
} satisfies Record<string, Text>;

/** Which backup is meant, and what of it is looked at. */
export const wantedHelp = {
  date: { en: 'the newest backup of that day', id: 'cadangan terbaru pada tanggal itu' },
  asOf: {
    en: 'the newest at or before a day or time',
    id: 'cadangan terbaru sampai tanggal atau waktu itu',
  },
  id: { en: 'the backup with this id', id: 'cadangan dengan id ini' },
  local: {
    en: 'no stored backup but an e-Faktur folder, a db folder or a login backup',
    id: 'bukan cadangan tersimpan, melainkan folder e-Faktur, folder db, atau cadangan saat masuk',
  },
  database: { en: 'only this database', id: 'database ini saja' },
  salvage: {
    en: 'pass over what is damaged, and say how much that is',
    id: 'lewati yang rusak, dan sebutkan berapa banyak',
  },
  table: { en: 'only this table', id: 'tabel ini saja' },
  limit: { en: 'at most so many rows', id: 'paling banyak sekian baris' },
} satisfies Record<string, Text>;

/* Commands, in the order of the help. */

export const pushHelp = {
  about: {
    en: 'back up the newest state to every store',
    id: 'cadangkan (backup) keadaan terbaru ke setiap tempat cadangan',
  },
  source: {
    en: 'auto, backup (login backups), live (the db folder) or a path',
    id: 'auto, backup (cadangan saat masuk), live (folder db), atau sebuah path',
  },
  captured: {
    en: 'with --source PATH: when that backup was made',
    id: 'dengan --source PATH: kapan cadangan itu dibuat',
  },
  all: {
    en: 'every login backup not yet stored, oldest first',
    id: 'semua cadangan saat masuk yang belum tersimpan, mulai dari yang tertua',
  },
  full: {
    en: 'send an archive even if nothing changed',
    id: 'kirim arsip walaupun tidak ada yang berubah',
  },
  wholeApp: {
    en: 'store the program instead: the e-Faktur folder without its databases',
    id: 'simpan programnya saja: folder e-Faktur tanpa database',
  },
  withCertificates: {
    en: 'with --whole-app: private keys, too (.p12, .pfx); only encrypted',
    id: 'dengan --whole-app: kunci sertifikat juga (.p12, .pfx); hanya terenkripsi',
  },
  dryRun: {
    en: 'say what would be stored, write nothing',
    id: 'sebutkan apa yang akan disimpan, tanpa menulis apa pun',
  },
  forceDamaged: {
    en: 'store a damaged state as well, marked as such',
    id: 'simpan juga keadaan yang rusak, dengan tanda rusak',
  },
  allowPlaintext: {
    en: 'push unencrypted though the store holds encrypted backups',
    id: 'simpan tanpa enkripsi walaupun tempat cadangan berisi cadangan terenkripsi',
  },
  moved: {
    en: 'this e-Faktur folder moved or was renamed: go on with its history',
    id: 'folder e-Faktur ini pindah atau berganti nama: lanjutkan riwayatnya',
  },
  newStore: {
    en: 'the store was emptied on purpose: begin anew',
    id: 'tempat cadangan sengaja dikosongkan: mulai dari awal',
  },
} satisfies Record<string, Text>;

export const pullHelp = {
  about: {
    en: 'restore a backup into an e-Faktur folder',
    id: 'pulihkan (restore) cadangan ke folder e-Faktur',
  },
  to: {
    en: 'the e-Faktur folder to restore into; made if absent',
    id: 'folder e-Faktur tujuan; dibuat bila belum ada',
  },
  expect: {
    en: 'restore only if one row of the backup has all of these words, numbers and dates, a phrase in quotes inside: \'"Gerbang Semesta" 345000\'',
    id: 'pulihkan hanya bila satu baris cadangan memuat semua kata, angka, dan tanggal ini; frasa ditulis dalam tanda kutip: \'"Gerbang Semesta" 345000\'',
  },
  dryRun: {
    en: 'say what would be restored, write nothing',
    id: 'sebutkan apa yang akan dipulihkan, tanpa menulis apa pun',
  },
  forceDamaged: {
    en: 'restore a damaged backup too, into a new folder only',
    id: 'pulihkan juga cadangan yang rusak, hanya ke folder baru',
  },
  wholeApp: {
    en: 'make a whole e-Faktur in a new folder: the stored program and the db',
    id: 'buat e-Faktur lengkap di folder baru: program yang tersimpan dan db',
  },
  program: {
    en: 'with --whole-app: the stored program with this id, not the one that the backup was made with',
    id: 'dengan --whole-app: program tersimpan dengan id ini, bukan yang membuat cadangan itu',
  },
  otherVersion: {
    en: 'restore also where an older e-Faktur lies than the backup was made with',
    id: 'pulihkan juga bila e-Faktur di folder itu lebih lama dari yang membuat cadangan',
  },
  yes: {
    en: 'replace the db that is there without asking',
    id: 'ganti db yang ada tanpa bertanya',
  },
} satisfies Record<string, Text>;

export const listHelp = {
  about: {
    en: 'show the stored backups, newest last',
    id: 'tampilkan cadangan yang tersimpan, yang terbaru paling bawah',
  },
  since: { en: 'from this day on', id: 'mulai tanggal ini' },
  until: { en: 'up to this day', id: 'sampai tanggal ini' },
  long: { en: 'read the manifests as well', id: 'baca juga manifesnya' },
  programs: {
    en: 'show the stored program folders instead',
    id: 'tampilkan folder program yang tersimpan',
  },
} satisfies Record<string, Text>;

export const verifyHelp = {
  about: {
    en: 'read stored backups back and find whether they are sound',
    id: 'verifikasi cadangan yang tersimpan: baca kembali dan pastikan utuh',
  },
  all: { en: 'every backup (the default)', id: 'semua cadangan (bawaan)' },
  readData: {
    en: 'read every byte back, or the n-th of t parts',
    id: 'baca kembali setiap byte, atau bagian ke-n dari t',
  },
  engine: {
    en: 'open a scratch copy in real Derby (needs Java and derby.jar)',
    id: 'buka salinan sementara dengan Derby asli (perlu Java dan derby.jar)',
  },
  derbyJar: { en: 'the derby.jar for --engine', id: 'derby.jar untuk --engine' },
} satisfies Record<string, Text>;

export const statusHelp = {
  about: {
    en: 'how safe the books are now; exit 20 when somebody must act',
    id: 'seberapa aman data e-Faktur sekarang; kode keluar 20 bila perlu perhatian',
  },
  maxAge: {
    en: 'days after which the newest backup is old',
    id: 'setelah berapa hari cadangan terbaru dianggap lama',
  },
  maxUnproven: {
    en: 'days after which the last proof is old',
    id: 'setelah berapa hari verifikasi terakhir dianggap lama',
  },
  all: {
    en: 'of every profile of this PC, one line each',
    id: 'untuk setiap profil di komputer ini, satu baris per profil',
  },
  fleet: {
    en: 'of every prefix of this bucket or folder, one line each',
    id: 'untuk setiap prefix di bucket atau folder ini, satu baris per prefix',
  },
  except: {
    en: 'with --fleet: show this prefix without asking for anything, as of a client who has left',
    id: 'dengan --fleet: tampilkan prefix ini tanpa menuntut apa pun, misalnya milik klien yang sudah keluar',
  },
  metrics: {
    en: 'with --fleet: write a file for the textfile collector of Prometheus',
    id: 'dengan --fleet: tulis file untuk textfile collector Prometheus',
  },
} satisfies Record<string, Text>;

export const profilesHelp: Text = {
  en: 'the profiles of this PC, one settings file for each e-Faktur folder, and how their last run ended',
  id: 'profil di komputer ini, satu file pengaturan untuk setiap folder e-Faktur, dan hasil terakhirnya',
};

export const doctorHelp = {
  about: {
    en: 'show on one page what is set up on this PC and what to do, then try each store end to end',
    id: 'tampilkan di satu halaman apa yang diatur di komputer ini dan apa yang perlu dilakukan, lalu uji setiap tempat cadangan dari awal sampai akhir',
  },
  page: {
    en: 'the page alone: no store is tested, nothing is written',
    id: 'halaman itu saja: tidak ada tempat cadangan yang diuji, tidak ada yang ditulis',
  },
  bundle: {
    en: 'write a zip for whoever helps: codes, versions and times, without secrets, names, paths or books',
    id: 'tulis zip untuk orang yang membantu Anda: kode, versi, dan waktu, tanpa rahasia, nama, lokasi, atau data pajak',
  },
  printPolicy: {
    en: 'print the IAM policy for a key that may push, pull, verify, prune or copy to it; fleet: see all its prefixes',
    id: 'tampilkan kebijakan IAM untuk kunci yang boleh push, pull, verify, prune, atau copy ke sana; fleet: melihat semua prefix-nya',
  },
} satisfies Record<string, Text>;

export const keysHelp = {
  about: {
    en: 'make a key pair (new), or say which backups the keys at hand open (show)',
    id: 'buat sepasang kunci (new), atau sebutkan cadangan mana yang dapat dibuka kunci Anda (show)',
  },
  out: {
    en: 'new: write the secret key to this file, for its owner only',
    id: 'new: tulis kunci rahasia ke file ini, hanya untuk pemiliknya',
  },
  sheet: {
    en: 'new: write the recovery sheet to this file; .html: a page to print, with a QR code',
    id: 'new: tulis lembar pemulihan ke file ini; .html: halaman untuk dicetak, dengan kode QR',
  },
  passphrase: {
    en: 'new: protect the secret key with a passphrase',
    id: 'new: lindungi kunci rahasia dengan frasa sandi',
  },
} satisfies Record<string, Text>;

export const pruneHelp = {
  about: {
    en: 'delete stored backups that no rule keeps; the default rules hold only where none is given; only says what would go until --yes',
    id: 'rapikan: hapus cadangan tersimpan yang tidak disimpan aturan mana pun; aturan bawaan berlaku hanya bila tidak ada yang diberikan; tanpa --yes hanya disebutkan',
  },
  last: { en: 'keep the newest N', id: 'simpan N yang terbaru' },
  daily: { en: 'keep one of each of the last N days', id: 'simpan satu dari tiap hari, N hari terakhir' },
  weekly: {
    en: 'keep one of each of the last N weeks',
    id: 'simpan satu dari tiap minggu, N minggu terakhir',
  },
  monthly: {
    en: 'keep one of each of the last N months',
    id: 'simpan satu dari tiap bulan, N bulan terakhir',
  },
  yearly: {
    en: 'keep one of each of the last N years',
    id: 'simpan satu dari tiap tahun, N tahun terakhir',
  },
  within: {
    en: 'keep all of this span before the newest, such as 1y5m7d2h',
    id: 'simpan semua dalam rentang ini sebelum yang terbaru, misalnya 1y5m7d2h',
  },
  maxDelete: {
    en: 'delete nothing when more backups than this would go',
    id: 'jangan hapus apa pun bila lebih dari ini yang akan terhapus',
  },
} satisfies Record<string, Text>;

export const pruneLocalHelp = {
  about: {
    en: 'delete login backups that every store has and that were verified; only says which until --yes',
    id: 'hapus cadangan saat masuk yang sudah ada dan terverifikasi di setiap tempat cadangan; tanpa --yes hanya disebutkan',
  },
  keep: { en: 'keep the newest N login backups', id: 'simpan N cadangan saat masuk yang terbaru' },
} satisfies Record<string, Text>;

export const exportHelp = {
  about: {
    en: 'write a backup as a plain folder or zip, to restore by hand',
    id: 'ekspor cadangan sebagai folder biasa atau zip, untuk dipulihkan sendiri',
  },
  to: { en: 'the folder to put it into; made if absent', id: 'folder tujuan; dibuat bila belum ada' },
  zip: { en: 'one zip file instead of a folder', id: 'satu file zip, bukan folder' },
} satisfies Record<string, Text>;

export const copyHelp = {
  about: {
    en: 'copy backups from one store to another, byte for byte; goes on after an interruption',
    id: 'salin cadangan ke tempat cadangan lain, byte demi byte; dilanjutkan bila sempat terputus',
  },
  from: {
    en: 'the store to copy from (else EFAKTUR_STORE)',
    id: 'tempat cadangan asal (bila tidak diisi: EFAKTUR_STORE)',
  },
  to: { en: 'the store to copy to', id: 'tempat cadangan tujuan' },
  fromSettings: {
    en: 'keys and settings of the store to copy from',
    id: 'file pengaturan dan kunci untuk tempat cadangan asal',
  },
  toSettings: {
    en: 'keys and settings of the store to copy to',
    id: 'file pengaturan dan kunci untuk tempat cadangan tujuan',
  },
  all: {
    en: 'every backup; those that are there already are compared',
    id: 'semua cadangan; yang sudah ada di sana dibandingkan',
  },
  since: { en: 'backups of this day and later', id: 'cadangan tanggal ini dan sesudahnya' },
  readBack: {
    en: 'read back what was copied and keep the proof there',
    id: 'baca kembali yang disalin dan simpan bukti verifikasinya di sana',
  },
  dryRun: {
    en: 'say what would be copied, write nothing',
    id: 'sebutkan apa yang akan disalin, tanpa menulis apa pun',
  },
} satisfies Record<string, Text>;

export const completionHelp = {
  about: {
    en: 'print a script that completes commands and flags in a shell',
    id: 'tampilkan skrip yang melengkapi perintah dan flag di shell',
  },
} satisfies Record<string, Text>;

export const runHelp = {
  about: {
    en: 'what a schedule runs: push what is new of every profile, prove a part, prune where set, notify',
    id: 'yang dijalankan jadwal: cadangkan yang baru dari setiap profil, verifikasi sebagian, rapikan bila diatur, beri tahu',
  },
  scheduled: {
    en: 'nobody is looking: end at once when another run is at work, and print only what is wrong for the first time',
    id: 'tanpa orang yang melihat: berhenti bila putaran lain sedang berjalan, dan tampilkan hanya masalah yang baru',
  },
} satisfies Record<string, Text>;

export const notifyHelp = {
  about: {
    en: 'where messages go, and which profile is which number in them',
    id: 'ke mana pesan dikirim, dan nomor mana milik profil mana',
  },
  test: { en: 'send one marked message to each', id: 'kirim satu pesan uji ke masing-masing' },
} satisfies Record<string, Text>;

export const historyHelp = {
  about: {
    en: 'the log of runs, newest last',
    id: 'log putaran, yang terbaru paling bawah',
  },
  since: { en: 'only lines of that day and later', id: 'hanya baris pada tanggal itu dan sesudahnya' },
  until: { en: 'only lines up to that day', id: 'hanya baris sampai tanggal itu' },
} satisfies Record<string, Text>;

export const scheduleHelp = {
  about: {
    en: 'let `run` start by itself: install, status or remove; every hour unless --at says when',
    id: 'jalankan `run` secara otomatis: install, status atau remove; setiap jam bila --at tidak diisi',
  },
  at: { en: 'every day at these times of this PC', id: 'setiap hari pada jam komputer ini' },
} satisfies Record<string, Text>;
