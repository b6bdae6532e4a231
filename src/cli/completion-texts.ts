import type { Text } from '../base/text.ts';

export const aCommand: Text = { en: 'COMMAND', id: 'PERINTAH' };

export const noSuchShell = (name: string | undefined): Text => ({
  en: name === undefined ? 'completion: no shell was named' : `completion: there is no script for "${name}"`,
  id:
    name === undefined ? 'completion: shell belum disebutkan' : `completion: tidak ada skrip untuk "${name}"`,
});
export const nameShell = (shells: readonly string[]): Text => ({
  en: `Write one of ${shells.join(', ')}.`,
  id: `Tulis salah satu dari ${shells.join(', ')}.`,
});

/* The first lines of a script. */

export const madeBy = (version: string, shell: string): Text => ({
  en: `Completes efaktur-cloud ${version} in ${shell}. Add this line to the file that the shell reads when it starts; so the script is made anew for each version:`,
  id: `Melengkapi efaktur-cloud ${version} di ${shell}. Tambahkan baris ini ke file yang dibaca shell saat dibuka, agar skripnya selalu sesuai versi:`,
});
export const orKeep: Text = {
  en: 'A shell starts faster with the script kept as a file; make it anew after each new version:',
  id: 'Shell lebih cepat terbuka bila skripnya disimpan sebagai file; buat ulang setelah setiap versi baru:',
};
