import { count } from '../../base/phrases.ts';
import type { Text } from '../../base/text.ts';

/* What a store holds (inventory.ts). */

/** `shown`: the first few of `all` keys. */
export function changedByOthers(store: string, shown: readonly string[], all: number): Text {
  const [objects, keys] = [count(all, 'object'), `${shown.join(', ')}${all > shown.length ? ', …' : ''}`];
  return {
    en:
      all === 1
        ? `${store}: ${objects.en} was overwritten or deleted by somebody else, and its first version counts: ${keys}`
        : `${store}: ${objects.en} were overwritten or deleted by somebody else, and the first version of each counts: ${keys}`,
    id: `${store}: ${objects.id} ditimpa atau dihapus orang lain, dan yang dihitung versi pertamanya: ${keys}`,
  };
}
export function notOurs(store: string, foreign: number): Text {
  const objects = count(foreign, 'object');
  return {
    en:
      foreign === 1
        ? `${store}: ${objects.en} among the backups is not efaktur-cloud's and was passed over`
        : `${store}: ${objects.en} among the backups are not efaktur-cloud's and were passed over`,
    id: `${store}: ${objects.id} di antara cadangan bukan milik efaktur-cloud dan dilewati`,
  };
}
export const needsUnknown = (store: string, why: Text): Text => ({
  en: `${store}: ${why.en}, so what it needs is not known and nothing was deleted`,
  id: `${store}: ${why.id}, jadi arsip yang diperlukannya tidak diketahui dan tidak ada yang dihapus`,
});
export const deleteManifestByHand: Text = {
  en: 'If that backup is lost for good, delete this one object by hand, then prune again.',
  id: 'Bila cadangan itu memang sudah hilang, hapus satu objek ini sendiri, lalu jalankan prune lagi.',
};

/* Manifests (manifests.ts, programs.ts). */

export const manifestWentAway = (store: string, key: string): Text => ({
  en: `${store}: the manifest ${key} went away while it was to be read`,
  id: `${store}: manifes ${key} hilang ketika akan dibaca`,
});
export const prunedByAnother: Text = {
  en: 'Somebody else prunes this store now; try again later.',
  id: 'Pihak lain sedang merapikan tempat cadangan ini; coba lagi nanti.',
};
export const programStays = (store: string, why: Text): Text => ({
  en: `${store}: ${why.en}; it and its archive stay`,
  id: `${store}: ${why.id}; cadangan program itu dan arsipnya dibiarkan`,
});
