import { inBoth, type Text } from '../base/text.ts';

/* How errors and notes begin (voice.ts). */

/** As e-Faktur's own errors look, in both languages. */
export const errorLine = (code: string, message: Text): Text => inBoth((l) => `Error ${code}: ${message[l]}`);
export const note: Text = { en: 'Note', id: 'Catatan' };
export const cause: Text = { en: 'Cause', id: 'Penyebab' };
export const solution: Text = { en: 'Solution', id: 'Solusi' };
export const because: Text = { en: 'because', id: 'karena' };

export const bug = (stack: string): { readonly message: Text; readonly hint: Text } => ({
  message: {
    en: `this is a bug in efaktur-cloud: ${stack}`,
    id: `ini kesalahan dalam efaktur-cloud: ${stack}`,
  },
  hint: { en: 'Please report it with this text.', id: 'Mohon laporkan dengan teks ini.' },
});

/** Of a program that was installed anew, moved or removed while it ran. */
export const notWhole = (why: string): { readonly message: Text; readonly hint: Text } => ({
  message: {
    en: `a file of efaktur-cloud itself is no longer there: ${why}`,
    id: `satu file efaktur-cloud sendiri sudah tidak ada: ${why}`,
  },
  hint: {
    en: 'If it was just updated, start it again; else install it again.',
    id: 'Bila baru diperbarui, jalankan lagi; bila tidak, pasang lagi.',
  },
});

/* Questions (prompt.ts). */

export const yesOrNo = (question: Text): Text => ({
  en: `${question.en} (yes/no) `,
  id: `${question.id} (ya/tidak) `,
});
export const yesOrNoOnly: Text = { en: 'Answer yes or no: ', id: 'Jawab ya atau tidak: ' };
export const noAnswer: Text = {
  en: 'the question was left without an answer',
  id: 'pertanyaan tidak dijawab',
};
export const runWhenReady: Text = {
  en: 'Run it again when you are ready.',
  id: 'Jalankan lagi bila Anda sudah siap.',
};

/* Progress (terminal-progress.ts). */

export const doneOf = (done: Text, total: Text): Text => ({
  en: `${done.en} of ${total.en}`,
  id: `${done.id} dari ${total.id}`,
});
export const timeLeft = (time: string): Text => ({ en: `${time} left`, id: `sisa ${time}` });

/* The process (efaktur-cloud.ts). */

export const stoppedBy = (signal: string): Text => ({
  en: `stopped by ${signal}`,
  id: `dihentikan oleh ${signal}`,
});
export const runAgain: Text = {
  en: 'Run it again; nothing half-done counts.',
  id: 'Jalankan lagi; yang setengah jadi tidak dihitung.',
};
