import { inBoth, type Text } from '../base/text.ts';

/* Questions of a wizard, drawn (questions-drawn.ts) and plain (questions-plain.ts). */

export const byArrows: Text = { en: '(arrow keys, then Enter)', id: '(tombol panah, lalu Enter)' };
export const byArrowsAndBlank: Text = {
  en: '(arrow keys, Space to choose, Enter when done)',
  id: '(tombol panah, Spasi untuk memilih, Enter bila selesai)',
};
export const chooseAtLeastOne: Text = { en: 'Choose at least one.', id: 'Pilih paling sedikit satu.' };

export const numberOrEnter = (usual: number): Text => ({
  en: `Type a number; Enter alone takes ${usual}`,
  id: `Ketik angkanya; Enter saja berarti ${usual}`,
});
export const numberFrom = (last: number): Text => ({
  en: `Type a number from 1 to ${last}`,
  id: `Ketik angka dari 1 sampai ${last}`,
});
export const numbersOrEnter = (usual: readonly number[]): Text =>
  usual.length === 0
    ? {
        en: 'Type one or more numbers, with commas between',
        id: 'Ketik satu angka atau lebih, dengan koma di antaranya',
      }
    : {
        en: `Type one or more numbers, with commas between; Enter alone takes ${usual.join(', ')}`,
        id: `Ketik satu angka atau lebih, dengan koma di antaranya; Enter saja berarti ${usual.join(', ')}`,
      };
export const alsoSeveral = (last: number): Text => ({
  en: `Type numbers from 1 to ${last}, with commas between`,
  id: `Ketik angka dari 1 sampai ${last}, dengan koma di antaranya`,
});
export const orEnterFor = (question: Text, usual: string): Text => ({
  en: `${question.en} (Enter alone: ${usual})`,
  id: `${question.id} (Enter saja: ${usual})`,
});
export const wentIll = (text: Text): Text => inBoth((l) => `! ${text[l]}`);
