import { count, number } from '../../base/phrases.ts';
import { joined, type Text } from '../../base/text.ts';

/* Which stored program folder is meant (archives.ts). */

export const noProgramId = (written: string): Text => ({
  en: `--program: "${written}" is not the id of a program folder`,
  id: `--program: "${written}" bukan id folder program`,
});
export const takeIdFromPrograms: Text = {
  en: 'Take one from "efaktur-cloud list --programs", such as 20230708T023000Z-3f9a1c2e77d0.',
  id: 'Ambil dari "efaktur-cloud list --programs", misalnya 20230708T023000Z-3f9a1c2e77d0.',
};
export const programNotStored = (id: string): Text => ({
  en: `no program folder ${id} is stored`,
  id: `tidak ada folder program ${id} yang tersimpan`,
});
export const madeWithUnknown = (backupId: string): Text => ({
  en: `the backup ${backupId} does not tell which e-Faktur it was made with`,
  id: `cadangan ${backupId} tidak menyebutkan e-Faktur mana yang membuatnya`,
});
export const madeWithNotStored = (backupId: string): Text => ({
  en: `the e-Faktur that the backup ${backupId} was made with is not stored`,
  id: `e-Faktur yang membuat cadangan ${backupId} tidak tersimpan`,
});
export const noneStored = (what: Text): Text => ({
  en: `${what.en}; no program folder is stored at all`,
  id: `${what.id}; belum ada folder program yang tersimpan`,
});
export const restoreDbAlone: Text = {
  en: 'Restore the db alone, without --whole-app, into an e-Faktur folder of the right version. "push --whole-app" stores a program folder where one still runs.',
  id: 'Pulihkan db saja, tanpa --whole-app, ke folder e-Faktur dengan versi yang sesuai. "push --whole-app" menyimpan folder program dari komputer yang e-Faktur-nya masih berjalan.',
};
/** `readAt`: as in tables. */
export const storedProgram = (id: string, eFaktur: Text, readAt: string): Text => ({
  en: `  ${id}  ${eFaktur.en}, read ${readAt}`,
  id: `  ${id}  ${eFaktur.id}, dibaca ${readAt}`,
});
export const storedAre = (what: Text, lines: readonly Text[]): Text => {
  const list = joined(lines, '\n');
  return { en: `${what.en}; stored are:\n${list.en}`, id: `${what.id}; yang tersimpan:\n${list.id}` };
};
export const chooseProgram = (id: string): Text => ({
  en: `Choose one of the same version as the backup or a newer one with --program, such as --program ${id}.`,
  id: `Pilih yang versinya sama dengan cadangan itu atau lebih baru dengan --program, misalnya --program ${id}.`,
});

/* What a stored program folder holds (archives.ts, check.ts). */

export const noMainProgramInside: Text = {
  en: 'it does not hold the main program that its manifest names',
  id: 'tidak berisi program utama yang disebut manifesnya',
};
export const holdsForeign = (path: string): Text => ({
  en: `it holds ${path}, which is no part of a program`,
  id: `berisi ${path}, yang bukan bagian dari program`,
});
export const useOtherProgram: Text = {
  en: 'Use another program folder, or this one from another store.',
  id: 'Pakai folder program lain, atau folder ini dari tempat cadangan lain.',
};
/** `problems`: the first few. `more`: how many others are damaged. `stores`: where the same one was found whole. */
export function programDamaged(
  id: string,
  store: string,
  problems: readonly Text[],
  more: number,
  stores: readonly string[],
): Text {
  const [what, others] = [joined(problems, '; '), number(more)];
  const where =
    stores.length > 0
      ? {
          en: `the same one lies whole in ${stores.join(', ')}`,
          id: `folder yang sama ada utuh di ${stores.join(', ')}`,
        }
      : { en: 'no other copy of it is known', id: 'salinan lainnya tidak diketahui' };
  const [en, id_] =
    more > 0
      ? [`; ${others.en} more ${more === 1 ? 'is' : 'are'} damaged too`, `; ${others.id} lainnya juga rusak`]
      : ['', ''];
  return {
    en: `the program folder ${id} in ${store} is damaged: ${what.en}${en}; ${where.en}`,
    id: `folder program ${id} di ${store} rusak: ${what.id}${id_}; ${where.id}`,
  };
}
export const storeAnew: Text = {
  en: 'Where that e-Faktur still runs, store it anew: "efaktur-cloud push --whole-app".',
  id: 'Simpan lagi dari komputer yang e-Faktur itu masih berjalan: "efaktur-cloud push --whole-app".',
};

/* That none is stored (proposal.ts). */

/** `version`: as people know it; null where the program states none. */
export function noCopyOfProgram(store: string, version: Text | null): Text {
  const which = version
    ? { en: `e-Faktur ${version.en}`, id: `e-Faktur ${version.id}` }
    : { en: 'this e-Faktur', id: 'e-Faktur ini' };
  return {
    en: `${store} holds the books but no copy of ${which.en}, and a backup opens only in an e-Faktur that fits`,
    id: `${store} berisi data pajak Anda tetapi tidak berisi salinan program ${which.id}, padahal cadangan hanya dapat dibuka dengan e-Faktur yang cocok`,
  };
}
export const storeProgramOnce: Text = {
  en: 'Installers of old versions go from the tax office\'s pages: store the program once with "efaktur-cloud push --whole-app". This is said once.',
  id: 'Penginstal versi lama tidak selamanya ada di situs DJP: simpan programnya satu kali dengan "efaktur-cloud push --whole-app". Pesan ini hanya muncul satu kali.',
};

/* What was read of a program folder (read-program.ts, report.ts). */

export const otherLeftOut: Text = {
  en: 'what is left out of it is another',
  id: 'bagian yang tidak disertakan sudah berbeda',
};
export const pushWhenAtRest: Text = {
  en: 'Push again when nothing is written into the folder.',
  id: 'Jalankan push lagi saat tidak ada yang menulis ke folder itu.',
};
export const notInProgramCopy = (path: string, appFolder: string, why: Text): Text => ({
  en: `${path} in ${appFolder} is not in the copy of the program: ${why.en}`,
  id: `${path} di ${appFolder} tidak ada di salinan program: ${why.id}`,
});
/** `shown`: the first few. `more`: how many are not among these. */
export function databasesBesideDb(appFolder: string, shown: readonly string[], more: number): Text {
  const left = number(more);
  const [en, id] = more > 0 ? [`, and ${left.en} more`, `, dan ${left.id} lagi`] : ['', ''];
  return {
    en: `in ${appFolder} lie databases beside db, which no push stores by itself: ${shown.join(', ')}${en}`,
    id: `di ${appFolder} ada database di samping db, yang tidak disimpan sendiri oleh push: ${shown.join(', ')}${id}`,
  };
}
export const pushThemByPath: Text = {
  en: 'What of them must be kept is stored with "efaktur-cloud push --source PATH --captured TIME", TIME being when it was in use: else an old copy may count as the newest state.',
  id: 'Simpan yang diperlukan dengan "efaktur-cloud push --source PATH --captured WAKTU", dengan WAKTU saat database itu dipakai: tanpa itu salinan lama bisa dianggap keadaan terbaru.',
};
/** `sizeBytes`: what is there of it; null where it is empty. */
export function doesNotStart(name: string, appFolder: string, sizeBytes: number | null): Text {
  const what =
    sizeBytes === null
      ? { en: 'is empty', id: 'kosong' }
      : {
          en: `is cut short (${count(sizeBytes, 'byte').en} are there)`,
          id: `terpotong (hanya ada ${count(sizeBytes, 'byte').id})`,
        };
  return {
    en: `${name} in ${appFolder} ${what.en}: it was stored so, and does not start anywhere`,
    id: `${name} di ${appFolder} ${what.id}: disimpan apa adanya, dan tidak dapat dijalankan di mana pun`,
  };
}
export const putProgramAgain: Text = {
  en: 'A virus scanner or a copy that was cut off does that. Put the program there again, and store it anew with "efaktur-cloud push --whole-app".',
  id: 'Biasanya karena antivirus atau penyalinan yang terputus. Pasang lagi program itu, lalu simpan lagi dengan "efaktur-cloud push --whole-app".',
};

/* Which e-Faktur lies in a folder (version.ts). */

export const programUnread = (folder: string, error: Text): Text => ({
  en: `which e-Faktur lies in ${folder} is not known: ${error.en}`,
  id: `e-Faktur mana yang ada di ${folder} tidak diketahui: ${error.id}`,
});
/** `derby` and `there`: versions of Derby, in the backup and in the folder. */
export const writtenByNewer = (database: string, derby: string, folder: string, there: string): Text => ({
  en: `${database} in the backup was written by a newer e-Faktur (Derby ${derby}) than the one in ${folder} (Derby ${there}): an older program cannot open it; install the newer e-Faktur`,
  id: `${database} di cadangan ditulis oleh e-Faktur yang lebih baru (Derby ${derby}) dari yang ada di ${folder} (Derby ${there}): program yang lebih lama tidak dapat membukanya; pasang e-Faktur yang lebih baru`,
});
export const otherTables = (database: string, folder: string): Text => ({
  en: `${database} in the backup has other tables or columns than the db that was in ${folder}: it is of another e-Faktur version; run ETaxInvoiceUpd before you log in`,
  id: `tabel atau kolom ${database} di cadangan berbeda dari db yang tadinya ada di ${folder}: cadangan ini dari versi e-Faktur lain; jalankan ETaxInvoiceUpd sebelum Anda masuk`,
});
