import { type Text, verbatim } from '../base/text.ts';

/* How the help is laid out. */

/** What stands behind a flag's description. */
export const takenValue = (value: Text, isMany: boolean, unlessGiven: string | number | undefined): Text => ({
  en: `${value.en}${isMany ? ', may be given more than once' : ''}${unlessGiven === undefined ? '' : `, default ${unlessGiven}`}`,
  id: `${value.id}${isMany ? ', boleh lebih dari sekali' : ''}${unlessGiven === undefined ? '' : `, bawaan ${unlessGiven}`}`,
});

export const usageOfAll: Text = { en: 'COMMAND [flags]', id: 'PERINTAH [flag]' };
export const usageOf = (command: string, positionals: Text | undefined): Text => ({
  en: `${command}${positionals ? ` ${positionals.en}` : ''} [flags]`,
  id: `${command}${positionals ? ` ${positionals.id}` : ''} [flag]`,
});

export const helpAbout: Text = { en: 'show this help', id: 'tampilkan bantuan ini' };
export const versionAbout: Text = { en: 'show the version', id: 'tampilkan versi' };

/** What yargs says by itself, and what it says in place of that. */
export const yargsWords: Readonly<Record<string, Text>> = {
  'Commands:': { en: 'Commands:', id: 'Perintah:' },
  'Options:': { en: 'Flags:', id: 'Flag:' },
  'aliases:': { en: 'also:', id: 'juga:' },
  'Show help': helpAbout,
  'Show version number': versionAbout,
  // Of a flag that lacks its value its name alone.
  'Not enough arguments following: %s': verbatim('%s'),
};

/* Exit codes. */

export const exitCodesHeading: Text = { en: 'Exit codes:', id: 'Kode keluar:' };

export const exitCodeMeanings: Readonly<Record<number, Text>> = {
  0: { en: 'done, or nothing new', id: 'selesai, atau tidak ada yang baru' },
  1: { en: 'a bug in efaktur-cloud (stack shown)', id: 'kesalahan dalam efaktur-cloud (stack ditampilkan)' },
  2: {
    en: 'usage, configuration, or a backup made by a newer version',
    id: 'cara pakai, pengaturan, atau cadangan dari versi yang lebih baru',
  },
  3: {
    en: 'source unusable (none found, damaged, changing)',
    id: 'sumber tidak dapat dipakai (tidak ditemukan, rusak, atau terus berubah)',
  },
  4: { en: 'no such backup', id: 'tidak ada cadangan seperti itu' },
  5: { en: 'not in this backup', id: 'tidak ada di cadangan ini' },
  6: { en: 'target not writable or full', id: 'tujuan tidak dapat ditulisi, atau penuh' },
  10: { en: 'store unavailable', id: 'tempat cadangan tidak dapat dihubungi' },
  11: { en: 'e-Faktur is running', id: 'e-Faktur sedang berjalan' },
  12: { en: 'wrong or missing key', id: 'kunci salah atau tidak ada' },
  13: { en: 'stored backup damaged', id: 'cadangan yang tersimpan rusak' },
  14: { en: 'access denied', id: 'akses ditolak' },
  20: {
    en: 'attention: backups old or not verified, or altered by somebody',
    id: 'perlu perhatian: cadangan sudah lama, belum terverifikasi, atau diubah orang lain',
  },
  130: { en: 'interrupted', id: 'dihentikan' },
};

/* Command lines that are not understood. */

export const seeHelp: Text = {
  en: 'See "efaktur-cloud --help".',
  id: 'Lihat "efaktur-cloud --help".',
};

/** A command as it is typed. */
export const commandCall = (name: string): string => `"efaktur-cloud ${name}"`;

export const noCommandGiven: Text = { en: 'no command was given', id: 'perintahnya belum disebutkan' };
export const tryPush: Text = {
  en: 'Try "efaktur-cloud push", or see "efaktur-cloud --help".',
  id: 'Coba "efaktur-cloud push", atau lihat "efaktur-cloud --help".',
};

export const noSuchCommand = (name: string): Text => ({
  en: `there is no command "${name}"`,
  id: `tidak ada perintah "${name}"`,
});

export const wordNotUnderstood = (word: string, command: string): Text => ({
  en: `"${word}" is not understood after ${command}`,
  id: `"${word}" setelah ${command} tidak dikenali`,
});
export const putInQuotes = (command: string): Text => ({
  en: `Put a value of several words in quotes, and see "efaktur-cloud ${command} --help".`,
  id: `Tulis nilai yang terdiri dari beberapa kata dalam tanda kutip, dan lihat "efaktur-cloud ${command} --help".`,
});

export const noSuchFlag = (command: string, flag: string): Text => ({
  en: `${command} has no flag ${flag}`,
  id: `${command} tidak mempunyai flag ${flag}`,
});
export const seeFlags = (command: string): Text => ({
  en: `"efaktur-cloud ${command} --help" shows its flags.`,
  id: `"efaktur-cloud ${command} --help" menampilkan semua flag-nya.`,
});
export const flagOfOthers = (commands: readonly string[]): Text => ({
  en: `It is a flag of ${commands.join(', ')}.`,
  id: `Itu flag untuk ${commands.join(', ')}.`,
});

export const takesNoValue = (flag: string, value: string): Text => ({
  en: `--${flag} takes no value, and "${value}" was given`,
  id: `--${flag} tidak memakai nilai, tetapi diberi "${value}"`,
});
export const writeFlagAlone = (flag: string): Text => ({
  en: `Write --${flag}.`,
  id: `Tulis --${flag} saja.`,
});

export const givenTwice = (flag: string, alias: string | undefined): Text => {
  const named = `--${flag}${alias === undefined ? '' : ` (${alias.length > 1 ? '--' : '-'}${alias})`}`;
  return { en: `${named} was given more than once`, id: `${named} ditulis lebih dari sekali` };
};
export const giveOnce: Text = { en: 'Give it once.', id: 'Tulis sekali saja.' };

export const valueMissing = (flag: string): Text => ({
  en: `--${flag} was given without a value`,
  id: `--${flag} ditulis tanpa nilai`,
});
export const valueEmpty = (flag: string): Text => ({
  en: `the value of --${flag} is empty`,
  id: `nilai --${flag} kosong`,
});
export const giveValue: Text = {
  en: 'Give one, or leave the flag out.',
  id: 'Isi nilainya, atau hilangkan flag itu.',
};

export const profileAndFile: Text = {
  en: 'a profile and a settings file were given, and only one of them can be read',
  id: 'profil dan file pengaturan diberikan bersamaan, padahal hanya satu yang dapat dibaca',
};
export const nameOneOfThem: Text = {
  en: 'Give --profile or --settings.',
  id: 'Berikan --profile atau --settings.',
};
