import { count } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

export const archiveMissing = (store: string, id: string): Text => ({
  en: `${store}: the archive of ${id} is not there`,
  id: `${store}: arsip ${id} tidak ada`,
});
export function foreignPassedOver(found: number): Text {
  const all = count(found, 'object');
  return {
    en:
      found === 1
        ? `${all.en} among the backups is not efaktur-cloud's and was passed over`
        : `${all.en} among the backups are not efaktur-cloud's and were passed over`,
    id: `${all.id} di antara cadangan bukan milik efaktur-cloud dan dilewati`,
  };
}
/** `first`: why the first of them could not be opened. */
export function notOpened(backups: number, first: Text): Text {
  const all = count(backups, 'backup');
  return {
    en: `${all.en} could not be opened: ${first.en}`,
    id: `${all.id} tidak dapat dibuka: ${first.id}`,
  };
}
