import { moment } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/** A command as it is typed for the profile that is spoken of. */
export type CallOf = (command: string) => string;

/* What is to do on this PC. */

export const nothingSetUp: Text = {
  en: 'nothing is set up on this PC yet',
  id: 'di komputer ini belum ada yang diatur',
};
export const runInit: Text = {
  en: 'Run "efaktur-cloud init": it finds e-Faktur, asks where backups shall lie, and proves the first one.',
  id: 'Jalankan "efaktur-cloud init": perintah ini mencari e-Faktur, menanyakan tempat cadangan, dan memverifikasi cadangan pertama.',
};

export const notScheduled: Text = {
  en: 'no schedule of this program is on this PC: backups are made only when somebody runs it',
  id: 'di komputer ini tidak ada jadwal program ini: cadangan hanya dibuat bila seseorang menjalankannya',
};
export const installSchedule: Text = {
  en: 'Run "efaktur-cloud schedule install", unless another scheduler calls it.',
  id: 'Jalankan "efaktur-cloud schedule install", kecuali ada penjadwal lain yang memanggilnya.',
};

export const noStore: Text = { en: 'no store is set', id: 'tempat cadangan belum diatur' };
export const setStore: Text = {
  en: 'Set EFAKTUR_STORE, or run "efaktur-cloud init".',
  id: 'Atur EFAKTUR_STORE, atau jalankan "efaktur-cloud init".',
};

export const storeSilent = (store: string, waitedMs: number): Text => ({
  en: `${store} did not answer within ${inSeconds(waitedMs).en}, and was not waited for any longer`,
  id: `${store} tidak menjawab dalam ${inSeconds(waitedMs).id}, dan tidak ditunggu lebih lama`,
});
export const checkLine = (call: CallOf): Text => ({
  en: `Run "${call('doctor')}": it waits longer, and says what the store can do.`,
  id: `Jalankan "${call('doctor')}": perintah ini menunggu lebih lama, dan menyebutkan kemampuan tempat cadangan itu.`,
});

export const folderNotThere = (store: string): Text => ({
  en: `${store} is not there: its drive is not connected, or nothing was stored yet`,
  id: `${store} tidak ada: drive-nya belum tersambung, atau belum ada yang disimpan`,
});
export const connectOrPush = (call: CallOf): Text => ({
  en: `Connect the drive; for a new folder run "${call('push')}", which makes it.`,
  id: `Sambungkan drive-nya; untuk folder baru jalankan "${call('push')}", yang akan membuatnya.`,
});

export const nothingToBackUp = (appFolder: string): Text => ({
  en: `${appFolder} holds no database and no login backup`,
  id: `${appFolder} tidak berisi database maupun cadangan saat masuk`,
});
export const checkApp: Text = {
  en: 'Check EFAKTUR_APP_DIR: the databases may lie on another PC.',
  id: 'Periksa EFAKTUR_APP_DIR: database-nya mungkin ada di komputer lain.',
};

export const keyFileGone: Text = {
  en: 'the file of EFAKTUR_IDENTITY_FILE is not there',
  id: 'file pada EFAKTUR_IDENTITY_FILE tidak ada',
};
export const setKeyFile: Text = {
  en: 'Name the right file, or leave the setting out: a backup needs no secret key.',
  id: 'Sebutkan file yang benar, atau hilangkan pengaturan itu: pencadangan tidak memerlukan kunci rahasia.',
};

export const nothingStored: Text = {
  en: 'this PC has stored nothing yet',
  id: 'komputer ini belum menyimpan apa pun',
};
export const runPush = (call: CallOf): Text => ({
  en: `Run "${call('push')}".`,
  id: `Jalankan "${call('push')}".`,
});
export const storedLast = (at: string): Text => ({
  en: `nothing new was stored since ${moment(at).en}`,
  id: `tidak ada yang baru disimpan sejak ${moment(at).id}`,
});
export const runStatus = (call: CallOf): Text => ({
  en: `Run "${call('status')}": it says whether anything is missing.`,
  id: `Jalankan "${call('status')}": perintah ini menyebutkan apakah ada yang belum tersimpan.`,
});

export const lastRunFailed = (outcome: 'attention' | 'failed', code: string): Text => ({
  en: `the last run ${outcome === 'failed' ? 'failed' : 'found something wrong'} (${code})`,
  id: `putaran terakhir ${outcome === 'failed' ? 'gagal' : 'menemukan masalah'} (${code})`,
});
export const seeHistory: Text = {
  en: 'See "efaktur-cloud history".',
  id: 'Lihat "efaktur-cloud history".',
};

const inSeconds = (ms: number): Text => {
  const seconds = (ms / 1000).toFixed(1);
  return { en: `${seconds} seconds`, id: `${seconds.replace('.', ',')} detik` };
};

/* The zip for whoever helps. */

export const zipIsThere = (path: string): Text => ({
  en: `${path} is there already`,
  id: `${path} sudah ada`,
});
export const nameOtherFile: Text = {
  en: 'Name another file with --bundle.',
  id: 'Sebutkan file lain dengan --bundle.',
};
export const zipNotWritten = (path: string): Text => ({
  en: `the zip ${path} cannot be written`,
  id: `zip ${path} tidak dapat ditulis`,
});

export const bundleReadme: Text = {
  en: `For whoever helps with efaktur-cloud. page.json is what "efaktur-cloud doctor" found on this PC, log.json the runs by their codes.
There are versions, times, counts, and words that the program has for all users. Profiles and stores are numbered. There are no keys, names,
tax numbers, addresses, paths, messages or books in here. Look into the files before you send them: they are plain text.`,
  id: `Untuk orang yang membantu dengan efaktur-cloud. page.json adalah yang ditemukan "efaktur-cloud doctor" di komputer ini, log.json adalah
riwayat putaran dalam bentuk kode. Isinya versi, waktu, jumlah, dan kata-kata yang sama bagi semua pengguna. Profil dan tempat cadangan
diberi nomor. Di sini tidak ada kunci, nama, NPWP, alamat, lokasi file, pesan, atau data pajak. Lihat isinya sebelum dikirim: semua berupa teks biasa.`,
};
