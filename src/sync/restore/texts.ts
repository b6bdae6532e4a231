import { bytes, count, number } from '../../base/phrases.ts';
import { inBoth, joined, type Text } from '../../base/text.ts';

/* Checks of what is stored (archive-check.ts). */

/** A phase of the progress. */
export const verifying = (id: string): Text => ({ en: `verify ${id}`, id: `memverifikasi ${id}` });

export const archiveAbsent = (key: string): Text => ({
  en: `the archive ${key} is not there`,
  id: `arsip ${key} tidak ada`,
});
export function archiveOfOtherSize(key: string, found: number, stated: number): Text {
  const [size, wanted] = [count(found, 'byte'), number(stated)];
  return {
    en: `the archive ${key} has ${size.en} instead of ${wanted.en}`,
    id: `arsip ${key} berukuran ${size.id}, seharusnya ${wanted.id}`,
  };
}

export const derbySays = (database: string, version: string, what: Text): Text =>
  inBoth((l) => `${database}, Derby ${version}: ${what[l]}`);
export const faultOfTable = (database: string, table: string, what: Text): Text => ({
  en: `${database}: Derby finds fault with the table ${table} (${what.en})`,
  id: `${database}: Derby menemukan kesalahan pada tabel ${table} (${what.id})`,
});
export const lockedTable = (database: string, table: string, what: Text): Text => ({
  en: `${database}: a transaction that another program prepared, and has to end, locks the table ${table} (${what.en})`,
  id: `${database}: tabel ${table} ditahan oleh transaksi yang disiapkan program lain dan harus diselesaikan oleh program itu (${what.id})`,
});
export function derbyCannotCheck(problems: readonly Text[]): Text {
  const all = joined(problems, '; ');
  return {
    en: `this Derby cannot check the backup: ${all.en}`,
    id: `Derby ini tidak dapat memeriksa cadangan: ${all.id}`,
  };
}
export const nameNewerDerby: Text = {
  en: 'Name a newer one with --derby-jar.',
  id: 'Sebutkan yang lebih baru dengan --derby-jar.',
};

/* Exports (export-place.ts). */

export const cannotTakeExport = (folder: string): Text => ({
  en: `${folder} cannot take the export`,
  id: `${folder} tidak dapat menampung hasil ekspor`,
});
export const leftByExport = (path: string): Text => ({
  en: `${path}, left by an export that was cut off, cannot be removed`,
  id: `${path}, sisa ekspor yang terputus, tidak dapat dihapus`,
});

/* Unpacking (unpack.ts, extract.ts, free-space.ts). */

export const cannotBeWritten = (folder: string): Text => ({
  en: `${folder} cannot be written`,
  id: `${folder} tidak dapat ditulisi`,
});
export const notReadBack = (path: string): Text => ({
  en: `${path} cannot be read back`,
  id: `${path} tidak dapat dibaca kembali`,
});
export const otherWhenReadBack = (path: string, diskPath: string): Text => ({
  en: `${path}, read back from ${diskPath}, does not have the SHA-256 of its list`,
  id: `${path}, dibaca kembali dari ${diskPath}, tidak memiliki SHA-256 yang tertulis di daftarnya`,
});
export const restoreAnotherOrCheckDisk: Text = {
  en: 'Restore another backup, or this one from another store; if none comes back whole, check the disk.',
  id: 'Pulihkan cadangan lain, atau cadangan ini dari tempat cadangan lain; bila tidak ada yang kembali utuh, periksa disk.',
};
export function tooLittleSpace(target: string, free: number, needed: number): Text {
  const [has, needs] = [bytes(free), bytes(needed)];
  return {
    en: `${target} has ${has.en} free, and the backup needs ${needs.en}`,
    id: `${target} punya ruang kosong ${has.id}, sedangkan cadangan ini perlu ${needs.id}`,
  };
}
export const freeSpaceOrElsewhere: Text = {
  en: 'Free some space, or restore elsewhere with --to.',
  id: 'Kosongkan sebagian ruang disk, atau pulihkan ke tempat lain dengan --to.',
};

/* Restores that were cut off (settled.ts). */

/** `shown`: the first few of those that are gone. */
export function restoreUndone(folder: string, shown: readonly Text[], all: number): Text {
  const [names, total, left] = [joined(shown, ', '), number(all), number(all - shown.length)];
  const [en, id] = all > shown.length ? [`, and ${left.en} more`, `, dan ${left.id} lagi`] : ['', ''];
  return {
    en: `a restore into ${folder} was cut off, and of its files ${total.en} were taken away or changed since: ${names.en}${en}; it was undone; a db that was there before it is back`,
    id: `pemulihan ke ${folder} terputus, dan setelah itu ${total.id} filenya diambil atau diubah: ${names.id}${id}; pemulihan itu dibatalkan; db yang ada sebelumnya sudah dikembalikan`,
  };
}
export const letScannerLeaveOut: Text = {
  en: 'A virus scanner may have put them into quarantine: let it leave out this folder, and restore again.',
  id: 'Mungkin antivirus mengarantinanya: kecualikan folder ini dari antivirus, lalu pulihkan lagi.',
};
export const restoreFinished = (next: Text): Text => ({
  en: `a restore that was cut off has been finished: ${next.en}`,
  id: `pemulihan yang terputus sudah diselesaikan: ${next.id}`,
});
