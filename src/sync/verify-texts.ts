import type { Text } from '../base/text.ts';

export const notCheckedToEnd = (store: string, why: Text): Text => ({
  en: `${store} was not checked to its end: ${why.en}`,
  id: `${store} belum selesai diperiksa: ${why.id}`,
});
