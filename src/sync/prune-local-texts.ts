import type { Text } from '../base/text.ts';

/* Why a login backup stays, or may go. */

export const storedAndVerified: Text = {
  en: 'stored and verified in every store',
  id: 'tersimpan dan terverifikasi di setiap tempat cadangan',
};
export const amongNewest = (keep: number): Text =>
  keep === 1
    ? { en: 'the newest', id: 'yang terbaru' }
    : { en: `one of the newest ${keep}`, id: `salah satu dari ${keep} yang terbaru` };
export const notAmongNewest = (keep: number, why: Text): Text => ({
  en: `not counted among the newest ${keep}: ${why.en}`,
  id: `tidak dihitung dalam ${keep} yang terbaru: ${why.id}`,
});
export const onlyZipsGo: Text = { en: 'only zips are ever deleted', id: 'hanya zip yang pernah dihapus' };
export const behindLink: Text = { en: 'it lies behind a link', id: 'berada di balik tautan (link)' };
export const reasonIn = (why: Text, store: string): Text => ({
  en: `${why.en} in ${store}`,
  id: `${why.id} di ${store}`,
});
export const notStoredHere: Text = {
  en: 'not stored by this PC',
  id: 'belum disimpan oleh komputer ini',
};
export const noLongerStored: Text = { en: 'no longer stored', id: 'tidak tersimpan lagi' };
export const notVerified: Text = {
  en: 'not verified by "efaktur-cloud verify --read-data"',
  id: 'belum diverifikasi dengan "efaktur-cloud verify --read-data"',
};
export const damagedSinceVerified: Text = {
  en: 'damaged since it was verified',
  id: 'rusak sejak terakhir diverifikasi',
};
export const changedMeanwhile: Text = { en: 'it changed meanwhile', id: 'berubah sementara itu' };
export const cannotBeDeleted = (path: string): Text => ({
  en: `${path} cannot be deleted`,
  id: `${path} tidak dapat dihapus`,
});
export const undeletable = (code: string | null): Text => ({
  en: `it cannot be deleted (${code})`,
  id: `tidak dapat dihapus (${code})`,
});
