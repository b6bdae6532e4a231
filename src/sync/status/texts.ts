import { bytes, count, counted, day, duration, moment, number } from '../../base/phrases.ts';
import type { Text } from '../../base/text.ts';

/* What of a store somebody must act on (store-findings.ts). Times are RFC 3339. */

export const holdsNoBackup = (store: string): Text => ({
  en: `${store} holds no backup`,
  id: `${store} tidak berisi cadangan`,
});
export const runPush: Text = {
  en: 'Run "efaktur-cloud push".',
  id: 'Jalankan "efaktur-cloud push".',
};
export function newestIsOld(store: string, ageMs: number, at: string): Text {
  const [old, when] = [duration(ageMs), moment(at)];
  return {
    en: `the newest backup in ${store} is ${old.en} old (${when.en})`,
    id: `cadangan terbaru di ${store} sudah berumur ${old.id} (${when.id})`,
  };
}
export const runPushAndLookAtSchedule: Text = {
  en: 'Run "efaktur-cloud push" and look why the schedule did not.',
  id: 'Jalankan "efaktur-cloud push" dan cari tahu mengapa jadwal tidak menjalankannya.',
};

/** `lastDay`: ISO; null where none ever was. */
export function lastVerification(store: string, lastDay: string | null): Text {
  if (lastDay === null) {
    return {
      en: `no backup in ${store} was ever verified`,
      id: `belum pernah ada cadangan di ${store} yang diverifikasi`,
    };
  }
  const on = day(lastDay);
  return {
    en: `the last verification of a backup in ${store} is of ${on.en}`,
    id: `verifikasi terakhir atas cadangan di ${store} dilakukan pada ${on.id}`,
  };
}
/** `isSound`: the push found the newest sound. */
export const notVerifiedHere = (last: Text, isSound: boolean, why: Text): Text => ({
  en: `${last.en}${isSound ? '; the newest was sound when it was pushed' : ''}; it cannot be verified here: ${why.en}`,
  id: `${last.id}${isSound ? '; yang terbaru utuh saat disimpan' : ''}; verifikasi tidak dapat dilakukan di sini: ${why.id}`,
});
export const findWhoseKey: Text = {
  en: 'What was stored is still there. Find out whose access key did it and replace it; "efaktur-cloud doctor" says how the store is protected.',
  id: 'Yang sudah disimpan masih ada. Cari tahu dengan kunci akses siapa itu dilakukan, lalu ganti kuncinya; "efaktur-cloud doctor" menunjukkan bagaimana tempat cadangan dilindungi.',
};
/** `shown`: the ids of the first few. */
export function holdsDamaged(store: string, damaged: number, shown: readonly string[]): Text {
  const [all, ids, noun] = [number(damaged), shown.join(', '), counted(damaged, 'backup')];
  return {
    en: `${store} holds ${all.en} damaged ${noun.en}: ${ids}`,
    id: `${store} berisi ${all.id} ${noun.id} rusak: ${ids}`,
  };
}
export const toSeeWhatIsLost = (how: Text): Text => ({
  en: `To see what is lost and what still has it: ${how.en}`,
  id: `Untuk melihat apa yang hilang dan di mana masih ada: ${how.id}`,
});

/* A newest backup that is smaller than those before it (shrinking.ts). */

interface Shrunk {
  readonly before: number;
  readonly now: number;
}
export function rowsShrank(store: string, id: string, { before, now }: Shrunk): Text {
  const [had, has] = [count(before, 'row'), number(now)];
  return {
    en: `the newest backup in ${store} (${id}) has ${has.en} of the ${had.en} that there were in the month before`,
    id: `cadangan terbaru di ${store} (${id}) berisi ${has.id} dari ${had.id} yang ada sebulan sebelumnya`,
  };
}
export function bytesShrank(store: string, { before, now }: Shrunk): Text {
  const [had, has] = [bytes(before), bytes(now)];
  return {
    en: `the newest full backup in ${store} is much smaller than the one before: ${has.en} after ${had.en}`,
    id: `cadangan penuh terbaru di ${store} jauh lebih kecil dari yang sebelumnya: ${has.id}, dulu ${had.id}`,
  };
}
export const lookBeforePruning: Text = {
  en: 'Look in e-Faktur whether the newest invoices are there, before older backups are pruned; "efaktur-cloud diff" shows what is gone.',
  id: 'Periksa di e-Faktur apakah faktur terbaru ada, sebelum cadangan lama dirapikan; "efaktur-cloud diff" menunjukkan apa yang hilang.',
};

/* What lies in the e-Faktur folder (local.ts). Times are RFC 3339. */

const stubs = {
  empty: { en: 'empty', id: 'kosong' },
  rowless: { en: 'without rows', id: 'tanpa baris' },
  untouched: { en: 'long untouched', id: 'sudah lama tidak berubah' },
} as const satisfies Record<string, Text>;

export const maybeNetworkClient = (appFolder: string, state: keyof typeof stubs): Text => ({
  en: `the db in ${appFolder} is ${stubs[state].en}: perhaps this PC is a network client, and the databases lie on the server PC`,
  id: `db di ${appFolder} ${stubs[state].id}: mungkin komputer ini klien jaringan, dan databasenya ada di komputer server`,
});
export const runWhereDatabasesAre: Text = {
  en: 'Run efaktur-cloud on the PC where e-Faktur keeps its databases.',
  id: 'Jalankan efaktur-cloud di komputer tempat e-Faktur menyimpan databasenya.',
};
export const ifSo = (what: Text, hint: Text): Text => ({
  en: `${what.en}; if so: ${hint.en}`,
  id: `${what.id}; bila demikian: ${hint.id}`,
});
/** `storedUpTo`: null when nothing ever was stored. */
export function openNotStored(storedUpTo: string | null, lastChange: string): Text {
  const since = storedUpTo === null ? { en: 'the beginning', id: 'awal' } : moment(storedUpTo);
  const last = moment(lastChange);
  return {
    en: `e-Faktur is open; what was entered since ${since.en} is not stored (last change ${last.en})`,
    id: `e-Faktur sedang terbuka; data yang dimasukkan sejak ${since.id} belum tersimpan (perubahan terakhir ${last.id})`,
  };
}
export const pushLiveOrLater: Text = {
  en: 'Run "efaktur-cloud push --source live", or "efaktur-cloud push" when e-Faktur is closed.',
  id: 'Jalankan "efaktur-cloud push --source live", atau "efaktur-cloud push" setelah e-Faktur ditutup.',
};
export function changedSinceNewest(lastChange: string): Text {
  const last = moment(lastChange);
  return {
    en: `the live db has changed (${last.en}) since the newest backup`,
    id: `db aktif sudah berubah (${last.id}) sejak cadangan terbaru`,
  };
}
