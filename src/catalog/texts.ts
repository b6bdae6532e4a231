import { count } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/* Which backup is meant (choose.ts). `where` is one store or several. */

export const isProgramBackup = (id: string, where: Text): Text => ({
  en: `${id} in ${where.en} is a program backup and holds no databases`,
  id: `${id} di ${where.id} adalah cadangan program dan tidak berisi database`,
});
export const useProgramBackup = (id: string): Text => ({
  en: `"efaktur-cloud pull --whole-app --program ${id}" makes a whole e-Faktur with it, "export --id" writes it alone; backups are in "efaktur-cloud list".`,
  id: `"efaktur-cloud pull --whole-app --program ${id}" membuat e-Faktur lengkap dengannya, "export --id" menulisnya saja; cadangan ada di "efaktur-cloud list".`,
});

export const noBackupIn = (where: Text, programs: number): Text => {
  const alone = count(programs, 'program backup');
  return {
    en: `there is no backup in ${where.en}${programs === 0 ? '' : `, only ${alone.en}`}`,
    id: `tidak ada cadangan di ${where.id}${programs === 0 ? '' : `, hanya ${alone.id}`}`,
  };
};
export const checkAddressOrPush: Text = {
  en: 'Check the store\'s address, or run "efaktur-cloud push" first.',
  id: 'Periksa alamat tempat cadangan, atau jalankan "efaktur-cloud push" dahulu.',
};

export const noBackupOf = (day: string, where: Text, nearest: Text): Text => ({
  en: `there is no backup of ${day} in ${where.en}: ${nearest.en}`,
  id: `tidak ada cadangan tanggal ${day} di ${where.id}: ${nearest.id}`,
});
export const noBackupUpTo = (moment: string, where: Text, nearest: Text): Text => ({
  en: `there is no backup at or before ${moment} in ${where.en}: ${nearest.en}`,
  id: `tidak ada cadangan pada atau sebelum ${moment} di ${where.id}: ${nearest.id}`,
});
export const noBackupNamed = (id: string, where: Text, newest: string): Text => ({
  en: `there is no backup ${id} in ${where.en}: the newest is ${newest}`,
  id: `tidak ada cadangan ${id} di ${where.id}: yang terbaru ${newest}`,
});
export const nearestBefore = (backup: string): Text => ({
  en: `the nearest before is ${backup}`,
  id: `yang terdekat sebelumnya ${backup}`,
});
export const nearestAfter = (backup: string): Text => ({
  en: `the nearest after is ${backup}`,
  id: `yang terdekat sesudahnya ${backup}`,
});
export const chooseListed: Text = {
  en: 'Choose one of these with --date or --id, or see them all with "efaktur-cloud list".',
  id: 'Pilih salah satunya dengan --date atau --id, atau lihat semuanya dengan "efaktur-cloud list".',
};
export const noBackupId = (written: string): Text => ({
  en: `--id: "${written}" is not the id of a backup`,
  id: `--id: "${written}" bukan id cadangan`,
});
export const takeIdFromList: Text = {
  en: 'Take one from "efaktur-cloud list", such as 20230708T023000Z-3f9a1c2e77d0.',
  id: 'Ambil dari "efaktur-cloud list", misalnya 20230708T023000Z-3f9a1c2e77d0.',
};

/* What a store lists (listing.ts). */

export const cannotBeListed = (url: string): Text => ({
  en: `${url}: its objects cannot be listed`,
  id: `${url}: daftar isinya tidak dapat dibaca`,
});
export const shownOnlySome: Text = {
  en: 'the service shows some of them only when asked in another way',
  id: 'layanan itu menunjukkan sebagian isinya hanya bila ditanya dengan cara lain',
};
export const askProvider: Text = {
  en: 'Nothing that rests on half a listing is done. Try again later; if it stays so, ask the provider.',
  id: 'Apa pun yang memerlukan daftar lengkap tidak dikerjakan. Coba lagi nanti; bila tetap begini, tanyakan kepada penyedia.',
};

/* Manifests (manifest-parts.ts, manifest.ts, program-manifest.ts). What begins with "it" or "its" stands after "… is damaged:". */

export const theManifest = (key: string): Text => ({ en: `the manifest ${key}`, id: `manifes ${key}` });
export const newerManifestOf = (key: string, what: Text): Text => ({
  en: `the manifest ${key} is of ${what.en}, which this version does not know`,
  id: `manifes ${key} memakai ${what.id}, yang tidak dikenal versi ini`,
});
export const formatVersion = (version: number): Text => ({
  en: `format version ${version}`,
  id: `format versi ${version}`,
});
export const theKind = (kind: string): Text => ({ en: `the kind "${kind}"`, id: `jenis "${kind}"` });

export const useOtherBackup: Text = {
  en: 'Use another backup, or this one from another store.',
  id: 'Gunakan cadangan lain, atau cadangan ini dari tempat cadangan lain.',
};
export const useOtherProgram: Text = {
  en: 'Use another program backup, or this one from another store.',
  id: 'Gunakan cadangan program lain, atau cadangan ini dari tempat cadangan lain.',
};

export const tooLong: Text = {
  en: 'it is longer than any manifest',
  id: 'lebih panjang dari manifes mana pun',
};
export const notJson: Text = { en: 'it is not JSON', id: 'isinya bukan JSON' };
export const notObject: Text = { en: 'it is not an object', id: 'isinya bukan objek JSON' };
export const noFormat: Text = { en: 'it states no format version', id: 'versi formatnya tidak disebut' };
export const noKind: Text = { en: 'it states no kind', id: 'jenisnya tidak disebut' };
export const idNotOfKey: Text = {
  en: "its id is not its key's",
  id: 'id-nya tidak sama dengan yang di nama filenya',
};
export const timeNotOfId: Text = {
  en: 'its capture time is not that of its id',
  id: 'waktu pengambilannya tidak sama dengan yang di id-nya',
};
export const namesNoArchive: Text = { en: 'it names no archive', id: 'tidak menyebut arsip' };
export const archiveNotDescribed: Text = {
  en: 'an archive it needs is not described',
  id: 'arsip yang diperlukannya tidak diterangkan',
};
export const noBasis: Text = {
  en: 'its capture time has no basis',
  id: 'asal waktu pengambilannya tidak disebut',
};
export const sourceUnknown: Text = { en: 'its source is unknown', id: 'sumbernya tidak dikenal' };
export const noArchiveKey: Text = {
  en: 'its archive key is not one',
  id: 'nama arsipnya tidak sah',
};
export const archiveOfOther: Text = {
  en: 'its archive is not of its kind and tag',
  id: 'jenis dan tanda arsipnya tidak sama dengan miliknya',
};
export const archiveOfOtherTag: Text = {
  en: 'its archive is not of its tag',
  id: 'tanda arsipnya tidak sama dengan miliknya',
};
export const ownNotLast: Text = {
  en: 'it does not need its own archive last',
  id: 'arsipnya sendiri tidak disebut sebagai yang terakhir diperlukan',
};
export const ownNotAlone: Text = {
  en: 'it does not need its own archive alone',
  id: 'yang diperlukan bukan hanya arsipnya sendiri',
};
export const otherNeeds = (kind: 'full' | 'differential', archives: number): Text => {
  const shown = count(archives, 'archive');
  return kind === 'full'
    ? {
        en: `a full backup does not need ${shown.en}`,
        id: `cadangan penuh tidak memerlukan ${shown.id}`,
      }
    : {
        en: `a changes-only backup does not need ${shown.en}`,
        id: `cadangan perubahan tidak memerlukan ${shown.id}`,
      };
};
export const baseNotFull: Text = {
  en: 'its base is no full archive',
  id: 'dasarnya bukan arsip cadangan penuh',
};
export const noPrivatePart: Text = {
  en: 'it has no private part',
  id: 'bagian privatnya tidak ada',
};
export const mixedEncryption: Text = {
  en: 'its private part is encrypted and an archive is not, or the other way round',
  id: 'bagian privatnya terenkripsi dan arsipnya tidak, atau sebaliknya',
};
export const lacksFacts: Text = {
  en: 'its private part lacks its facts',
  id: 'bagian privatnya tidak lengkap',
};
export const noMainHash: Text = {
  en: 'its main program has no SHA-256',
  id: 'SHA-256 program utamanya tidak ada',
};

/* Why a backup stays or goes (retention.ts). */

export const afterNow: Text = {
  en: 'captured after the time now',
  id: 'waktu pengambilannya sesudah waktu sekarang',
};
export const backupDisputed: Text = {
  en: 'another backup names other bytes for its archive',
  id: 'cadangan lain menyebut isi lain untuk arsipnya',
};
export const butForLate = (rules: Text): Text => ({
  en: `${rules.en}, but for what came late after it`,
  id: `${rules.id}, tanpa menghitung yang datang terlambat sesudahnya`,
});
export const fromUpload = (isAfterNow: boolean, rules: Text): Text => ({
  en: `captured after ${isAfterNow ? 'the time now' : 'it was uploaded'}, so it counts from its upload: ${rules.en}`,
  id: `waktu pengambilannya sesudah ${isAfterNow ? 'waktu sekarang' : 'waktu unggahnya'}, jadi dihitung dari waktu unggahnya: ${rules.id}`,
});

export const theNewest: Text = { en: 'the newest', id: 'yang terbaru' };
export const newestWhole: Text = { en: 'the newest that is whole', id: 'yang terbaru yang lengkap' };
export const newestVerified: Text = {
  en: 'the newest verified',
  id: 'yang terbaru yang terverifikasi',
};
const theLast: Text = { en: 'the last one', id: 'yang terakhir' };
export const oneOfLast = (last: number): Text =>
  last === Number.POSITIVE_INFINITY
    ? { en: 'all are kept', id: 'semua disimpan' }
    : last === 1
      ? theLast
      : { en: `one of the last ${last}`, id: `salah satu dari ${last} yang terakhir` };
export const withinSpan = (span: string): Text => ({
  en: `within ${span} of the newest`,
  id: `dalam ${span} sebelum yang terbaru`,
});

const calendar = { day: 'hari', week: 'minggu', month: 'bulan', year: 'tahun' } as const;
export type CalendarUnit = keyof typeof calendar;
/** `day 2023-07-08`, `week 2023-W27`. */
const inCalendar = (unit: CalendarUnit, name: string): Text => ({
  en: `${unit} ${name}`,
  id: `${calendar[unit]} ${name}`,
});

export const newestOf = (unit: CalendarUnit, name: string, isVerified: boolean): Text => {
  const when = inCalendar(unit, name);
  return {
    en: `the newest${isVerified ? ' verified' : ''} of the ${when.en}`,
    id: `yang terbaru${isVerified ? ' yang terverifikasi' : ''} pada ${when.id}`,
  };
};
export const newestOfYearUnverified = (year: string): Text => ({
  en: `the newest of the year ${year}, not verified yet`,
  id: `yang terbaru pada tahun ${year}, belum terverifikasi`,
});
export const otherKept = (unit: CalendarUnit, name: string, id: string): Text => {
  const when = inCalendar(unit, name);
  return { en: `for the ${when.en}, ${id} is kept`, id: `untuk ${when.id} yang disimpan adalah ${id}` };
};
export const archiveMissing: Text = {
  en: 'its archive is missing, so no rule counts it',
  id: 'arsipnya tidak ada, jadi tidak dihitung aturan mana pun',
};
export const noRuleReaches: Text = {
  en: 'no rule reaches back to it',
  id: 'tidak ada aturan yang menjangkaunya',
};

export const noSpan = (where: Text, written: string): Text => ({
  en: `${where.en}: "${written}" is not a span of time`,
  id: `${where.id}: "${written}" bukan rentang waktu`,
});
export const writeSpan: Text = {
  en: 'Write years, months, days and hours, such as 1y5m7d2h or 90d.',
  id: 'Tulis tahun (y), bulan (m), hari (d), dan jam (h), misalnya 1y5m7d2h atau 90d.',
};
export const noKeepCount = (where: Text, written: string): Text => ({
  en: `${where.en}: "${written}" is not a number of backups`,
  id: `${where.id}: "${written}" bukan jumlah cadangan`,
});
export const writeKeepCount: Text = {
  en: 'Write a whole number, or unlimited.',
  id: 'Tulis bilangan bulat, atau unlimited (tanpa batas).',
};

/* Rules of a prune (prune-rules.ts). */

export const noDeleteLimit = (where: Text, written: string): Text => ({
  en: `${where.en}: "${written}" is neither a number nor a percentage`,
  id: `${where.id}: "${written}" bukan angka dan bukan persentase`,
});
export const writeDeleteLimit: Text = {
  en: 'Write a number of backups, such as 20, or a part of all, such as 50%.',
  id: 'Tulis jumlah cadangan, misalnya 20, atau bagian dari semuanya, misalnya 50%.',
};
export const noPruneRule = (where: Text, shown: Text): Text => ({
  en: `${where.en}: ${shown.en} does not say what to keep`,
  id: `${where.id}: ${shown.id} tidak menyebutkan apa yang disimpan`,
});
export const defaultAndRule = (where: Text, rule: string): Text => ({
  en: `${where.en} has both default and ${rule}`,
  id: `${where.id} memuat default dan juga ${rule}`,
});
export const pruneRuleTwice = (where: Text, rule: string): Text => ({
  en: `${where.en} has ${rule} twice`,
  id: `${where.id} memuat ${rule} dua kali`,
});
export const rulesKeepNothing = (where: Text): Text => ({
  en: `${where.en} would keep nothing but the newest backup`,
  id: `${where.id} tidak akan menyimpan apa pun selain cadangan terbaru`,
});
export const writePruneRules: Text = {
  en: 'Write the flags of "prune" without dashes, such as keep-daily=30,keep-monthly=24,max-delete=20%, or default, or off.',
  id: 'Tulis flag "prune" tanpa tanda hubung di depan, misalnya keep-daily=30,keep-monthly=24,max-delete=20%, atau default, atau off.',
};

/* Why a program backup stays or goes (program-retention.ts). */

export const manifestUnreadable: Text = {
  en: 'its manifest cannot be read',
  id: 'manifesnya tidak dapat dibaca',
};
export const programDisputed: Text = {
  en: 'another one names other bytes for its archive',
  id: 'cadangan program lain menyebut isi lain untuk arsipnya',
};
export const readAfterNow: Text = {
  en: 'read after the time now',
  id: 'waktu pengambilannya sesudah waktu sekarang',
};
export const archiveNotThere: Text = { en: 'its archive is not there', id: 'arsipnya tidak ada' };
export const unusedAndOld = (newer: number): Text => ({
  en: `no kept backup was made with it, and ${newer} newer ones are there`,
  id: `tidak ada cadangan yang disimpan dibuat dengannya, dan ada ${newer} yang lebih baru`,
});
export const madeBackups: Text = {
  en: 'kept backups were made with it',
  id: 'cadangan yang disimpan dibuat dengannya',
};
export const oneOfNewest = (kept: number): Text => ({
  en: `one of the ${kept} newest`,
  id: `salah satu dari ${kept} yang terbaru`,
});
export const firstOfVersion = (why: Text): Text => ({
  en: `${why.en}; the first of its version`,
  id: `${why.id}; yang pertama dari versinya`,
});
export const newerOfVersion: Text = {
  en: 'a newer one of the same version is there',
  id: 'ada yang lebih baru dengan versi yang sama',
};

/* Where the stock tools come from (for sheets that outlive this program). */

export const tarSource: Text = {
  en: 'part of Windows 10 and later, of macOS and Linux',
  id: 'sudah ada di Windows 10 ke atas, macOS, dan Linux',
};
