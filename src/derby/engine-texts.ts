import { duration } from '../base/phrases.ts';
import { joined, type Text, verbatim } from '../base/text.ts';

/* Real Derby: finding it, starting it, and what it says of a database. Its own words stay as they are. */

export const encryptedByDerby: Text = {
  en: 'The database is encrypted by Derby, and its boot password is not known.',
  id: 'Database dienkripsi oleh Derby, dan boot password-nya tidak diketahui.',
};
export const newerDerby: Text = {
  en: 'The database was written by a newer Derby than this one.',
  id: 'Database ditulis oleh Derby yang lebih baru dari yang ini.',
};
export const onlyOwnUsers: Text = {
  en: 'The database lets only its own users in.',
  id: 'Database hanya dapat dibuka oleh penggunanya sendiri.',
};
export const derbySays = (states: string, said: string): Text => ({
  en: `Derby says (${states}): ${said}`,
  id: `Menurut Derby (${states}): ${said}`,
});
export const tablesUnlistable = (states: string, said: string): Text => ({
  en: `The tables cannot be listed (${states}): ${said}`,
  id: `Daftar tabel tidak dapat dibuat (${states}): ${said}`,
});
export const cannotShutDown = (states: string, said: string): Text => ({
  en: `The database cannot be shut down (${states}): ${said}`,
  id: `Database tidak dapat ditutup (${states}): ${said}`,
});
export const foundWrong: Text = {
  en: 'SYSCS_CHECK_TABLE finds it wrong',
  id: 'dinyatakan salah oleh SYSCS_CHECK_TABLE',
};

/** How a run of Java ended: by a number that it gave, or else by what the system says. */
export const ended = (code: number | null, by: string): Text =>
  code === null ? verbatim(by) : { en: `exit code ${code}`, id: `kode keluar ${code}` };
const behind = (said: string): string => (said === '' ? '' : `: ${said}`);

export function notFinished(databaseFolder: string, timeoutMs: number, said: string): Text {
  const within = duration(timeoutMs);
  return {
    en: `Derby did not finish within ${within.en} while it checked ${databaseFolder}${behind(said)}`,
    id: `Derby tidak selesai memeriksa ${databaseFolder} dalam ${within.id}${behind(said)}`,
  };
}
export const endedEarly = (databaseFolder: string, how: Text, said: string): Text => ({
  en: `Derby ended early (${how.en}) while it checked ${databaseFolder}${behind(said)}`,
  id: `Derby berhenti sebelum selesai memeriksa ${databaseFolder} (${how.id})${behind(said)}`,
});
export const engineSawNone = (databaseFolder: string): Text => ({
  en: `Derby did not find the database in ${databaseFolder}, though it is there`,
  id: `Derby tidak menemukan database di ${databaseFolder}, padahal ada di sana`,
});
export const otherPlaceForCopy: Text = {
  en: 'Java may not be able to read that name: name a folder of plain letters with EFAKTUR_STATE_DIR.',
  id: 'Mungkin Java tidak dapat membaca nama itu: sebutkan folder dengan huruf biasa di EFAKTUR_STATE_DIR.',
};
export const moreTimeAndMemory: Text = {
  en: 'Try again with more time, and with more free memory on this computer.',
  id: 'Coba lagi dengan waktu lebih lama dan memori komputer yang lebih lapang.',
};
export const engineDiskFull = (databaseFolder: string): Text => ({
  en: `Derby could not write to its copy of the database, ${databaseFolder}`,
  id: `Derby tidak dapat menulis ke salinan database miliknya, ${databaseFolder}`,
});
export const freeSpace: Text = {
  en: 'Free some space and try again.',
  id: 'Kosongkan sebagian ruang disk, lalu coba lagi.',
};
export const notStartedFrom = (derbyJar: string, java: string, how: Text, said: string): Text => ({
  en: `Derby cannot be started from ${derbyJar} with ${java} (${how.en})${behind(said)}`,
  id: `Derby tidak dapat dijalankan dari ${derbyJar} dengan ${java} (${how.id})${behind(said)}`,
});
export const neededVersions: Text = {
  en: 'Use Java 7 or newer, and the derby.jar of Derby 10.8 to 10.14.',
  id: 'Gunakan Java 7 atau yang lebih baru, dan derby.jar dari Derby 10.8 sampai 10.14.',
};

export const noAnswer: Text = { en: 'it does not answer', id: 'tidak menjawab' };
export const javaRefused = (java: string, why: Text, said: string): Text => ({
  en: `${java} does not run (${why.en}${behind(said)})`,
  id: `${java} tidak dapat dijalankan (${why.id}${behind(said)})`,
});
export function noJava(refused: readonly Text[]): Text {
  const found = { en: 'No Java was found', id: 'Java tidak ditemukan' };
  return joined([found, ...refused], '; ');
}
export const installJava: Text = {
  en: 'Install Java (version 7 or newer), set JAVA_HOME to its folder, or name the e-Faktur folder, which brings its own.',
  id: 'Pasang Java (versi 7 atau yang lebih baru), atur JAVA_HOME ke foldernya, atau sebutkan folder e-Faktur yang membawa Java sendiri.',
};
export const noDerbyJar = (jar: string): Text => ({
  en: `${jar} is not there, or does not hold Derby's embedded engine`,
  id: `${jar} tidak ada, atau tidak berisi mesin Derby (embedded)`,
});
export const noDerbyJarIn = (looked: readonly string[]): Text => {
  const [en, id] = looked.length === 0 ? ['', ''] : [` in ${looked.join(', ')}`, ` di ${looked.join(', ')}`];
  return { en: `No derby.jar was found${en}`, id: `derby.jar tidak ditemukan${id}` };
};
export const nameDerbyJar: Text = {
  en: 'Name the derby.jar of e-Faktur, or one of Derby 10.14 from https://db.apache.org/derby.',
  id: 'Sebutkan derby.jar milik e-Faktur, atau derby.jar Derby 10.14 dari https://db.apache.org/derby.',
};
