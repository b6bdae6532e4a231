import { bytes, count, number } from '../base/phrases.ts';
import { inBoth, joined, type Text } from '../base/text.ts';

/* Flags of `pull` that do not go together. */

export const programNeedsWholeApp: Text = {
  en: '--program goes with --whole-app',
  id: '--program hanya dapat dipakai bersama --whole-app',
};
export const addWholeAppOrDrop: Text = {
  en: 'Add --whole-app, or leave --program out.',
  id: 'Tambahkan --whole-app, atau hilangkan --program.',
};
export const noNewFolderNamed: Text = {
  en: '--whole-app makes a new e-Faktur folder, and none was named',
  id: '--whole-app membuat folder e-Faktur baru, tetapi foldernya belum disebut',
};
export const nameNewFolder: Text = {
  en: 'Name it with --to: one that is not there yet, or an empty one.',
  id: 'Sebutkan dengan --to: folder yang belum ada, atau folder kosong.',
};
export const wholeAppOfDamaged: Text = {
  en: '--whole-app and --force-damaged were given together: nobody should work with a damaged db',
  id: '--whole-app dan --force-damaged diberikan bersamaan, padahal db yang rusak tidak boleh dipakai bekerja',
};
export const restoreDamagedAlone: Text = {
  en: 'To look at a damaged backup, restore it without --whole-app into a new folder.',
  id: 'Untuk melihat cadangan yang rusak, pulihkan tanpa --whole-app ke folder baru.',
};

/* What was made. Times are as in tables. */

export const programLine = (id: string, eFaktur: Text, readAt: string, store: string): Text => ({
  en: `  program  ${id}: ${eFaktur.en}, read ${readAt}, from ${store}`,
  id: `  program  ${id}: ${eFaktur.id}, dibaca ${readAt}, dari ${store}`,
});
/** `times`: when it was captured and, apart from that, uploaded. */
export const dbLine = (id: string, times: Text, store: string): Text => ({
  en: `  db       ${id}: the backup of ${times.en}, from ${store}`,
  id: `  db       ${id}: cadangan (backup) ${times.id}, dari ${store}`,
});
export const sameProgram: Text = {
  en: 'This backup was made with this very program.',
  id: 'Cadangan ini dibuat dengan program yang sama persis.',
};

interface Made {
  readonly target: string;
  readonly files: number;
  readonly bytes: number;
}
const sizeOf = (made: Made): Text => joined([count(made.files, 'file'), bytes(made.bytes)], ', ');

export function wouldMake(made: Made, databases: readonly string[]): Text {
  const size = sizeOf(made);
  return {
    en: `Would make a whole e-Faktur in ${made.target}: ${size.en}, databases ${databases.join(', ')}.`,
    id: `Akan membuat e-Faktur lengkap di ${made.target}: ${size.id}, database ${databases.join(', ')}.`,
  };
}
export function wasMade(made: Made): Text {
  const size = sizeOf(made);
  return {
    en: `Made a whole e-Faktur in ${made.target}: ${size.en}, every one checked.`,
    id: `e-Faktur lengkap sudah dibuat di ${made.target}: ${size.id}, semuanya sudah diperiksa.`,
  };
}

/* What is not in it. */

const loginBackupsAndLogs: Text = {
  en: 'the login backups (folder backup) and logs (folder log)',
  id: 'cadangan saat masuk (folder backup) dan log (folder log)',
};
/** Why something was left out, as people say it; reasons of later versions stand as they are. */
const reasons: Readonly<Record<string, Text>> = {
  database: { en: 'other databases', id: 'database lain' },
  temporary: { en: 'temporary files', id: 'file sementara' },
  own: { en: 'what efaktur-cloud keeps', id: 'milik efaktur-cloud' },
  settings: { en: 'settings files (.env)', id: 'file pengaturan (.env)' },
  'private-key': { en: 'certificates and keys (.p12, .pfx)', id: 'sertifikat dan kunci (.p12, .pfx)' },
  link: { en: 'links', id: 'tautan' },
  special: { en: 'special files', id: 'file khusus' },
  large: {
    en: 'large files that are not of the program',
    id: 'file besar yang bukan bagian dari program',
  },
  name: { en: 'names that cannot be stored', id: 'nama yang tidak dapat disimpan' },
};
/** `leftOut`: how many, by the reason. */
export function notInIt(leftOut: readonly (readonly [why: string, found: number])[]): Text {
  const others = leftOut.map(([why, found]) =>
    inBoth((l) => `${reasons[why]?.[l] ?? why} (${number(found)[l]})`),
  );
  const all = joined([loginBackupsAndLogs, ...others], '; ');
  return { en: `Not in it: ${all.en}.`, id: `Tidak termasuk: ${all.id}.` };
}

/* What to do there. */

export const whatToDo: Text = { en: 'What to do there:', id: 'Langkah berikutnya di sana:' };
export const step = (position: number, what: Text): Text => inBoth((l) => `  ${position}. ${what[l]}`);
export const seeThatUserMayWrite: Text = {
  en: 'If this PC has another user or drive than the old one, see that this user may write in the folder.',
  id: 'Bila pengguna atau drive komputer ini berbeda dari yang lama, pastikan pengguna ini berizin menulis di folder itu.',
};
export const noUpdNeeded: Text = {
  en: 'ETaxInvoiceUpd: not needed now, as program and db belong together; a newer version from the tax office is put in by it later.',
  id: 'ETaxInvoiceUpd: sekarang belum perlu, karena program dan db sudah sesuai; nanti dipakai untuk memasang versi baru dari DJP.',
};
export const runUpd: Text = {
  en: 'Run ETaxInvoiceUpd once, before the first login: it fits the db to this program.',
  id: 'Jalankan ETaxInvoiceUpd satu kali sebelum pertama kali masuk: db disesuaikan dengan program ini.',
};
/** `memory`: what the `.config` files say, one each. */
export function lookAtMemory(memory: readonly string[]): Text {
  if (memory.length === 0)
    return {
      en: 'Memory: if e-Faktur does not start, look at -Xmx in the .config files beside the programs (mem_config sets it).',
      id: 'Memori: bila e-Faktur tidak mau dibuka, periksa -Xmx di file .config di samping programnya (mem_config mengaturnya).',
    };
  const lines = memory.join('; ');
  return {
    en: `Memory: ${lines}. If this PC has less memory than the old one, e-Faktur does not start: make the number after -Xmx smaller in that .config (mem_config does it, too).`,
    id: `Memori: ${lines}. Bila memori komputer ini lebih kecil dari yang lama, e-Faktur tidak mau dibuka: perkecil angka setelah -Xmx di file .config itu (mem_config juga dapat melakukannya).`,
  };
}
export const startAndLogIn: Text = {
  en: 'Start e-Faktur (ETaxInvoice) and log in.',
  id: 'Buka e-Faktur (ETaxInvoice), lalu masuk.',
};
/** `isThere`: whether the certificate was restored, too. */
export function chooseCertificate(isThere: boolean): Text {
  const what = isThere
    ? {
        en: 'choose the certificate (.p12) at its place on this PC.',
        id: 'pilih sertifikat (.p12) di tempatnya di komputer ini.',
      }
    : {
        en: 'copy the certificate (.p12) to this PC by hand, and choose it there.',
        id: 'salin sendiri sertifikat (.p12) ke komputer ini, lalu pilih di sana.',
      };
  return {
    en: `The path of the certificate in the settings of e-Faktur is still that of the old PC (error ETAX-30002 when it signs or uploads): ${what.en}`,
    id: `Lokasi sertifikat elektronik di pengaturan e-Faktur masih lokasi di komputer lama (error ETAX-30002 saat menandatangani atau mengunggah): ${what.id}`,
  };
}
export const lookForInvoice: Text = {
  en: 'Open Faktur Pajak Keluaran and look for an invoice that you know.',
  id: 'Buka Faktur Pajak Keluaran dan cari satu faktur yang Anda kenal.',
};
export const workOnOne: Text = {
  en: 'When all is well, work on one PC only, and name this folder in EFAKTUR_APP_DIR or --app for the next push (with --moved).',
  id: 'Bila semuanya benar, bekerjalah di satu komputer saja, dan sebutkan folder ini di EFAKTUR_APP_DIR atau --app untuk push berikutnya (dengan --moved).',
};
