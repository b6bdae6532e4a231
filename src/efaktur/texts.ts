import { count, month, number } from '../base/phrases.ts';
import { inBoth, type Text, verbatim } from '../base/text.ts';

/* Finding the e-Faktur folder. */

export const notAFolder = (where: Text, path: string): Text => ({
  en: `${where.en}: ${path} is not a folder`,
  id: `${where.id}: ${path} bukan folder`,
});
export const giveFolder: Text = {
  en: 'Give the folder that holds ETaxInvoiceMain and db.',
  id: 'Berikan folder yang berisi ETaxInvoiceMain dan db.',
};
export const noFolderFound: Text = {
  en: 'no e-Faktur folder was found here or in the usual places',
  id: 'folder e-Faktur tidak ditemukan di sini maupun di tempat yang biasa',
};
export const nameTheFolder: Text = {
  en: 'Name it with --app FOLDER or EFAKTUR_APP_DIR: the folder that holds ETaxInvoiceMain and db.',
  id: 'Sebutkan dengan --app FOLDER atau EFAKTUR_APP_DIR: folder yang berisi ETaxInvoiceMain dan db.',
};

/** `newest` as in tables; null when it is not known. */
export function severalFolders(
  found: readonly { readonly path: string; readonly newest: string | null }[],
): Text {
  const lines = (newestChange: string, unknown: string): string =>
    found.map(({ path, newest }) => `\n  ${path} (${newestChange} ${newest ?? unknown})`).join('');
  return {
    en: `several e-Faktur folders were found:${lines('newest change', 'unknown')}`,
    id: `ditemukan beberapa folder e-Faktur:${lines('perubahan terakhir', 'tidak diketahui')}`,
  };
}
export const nameOneFolder: Text = {
  en: 'Name the one you mean with --app FOLDER or EFAKTUR_APP_DIR.',
  id: 'Sebutkan folder yang Anda maksud dengan --app FOLDER atau EFAKTUR_APP_DIR.',
};
export const inPlaceOf = (where: Text, what: Text): Text => inBoth((l) => `${where[l]}: ${what[l]}`);
export const nameWholeFolder: Text = {
  en: 'Name the folder that holds ETaxInvoiceMain and db; "push --source PATH" stores databases that lie elsewhere.',
  id: 'Sebutkan folder yang berisi ETaxInvoiceMain dan db; "push --source PATH" menyimpan database yang terletak di tempat lain.',
};
export const nameThisFolder = (appFolder: string): Text => ({
  en: `Name the e-Faktur folder: ${appFolder}`,
  id: `Sebutkan folder e-Faktur: ${appFolder}`,
});

/* Parts of an e-Faktur folder. */

export const looseDatabases: Text = { en: 'a folder of databases', id: 'folder berisi database' };
export const dbOf = (appFolder: string): Text => ({
  en: `the db of the e-Faktur folder ${appFolder}`,
  id: `db dari folder e-Faktur ${appFolder}`,
});
export const backupOf = (appFolder: string | null): Text => ({
  en: `the backup of the e-Faktur folder ${appFolder}, where its login backups lie`,
  id: `folder backup dari folder e-Faktur ${appFolder}, tempat cadangan saat masuk`,
});
export const someDatabase: Text = { en: 'a database', id: 'sebuah database' };
export const thatDatabase = (path: string): Text => ({ en: `the database ${path}`, id: `database ${path}` });
export const isThat = (path: string, what: Text): Text => ({
  en: `${path} is ${what.en}`,
  id: `${path} adalah ${what.id}`,
});
export const liesIn = (path: string, what: Text): Text => ({
  en: `${path} lies in ${what.en}`,
  id: `${path} terletak di dalam ${what.id}`,
});

/* What is wrong with a set of databases. */

export const madeInsideDatabase = (path: string, name: string): Text => ({
  en: `${path} was made inside a database folder, so that the name of the database is not in it: it is taken for ${name}`,
  id: `${path} dibuat dari dalam folder database, sehingga nama database tidak ada di dalamnya: dianggap sebagai ${name}`,
});
export const nameNotAllowed = (database: string): Text => ({
  en: `the name of the database "${database}" is not allowed on every system`,
  id: `nama database "${database}" tidak diperbolehkan di semua sistem`,
});
export const noProperties = (database: string): Text => ({
  en: `${database} has no service.properties`,
  id: `${database} tidak memiliki service.properties`,
});
export const oneNameOnWindows = (one: string, other: string): Text => ({
  en: `the databases ${one} and ${other} have one name on Windows`,
  id: `database ${one} dan ${other} bernama sama di Windows`,
});
export const noTables = (database: string): Text => ({
  en: `${database} has no seg0 folder with its tables`,
  id: `${database} tidak memiliki folder seg0 dengan tabel-tabelnya`,
});
export const noLogControl = (database: string): Text => ({
  en: `${database} has no log/log.ctrl`,
  id: `${database} tidak memiliki log/log.ctrl`,
});
export const noDatabase: Text = { en: 'there is no database in it', id: 'tidak ada database di dalamnya' };
export function tooManyDatabases(found: number, atMost: number): Text {
  const [all, limit] = [count(found, 'database'), number(atMost)];
  return {
    en: `there are ${all.en} in it, and no office has ${limit.en}`,
    id: `ada ${all.id} di dalamnya, padahal tidak ada kantor yang memiliki ${limit.id}`,
  };
}
export const giveOneEFaktur: Text = {
  en: 'Give the folder or zip of one e-Faktur.',
  id: 'Berikan folder atau zip dari satu e-Faktur.',
};
export const logElsewhere = (database: string, folder: string): Text => ({
  en: `the log of ${database} lies in another folder (${folder}), as its service.properties says, and is not part of this folder`,
  id: `log ${database} terletak di folder lain (${folder}) menurut service.properties miliknya, dan bukan bagian dari folder ini`,
});
export const dbFolderReadable: Text = {
  en: 'Check that the folder is there and that this user may read it.',
  id: 'Periksa apakah folder itu ada dan pengguna ini boleh membacanya.',
};

/* Login backups. */

export const cannotRead = (path: string, code: string | null): Text => ({
  en: `${path} cannot be read (${code})`,
  id: `${path} tidak dapat dibaca (${code})`,
});
export const fileReadable: Text = {
  en: 'Check that this user may read it.',
  id: 'Periksa apakah pengguna ini boleh membacanya.',
};
export const otherArchive = (path: string): Text => ({
  en: `${path} is an archive that efaktur-cloud does not open`,
  id: `${path} adalah arsip yang tidak dibuka oleh efaktur-cloud`,
});
export function severalRoots(path: string, found: number): Text {
  const all = number(found);
  return {
    en: `the backup ${path} holds ${all.en} db folders, and which is meant cannot be told`,
    id: `cadangan ${path} berisi ${all.id} folder db, dan tidak jelas mana yang dimaksud`,
  };
}
export const giveMeantOne: Text = {
  en: 'Give the one that is meant with --source, or leave only one of them in it.',
  id: 'Berikan folder yang dimaksud dengan --source, atau sisakan satu saja di dalamnya.',
};
export const holdsNoDatabase = (path: string): Text => ({
  en: `${path} holds no database`,
  id: `${path} tidak berisi database`,
});
export const giveDatabases: Text = {
  en: 'Give a folder that holds databases, or the zip of a login backup.',
  id: 'Berikan folder yang berisi database, atau zip cadangan saat masuk.',
};

/* What of an e-Faktur folder is the program. */

/** Why something is not in a copy of the program, in words that go on from its name. */
export const leftOutReasons = {
  database: {
    en: 'databases beside db, which no push stores unless --source names them',
    id: 'database di samping db, yang tidak disimpan oleh push kecuali disebut dengan --source',
  },
  'login-backups': {
    en: 'login backups, which "push --all" stores',
    id: 'cadangan saat masuk, yang disimpan oleh "push --all"',
  },
  log: { en: 'a log', id: 'log' },
  temporary: { en: 'temporary', id: 'sementara' },
  own: {
    en: 'a store, a key or the notes of efaktur-cloud',
    id: 'tempat cadangan, kunci, atau catatan efaktur-cloud',
  },
  settings: { en: 'settings with keys in them', id: 'pengaturan yang berisi kunci' },
  'private-key': {
    en: 'a private key, stored only with --with-certificates',
    id: 'kunci privat, disimpan hanya dengan --with-certificates',
  },
  link: {
    en: 'a link, and what it leads to lies elsewhere',
    id: 'tautan, sedangkan isinya terletak di tempat lain',
  },
  special: { en: 'no plain file', id: 'bukan file biasa' },
  large: {
    en: 'larger than 100 MB and not known to be part of the program',
    id: 'lebih besar dari 100 MB dan tidak dikenal sebagai bagian dari program',
  },
  name: {
    en: 'a name that not every system knows, or knows as that of another file',
    id: 'nama yang tidak dikenal semua sistem, atau dianggap sama dengan nama file lain',
  },
} as const satisfies Readonly<Record<string, Text>>;
export const liveDatabases: Text = {
  en: 'the databases, which a push without --whole-app stores',
  id: 'database, yang disimpan oleh push tanpa --whole-app',
};
export const wentAway = (path: string): Text => ({
  en: `${path} went away while the folder was read`,
  id: `${path} hilang selagi folder itu dibaca`,
});
export const pushAgain: Text = { en: 'Push again in a moment.', id: 'Jalankan push lagi sebentar kemudian.' };
export const checkRightsOrMove: Text = {
  en: 'Check its rights, and whether another program holds it; or move it out of the e-Faktur folder.',
  id: 'Periksa izinnya dan apakah sedang dipakai program lain; atau pindahkan ke luar folder e-Faktur.',
};
export const checkRightsOrScanner: Text = {
  en: 'Check its rights, and whether a virus scanner holds it.',
  id: 'Periksa izinnya dan apakah sedang ditahan oleh antivirus.',
};
export const noMainProgram = (appFolder: string): Text => ({
  en: `${appFolder} holds no ETaxInvoiceMain of its own, so there is no program to store`,
  id: `${appFolder} tidak berisi ETaxInvoiceMain miliknya sendiri, jadi tidak ada program untuk disimpan`,
});
export const nameInstalledFolder: Text = {
  en: 'Name the folder in which e-Faktur itself is installed with --app FOLDER.',
  id: 'Sebutkan folder tempat e-Faktur terpasang dengan --app FOLDER.',
};

/* Versions of e-Faktur. */

/** When a version came out, and the rate of PPN (per cent) that it brought. */
export interface Release {
  readonly year: number;
  readonly month: number | null;
  readonly vatPercent: number | null;
}
export function versionReleased(version: string, { year, month: ofYear, vatPercent }: Release): Text {
  const name = ofYear === null ? verbatim('') : inBoth((l) => `${month(ofYear)[l]} `);
  const [en, id] = vatPercent === null ? ['', ''] : [`, PPN ${vatPercent} %`, `, PPN ${vatPercent}%`];
  return { en: `${version} (${name.en}${year}${en})`, id: `${version} (${name.id}${year}${id})` };
}
/** `version`: as people know it. */
export const eFakturOfVersion = (version: Text): Text => inBoth((l) => `e-Faktur ${version[l]}`);
export const eFakturOfUnknownVersion: Text = {
  en: 'e-Faktur of unknown version',
  id: 'e-Faktur yang versinya tidak diketahui',
};
export const unstatedVersion = (sha256: string): Text => ({
  en: `a version that its program does not state (SHA-256 ${sha256.slice(0, 12)}…)`,
  id: `versi yang tidak disebutkan oleh programnya (SHA-256 ${sha256.slice(0, 12)}…)`,
});

/* The e-Faktur in a folder (`there`) against that of a backup (`made`). */

export const newerThere = (folder: Text, there: Text, made: Text): Text => ({
  en: `the e-Faktur in ${folder.en} is ${there.en}, newer than ${made.en}, which this backup was made with: run ETaxInvoiceUpd once before you log in`,
  id: `e-Faktur di ${folder.id} adalah ${there.id}, lebih baru dari ${made.id} yang membuat cadangan ini: jalankan ETaxInvoiceUpd satu kali sebelum Anda masuk`,
});
export const olderThere = (folder: Text, there: Text, made: Text): Text => ({
  en: `the e-Faktur in ${folder.en} is ${there.en}, older than ${made.en}, which this backup was made with: it may fail on these databases`,
  id: `e-Faktur di ${folder.id} adalah ${there.id}, lebih lama dari ${made.id} yang membuat cadangan ini: database ini mungkin tidak dapat dibukanya`,
});
export const otherBuildThere = (folder: Text, made: Text): Text => ({
  en: `the e-Faktur in ${folder.en} is another build of the same version as the one that this backup was made with, ${made.en}: if it does not open the databases, run ETaxInvoiceUpd once`,
  id: `e-Faktur di ${folder.id} adalah rilis lain dari versi yang sama dengan yang membuat cadangan ini, ${made.id}: bila database tidak dapat dibuka, jalankan ETaxInvoiceUpd satu kali`,
});
export const otherThere = (folder: Text, there: Text, made: Text): Text => ({
  en: `the e-Faktur in ${folder.en} is another program than the one that this backup was made with, and which of them is newer is not known (there: ${there.en}; the backup: ${made.en})`,
  id: `e-Faktur di ${folder.id} bukan program yang membuat cadangan ini, dan mana yang lebih baru tidak diketahui (di sana: ${there.id}; cadangan: ${made.id})`,
});
export const noneToCompare = (folder: Text, made: Text): Text => ({
  en: `this backup was made with ${made.en}; no e-Faktur that can be compared lies in ${folder.en}`,
  id: `cadangan ini dibuat dengan ${made.id}; tidak ada e-Faktur yang dapat dibandingkan di ${folder.id}`,
});
export const notKnown: Text = {
  en: 'which e-Faktur this backup was made with is not known',
  id: 'e-Faktur yang membuat cadangan ini tidak diketahui',
};
export const notKnownButThere = (folder: Text, there: Text): Text => ({
  en: `${notKnown.en}; in ${folder.en} lies ${there.en}`,
  id: `${notKnown.id}; di ${folder.id} ada ${there.id}`,
});
