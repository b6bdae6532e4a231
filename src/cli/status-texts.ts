import { duration, number } from '../base/phrases.ts';
import { type Text, verbatim } from '../base/text.ts';

/* What is asked. */

export const noDays = (flag: string, written: string): Text => ({
  en: `--${flag}: "${written}" is not a number of days`,
  id: `--${flag}: "${written}" bukan jumlah hari`,
});
export const writeDays: Text = {
  en: 'Write a number, such as 4.',
  id: 'Tulis angka, misalnya 4.',
};

export const notTogether = (one: string, other: string): Text => ({
  en: `--${one} and --${other} do not go together`,
  id: `--${one} dan --${other} tidak dapat dipakai bersamaan`,
});
export const leaveOneOut: Text = {
  en: 'Leave one of them out.',
  id: 'Hilangkan salah satunya.',
};
export const onlyWith = (flag: string, other: string): Text => ({
  en: `--${flag} belongs to --${other}`,
  id: `--${flag} hanya berlaku bersama --${other}`,
});
export const addIt = (flag: string): Text => ({
  en: `Give --${flag}, too.`,
  id: `Tulis juga --${flag}.`,
});

/* What each line is about. */

export const labels = {
  newest: { en: 'newest backup:', id: 'cadangan terbaru:' },
  madeWith: { en: 'made with:', id: 'dibuat dengan:' },
  lastVerified: { en: 'last verified:', id: 'terakhir diverifikasi:' },
  program: verbatim('e-Faktur:'),
  liveDb: { en: 'live db:', id: 'db aktif:' },
  loginBackups: { en: 'login backups:', id: 'cadangan saat masuk:' },
} as const satisfies Record<string, Text>;

/* Stores. */

export const notAsked: Text = {
  en: 'not known, as it could not be asked',
  id: 'tidak diketahui, karena tidak dapat dihubungi',
};
export const none: Text = { en: 'none', id: 'tidak ada' };
export const notKnown: Text = { en: 'not known', id: 'tidak diketahui' };
export const notJudged: Text = { en: 'not judged', id: 'belum dinilai' };

const justNow: Text = { en: 'just now', id: 'baru saja' };
/** `ms`: 0 for less than some minutes. */
export const ageOf = (ms: number): Text => (ms === 0 ? justNow : duration(ms));
const ago = (age: Text): Text => ({ en: `${age.en} ago`, id: `${age.id} lalu` });

export interface Newest {
  /** As in tables. */
  readonly times: Text;
  /** 0 for less than some minutes. */
  readonly ageMs: number;
  readonly verdict: Text;
  /** Nobody has looked into it since. */
  readonly asPushed: boolean;
  /** How many backups there are. */
  readonly of: number;
}
export function newestBackup({ times, ageMs, verdict, asPushed, of }: Newest): Text {
  const [age, all] = [ageMs === 0 ? justNow : ago(duration(ageMs)), number(of)];
  return {
    en: `${times.en} (${age.en}), of ${all.en}; ${verdict.en}${asPushed ? ' when it was pushed' : ''}`,
    id: `${times.id} (${age.id}), dari ${all.id}; ${verdict.id}${asPushed ? ' saat disimpan' : ''}`,
  };
}

/** `day` as in tables; `headersOnly`: of what Derby encrypted. */
export const verifiedOn = (id: string, day: string, headersOnly: boolean): Text => ({
  en: `${id}, on ${day}${headersOnly ? ', headers only (encrypted by Derby)' : ''}`,
  id: `${id}, pada ${day}${headersOnly ? ', hanya header (dienkripsi oleh Derby)' : ''}`,
});

/* Programs. */

export const noProgram: Text = { en: 'no program', id: 'tidak ada program' };
export const folderNotStored = (program: Text): Text => ({
  en: `${program.en}, its folder not stored`,
  id: `${program.id}, foldernya belum tersimpan`,
});
/** `stores`: where; empty for everywhere. */
export function folderStored(program: Text, stores: readonly string[]): Text {
  const where = stores.join(', ');
  return {
    en: `${program.en}, its folder stored${where === '' ? '' : ` in ${where}`}`,
    id: `${program.id}, foldernya tersimpan${where === '' ? '' : ` di ${where}`}`,
  };
}
export const folderStoredAs = (program: Text, id: string): Text => ({
  en: `${program.en}, its folder stored (${id})`,
  id: `${program.id}, foldernya tersimpan (${id})`,
});

/* The e-Faktur folder. */

export const emptyDb: Text = { en: 'empty', id: 'kosong' };
export const andStored = (changedAt: string): Text => ({
  en: `last changed ${changedAt}, stored`,
  id: `terakhir berubah ${changedAt}, sudah tersimpan`,
});
/** Times as in tables; `newest` null where there is none. */
export const andNotStored = (changedAt: string, newest: string | null): Text => ({
  en: `last changed ${changedAt}, NOT STORED YET${newest === null ? '' : ` (newest backup ${newest})`}`,
  id: `terakhir berubah ${changedAt}, BELUM TERSIMPAN${newest === null ? '' : ` (cadangan terbaru ${newest})`}`,
});
export const whileOpen = (db: Text): Text => ({
  en: `${db.en} (e-Faktur is open)`,
  id: `${db.id} (e-Faktur sedang terbuka)`,
});
export function loginBackupsHere(all: number, notStored: number): Text {
  const [here, left] = [number(all), number(notStored)];
  return {
    en: `${here.en}, of which ${left.en} not stored by this PC`,
    id: `${here.id}, di antaranya ${left.id} belum disimpan oleh komputer ini`,
  };
}
export const unusableBackup = (why: Text): Text => ({
  en: `unusable: ${why.en}`,
  id: `tidak dapat dipakai: ${why.id}`,
});
export const allIsWell: Text = { en: 'All is well.', id: 'Semuanya baik.' };
