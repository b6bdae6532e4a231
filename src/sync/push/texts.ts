import { count, moment, number } from '../../base/phrases.ts';
import { joined, type Text } from '../../base/text.ts';

/* Which states there are (sources.ts). */

export const noLoginBackup = (folder: string): Text => ({
  en: `there is no login backup in ${folder}`,
  id: `tidak ada cadangan saat masuk di ${folder}`,
});
export const pushLiveOrLetBackUp: Text = {
  en: 'Push the live db with --source live, or let e-Faktur make backups at login (ETaxInvoiceUpd).',
  id: 'Jalankan push dengan --source live untuk mencadangkan db aktif, atau biarkan e-Faktur membuat cadangan saat masuk (ETaxInvoiceUpd).',
};
export const noDatabaseIn = (folder: string): Text => ({
  en: `there is no database in ${folder}`,
  id: `tidak ada database di ${folder}`,
});
export const nothingToPush = (appFolder: string): Text => ({
  en: `${appFolder} has neither a database in db nor a login backup`,
  id: `${appFolder} tidak berisi database di db maupun cadangan saat masuk`,
});
export const runOnServer: Text = {
  en: 'On a network client the databases lie on the server PC: run efaktur-cloud there.',
  id: 'Pada komputer klien jaringan, database terletak di komputer server: jalankan efaktur-cloud di sana.',
};
export const openWithoutLoginBackup = (appFolder: string): Text => ({
  en: `e-Faktur is open in ${appFolder} and there is no login backup to take instead`,
  id: `e-Faktur sedang terbuka di ${appFolder} dan tidak ada cadangan saat masuk sebagai gantinya`,
});
export const closeAndPushAgain: Text = {
  en: 'Close e-Faktur and push again.',
  id: 'Tutup e-Faktur, lalu jalankan push lagi.',
};
export const notZip = (path: string): Text => ({
  en: `${path} is not a zip and was passed over; extract it to have it stored`,
  id: `${path} bukan zip dan dilewati; ekstrak agar ikut disimpan`,
});
export const beingUpdated = (db: string): Text => ({
  en: `ETaxInvoiceUpd is working on ${db}, and a db that is being updated cannot be copied`,
  id: `ETaxInvoiceUpd sedang mengerjakan ${db}, dan db yang sedang diperbarui tidak dapat disalin`,
});
export const perhapsUpdated = (names: readonly string[], db: string): Text => ({
  en: `${names.join(', ')} runs, and from which folder cannot be told: it may be working on ${db}, and a db that is being updated cannot be copied`,
  id: `${names.join(', ')} sedang berjalan dan foldernya tidak dapat diketahui: mungkin sedang mengerjakan ${db}, dan db yang sedang diperbarui tidak dapat disalin`,
});
export const pushAfterUpdate: Text = {
  en: 'Push again when the update has ended.',
  id: 'Jalankan push lagi setelah pembaruan selesai.',
};
export const noSuchSource = (path: string): Text => ({
  en: `${path} is not there, or is neither a zip nor a folder`,
  id: `${path} tidak ada, atau bukan zip maupun folder`,
});
export const giveSource: Text = {
  en: 'Give the zip or folder of a login backup, or a db folder.',
  id: 'Berikan zip atau folder cadangan saat masuk, atau folder db.',
};

/* The capture time of a state. Times are RFC 3339. */

export function statedInFuture(capturedAt: string): Text {
  const when = moment(capturedAt);
  return {
    en: `--captured: ${when.en} is in the future`,
    id: `--captured: ${when.id} ada di masa depan`,
  };
}
export const giveCaptureTime: Text = {
  en: 'Give the time at which the backup was made.',
  id: 'Berikan waktu saat cadangan itu dibuat.',
};
export function fromFuture(path: string, capturedAt: string): Text {
  const when = moment(capturedAt);
  return {
    en: `${path} is from the future (${when.en}) and was not stored`,
    id: `${path} bertanggal di masa depan (${when.id}), jadi tidak disimpan`,
  };
}
export const correctClockOrState: Text = {
  en: "Correct this PC's clock, or state the true time with --source PATH --captured TIME.",
  id: 'Betulkan jam komputer ini, atau sebutkan waktu yang benar dengan --source PATH --captured WAKTU.',
};
export function newerThanCapture(path: string, newestFile: string, capturedAt: string): Text {
  const [newest, captured] = [moment(newestFile), moment(capturedAt)];
  return {
    en: `${path}: the newest file in it is of ${newest.en}, and its capture time is ${captured.en}: earlier than its content`,
    id: `${path}: file terbaru di dalamnya bertanggal ${newest.id}, sedangkan waktu pengambilannya ${captured.id}: lebih awal dari isinya`,
  };
}
export function capturedInside(path: string, capturedAt: string): Text {
  const when = moment(capturedAt);
  return {
    en: `${path}: its own time is not that of its content (a copy or a download), so it counts as of its newest file, ${when.en}`,
    id: `${path}: waktunya sendiri bukan waktu isinya (hasil salin atau unduh), jadi dipakai waktu file terbaru di dalamnya, ${when.id}`,
  };
}
export const stateTrueTime: Text = {
  en: 'Where that is wrong, state the true time with --source PATH --captured TIME.',
  id: 'Bila itu keliru, sebutkan waktu yang benar dengan --source PATH --captured WAKTU.',
};
export function olderThanCapture(path: string, newestFile: string, capturedAt: string): Text {
  const [newest, captured] = [moment(newestFile), moment(capturedAt)];
  return {
    en: `${path}: the newest file in it is of ${newest.en}, and its capture time is ${captured.en}: the backup may be of an old db`,
    id: `${path}: file terbaru di dalamnya bertanggal ${newest.id}, sedangkan waktu pengambilannya ${captured.id}: cadangan ini mungkin berasal dari db lama`,
  };
}

/* What a state holds. */

export const pushOtherOrForce: Text = {
  en: 'Push another state with --source; if this is the only copy left, store it, marked as damaged, with --force-damaged.',
  id: 'Simpan keadaan lain dengan --source; bila hanya salinan ini yang tersisa, simpan dengan tanda rusak memakai --force-damaged.',
};
export const databasesApart = (path: string): Text => ({
  en: `${path}: its databases were copied one after the other while e-Faktur was open; each is sound, but they are not of one instant`,
  id: `${path}: database di dalamnya disalin satu per satu selagi e-Faktur terbuka; masing-masing utuh, tetapi tidak berasal dari saat yang sama`,
});
export const isTwice = (path: string): Text => ({
  en: `${path} is in it twice; the last one is in the backup`,
  id: `${path} ada dua kali di dalamnya; yang terakhir ada di cadangan`,
});
export const oddName = (path: string): Text => ({
  en: `${path} has a name that Windows does not know, or knows as that of another file, so it is not in the backup`,
  id: `${path}: nama ini tidak dikenal Windows, atau dianggap sama dengan nama file lain, jadi tidak ada di cadangan`,
});
export const noPartOfDatabase = (path: string): Text => ({
  en: `${path} lies in db but is no part of a database, so it is not in the backup (it can keep e-Faktur from starting; move it elsewhere)`,
  id: `${path} terletak di db tetapi bukan bagian dari database, jadi tidak ada di cadangan (e-Faktur bisa gagal dibuka karenanya; pindahkan ke tempat lain)`,
});
export function moreLeftOut(left: number): Text {
  const shown = number(left);
  return {
    en:
      left === 1
        ? `${shown.en} more file or folder is left out as well`
        : `${shown.en} more files or folders are left out as well`,
    id: `${shown.id} file atau folder lain juga tidak disertakan`,
  };
}

/* What was lost since the backup before (lost-rows.ts, facts-before.ts). */

export const lookAtThis = (what: Text): Text => ({
  en: `LOOK AT THIS: ${what.en}; the backup before is kept`,
  id: `PERHATIKAN INI: ${what.id}; cadangan sebelumnya tetap ada`,
});
export const databaseGone = (database: string): Text => ({
  en: `the database ${database} was in the backup before and is no longer there`,
  id: `database ${database} ada di cadangan sebelumnya dan sekarang tidak ada lagi`,
});

const tableBefore = (database: string, table: string, had: number): Text => {
  const rows = count(had, 'row');
  return {
    en: `the table ${database}: ${table} had ${rows.en} in the backup before and`,
    id: `tabel ${database}: ${table} berisi ${rows.id} di cadangan sebelumnya dan`,
  };
};
export const tableGone = (database: string, table: string, had: number): Text =>
  joined(
    [tableBefore(database, table, had), { en: 'is no longer there', id: 'sekarang tidak ada lagi' }],
    ' ',
  );
/** `asOf`: what the number of rows goes by. */
export function tableShrunk(
  database: string,
  table: string,
  had: number,
  rows: number,
  asOf: RowsAsOf,
): Text {
  const left = number(rows);
  return joined(
    [
      tableBefore(database, table, had),
      {
        now: { en: `has ${left.en} now`, id: `sekarang ${left.id}` },
        checkpoint: {
          en: `has ${left.en} as of the last checkpoint, which may lack the newest work`,
          id: `${left.id} per checkpoint terakhir, yang mungkin belum memuat pekerjaan terbaru`,
        },
        readable: { en: `has ${left.en} that can be read`, id: `hanya ${left.id} yang dapat dibaca` },
      }[asOf],
    ],
    ' ',
  );
}
export type RowsAsOf = 'now' | 'checkpoint' | 'readable';

export const rowsNotCompared = (id: string, store: string, why: Text): Text => ({
  en: `whether rows were lost since the backup before (${id} in ${store}) could not be checked: this PC has no record of it, and ${why.en}`,
  id: `apakah ada baris yang hilang sejak cadangan sebelumnya (${id} di ${store}) tidak dapat diperiksa: komputer ini tidak punya catatannya, dan ${why.id}`,
});
export const itIsEncrypted: Text = { en: 'it is encrypted', id: 'cadangan itu terenkripsi' };
export const keyMayNotRead: Text = {
  en: 'the access key may not read',
  id: 'kunci akses tidak berizin membaca',
};
export const itIsUnreadable = (error: Text): Text => ({
  en: `it cannot be read: ${error.en}`,
  id: `cadangan itu tidak dapat dibaca: ${error.id}`,
});

export const programNotNoted = (error: Text): Text => ({
  en: `which e-Faktur this backup was made with is not noted: ${error.en}`,
  id: `e-Faktur yang membuat cadangan ini tidak dicatat: ${error.id}`,
});
