import { count } from '../../base/phrases.ts';
import type { Text } from '../../base/text.ts';

/** Phases of the progress. */
export const packing: Text = { en: 'pack', id: 'mengemas' };
export const sending: Text = { en: 'send', id: 'mengirim' };

/* Whose a prefix is (origin.ts). */

export const ownerGone = (store: string, below: string): Text => ({
  en: `${store} was pushed to before, but nothing below ${below} says any more whose it is`,
  id: `${store} pernah diisi cadangan dari komputer ini, tetapi di bawah ${below} tidak ada lagi keterangan pemiliknya`,
});
export const lookIntoOrNewStore: Text = {
  en: 'Somebody deleted that, or another store has this address now: look into it; if that is known, push with --new-store.',
  id: 'Ada yang menghapusnya, atau alamat ini sekarang milik tempat cadangan lain: cari tahu dulu; bila sebabnya sudah jelas, jalankan push dengan --new-store.',
};
export const emptiedStore = (store: string): { readonly what: Text; readonly because: Text } => ({
  what: {
    en: `${store} was pushed to before but holds nothing now`,
    id: `${store} pernah diisi cadangan dari komputer ini, tetapi sekarang kosong`,
  },
  because: {
    en: 'a wrong address, or a drive that is not mounted',
    id: 'alamatnya salah, atau drive-nya tidak tersambung',
  },
});
export const checkAddressOrNewStore: Text = {
  en: 'Check the address or connect the drive; if it was emptied on purpose, push with --new-store.',
  id: 'Periksa alamatnya atau sambungkan drive-nya; bila memang sengaja dikosongkan, jalankan push dengan --new-store.',
};

/** `theirs` and `ours` are names of PCs; `appFolder` null where there is none. */
export function otherOwner(
  store: string,
  theirs: string,
  { name, appFolder }: { readonly name: string; readonly appFolder: string | null },
): Text {
  const which =
    theirs === name
      ? { en: `another e-Faktur folder of "${theirs}"`, id: `folder e-Faktur lain dari "${theirs}"` }
      : { en: `"${theirs}"`, id: `"${theirs}"` };
  const [inEnglish, inIndonesian] = [appFolder ?? 'no folder', appFolder ?? 'tanpa folder'];
  return {
    en: `${store} holds the history of ${which.en}, and one prefix holds one e-Faktur folder's history (this is "${name}", ${inEnglish})`,
    id: `${store} berisi riwayat ${which.id}, padahal satu prefix hanya memuat riwayat satu folder e-Faktur (yang ini "${name}", ${inIndonesian})`,
  };
}
/** `beside`: an address; null where none can be proposed. */
export function giveOwnPrefix(beside: string | null): Text {
  const own =
    beside === null
      ? { en: 'a bucket or folder of its own', id: 'bucket atau folder tersendiri' }
      : { en: `a prefix of its own, such as ${beside}`, id: `prefix tersendiri, misalnya ${beside}` };
  return {
    en: `Give this folder ${own.en}; or, if the folder was moved here, push once with --moved.`,
    id: `Beri folder ini ${own.id}; atau, bila folder ini dipindahkan ke sini, jalankan push satu kali dengan --moved.`,
  };
}

/* Encryption, and what this PC remembers (session.ts). */

export const holdsEncrypted = (store: string): Text => ({
  en: `${store} holds encrypted backups, and this push would send in clear`,
  id: `${store} berisi cadangan terenkripsi, sedangkan push ini akan mengirim tanpa enkripsi`,
});
export const setRecipientsOrAllow: Text = {
  en: 'Set EFAKTUR_RECIPIENTS to your public key; to push in clear all the same, add --allow-plaintext.',
  id: 'Isi EFAKTUR_RECIPIENTS dengan kunci publik Anda; untuk tetap mengirim tanpa enkripsi, tambahkan --allow-plaintext.',
};
export const storedButNotNoted = (error: Text): Text => ({
  en: `${error.en}; the backup is stored, but the next push may send again what it holds`,
  id: `${error.id}; cadangan sudah disimpan, tetapi push berikutnya mungkin mengirim lagi isinya`,
});

/* What lies in a store, and is not what was sent (own-manifest.ts, sending.ts, sound-archive.ts). */

export const sentUnderOtherName = (store: string, key: string): Text => ({
  en: `${store}: ${key} is there already and is not what this PC wrote, so the state was sent again under another name`,
  id: `${store}: ${key} sudah ada dan bukan tulisan komputer ini, jadi keadaan ini dikirim lagi dengan nama lain`,
});
export const replaceKeyIfAlone: Text = {
  en: 'If no other PC pushes there, somebody has its access key: replace the key.',
  id: 'Bila tidak ada komputer lain yang mencadangkan ke sana, orang lain memegang kunci aksesnya: ganti kunci itu.',
};
/** `listedBytes`: the size that the listing shows; null where it does not show the object. */
export function notListedAsStored(store: string, key: string, listedBytes: number | null): Text {
  const shown =
    listedBytes === null
      ? { en: 'is not listed', id: 'tidak tercantum' }
      : {
          en: `is listed with ${count(listedBytes, 'byte').en}, as something else`,
          id: `tercantum dengan ${count(listedBytes, 'byte').id}, sebagai sesuatu yang lain`,
        };
  return {
    en: `${store}: ${key} was stored, says the service, but ${shown.en}`,
    id: `${store}: menurut layanan ${key} sudah disimpan, tetapi ${shown.id}`,
  };
}
export const pushAgainOrOtherStore: Text = {
  en: 'Push again; if it stays so, ask the provider or choose another store.',
  id: 'Jalankan push lagi; bila tetap begitu, tanyakan kepada penyedia atau pilih tempat cadangan lain.',
};
export const otherUnderName = (store: string, id: string): Text => ({
  en: `${store}: another object lies under the name of the new backup ${id}`,
  id: `${store}: ada objek lain dengan nama cadangan baru ${id}`,
});
export const pushAgainOrReplaceKeys: Text = {
  en: 'Push again; if it stays so, somebody changes this store: replace its access keys.',
  id: 'Jalankan push lagi; bila tetap begitu, ada yang mengubah tempat cadangan ini: ganti kunci aksesnya.',
};
export const noLongerAsSent = (store: string, key: string): Text => ({
  en: `${store}: the archive ${key} is no longer what was sent, so nothing leans on it any more; "efaktur-cloud verify --read-data" says which backups it took with it`,
  id: `${store}: arsip ${key} tidak lagi sama dengan yang dikirim, jadi tidak dipakai lagi sebagai dasar cadangan baru; "efaktur-cloud verify --read-data" menunjukkan cadangan mana yang ikut rusak`,
});

/* Around a push (targets.ts, spool.ts). */

export function clockOff(minutes: number, isBehind: boolean): Text {
  const off = count(minutes, 'minute');
  return {
    en: `this PC's clock is ${off.en} ${isBehind ? 'behind' : 'ahead of'} the store's; the store's time is used`,
    id: `jam komputer ini ${isBehind ? 'terlambat' : 'terlalu cepat'} ${off.id} dibandingkan jam tempat cadangan; yang dipakai waktu tempat cadangan`,
  };
}
export const uploadsUnknown = (store: string, error: Text): Text => ({
  en: `${store}: whether uploads that were cut off lie there could not be found out: ${error.en}`,
  id: `${store}: tidak dapat diketahui apakah ada unggahan terputus di sana: ${error.id}`,
});
export const spoolNotWritten = (path: string): Text => ({
  en: `the spool file ${path} cannot be written`,
  id: `file sementara ${path} tidak dapat ditulis`,
});
export const spoolUnreadable = (path: string): Text => ({
  en: `the spool file ${path} cannot be read`,
  id: `file sementara ${path} tidak dapat dibaca`,
});
