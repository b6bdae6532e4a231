import { count, moment, number } from '../../base/phrases.ts';
import { inBoth, joined, type Text } from '../../base/text.ts';
import { useOtherBackup } from '../../catalog/texts.ts';

export const restoreAnother: Text = {
  en: 'Restore another backup, or this one from another store.',
  id: 'Pulihkan cadangan lain, atau cadangan ini dari tempat cadangan lain.',
};

export const theBackup: Text = { en: 'the backup', id: 'cadangan ini' };

/* Listings (all-stores.ts). */

const changed = {
  overwritten: { en: 'overwritten', id: 'ditimpa' },
  deleted: { en: 'deleted', id: 'dihapus' },
} as const;

/** `shown`: the first few. */
export function severalTamperedWith(
  store: string,
  tampered: number,
  shown: readonly { readonly key: string; readonly how: 'overwritten' | 'deleted' }[],
): Text {
  const all = count(tampered, 'object');
  const which = inBoth((l) =>
    shown.map(({ key, how }) => `${key} ${l === 'en' ? 'was ' : ''}${changed[how][l]}`).join(', '),
  );
  return {
    en: `${store}: SOMEBODY TAMPERED with ${all.en} after they were written (${which.en}); the first versions are used`,
    id: `${store}: ADA YANG MENGUBAH ${all.id} setelah ditulis (${which.id}); yang dipakai versi pertamanya`,
  };
}

export const passedOver = (store: string, why: Text): Text => ({
  en: `${store} was passed over: ${why.en}`,
  id: `${store} dilewati: ${why.id}`,
});

/* Which copy is meant (choose-copy.ts). */

export const onlySameSecond = (id: string): Text => ({
  en: `${id} is of the same second, but not known to be the same state`,
  id: `${id} berasal dari detik yang sama, tetapi belum tentu keadaan yang sama`,
});
export const nameItById: Text = {
  en: 'To have that one, name it with --id.',
  id: 'Untuk memakainya, sebutkan dengan --id.',
};
export const orTheOneBefore = (hint: Text, id: string): Text => ({
  en: `${hint.en} The backup before it is ${id}: --id ${id}.`,
  id: `${hint.id} Cadangan sebelumnya adalah ${id}: --id ${id}.`,
});

/* Times of backups (counted-backups.ts). Times are RFC 3339; `shown` are the first few ids, of `all`. */

const named = (shown: readonly string[], all: number): string =>
  `${shown.join(', ')}${all > shown.length ? ', …' : ''}`;

export function allAfterNow(store: string, now: string, oldest: string, hasStoreClock: boolean): Text {
  const [at, first] = [moment(now), moment(oldest)];
  const [en, id] = hasStoreClock ? [' or of the store', ' atau jam tempat cadangan'] : ['', ''];
  return {
    en: `every backup in ${store} is of a time after now (${at.en}; the oldest is of ${first.en}): the clock of this PC${en} is wrong`,
    id: `semua cadangan di ${store} bertanggal setelah waktu sekarang (${at.id}; yang tertua ${first.id}): jam komputer ini${id} salah`,
  };
}
export const setClock: Text = {
  en: 'Set date, time and time zone of this PC.',
  id: 'Atur tanggal, jam, dan zona waktu komputer ini.',
};
export function someAfterNow(store: string, shown: readonly string[], all: number): Text {
  const [backups, ids] = [count(all, 'backup'), named(shown, all)];
  return {
    en:
      all === 1
        ? `${store}: ${backups.en} is of a time that has not come yet, so it is not taken for the newest: ${ids}`
        : `${store}: ${backups.en} are of a time that has not come yet, so they are not taken for the newest: ${ids}`,
    id: `${store}: ${backups.id} bertanggal di masa depan, jadi tidak dianggap yang terbaru: ${ids}`,
  };
}
export const lookAtClocks: Text = {
  en: 'Some clock was or is wrong: look at the date of this PC and of the one that pushed. Such a backup is restored with --id.',
  id: 'Ada jam yang salah: periksa tanggal komputer ini dan komputer yang mencadangkan. Cadangan seperti itu dapat dipulihkan dengan --id.',
};
export function namedAhead(store: string, shown: readonly string[], all: number, uploaded: string): Text {
  const [backups, ids, at] = [count(all, 'backup'), named(shown, all), moment(uploaded)];
  return {
    en:
      all === 1
        ? `${store}: ${backups.en} names a time after its own upload, so it counts as of its upload: ${ids} (uploaded ${at.en})`
        : `${store}: ${backups.en} name a time after their own upload, so they count as of their upload: ${ids} (uploaded ${at.en})`,
    id: `${store}: ${backups.id} menyebut waktu setelah diunggah, jadi yang dihitung waktu unggahnya: ${ids} (diunggah ${at.id})`,
  };
}
export const lookBeforeRelying: Text = {
  en: 'The clock of the PC that pushed was wrong, or somebody else stored it: look at it before you rely on it.',
  id: 'Jam komputer yang mencadangkan salah, atau orang lain yang menyimpannya: periksa dulu sebelum Anda mengandalkannya.',
};

/* Uploads that were cut off (cut-off-uploads.ts). */

export const leftNotRemoved = (store: string, why: Text): Text => ({
  en: `what a killed run left in ${store} could not be removed; the next one tries again: ${why.en}`,
  id: `sisa proses yang terputus di ${store} tidak dapat dihapus; proses berikutnya akan mencoba lagi: ${why.id}`,
});

/* Storing (locked-put.ts). */

export const noLocksHere: Text = {
  en: 'EFAKTUR_LOCK_DAYS is set, and this bucket may take no locks: "efaktur-cloud doctor" tells. Make a bucket with object lock, or leave EFAKTUR_LOCK_DAYS out.',
  id: 'EFAKTUR_LOCK_DAYS diatur, tetapi bucket ini mungkin tidak mendukung penguncian objek (object lock): jalankan "efaktur-cloud doctor" untuk memastikan. Buat bucket dengan object lock, atau hapus EFAKTUR_LOCK_DAYS.',
};
export const andRetentionRight = (hint: Text): Text => ({
  en: `${hint.en} As EFAKTUR_LOCK_DAYS is set, the right s3:PutObjectRetention is needed, too.`,
  id: `${hint.id} Karena EFAKTUR_LOCK_DAYS diatur, izin s3:PutObjectRetention juga diperlukan.`,
});
/** `listed`: the size that the listing shows; null where it does not show the object. */
export function listedOtherwise(store: string, key: string, sent: number, listed: number | null): Text {
  const [whole, shown] = [count(sent, 'byte'), listed === null ? null : number(listed)];
  return {
    en: `${store}: ${key} was sent with ${whole.en} but is listed with ${shown?.en ?? 'none'}`,
    id: `${store}: ${key} dikirim sebesar ${whole.id}, tetapi ${shown === null ? 'tidak tercantum' : `tercantum ${shown.id}`}`,
  };
}

/* Manifests (manifest.ts). */

export const listedButAbsent = (store: string, key: string): Text => ({
  en: `${store}: the manifest ${key} is listed, but not there`,
  id: `${store}: manifes ${key} tercantum, tetapi tidak ada`,
});
export const goneSinceListed = (store: string, key: string): Text => ({
  en: `${store}: the manifest ${key} has gone since it was listed`,
  id: `${store}: manifes ${key} hilang sejak terakhir tercantum`,
});
export const listAgain: Text = { en: 'List the backups again.', id: 'Tampilkan lagi daftar cadangan.' };
export const privateNotJson: Text = {
  en: 'its private part is not JSON',
  id: 'bagian privatnya bukan JSON',
};
export const privateOfOther = (id: string): Text => ({
  en: `its private part is that of the backup ${id}`,
  id: `bagian privatnya milik cadangan ${id}`,
});
export const somebodyChangedIt: Text = {
  en: `Somebody changed it. ${useOtherBackup.en}`,
  id: `Ada yang mengubahnya. ${useOtherBackup.id}`,
};

/* What this PC pushed (newest-pushed.ts). Times are RFC 3339. */

/** `newest`: when the newest that is listed was captured; null where none is. */
export function newestNotListed(
  store: string,
  pushed: { readonly id: string; readonly at: string },
  newest: string | null,
): Text {
  const [at, other] = [moment(pushed.at), newest === null ? null : moment(newest)];
  return {
    en: `${store} does not list the newest backup that this PC pushed to it, ${pushed.id} of ${at.en}; ${other ? `the newest listed is of ${other.en}` : 'none is listed'}`,
    id: `${store} tidak mencantumkan cadangan terbaru dari komputer ini, ${pushed.id} dari ${at.id}; ${other ? `yang terbaru di daftar bertanggal ${other.id}` : 'tidak ada satu pun yang tercantum'}`,
  };
}
export const lookIntoBucket: Text = {
  en: "Somebody deleted it, or the service does not list everything: try again later, and look into the bucket in the provider's panel.",
  id: 'Ada yang menghapusnya, atau layanan tidak mencantumkan semuanya: coba lagi nanti, dan lihat isi bucket di panel penyedia.',
};

/* Where a backup can be verified (provable.ts). */

export const keyMayNotRead: Text = {
  en: "this PC's access key may not read it",
  id: 'kunci akses komputer ini tidak berizin membacanya',
};
export const secretKeyElsewhere: Text = {
  en: 'the secret key that opens it is not on this PC',
  id: 'kunci rahasia yang membukanya tidak ada di komputer ini',
};
export const bothReasons = (reasons: readonly Text[]): Text => ({
  en: joined(reasons, ', and ').en,
  id: joined(reasons, ', dan ').id,
});
/** `how`: the flag of verify. */
export const runVerify = (how: string): Text => ({
  en: `Run "efaktur-cloud verify ${how}".`,
  id: `Jalankan "efaktur-cloud verify ${how}".`,
});
/** `store`: its address, as a shell takes it. */
export const keyThatReads = (store: string): Text => ({
  en: `an access key that may read (efaktur-cloud doctor --print-policy verify --store ${store} prints its rights)`,
  id: `kunci akses yang berizin membaca (efaktur-cloud doctor --print-policy verify --store ${store} menampilkan izinnya)`,
});
export const rightToRead: Text = { en: 'the right to read there', id: 'izin membaca di sana' };
export const secretKeySet: Text = {
  en: 'the secret key in EFAKTUR_IDENTITY_FILE',
  id: 'kunci rahasia di EFAKTUR_IDENTITY_FILE',
};
export const runVerifyElsewhere = (needs: Text, how: string, store: string): Text => ({
  en: `On another computer, with ${needs.en}, run: efaktur-cloud verify ${how} --store ${store}`,
  id: `Di komputer lain, dengan ${needs.id}, jalankan: efaktur-cloud verify ${how} --store ${store}`,
});

/* Notes of prunes (prune-notes.ts). */

export const unknownKind = (store: string, key: string): Text => ({
  en: `${store}: ${key} is of a kind that this version does not know, so nothing was deleted`,
  id: `${store}: jenis ${key} tidak dikenal oleh versi ini, jadi tidak ada yang dihapus`,
});
export const updateNewerStored: Text = {
  en: 'Update efaktur-cloud: a newer version stored it.',
  id: 'Perbarui efaktur-cloud: objek itu disimpan oleh versi yang lebih baru.',
};
export const unreadablePassedOver = (store: string, key: string): Text => ({
  en: `${store}: ${key} cannot be read and was passed over`,
  id: `${store}: ${key} tidak dapat dibaca dan dilewati`,
});

/* README.txt (readme-check.ts). */

export const readmeMissing = (store: string): Text => ({
  en: `${store}: README.txt, which tells a stranger how to open these backups, is not there`,
  id: `${store}: README.txt, yang menjelaskan kepada siapa pun cara membuka cadangan ini, tidak ada`,
});
export const readmeChanged = (store: string): Text => ({
  en: `${store}: README.txt is not as this version writes it: another version wrote it, or somebody changed it`,
  id: `${store}: README.txt tidak seperti yang ditulis versi ini: ditulis oleh versi lain, atau ada yang mengubahnya`,
});
export const doNotFollowReadme: Text = {
  en: 'Do not follow it before you know which; docs/FORMAT.md says the same.',
  id: 'Jangan ikuti isinya sebelum Anda tahu sebabnya; docs/FORMAT.md memuat petunjuk yang sama.',
};

/* Archives (archives.ts, random-access.ts, second-reading.ts). */

export const damagedInStore = (store: string, key: string, what: Text): Text =>
  inBoth((l) => `${store}: ${key}: ${what[l]}`);
export const otherStateInside: Text = {
  en: 'it holds another state than its manifest says',
  id: 'isinya keadaan lain dari yang disebut manifesnya',
};
export const hasGone: Text = { en: 'it has gone', id: 'sudah tidak ada' };
export const otherBytes: Text = {
  en: 'its bytes are not those of its manifest',
  id: 'byte-nya tidak sama dengan yang disebut manifesnya',
};
export const encryptedNoKey = (key: string): Text => ({
  en: `${key} is encrypted, and no key was given`,
  id: `${key} terenkripsi, dan tidak ada kunci yang diberikan`,
});
export const nameIdentityFile: Text = {
  en: 'Name the key file with EFAKTUR_IDENTITY_FILE (it is on the recovery sheet).',
  id: 'Sebutkan file kunci rahasia dengan EFAKTUR_IDENTITY_FILE (kuncinya ada di lembar pemulihan).',
};
export const fullLacks = (path: string): Text => ({
  en: `the full backup that this one needs does not hold ${path}`,
  id: `cadangan penuh yang diperlukan cadangan ini tidak berisi ${path}`,
});
export const shorterThanStated = (store: string, key: string): Text => ({
  en: `${store}: ${key} is shorter than its manifest says`,
  id: `${store}: ${key} lebih pendek dari yang disebut manifesnya`,
});
export const notThere = (store: string, key: string): Text => ({
  en: `${store}: ${key} is not there`,
  id: `${store}: ${key} tidak ada`,
});
export const otherEachTime = (store: string, key: string): Text => ({
  en: `${store}: ${key} gave other bytes each time it was read, so nothing can be said of it`,
  id: `${store}: ${key} memberi byte yang berbeda setiap kali dibaca, jadi keadaannya tidak dapat dipastikan`,
});
export const lineAltersBytes: Text = {
  en: 'The line, a proxy or the service alters what passes: try again later, or over another network.',
  id: 'Sambungan, proxy, atau layanan mengubah data yang lewat: coba lagi nanti, atau lewat jaringan lain.',
};

/* Verdicts (verdict-words.ts). */

export function problemAt(file: string, page: number | null, what: Text): Text {
  return {
    en: `${file}${page === null ? '' : `, page ${page}`}: ${what.en}`,
    id: `${file}${page === null ? '' : `, halaman ${page}`}: ${what.id}`,
  };
}
/** `more`: how many are not among these. */
export function firstProblems(shown: readonly Text[], more: number): Text {
  const [first, left] = [joined(shown, '; '), number(more)];
  return more > 0
    ? { en: `${first.en}; and ${left.en} more`, id: `${first.id}; dan ${left.id} lagi` }
    : first;
}
export const encryptedByDerby = (what: Text): Text => ({
  en: `${what.en}: a database is encrypted by Derby, so only its headers could be checked`,
  id: `${what.id}: ada database yang dienkripsi oleh Derby, jadi hanya headernya yang dapat diperiksa`,
});
export const notClosed = (what: Text, problems: Text): Text => ({
  en: `${what.en}: a database was not closed properly (${problems.en}); it counts as not verified until "efaktur-cloud verify --engine" has opened it`,
  id: `${what.id}: ada database yang tidak ditutup dengan benar (${problems.id}); dianggap belum terverifikasi sampai "efaktur-cloud verify --engine" membukanya`,
});
export const damagedButStored = (what: Text, problems: Text): Text => ({
  en: `${what.en} is damaged and was stored all the same: ${problems.en}`,
  id: `${what.id} rusak dan tetap disimpan: ${problems.id}`,
});
