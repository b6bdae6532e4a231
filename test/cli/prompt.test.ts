import { expect, test } from 'vitest';
import { confirm } from '../../src/cli/prompt.ts';

const question = { en: 'Go on?', id: 'Lanjutkan?' };

/** What becomes of a question when these are typed one after the other, and what was asked in Indonesian. */
async function answered(...typed: (string | null)[]) {
  const asked: string[] = [];
  const answer = await confirm(async ({ id }) => {
    asked.push(id);
    return typed.shift() ?? null;
  }, question);
  return { answer, asked };
}

test.each(['y', 'ya', 'yes', 'Y', ' YA ', 'Yes'])('%j is yes in either language', async (typed) => {
  expect(await answered(typed)).toEqual({ answer: true, asked: ['Lanjutkan? (ya/tidak) '] });
});

test.each(['n', 'no', 't', 'tidak', 'T', ' Tidak ', ''])('%j is no in either language', async (typed) => {
  expect((await answered(typed)).answer).toBe(false);
});

test('anything else is asked again, and where nobody is there it is neither', async () => {
  for (const unclear of ['yaa', 'ye', 'tid', 'oke', '1', 'yes no'])
    expect(await answered(unclear, unclear, 'ya')).toEqual({
      answer: true,
      asked: ['Lanjutkan? (ya/tidak) ', 'Jawab ya atau tidak: ', 'Jawab ya atau tidak: '],
    });
  expect(await answered('mungkin', 'tidak')).toMatchObject({ answer: false });
  expect(await answered(null)).toMatchObject({ answer: null });
});
