import { count, number } from '../base/phrases.ts';
import { type Text, verbatim } from '../base/text.ts';

/* Flags that do not go together, and parts. */

export const engineReadsAll: Text = {
  en: 'Give one: --engine reads every byte as well.',
  id: 'Berikan salah satu: --engine juga membaca setiap byte.',
};
export const allAndOne: Text = {
  en: '--all and one backup were given together',
  id: '--all dan satu cadangan diberikan bersamaan',
};
export const giveAllOrOne: Text = {
  en: 'Give --all, or --date, --as-of or --id.',
  id: 'Berikan --all, atau --date, --as-of, atau --id.',
};
export const noPart = (written: string): Text => ({
  en: `--read-data: "${written}" is not a part`,
  id: `--read-data: "${written}" bukan bagian`,
});
export const writePart: Text = {
  en: 'Write n/t, such as 1/7 for the first of seven parts.',
  id: 'Tulis n/t, misalnya 1/7 untuk bagian pertama dari tujuh.',
};

/* What was found of each. */

export const levelNames = {
  present: { en: 'is there', id: 'ada' },
  data: { en: 'read back', id: 'dibaca kembali' },
  engine: { en: 'opened by Derby', id: 'dibuka oleh Derby' },
} as const satisfies Record<string, Text>;

export const foundNames = {
  ok: { en: 'ok', id: 'baik' },
  damaged: { en: 'DAMAGED', id: 'RUSAK' },
  unopened: { en: 'NOT OPENED', id: 'TIDAK DAPAT DIBUKA' },
} as const satisfies Record<string, Text>;

/* What was found of all. */

const nouns = { backups: 'backup', programs: 'program backup' } as const;

/** `damaged`: how many of those. */
export function allChecked(checked: number, of: keyof typeof nouns, damaged: number): Text {
  const [all, bad] = [count(checked, nouns[of]), number(damaged)];
  const how =
    checked === 0
      ? verbatim('')
      : damaged === 0
        ? { en: ': all there and whole', id: ': semuanya ada dan lengkap' }
        : { en: `: ${bad.en} DAMAGED`, id: `: ${bad.id} RUSAK` };
  return { en: `${all.en} checked${how.en}`, id: `${all.id} diperiksa${how.id}` };
}
export function couldNotOpen(unopened: number): Text {
  const shown = number(unopened);
  return { en: `${shown.en} could NOT BE OPENED`, id: `${shown.id} TIDAK DAPAT DIBUKA` };
}
export function readInFull(read: number, verified: number): Text {
  const [all, good] = [number(read), number(verified)];
  return {
    en: `${all.en} of them read in full, ${good.en} verified`,
    id: `${all.id} di antaranya dibaca seluruhnya, ${good.id} terverifikasi`,
  };
}
export function withReadInFull(counted: Text, read: number): Text {
  const shown = number(read);
  return {
    en: `${counted.en}, ${shown.en} read in full`,
    id: `${counted.id}, ${shown.id} dibaca seluruhnya`,
  };
}
