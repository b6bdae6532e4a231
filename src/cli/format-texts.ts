import { count, day, moment, number, timeOfDay } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';

/** Both as in tables; `uploaded` null where it is not apart. */
export const capturedAndUploaded = (captured: string, uploaded: string | null): Text =>
  uploaded === null
    ? inBoth(() => captured)
    : { en: `${captured}, uploaded ${uploaded}`, id: `${captured}, diunggah ${uploaded}` };

/** Both RFC 3339; `uploaded` null where it is not apart. */
export function momentAndUploaded(captured: string, uploaded: string | null): Text {
  const [at, came] = [moment(captured), moment(uploaded ?? '')];
  return uploaded === null
    ? at
    : { en: `${at.en}, uploaded ${came.en}`, id: `${at.id}, diunggah ${came.id}` };
}

/** `date` is ISO, `capturedAt` RFC 3339. */
export function thisOfSeveral(backups: number, date: string, capturedAt: string): Text {
  const [all, of, at] = [count(backups, 'backup'), day(date), timeOfDay(capturedAt)];
  return {
    en: `There are ${all.en} of ${of.en}; this is the one of ${at.en}. ${backups === 2 ? 'The other' : 'The others'}, to be had with --id:`,
    id: `Ada ${all.id} tanggal ${of.id}; yang dipakai ini pukul ${at.id}. Yang lain dapat dipilih dengan --id:`,
  };
}
export function moreThatDay(left: number): Text {
  const more = number(left);
  return {
    en: `  and ${more.en} more, earlier that day: see "efaktur-cloud list"`,
    id: `  dan ${more.id} lagi yang lebih awal hari itu: lihat "efaktur-cloud list"`,
  };
}
