import type { Text } from '../base/text.ts';

/* How errors and notes begin. */

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
