import { number } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/* What is damaged (damaged.ts), and what to do. All texts below that begin with "it" or "its" stand after "… is damaged:". */

export const theArchive: Text = { en: 'the archive', id: 'arsip ini' };
export const theTar: Text = { en: "the archive's tar", id: 'tar di dalam arsip ini' };
export const theFileList: Text = { en: "the archive's file list", id: 'daftar file arsip ini' };
export const aBlockIndex: Text = { en: 'a block index', id: 'sebuah indeks blok' };

export const restoreAnother: Text = {
  en: 'Restore another backup, or this one from another store.',
  id: 'Pulihkan cadangan lain, atau cadangan ini dari tempat cadangan lain.',
};
export const verifyOthers: Text = {
  en: 'Run "efaktur-cloud verify --read-data" to see which other backup or store is sound.',
  id: 'Jalankan "efaktur-cloud verify --read-data" untuk melihat cadangan atau tempat cadangan lain mana yang utuh.',
};
export const nextPushIsFull: Text = {
  en: 'The next push makes a new full backup.',
  id: 'Pencadangan berikutnya membuat cadangan penuh yang baru.',
};

/* Packing (archive.ts). */

export const changedWhileRead = (path: string): Text => ({
  en: `${path} changed while it was read`,
  id: `${path} berubah selagi dibaca`,
});
export const closeOrPushAgain: Text = {
  en: 'Close e-Faktur, or push again in a moment.',
  id: 'Tutup e-Faktur, atau cadangkan lagi sebentar lagi.',
};
export const checkDiskAndRights: Text = {
  en: 'Check the disk, and that this user may read it.',
  id: 'Periksa disk itu, dan apakah pengguna ini punya izin membacanya.',
};

export const tooManyFiles = (files: number): Text => {
  const shown = number(files);
  return {
    en: `there are too many files for one archive: ${shown.en}`,
    id: `terlalu banyak file untuk satu arsip: ${shown.id}`,
  };
};
export const moveOutOfProgram: Text = {
  en: 'Move what is no part of e-Faktur out of its folder.',
  id: 'Pindahkan apa yang bukan bagian e-Faktur dari foldernya.',
};
export const moveOutOfDb: Text = {
  en: 'Move what is no part of e-Faktur out of the folder db.',
  id: 'Pindahkan apa yang bukan bagian e-Faktur dari folder db.',
};

/* The layout of an archive (archive.ts, archive-range.ts, members.ts, differential.ts). */

export const beginsNotWithList: Text = {
  en: 'it does not begin with its file list',
  id: 'tidak diawali daftar filenya',
};
export const listTooLong: Text = { en: 'its file list is too long', id: 'daftar filenya terlalu panjang' };
export const listOfOtherKind = (path: string): Text => ({
  en: `the list ${path} is that of another kind of archive`,
  id: `daftar ${path} milik arsip jenis lain`,
});
export const needsBase: Text = {
  en: 'it needs a base that was not given',
  id: 'arsip ini memerlukan cadangan penuh yang tidak diberikan',
};
export const standsInstead = (found: string, listed: string): Text => ({
  en: `${found} stands where ${listed} was listed`,
  id: `ada ${found} di tempat ${listed} menurut daftar`,
});
export const endsInstead = (listed: string): Text => ({
  en: `its end stands where ${listed} was listed`,
  id: `arsip berakhir di tempat ${listed} menurut daftar`,
});
export const notOfFormat = (name: string): Text => ({
  en: `${name} is not that of its format`,
  id: `${name} bukan yang ditetapkan formatnya`,
});
export const holdsMore: Text = {
  en: 'it holds more than its list',
  id: 'isinya lebih banyak daripada daftarnya',
};
export const hashDiffers = (path: string): Text => ({
  en: `${path} does not have the SHA-256 of its list`,
  id: `SHA-256 ${path} tidak sama dengan di daftar`,
});
export const baseLacks = (path: string): Text => ({
  en: `its base does not hold ${path}`,
  id: `cadangan penuhnya tidak berisi ${path}`,
});
export const fewerThanBlocks: Text = {
  en: 'a file has fewer bytes than its blocks need',
  id: 'sebuah file lebih pendek dari yang diperlukan bloknya',
};
export const notInItsPlace = (path: string): Text => ({
  en: `${path} is not where its list puts it`,
  id: `${path} tidak ada di tempat menurut daftar`,
});
export const shorterThanList: Text = {
  en: 'it is shorter than its list needs',
  id: 'lebih pendek dari yang diperlukan daftarnya',
};
export const endsNotWithTable: Text = {
  en: 'it does not end with its seek table',
  id: 'tidak diakhiri tabel posisinya',
};
export const tableUnreadable: Text = {
  en: 'its seek table cannot be read',
  id: 'tabel posisinya tidak dapat dibaca',
};
export const tableNotOfLength: Text = {
  en: 'its seek table does not fit its length',
  id: 'tabel posisinya tidak cocok dengan panjangnya',
};

/* Lists in JSON (file-list.ts, block-index.ts). */

export const notJson: Text = { en: 'it is not JSON', id: 'isinya bukan JSON' };
export const notObject: Text = { en: 'it is not an object', id: 'isinya bukan objek JSON' };
export const lacksFields: Text = { en: 'it lacks its fields', id: 'kolomnya tidak lengkap' };
export const pathNotAllowed = (path: string): Text => ({
  en: `the path ${path} is not allowed`,
  id: `lokasi ${path} tidak diizinkan`,
});
export const pathTwice = (path: string): Text => ({
  en: `the path ${path} stands twice`,
  id: `lokasi ${path} tertulis dua kali`,
});
export const liesInFile = (path: string): Text => ({
  en: `${path} lies in a file`,
  id: `${path} terletak di dalam sebuah file`,
});
export const sizeNoNumber: Text = { en: 'a size is not a number', id: 'sebuah ukuran bukan angka' };
export const noSha256: Text = { en: 'a SHA-256 is not one', id: 'sebuah SHA-256 tidak sah' };
export const noTime: Text = { en: 'a time is not one', id: 'sebuah waktu tidak sah' };
export const runsNotInOrder: Text = {
  en: 'runs of blocks are not in order',
  id: 'deretan blok tidak berurutan',
};
export const programFromBase: Text = {
  en: 'files of a program are said to come from a base',
  id: 'file program disebut berasal dari cadangan penuh',
};
export const newerList = (format: number): Text => ({
  en: `the archive has a file list of format ${format}`,
  id: `daftar file arsip ini berformat ${format}`,
});

export const firstLineNotJson: Text = {
  en: 'its first line is not JSON',
  id: 'baris pertamanya bukan JSON',
};
export const otherFormat: Text = { en: 'it is of another format', id: 'formatnya lain' };
export const fileNotDescribed: Text = {
  en: 'a file is not described',
  id: 'sebuah file tidak diterangkan',
};
export const endsTooEarly: Text = { en: 'it ends too early', id: 'berakhir terlalu awal' };
export const somethingFollows: Text = { en: 'something follows it', id: 'ada sesuatu sesudahnya' };

/* Tar (tar-members.ts). */

export const memberHeaderUnreadable: Text = {
  en: 'a member header cannot be read',
  id: 'header sebuah entri tidak dapat dibaca',
};
export const endsInMember: Text = {
  en: 'it ends inside a member',
  id: 'berakhir di tengah sebuah entri',
};
export const noEndMark: Text = { en: 'it ends without its end mark', id: 'berakhir tanpa tanda akhir' };
export const halfEndMark: Text = { en: 'its end mark is half', id: 'tanda akhirnya hanya separuh' };
export const followsEndMark: Text = {
  en: 'something follows its end mark',
  id: 'ada sesuatu sesudah tanda akhirnya',
};
export const paxTooLong: Text = { en: 'a pax header is too long', id: 'sebuah header pax terlalu panjang' };
export const endsInPax: Text = {
  en: 'it ends inside a pax header',
  id: 'berakhir di tengah sebuah header pax',
};
export const wrongMemberChecksum: Text = {
  en: 'a member header has a wrong checksum',
  id: 'checksum header sebuah entri salah',
};
export const holdsOther = (type: string): Text => ({
  en: `it holds a ${type}`,
  id: `di dalamnya ada ${type}`,
});
export const memberSizeUnsound: Text = {
  en: 'a member has no sound size',
  id: 'ukuran sebuah entri tidak sah',
};
export const endsInFile: Text = { en: 'it ends inside a file', id: 'berakhir di tengah sebuah file' };

/* Frames (zstd-frame.ts, zstd-frames.ts). */

export const frameBits: Text = {
  en: 'a frame header has bits set that it should not',
  id: 'header sebuah frame berisi tanda yang tidak semestinya',
};
export const frameNoChecksum: Text = { en: 'a frame has no checksum', id: 'sebuah frame tanpa checksum' };
export const frameNoSize: Text = {
  en: 'a frame does not state its content size',
  id: 'sebuah frame tidak menyebut ukuran isinya',
};
export const frameClaims = (bytes: number): Text => ({
  en: `a frame claims ${bytes} bytes of content`,
  id: `sebuah frame menyebut isi ${bytes} byte`,
});
export const frameReserved: Text = {
  en: 'a frame has a block of the reserved type',
  id: 'sebuah frame berisi blok jenis yang tidak dipakai',
};
export const frameTooLong: Text = {
  en: 'a frame is longer than its content can need',
  id: 'sebuah frame lebih panjang dari yang mungkin diperlukan isinya',
};
export const frameBeginsNot: Text = {
  en: 'a frame does not begin as one',
  id: 'awal sebuah frame bukan awal frame',
};
export const endsInFrame: Text = { en: 'it ends inside a frame', id: 'berakhir di tengah sebuah frame' };
export const frameNotDecompressed: Text = {
  en: 'a frame does not decompress',
  id: 'sebuah frame tidak dapat dibuka kompresinya',
};
export const frameHoldsLess: Text = {
  en: 'a frame holds fewer bytes than it claims',
  id: 'isi sebuah frame kurang dari yang disebutnya',
};
export const noSeekTable: Text = {
  en: 'it ends without its seek table',
  id: 'berakhir tanpa tabel posisinya',
};
export const tableDisagrees: Text = {
  en: 'its seek table does not agree with its frames, or something follows it',
  id: 'tabel posisinya tidak cocok dengan frame-framenya, atau ada sesuatu sesudahnya',
};
