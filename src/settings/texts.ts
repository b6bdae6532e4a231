import { inBoth, type Text } from '../base/text.ts';

/* Where a setting or a value stands. */

export const settingInFile = (name: string, file: string): Text => ({
  en: `${name} in ${file}`,
  id: `${name} di ${file}`,
});
export const lineIn = (file: string, line: number): Text => ({
  en: `${file}, line ${line}`,
  id: `${file}, baris ${line}`,
});
export const valueInEnvironment = (name: string): Text => ({
  en: `the value of ${name} in the environment`,
  id: `nilai ${name} di variabel lingkungan`,
});
export const valueOfSetting = (where: Text, name: string): Text => ({
  en: `${where.en}: the value of ${name}`,
  id: `${where.id}: nilai ${name}`,
});

/* Which settings file there is (settings-place.ts). */

export const settingsFileNotRead = (file: string, code: string): Text => ({
  en: `the settings file ${file} cannot be read (${code})`,
  id: `file pengaturan ${file} tidak dapat dibaca (${code})`,
});
export const checkFlag = (flag: string): Text => ({ en: `Check ${flag}.`, id: `Periksa ${flag}.` });
export const checkFileAndRights: Text = {
  en: 'Check what lies there and the rights on it.',
  id: 'Periksa apa yang ada di sana dan izinnya.',
};
export const settingsFileMissing = (file: string): Text => ({
  en: `there is no ${file}`,
  id: `${file} tidak ada`,
});
export const otherEndingThere = (file: string): Text => ({
  en: `There is ${file}: rename it, or name that one.`,
  id: `Yang ada ${file}: ganti namanya, atau sebutkan file itu.`,
});
export const settingsFileUtf16 = (file: string): Text => ({
  en: `the settings file ${file} is not plain text but UTF-16`,
  id: `file pengaturan ${file} bukan teks biasa, melainkan UTF-16`,
});
export const saveAsUtf8: Text = {
  en: 'Save it again with the encoding UTF-8.',
  id: 'Simpan lagi dengan encoding UTF-8.',
};

/* Profiles (profiles.ts). */

export const folderNotRead = (folder: string, code: string): Text => ({
  en: `the folder of settings ${folder} cannot be read (${code})`,
  id: `folder pengaturan ${folder} tidak dapat dibaca (${code})`,
});
export const noProfileName = (shown: string): Text => ({
  en: `"${shown}" cannot be the name of a profile`,
  id: `"${shown}" tidak dapat menjadi nama profil`,
});
export const writeProfileName: Text = {
  en: 'A profile has the name of its file, without .env: letters, digits and blanks between them; not common, and none of < > : " / \\ | ? *',
  id: 'Nama profil adalah nama filenya, tanpa .env: huruf, angka, dan spasi di antaranya; bukan common, dan tanpa < > : " / \\ | ? *',
};
export const noSuchProfile = (shown: string, folder: string): Text => ({
  en: `there is no profile "${shown}" in ${folder}`,
  id: `tidak ada profil "${shown}" di ${folder}`,
});
export const severalProfiles = (shown: string, names: readonly string[]): Text => ({
  en: `the profile "${shown}" could be ${names.join(' or ')}`,
  id: `profil "${shown}" bisa berarti ${names.join(' atau ')}`,
});
/** The most names that are told. */
const toldNames = 10;
export function profileNames(names: readonly string[]): Text {
  const told = names.slice(0, toldNames).join(', ');
  const more = names.length - toldNames;
  return {
    en: `${told}${more > 0 ? ` and ${more} more, see "efaktur-cloud profiles"` : ''}`,
    id: `${told}${more > 0 ? `, dan ${more} lagi, lihat "efaktur-cloud profiles"` : ''}`,
  };
}
export function profilesAre(names: readonly string[]): Text {
  const all = profileNames(names);
  return { en: `Profiles here: ${all.en}.`, id: `Profil di komputer ini: ${all.id}.` };
}
export const makeProfile = (path: string): Text => ({
  en: `There are no other profiles. Run "efaktur-cloud init", or write its settings to ${path}.`,
  id: `Tidak ada profil lain. Jalankan "efaktur-cloud init", atau tulis pengaturannya ke ${path}.`,
});
export const defaultLiesIn = (path: string, right: string): Text => ({
  en: `${path}: the profile default is kept in ${right}`,
  id: `${path}: profil default disimpan di ${right}`,
});
export const renameIt: Text = { en: 'Rename the file.', id: 'Ganti nama file itu.' };

/** Of names alone: a value may be a key. */
export const profileBeatsEnvironment = (names: readonly string[], files: readonly string[]): Text => ({
  en: `the environment sets ${names.join(', ')} as well; what counts is ${files.join(' and ')}`,
  id: `variabel lingkungan juga mengatur ${names.join(', ')}; yang berlaku adalah ${files.join(' dan ')}`,
});
export const halfKey = (file: string, missing: string): Text => ({
  en: `${file} sets half a key: ${missing} is missing`,
  id: `${file} hanya berisi separuh kunci: ${missing} tidak ada`,
});
export const setBothOrNeither: Text = {
  en: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the same file, or neither.',
  id: 'Isi AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY di file yang sama, atau kosongkan keduanya.',
};

/* What a found .env may not set (found-settings.ts). */

export const notFromFound = (where: Text): Text => ({
  en: `${where.en} is not taken from a file that was merely found, as anybody may have put it there`,
  id: `${where.id} tidak diambil dari file yang sekadar ditemukan, karena siapa saja mungkin menaruhnya di sana`,
});
export const nameOrKeep = (file: string, kept: string): Text => {
  const named = /\s/.test(file) ? `"${file}"` : file;
  return {
    en: `If the file is yours, name it with --settings ${named}, or keep it as ${kept}.`,
    id: `Jika file itu milik Anda, sebutkan dengan --settings ${named}, atau simpan sebagai ${kept}.`,
  };
};
export const runsCommand: Text = { en: 'it runs a command', id: 'pengaturan ini menjalankan perintah' };
export const sendsMessages: Text = {
  en: 'it says where messages go, and what they say',
  id: 'pengaturan ini menentukan ke mana pesan dikirim, dan apa isinya',
};
export const usesOwnKeys: Text = {
  en: 'it uses keys, files or programs of this PC, or sends keys elsewhere',
  id: 'pengaturan ini memakai kunci, file, atau program di komputer ini, atau mengirim kunci ke tempat lain',
};
export const namesOwnProfile: Text = {
  en: 'the profile= in it uses keys or a program of this PC',
  id: 'profile= di dalamnya memakai kunci atau program di komputer ini',
};
export const changesTheWay: Text = {
  en: 'it changes the way to the store, or who is trusted on it',
  id: 'pengaturan ini mengubah jalan ke tempat cadangan, atau siapa yang dipercaya di jalan itu',
};
export const putsIn = (variable: string): Text => ({
  en: `the variable ${variable} in it would become part of a path`,
  id: `variabel ${variable} di dalamnya akan menjadi bagian sebuah path`,
});

/* Lines of a settings file (settings-file.ts). */

export const setAgain = (where: Text, name: string, before: number): Text => ({
  en: `${where.en} sets ${name} again, after line ${before}`,
  id: `${where.id} mengatur ${name} lagi, setelah baris ${before}`,
});
export const keepOneLine: Text = { en: 'Keep one of the lines.', id: 'Sisakan satu dari baris itu.' };
export const keepOneLineOfStores: Text = {
  en: 'Keep one of the lines; several stores stand in one, separated by ;',
  id: 'Sisakan satu dari baris itu; beberapa tempat cadangan ditulis dalam satu baris, dipisahkan dengan ;',
};

export const notWrittenAsSetting = (where: Text): Text => ({
  en: `${where.en} is no setting: it is not written NAME=value`,
  id: `${where.id} bukan pengaturan: tidak ditulis NAMA=nilai`,
});
export const seeTableOfSettings: Text = {
  en: 'docs/COMMANDS.md has the table of settings; a comment begins with #.',
  id: 'Tabel pengaturan ada di docs/COMMANDS.id.md; komentar diawali #.',
};

export const quoteNotClosed = (what: Text): Text => ({
  en: `${what.en} begins with a quote and does not end with it`,
  id: `${what.id} diawali tanda kutip tetapi tidak diakhiri tanda kutip itu`,
});
export const putInSingleQuotes: Text = {
  en: 'Put the whole value between single quotes, on one line.',
  id: 'Tulis seluruh nilainya di antara tanda kutip tunggal, dalam satu baris.',
};

export const commentInValue = (what: Text): Text => ({
  en: `${what.en} has a # in it, which begins a comment`,
  id: `${what.id} memuat #, yang mengawali komentar`,
});
export const quoteOrLeaveBlank: Text = {
  en: 'Put the value between single quotes; before a comment leave a blank.',
  id: 'Tulis nilainya di antara tanda kutip tunggal; sebelum komentar beri spasi.',
};

export const noSuchSetting = (where: Text, name: Text): Text => ({
  en: `${where.en} sets ${name.en}, which is no setting of efaktur-cloud`,
  id: `${where.id} mengatur ${name.id}, yang bukan pengaturan efaktur-cloud`,
});
/** In the place of a name that may be a secret. */
export const something: Text = { en: 'something', id: 'sesuatu' };
export const leaveToEnvironment: Text = {
  en: 'Leave it out, or set it in the environment, where the AWS SDK reads it.',
  id: 'Hapus baris itu, atau atur sebagai variabel lingkungan, tempat AWS SDK membacanya.',
};

export const notUtf8 = (what: Text): Text => ({
  en: `${what.en} is not UTF-8`,
  id: `${what.id} bukan UTF-8`,
});
export const saveFileAsUtf8: Text = {
  en: 'Save the file again with the encoding UTF-8.',
  id: 'Simpan lagi file itu dengan encoding UTF-8.',
};

export const lineBreakIn = (what: Text, letter: 'n' | 'r'): Text => ({
  en: `${what.en} has a \\${letter} in it, which is a line break between double quotes`,
  id: `${what.id} memuat \\${letter}, yang di antara tanda kutip ganda berarti ganti baris`,
});
export const otherQuotes: Text = {
  en: 'Take single quotes or none.',
  id: 'Pakai tanda kutip tunggal, atau tanpa tanda kutip.',
};

export const invisibleIn = (what: Text, code: string): Text => ({
  en: `${what.en} has a character in it that cannot be seen (U+${code})`,
  id: `${what.id} memuat karakter yang tidak terlihat (U+${code})`,
});
export const typeItAgain: Text = {
  en: 'Type the value again instead of copying it.',
  id: 'Ketik nilainya, jangan disalin.',
};

/* The environment, and keys where they do not belong (config.ts). */

export const theEnvironment: Text = { en: 'the environment', id: 'variabel lingkungan' };

export const beginsWithQuote = (what: Text): Text => ({
  en: `${what.en} begins with a quote`,
  id: `${what.id} diawali tanda kutip`,
});
export const leaveQuotesOut = (name: string): Text => ({
  en: `Leave the quotes out; in the Windows command prompt write set "${name}=…", with the quotes around both.`,
  id: `Hilangkan tanda kutipnya; di Command Prompt Windows tulis set "${name}=…", dengan tanda kutip mengapit keduanya.`,
});

export const looksLikeKey = (where: Text): Text => ({
  en: `${where.en}: that looks like a key, which does not belong there`,
  id: `${where.id}: isinya tampak seperti kunci, yang bukan tempatnya di sana`,
});
export const whereKeysGo: Text = {
  en: 'The keys of a bucket go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a path that looks so can be written ./PATH.',
  id: 'Kunci akses bucket ditulis di AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY; path yang memang tampak begitu dapat ditulis ./PATH.',
};

export const keyReadableByOthers = (file: string, mode: string, quoted: string): Text => ({
  en: `${file} holds a key, and other users of this PC can read it: chmod ${mode} ${quoted}`,
  id: `${file} berisi kunci, dan dapat dibaca pengguna lain komputer ini: chmod ${mode} ${quoted}`,
});

/* Values (setting-values.ts). */

export const noDays = (where: Text, shown: Text): Text => ({
  en: `${where.en}: ${shown.en} is not a number of days`,
  id: `${where.id}: ${shown.id} bukan jumlah hari`,
});
export const writeDays: Text = {
  en: 'Write a whole number of days, such as 30.',
  id: 'Tulis jumlah hari sebagai bilangan bulat, misalnya 30.',
};

/** In both languages at once: which one is to be spoken is what is not known. */
export const noLanguage = (where: Text, shown: Text): Text =>
  inBoth(() => `${where.id}: ${shown.id} bukan bahasa yang dikenal / ${shown.en} is no known language`);
export const writeLanguage: Text = inBoth(
  () => 'Tulis id (Indonesia) atau en (Inggris). / Write id (Indonesian) or en (English).',
);

export const noLockMode = (where: Text, shown: Text): Text => ({
  en: `${where.en}: ${shown.en} is no lock mode`,
  id: `${where.id}: ${shown.id} bukan cara penguncian`,
});
export const writeLockMode: Text = {
  en: 'Write governance or compliance.',
  id: 'Tulis governance atau compliance.',
};
export const lockModeWithoutDays = (where: Text): Text => ({
  en: `${where.en} is set, but EFAKTUR_LOCK_DAYS is not`,
  id: `${where.id} diatur, tetapi EFAKTUR_LOCK_DAYS tidak`,
});
export const setLockDays: Text = {
  en: 'Set EFAKTUR_LOCK_DAYS to the days for which backups are locked.',
  id: 'Isi EFAKTUR_LOCK_DAYS dengan jumlah hari cadangan terkunci.',
};

export const noZone = (where: Text, shown: Text): Text => ({
  en: `${where.en}: ${shown.en} is not a time zone`,
  id: `${where.id}: ${shown.id} bukan zona waktu`,
});
export const writeZone: Text = {
  en: 'Write Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT).',
  id: 'Tulis Asia/Jakarta (WIB), Asia/Makassar (WITA), atau Asia/Jayapura (WIT).',
};
export const zoneOfJakarta: Text = {
  en: 'this system has no local time zone, so days are counted in Asia/Jakarta (WIB); set EFAKTUR_TIMEZONE to change that',
  id: 'sistem ini tidak mempunyai zona waktu setempat, sehingga hari dihitung menurut Asia/Jakarta (WIB); atur EFAKTUR_TIMEZONE untuk mengubahnya',
};

export const noSpeed = (where: Text, shown: Text): Text => ({
  en: `${where.en}: ${shown.en} is not a speed of at least 1 KiB/s`,
  id: `${where.id}: ${shown.id} bukan kecepatan, paling sedikit 1 KiB/s`,
});
export const writeSpeed: Text = {
  en: 'Write it as 2MiB/s or 500kB/s.',
  id: 'Tulis seperti 2MiB/s atau 500kB/s.',
};
