import { bytes, count, day, duration } from '../../base/phrases.ts';
import { inBoth, type Text } from '../../base/text.ts';

/* What doctor says of a store. "Key" is the access key in use. */

export const otherProvider: Text = { en: 'Choose another provider.', id: 'Pilih penyedia lain.' };

/** `oldest` is the day, `YYYY-MM-DD`, on which the first of several things was made; null where that is not known. */
const since = (oldest: string | null): Text => {
  const { en, id } = day(oldest ?? '');
  return { en: oldest === null ? '' : ` since ${en}`, id: oldest === null ? '' : ` sejak ${id}` };
};

/* Storing, listing, the clock (doctor.ts). */

export const stored: Text = { en: 'an object was stored', id: 'sebuah objek berhasil disimpan' };
export const mayNotStore: Text = {
  en: 'this key may not store anything',
  id: 'kunci akses ini tidak berizin menyimpan apa pun',
};
export const pushOnlyKey: Text = {
  en: 'this key may write and list, but neither read nor delete: just right for the PC that pushes. Run doctor once with the key that restores, too',
  id: 'kunci akses ini hanya dapat menyimpan dan menampilkan daftar, tidak dapat membaca atau menghapus: tepat untuk komputer yang mencadangkan. Jalankan juga doctor sekali dengan kunci akses untuk pemulihan',
};

export const mayNotList: Text = {
  en: 'this key may not list what is stored',
  id: 'kunci akses ini tidak berizin menampilkan daftar isi tempat cadangan',
};
export const mayNotListNeeded: Text = {
  en: `${mayNotList.en}, which every command needs`,
  id: `${mayNotList.id}, padahal semua perintah memerlukannya`,
};
export const giveListRight = (more: Text): Text => ({
  en: `Give it s3:ListBucket on the bucket, as "doctor --print-policy push" shows. ${more.en}`,
  id: `Beri izin s3:ListBucket pada bucket, seperti yang ditampilkan "doctor --print-policy push". ${more.id}`,
});
export const mayList: Text = {
  en: 'this key may list',
  id: 'kunci akses ini dapat menampilkan daftar',
};
export const listedWithSize: Text = {
  en: 'the object is listed with its size',
  id: 'objek itu ada di daftar dengan ukurannya',
};
export const notListedWithSize: Text = {
  en: 'the object just stored is not listed with its size',
  id: 'objek yang baru disimpan tidak ada di daftar dengan ukurannya',
};
export const notListed: Text = {
  en: 'an object just stored is not listed',
  id: 'objek yang baru disimpan tidak ada di daftar',
};

export const noClock: Text = {
  en: 'the store has no clock of its own',
  id: 'tempat cadangan ini tidak punya jam sendiri',
};
export function clocksDiffer(ms: number): Text {
  const time = duration(ms);
  return {
    en: `this PC's clock and the server's differ by ${time.en}`,
    id: `jam komputer ini dan jam server berselisih ${time.id}`,
  };
}
export function clockOff(ms: number, isBehind: boolean): Text {
  const time = duration(ms);
  return {
    en: `this PC's clock is ${time.en} ${isBehind ? 'behind' : 'ahead of'} the server's`,
    id: `jam komputer ini ${time.id} lebih ${isBehind ? 'lambat' : 'cepat'} dari jam server`,
  };
}

/* Uploads in parts (doctor.ts). */

export const sendInParts: Text = { en: 'send in parts', id: 'mengirim per bagian' };
export const sentInParts: Text = {
  en: 'a large object was sent in parts',
  id: 'objek besar berhasil dikirim per bagian',
};
export const partsChanged: Text = {
  en: 'an object sent in parts did not come back as it was',
  id: 'objek yang dikirim per bagian berubah ketika dibaca kembali',
};
export const mayAbort: Text = {
  en: 'this key may remove unfinished uploads',
  id: 'kunci akses ini dapat menghapus unggahan yang terputus',
};
export const mayNotAbort: Text = {
  en: 'this key may not remove unfinished uploads',
  id: 'kunci akses ini tidak berizin menghapus unggahan yang terputus',
};
export const abortDenied: Text = {
  en: 'this key may not remove what a push that was cut off leaves; give it s3:AbortMultipartUpload, or set the lifecycle rule',
  id: 'kunci akses ini tidak berizin menghapus sisa pencadangan yang terputus; beri izin s3:AbortMultipartUpload, atau pasang aturan lifecycle',
};
export const uploadsUnknown: Text = {
  en: 'this key may not list them: the lifecycle rule removes what is left of uploads that were cut off',
  id: 'kunci akses ini tidak berizin menampilkan daftarnya: aturan lifecycle yang menghapus sisa unggahan yang terputus',
};
export const noUploadsLeft: Text = {
  en: 'no uploads that were cut off are listed',
  id: 'tidak ada unggahan yang terputus',
};
export function uploadsLeft(found: number, oldest: string | null, keys: string): Text {
  const [uploads, from] = [count(found, 'upload'), since(oldest)];
  return {
    en: `${uploads.en} ${found === 1 ? 'is under way or was' : 'are under way or were'} cut off${from.en} (${keys}): push and prune remove ${found === 1 ? 'it' : 'them'} after 7 days`,
    id: `${uploads.id} sedang berjalan atau terputus${from.id} (${keys}): push dan prune menghapusnya setelah 7 hari`,
  };
}

/* Reading (reading.ts). */

export const mayNotRead: Text = {
  en: 'this key may not read',
  id: 'kunci akses ini tidak berizin membaca',
};
export const mayNotReadFine: Text = {
  en: `${mayNotRead.en}: fine for a PC that only pushes`,
  id: `${mayNotRead.id}: tidak apa-apa untuk komputer yang hanya mencadangkan`,
};
export const cameBack: Text = {
  en: 'the object came back as it was',
  id: 'objek terbaca kembali tanpa perubahan',
};
export const didNotComeBack: Text = {
  en: 'an object did not come back as it was',
  id: 'objek berubah ketika dibaca kembali',
};
export const wasRead = (key: string): Text => ({ en: `${key} was read`, id: `${key} terbaca` });
export const partCameBack: Text = {
  en: 'a part of the object came back alone',
  id: 'sebagian objek dapat dibaca tersendiri',
};
export const noPart: Text = {
  en: 'a part of the object cannot be read alone',
  id: 'sebagian objek tidak dapat dibaca tersendiri',
};
export const noRanges: Text = {
  en: 'the service does not give a range of bytes',
  id: 'layanan tidak dapat mengirim sebagian isi objek',
};
export const nothingToRead: Text = {
  en: 'nothing is stored that this key could read',
  id: 'belum ada apa pun yang dapat dibaca dengan kunci akses ini',
};
export const readOnlyKey: Text = {
  en: 'this key may list and read, but not store: right for restoring (pull, list, verify, prune), not for the PC that pushes',
  id: 'kunci akses ini dapat menampilkan daftar dan membaca, tetapi tidak dapat menyimpan: tepat untuk pemulihan (pull, list, verify, prune), bukan untuk komputer yang mencadangkan',
};
export const cannotPush: Text = {
  en: `${mayNotStore.en}, so it cannot push`,
  id: `${mayNotStore.id}, jadi tidak dapat dipakai untuk mencadangkan`,
};
export const cannotPushNorRead: Text = {
  en: `${cannotPush.en}, and may not read, either`,
  id: `${cannotPush.id}, dan juga tidak berizin membaca`,
};
export const cannotPushNothingToRead: Text = {
  en: `${cannotPush.en}, and nothing is stored that it could read`,
  id: `${cannotPush.id}, dan belum ada apa pun yang dapat dibacanya`,
};
export const seePushPolicy = (before: Text): Text => ({
  en: `${before.en} "doctor --print-policy push" shows the rights of a key that pushes.`,
  id: `${before.id} "doctor --print-policy push" menampilkan izin kunci akses untuk mencadangkan.`,
});
export const tryReaderLater = (before: Text): Text => ({
  en: `${before.en} A key that reads can be tried when something is stored.`,
  id: `${before.id} Kunci akses untuk membaca dapat dicoba setelah ada yang disimpan.`,
});

/* What lies there and is of no use (debris.ts). */

const removers: Text = {
  en: 'a push that sends something and "efaktur-cloud prune --yes" remove',
  id: 'dihapus oleh push yang mengirim sesuatu dan oleh "efaktur-cloud prune --yes"',
};
const them = (things: number): string => (things === 1 ? 'it' : 'them');
export function tempFiles(left: number, oldest: string | null, keys: string): Text {
  const [temps, from] = [count(left, 'temp file'), since(oldest)];
  return {
    en: `${temps.en} of runs that were cut off${from.en} (${keys}): ${removers.en} ${them(left)}`,
    id: `${temps.id} dari pekerjaan yang terputus${from.id} (${keys}): ${removers.id}`,
  };
}
export function emptyFolders(left: number, keys: string): Text {
  const folders = count(left, 'empty day folder');
  return {
    en: `${folders.en} (${keys}): ${removers.en} ${them(left)}`,
    id: `${folders.id} (${keys}): ${removers.id}`,
  };
}
export interface Archives {
  readonly count: number;
  readonly sizeBytes: number;
  readonly oldest: string | null;
  /** The first of them. */
  readonly keys: string;
}
const archives = ({ count: found, sizeBytes, oldest, keys }: Archives): Text => {
  const [many, size, from] = [count(found, 'archive'), bytes(sizeBytes), since(oldest)];
  return inBoth((l) => `${many[l]} ${{ en: 'of', id: 'sebesar' }[l]} ${size[l]}${from[l]} (${keys})`);
};
export function archivesUnclear(found: Archives): Text {
  const { en, id } = archives(found);
  const [its, it] = found.count === 1 ? ['its', 'it'] : ['their', 'them'];
  return {
    en: `${en} without a manifest of ${its} own: whether another backup needs ${it} is not known, as not all manifests could be read`,
    id: `${id} tanpa manifes sendiri: tidak diketahui apakah cadangan lain memerlukannya, karena tidak semua manifes dapat dibaca`,
  };
}
export function orphanArchives(found: Archives): Text {
  const { en, id } = archives(found);
  return {
    en: `${en} that no manifest names: two runs of "efaktur-cloud prune --yes", at least a day apart, remove ${them(found.count)}`,
    id: `${id} yang tidak disebut manifes mana pun: dihapus setelah "efaktur-cloud prune --yes" dijalankan dua kali, berselang sedikitnya satu hari`,
  };
}
export function testObjectsLeft(left: number, keys: string): Text {
  const objects = count(left, 'test object');
  return {
    en: `${objects.en} of earlier runs of doctor (${keys}): a run with a key that may delete, or the lifecycle rule, removes ${them(left)}`,
    id: `${objects.id} dari doctor yang dijalankan sebelumnya (${keys}): dihapus oleh doctor dengan kunci akses yang dapat menghapus, atau oleh aturan lifecycle`,
  };
}
