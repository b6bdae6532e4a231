import { count, number } from '../../base/phrases.ts';
import { joined, listed, type Text, verbatim } from '../../base/text.ts';

/* What is to be checked (meant.ts, backups.ts). */

/** `programs`: how many program backups lie there. */
export function nothingToCheck(store: string, programs: number): Text {
  if (programs === 0) {
    return {
      en: `${store} holds no backup, so there is nothing to check`,
      id: `${store} tidak berisi cadangan, jadi tidak ada yang diperiksa`,
    };
  }
  const only = count(programs, 'program backup');
  return {
    en: `${store} holds no backup, only ${only.en}`,
    id: `${store} tidak berisi cadangan, hanya ${only.id}`,
  };
}
export const checkAddressOrDeleted: Text = {
  en: 'Check the store address; if it is right, somebody deleted the backups, or none was ever pushed ("efaktur-cloud push").',
  id: 'Periksa alamat tempat cadangan; bila sudah benar, ada yang menghapus cadangannya, atau belum pernah ada yang disimpan ("efaktur-cloud push").',
};
export const manifestOfOther = (key: string, id: string): Text => ({
  en: `the manifest ${key} is that of another backup (${id})`,
  id: `manifes ${key} adalah milik cadangan lain (${id})`,
});

/* Proofs (proofs.ts). */

export const proofNotWritten = (store: string, key: string, why: Text): Text => ({
  en: `${store}: the proof ${key} could not be written: ${why.en}`,
  id: `${store}: bukti verifikasi ${key} tidak dapat ditulis: ${why.id}`,
});

/* What was found (report.ts). */

export const sameBackupIn = (stores: readonly string[]): Text => ({
  en: `the same backup lies in ${stores.join(', ')}`,
  id: `cadangan yang sama ada di ${stores.join(', ')}`,
});
export function nearestOthers(nearest: readonly { readonly id: string; readonly store: string }[]): Text {
  const all = listed(nearest.map(({ id, store }) => verbatim(`${id} (${store})`)));
  return nearest.length === 1
    ? { en: `the nearest other is ${all.en}`, id: `cadangan lain yang terdekat adalah ${all.id}` }
    : { en: `the nearest others are ${all.en}`, id: `cadangan lain yang terdekat adalah ${all.id}` };
}
export const noOtherKnown: Text = {
  en: 'no other backup is known',
  id: 'tidak diketahui adanya cadangan lain',
};

export interface Damage {
  readonly id: string;
  readonly store: string;
  /** The first few. */
  readonly problems: readonly Text[];
  /** How many others are damaged. */
  readonly more: number;
  /** What still has it, or lies near it. */
  readonly where: Text;
}
export function backupDamaged({ id: backup, store, problems, more, where }: Damage): Text {
  const [what, others] = [joined(problems, '; '), number(more)];
  const also =
    more === 0
      ? verbatim('')
      : {
          en: `; ${others.en} more ${more === 1 ? 'is' : 'are'} damaged too`,
          id: `; ${others.id} lainnya juga rusak`,
        };
  return {
    en: `the backup ${backup} in ${store} is damaged: ${what.en}${also.en}; ${where.en}`,
    id: `cadangan ${backup} di ${store} rusak: ${what.id}${also.id}; ${where.id}`,
  };
}
export const pushFullAndRestoreSound: Text = {
  en: 'Push again with --full to store the present state anew, and restore from a sound copy.',
  id: 'Jalankan push lagi dengan --full untuk menyimpan ulang keadaan sekarang, dan pulihkan dari salinan yang utuh.',
};

const nouns = { backups: 'backup', programs: 'program backup' } as const;

export interface Unopened {
  readonly of: keyof typeof nouns;
  readonly unopened: number;
  readonly all: number;
}
export function notOpened(
  counts: readonly Unopened[],
  first: { readonly id: string; readonly store: string; readonly problems: readonly Text[] },
): Text {
  const shown = counts.map(({ of, unopened, all }) => {
    const [some, them] = [number(unopened), count(all, nouns[of])];
    return { en: `${some.en} of ${them.en}`, id: `${some.id} dari ${them.id}` };
  });
  const [some, why] = [listed(shown), joined(first.problems, '; ')];
  const isOne = counts.length === 1 && counts[0]?.unopened === 1;
  return {
    en: `${some.en} could not be opened, so ${isOne ? 'it is' : 'they are'} not verified; the first is ${first.id} in ${first.store}: ${why.en}`,
    id: `${some.id} tidak dapat dibuka, jadi ${isOne ? 'belum' : 'semuanya belum'} terverifikasi; yang pertama ${first.id} di ${first.store}: ${why.id}`,
  };
}
export const giveEarlierKeys: Text = {
  en: 'Give the keys that were used then as well: EFAKTUR_IDENTITY_FILE may name a file with several.',
  id: 'Berikan juga kunci rahasia yang dipakai waktu itu: EFAKTUR_IDENTITY_FILE boleh menunjuk file yang berisi beberapa kunci.',
};
export const updateNewerMade: Text = {
  en: 'Update efaktur-cloud: a newer version made them.',
  id: 'Perbarui efaktur-cloud: cadangan itu dibuat oleh versi yang lebih baru.',
};

const changes = {
  overwritten: { en: 'overwritten', id: 'ditimpa' },
  deleted: { en: 'deleted', id: 'dihapus' },
} as const satisfies Record<string, Text>;

export const tamperedWith = (store: string, key: string, how: keyof typeof changes): Text => ({
  en: `${store}: SOMEBODY TAMPERED with ${key}: it was ${changes[how].en} after it was written; its first version is used`,
  id: `${store}: ADA YANG MENGUBAH ${key}: objek itu ${changes[how].id} setelah ditulis; yang dipakai versi pertamanya`,
});
export function tamperedObjects(tampered: number, stores: readonly string[]): Text {
  const [objects, where] = [count(tampered, 'object'), stores.join(', ')];
  return {
    en: `SOMEBODY TAMPERED with ${objects.en} in ${where}; the first version of ${tampered === 1 ? 'it' : 'each'} is used`,
    id: `ADA YANG MENGUBAH ${objects.id} di ${where}; yang dipakai versi ${tampered === 1 ? 'pertamanya' : 'pertama masing-masing'}`,
  };
}
export const replaceBucketKeys: Text = {
  en: 'What was stored is still there, but somebody has keys to this bucket: delete those keys at the provider and make new ones.',
  id: 'Yang sudah disimpan masih ada, tetapi orang lain memegang kunci akses ke bucket ini: hapus kunci itu di penyedia dan buat yang baru.',
};
